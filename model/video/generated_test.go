package video

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Every healthy or odd file that ffmpeg can make is sampled as a full decode
// would be.
func TestGenerated(t *testing.T) {
	d := needFFmpeg(t)
	for _, c := range []struct {
		name   string
		args   []string // between the source and the output
		size   string
		reason string
		warned string
	}{
		{name: "closed.mp4", args: []string{"-g", "20", "-bf", "2"}},
		{name: "open.mp4", args: []string{"-g", "20", "-bf", "2", "-x264-params", "open-gop=1"}},
		{name: "fragmented.mp4", args: []string{"-movflags", "frag_keyframe+empty_moov", "-g", "20"}},
		{name: "vfr.mp4", args: []string{"-vf", "select='not(mod(n,3))+lt(n,10)'", "-fps_mode", "vfr"}},
		{name: "late.mkv", args: []string{"-output_ts_offset", "5"}},
		{name: "wide.mkv", args: []string{"-vf", "setsar=4/3"}},
		{name: "odd.mkv", size: "65x51", args: []string{"-pix_fmt", "yuv444p"}},
		{name: "interlaced.mp4", args: []string{"-flags", "+ilme+ildct", "-field_order", "tt"}},
		{name: "turned.mp4", args: []string{"-metadata:s:v", "rotate=90"}},
		{name: "hdr.mp4", args: []string{"-pix_fmt", "yuv420p10le", "-color_trc", "smpte2084", "-colorspace", "bt2020nc", "-color_primaries", "bt2020"}, warned: "smpte2084"},
		{name: "stream.ts", args: []string{"-g", "20", "-bf", "2"}, reason: ReasonTS},
		{name: "program.mpg", args: []string{"-c:v", "mpeg2video", "-bf", "2"}, reason: ReasonNoPTS},
		{name: "asp.avi", args: []string{"-c:v", "mpeg4", "-vtag", "XVID", "-bf", "2"}, reason: ReasonNoPTS},
		{name: "photos.avi", args: []string{"-c:v", "mjpeg", "-pix_fmt", "yuvj420p"}},
		{name: "vp9.webm", args: []string{"-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-g", "20"}},
		{name: "hidden.webm", args: []string{"-c:v", "libvpx", "-deadline", "good", "-cpu-used", "5", "-auto-alt-ref", "1", "-lag-in-frames", "16", "-b:v", "50k"}},
		{name: "camera.h264", args: []string{"-bf", "2"}, reason: ReasonNoPTS},
		{name: "recorder.dav", args: []string{"-f", "h264"}, reason: ReasonNoPTS},
		{name: "photos.mjpeg", args: []string{"-c:v", "mjpeg", "-pix_fmt", "yuvj420p"}},
		{name: "-y.mp4"}, {name: "a%03d.mp4"}, {name: "concat:a|b.mp4"}, {name: "file:x.mp4"}, {name: "snow ☃ 'quote' [1],2;3.mp4"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			size := c.size
			if size == "" {
				size = "64x48"
			}
			path := generate(t, c.name, slices.Concat(source(size, "2"), x264, c.args)...)
			in := checkFullDecode(t, d, path, Options{})
			if !strings.Contains(in.Reason, c.reason) || in.OfficialEquivalent != (in.Reason == "") {
				t.Errorf("reason %q, want %q", in.Reason, c.reason)
			}
			if !strings.Contains(strings.Join(in.Warnings, "; "), c.warned) {
				t.Errorf("warnings %q, want %q", in.Warnings, c.warned)
			}
			if c.name == "turned.mp4" && in.Width == 64 && rotates(t, path) {
				t.Errorf("%d×%d: not turned upright", in.Width, in.Height)
			}
		})
	}
}

// rotates reports whether the muxer kept the rotation it was asked for; newer
// ffmpeg has another option for it.
func rotates(t *testing.T, path string) bool {
	t.Helper()
	program, err := needFFmpeg(t).find()
	if err != nil {
		t.Fatal(err)
	}
	p, err := runProbe(context.Background(), program, path, unhurried, nil)
	if err != nil {
		t.Fatal(err)
	}
	return len(p.streams[0].SideData) > 0
}

// Clips shorter than the recipe: Eval leaves slots empty, Features repeats.
func TestShortClips(t *testing.T) {
	d := needFFmpeg(t)
	for _, c := range []struct{ frames, seconds string }{{"1", "0.04"}, {"7", "0.28"}} {
		t.Run(c.frames, func(t *testing.T) {
			t.Parallel()
			path := generate(t, "short.mp4", slices.Concat(source("64x48", c.seconds), x264)...)
			in := checkFullDecode(t, d, path, Options{})
			if !in.OfficialEquivalent {
				t.Errorf("not equivalent: %s", in.Reason)
			}
			clip, err := d.Read(context.Background(), path, Options{Recipe: Features, Size: 32, Timeout: unhurried})
			if err != nil {
				t.Fatal(err)
			}
			if clip.Valid != 12 || len(clip.Pix) != 12*32*32*3 {
				t.Errorf("features: %d frames, %d bytes", clip.Valid, len(clip.Pix))
			}
		})
	}
}

func TestEditList(t *testing.T) {
	d := needFFmpeg(t)
	whole := generate(t, "whole.mp4", slices.Concat(source("64x48", "4"), x264, []string{"-g", "25", "-bf", "2"})...)
	cut := generate(t, "cut.mp4", "-ss", "1.5", "-i", whole, "-c", "copy")
	in := checkFullDecode(t, d, cut, Options{})
	if in.Reason != ReasonEditList || in.Packets <= in.Frames {
		t.Errorf("reason %q, %d packets, %d frames", in.Reason, in.Packets, in.Frames)
	}
}

// Two sizes in one transport stream: ffmpeg builds its filters anew on the
// way, and counting in them would start again.
func TestResolutionChange(t *testing.T) {
	d := needFFmpeg(t)
	small := generate(t, "a.ts", slices.Concat(source("64x48", "1.2"), x264, []string{"-bf", "0"})...)
	large := generate(t, "b.ts", slices.Concat(source("96x64", "1.2"), x264, []string{"-bf", "0", "-output_ts_offset", "1.2"})...)
	path := write(t, "both.ts", slices.Concat(read(t, small), read(t, large)))
	in := checkFullDecode(t, d, path, Options{})
	if in.Frames != 60 || !strings.Contains(in.Reason, ReasonMultiSize) {
		t.Errorf("%d frames, reason %q", in.Frames, in.Reason)
	}
}

// A recording that starts in the middle of a group of pictures, as cameras
// cut them: its first packets can't be decoded.
func TestMidGroupStart(t *testing.T) {
	d := needFFmpeg(t)
	whole := read(t, generate(t, "whole.ts", slices.Concat(source("64x48", "4"), x264, []string{"-g", "30", "-keyint_min", "30", "-bf", "0"})...))
	path := write(t, "cut.ts", whole[len(whole)/188/8*188:])
	in := checkFullDecode(t, d, path, Options{})
	if in.Packets <= in.Frames || !strings.Contains(in.Reason, ReasonTS) || !strings.Contains(in.Reason, ReasonDamage) {
		t.Errorf("%d packets, %d frames, reason %q", in.Packets, in.Frames, in.Reason)
	}
	clip, err := d.Read(context.Background(), path, Options{Timeout: unhurried})
	if err != nil || !clip.Degraded {
		t.Errorf("not marked as degraded: %v", err)
	}
	var few *Error
	if _, err := d.Read(context.Background(), path, Options{MinDecodable: 1, Timeout: unhurried}); !asError(err, &few) || few.Class != TooFewDecodable {
		t.Errorf("got %v, want %s", err, TooFewDecodable)
	}
}

func TestTruncated(t *testing.T) {
	d := needFFmpeg(t)
	args := slices.Concat(source("96x64", "3"), x264, []string{"-g", "20"})
	t.Run("index first", func(t *testing.T) {
		t.Parallel()
		whole := read(t, generate(t, "whole.mp4", append(args, "-movflags", "+faststart")...))
		in := checkFullDecode(t, d, write(t, "cut.mp4", whole[:len(whole)*6/10]), Options{})
		if in.Frames >= 75 || in.Reason != ReasonDamage {
			t.Errorf("%d frames, reason %q", in.Frames, in.Reason)
		}
	})
	t.Run("index last", func(t *testing.T) {
		t.Parallel()
		whole := read(t, generate(t, "whole.mp4", args...))
		checkClass(t, d, write(t, "cut.mp4", whole[:len(whole)*6/10]), TruncatedHeader)
	})
	t.Run("matroska", func(t *testing.T) {
		t.Parallel()
		whole := read(t, generate(t, "whole.mkv", args...))
		in := checkFullDecode(t, d, write(t, "cut.mkv", whole[:len(whole)*6/10]), Options{})
		if in.Frames >= 75 {
			t.Errorf("%d frames", in.Frames)
		}
		checkClass(t, d, write(t, "header.mkv", whole[:100]), TruncatedHeader)
	})
}

// Bits flip on the way: what can be concealed is concealed the same way as in
// a plain decode, and the clip is marked.
func TestBitFlips(t *testing.T) {
	d := needFFmpeg(t)
	data := read(t, generate(t, "whole.mp4", slices.Concat(source("96x64", "3"), x264, []string{"-g", "20"})...))
	start := strings.Index(string(data), "mdat") + 900
	for i := start; i < len(data)-8000; i += 997 {
		data[i] ^= 1 << (i % 8)
	}
	in := checkFullDecode(t, d, write(t, "flipped.mp4", data), Options{MinDecodable: 0.01})
	if in.OfficialEquivalent || in.Reason != ReasonDamage || len(in.Warnings) == 0 {
		t.Errorf("equivalent %v, reason %q, warnings %q", in.OfficialEquivalent, in.Reason, in.Warnings)
	}
}

func TestVideoWindows(t *testing.T) {
	d := needFFmpeg(t)
	for _, name := range []string{"w.mp4", "w.ts", "w.avi"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			codec := []string{}
			if name == "w.avi" {
				codec = []string{"-c:v", "mpeg4", "-bf", "2"} // packets without times
			}
			path := generate(t, name, slices.Concat(source("64x48", "4"), x264, []string{"-g", "25", "-bf", "2", "-output_ts_offset", "3"}, codec)...)
			full := fullDecode(t, path)
			n := len(full) / (64 * 48 * 3) // a TS starts with its first key frame's reordering
			for _, c := range []struct {
				start, end  float64
				first, last int
			}{{1, 2, 25, 50}, {0, 0.4, 0, 10}, {3, 0, 75, n}, {2.02, 99, 51, n}} {
				o := Options{Start: c.start, End: c.end, Timeout: unhurried}
				in := d.Inspect(context.Background(), path, o)
				checkAgainst(t, in, o, full, c.first, c.last)
				if clamped := strings.Contains(strings.Join(in.Warnings, ";"), "cut there"); clamped != (c.end == 99) {
					t.Errorf("%+v: warnings %q", o, in.Warnings)
				}
			}
			var e *Error
			if _, err := d.Read(context.Background(), path, Options{Start: 50, Timeout: unhurried}); !asError(err, &e) || e.Class != EmptyWindow {
				t.Errorf("got %v, want %s", err, EmptyWindow)
			}
		})
	}
}

// Of several streams, the largest is read unless one is asked for.
func TestStreamChoice(t *testing.T) {
	d := needFFmpeg(t)
	path := filepath.Join("..", "..", "testdata", "videos", "nasa_two_streams.mp4")
	for stream, width := range map[int]int{0: 480, 1: 320, 2: 480} {
		in := d.Inspect(context.Background(), path, Options{Stream: stream, End: 0.4, Timeout: unhurried})
		if in.Error != nil || in.Width != width || in.OfficialEquivalent == (stream == 1) {
			t.Errorf("stream %d: width %d, reason %q, %v", stream, in.Width, in.Reason, in.Error)
		}
	}
	var e *Error
	if _, err := d.Read(context.Background(), path, Options{Stream: 3, Timeout: unhurried}); !asError(err, &e) || e.Class != NoVideoStream {
		t.Errorf("stream 3: got %v, want %s", err, NoVideoStream)
	}
}

// A name is only a name: with another directory as the working directory and
// a relative path, the file is still found.
func TestRelativePath(t *testing.T) {
	d := needFFmpeg(t)
	path := generate(t, "-i.mp4", slices.Concat(source("64x48", "0.4"), x264)...)
	old, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chdir(filepath.Dir(path)); err != nil {
		t.Fatal(err)
	}
	defer os.Chdir(old)
	if in := d.Inspect(context.Background(), "-i.mp4", Options{Timeout: unhurried}); in.Error != nil || in.Frames != 10 {
		t.Errorf("%d frames, %+v", in.Frames, in.Error)
	}
}
