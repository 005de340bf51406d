package video

import (
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"framepilot/internal/fault"
)

func asError(err error, e **Error) bool { return errors.As(err, e) }

// checkClass reads a file that must be refused with a class, and checks that
// a person is told what, where and what to do.
func checkClass(t testing.TB, d *Decoder, path string, want Class) {
	t.Helper()
	clip, err := d.Read(context.Background(), path, Options{Timeout: unhurried})
	var e *Error
	if !errors.As(err, &e) || e.Class != want {
		t.Fatalf("%.80q: got %v, %v, want %s", path, clip, err, want)
	}
	if e.Path != path || !strings.Contains(err.Error(), string(want)) || fault.HintOf(err) == "" || fault.KindOf(err) != fault.Input {
		t.Errorf("%.80q: error %q, hint %q, kind %v", path, err, fault.HintOf(err), fault.KindOf(err))
	}
	in := d.Inspect(context.Background(), path, Options{Timeout: unhurried})
	if in.Error == nil || in.Error.Class != want || in.Error.Message == "" || in.Error.Hint == "" || in.OfficialEquivalent {
		t.Errorf("%.80q: inspection %+v", path, in)
	}
}

// Files that need no ffmpeg to be turned away.
func TestRefused(t *testing.T) {
	d := NewDecoder(DecoderOptions{FFmpeg: "/no/such/ffmpeg"})
	dir := t.TempDir()
	checkClass(t, d, filepath.Join(dir, "missing.mp4"), NotFound)
	checkClass(t, d, "a\x00b.mp4", NotFound)
	checkClass(t, d, dir, NotMedia)
	checkClass(t, d, write(t, "empty.mp4", nil), NotMedia)
	checkClass(t, d, write(t, "frame.png", []byte("\x89PNG\r\n\x1a\n")), NotMedia)
	checkClass(t, d, write(t, "list.mp4", []byte("#EXTM3U\n#EXTINF:1,\n/etc/passwd\n")), BlockedFormat)
	checkClass(t, d, write(t, "concat.mp4", []byte("ffconcat version 1.0\nfile a.mp4\n")), BlockedFormat)
	checkClass(t, d, write(t, "dash.mp4", []byte("<?xml version=\"1.0\"?>\n<MPD></MPD>")), BlockedFormat)
	if runtime.GOOS != "windows" {
		checkClass(t, d, "/dev/null", Unreadable)
		if os.Getuid() != 0 {
			locked := write(t, "locked.mp4", []byte("x"))
			if err := os.Chmod(locked, 0); err != nil {
				t.Fatal(err)
			}
			checkClass(t, d, locked, Unreadable)
		}
	}
}

// Files that ffmpeg sees but must not, or can't, play.
func TestRefusedByFFmpeg(t *testing.T) {
	d := needFFmpeg(t)
	secret := generate(t, "secret.ts", slices.Concat(source("64x48", "0.4"), x264)...)
	noise := make([]byte, 50000)
	rng := rand.New(rand.NewPCG(1, 1))
	for i := range noise {
		noise[i] = byte(rng.Uint32())
	}
	for name, c := range map[string]struct {
		make func(t *testing.T) string
		want Class
	}{
		"text": {func(t *testing.T) string { return write(t, "notes.mp4", []byte("hello, this is a text file\n")) }, NotMedia},
		"html": {func(t *testing.T) string {
			return write(t, "page.mp4", []byte("<html><body>404 not found</body></html>"))
		}, NotMedia},
		"noise": {func(t *testing.T) string { return write(t, "noise.mp4", noise) }, NotMedia},
		// Past the texts that Go knows, ffmpeg's whitelist must hold.
		"hidden playlist": {func(t *testing.T) string {
			return write(t, "hidden.m3u8", []byte("\x00#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:0.4,\nfile:"+secret+"\n#EXT-X-ENDLIST\n"))
		}, NotMedia},
		"sound in mp4": {func(t *testing.T) string {
			return generate(t, "sound.m4a", "-f", "lavfi", "-i", "sine=duration=0.2")
		}, NoVideoStream},
		"sound": {func(t *testing.T) string {
			return generate(t, "sound.wav", "-f", "lavfi", "-i", "sine=duration=0.2")
		}, NoVideoStream},
		"blocked container": {func(t *testing.T) string {
			return generate(t, "raw.nut", slices.Concat(source("64x48", "0.4"), []string{"-c:v", "mpeg4"})...)
		}, BlockedFormat},
		"huge picture": {func(t *testing.T) string {
			return generate(t, "huge.mkv", "-f", "lavfi", "-i", "color=size=12000x6000:rate=1:duration=1", "-c:v", "mjpeg", "-pix_fmt", "yuvj420p", "-threads", "1")
		}, SizeLimit},
		"unknown codec": {func(t *testing.T) string {
			whole := read(t, generate(t, "whole.mp4", slices.Concat(source("64x48", "0.4"), x264)...))
			return write(t, "other.mp4", []byte(strings.Replace(string(whole), "avc1\x00", "zzzz\x00", 1)))
		}, UnsupportedCodec},
		"nothing decodes": {func(t *testing.T) string {
			whole := read(t, generate(t, "whole.mp4", slices.Concat(source("64x48", "0.4"), []string{"-c:v", "libx264", "-movflags", "+faststart"})...))
			at := strings.Index(string(whole), "mdat") + 4
			for i := at; i < len(whole); i++ {
				whole[i] = 0
			}
			return write(t, "zeros.mp4", whole)
		}, ZeroFrames},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			checkClass(t, d, c.make(t), c.want)
		})
	}
}

func TestMissingDecoder(t *testing.T) {
	d := NewDecoder(DecoderOptions{FFmpeg: filepath.Join(t.TempDir(), "ffmpeg")})
	_, err := d.Read(context.Background(), write(t, "a.mp4", []byte("\x00\x00\x00\x18ftypisom")), Options{})
	var e *Error
	if !errors.As(err, &e) || e.Class != NoDecoder || fault.KindOf(err) != fault.Missing || !strings.Contains(fault.HintOf(err), "install") {
		t.Errorf("got %v, hint %q", err, fault.HintOf(err))
	}
	if d.Version() != "go" {
		t.Errorf("version %q", d.Version())
	}
	if clip, err := d.Read(context.Background(), write(t, "a.gif", randomGIF(1)), Options{}); err != nil || clip.Valid == 0 {
		t.Errorf("a GIF needs no ffmpeg: %v", err)
	}
}

// The identity of what decodes in Go must not depend on ffmpeg.
func TestIdentity(t *testing.T) {
	gif := write(t, "a.gif", randomGIF(1))
	folder := pictureFolder(t, map[string][2]int{"1.png": {8, 8}})
	without := NewDecoder(DecoderOptions{FFmpeg: "/no/such/ffmpeg"})
	with := NewDecoder(DecoderOptions{})
	for _, path := range []string{gif, folder} {
		if a, b := without.Identity(path), with.Identity(path); a != b || !strings.HasPrefix(a, "go/") {
			t.Errorf("%s: %q without ffmpeg, %q with it", path, a, b)
		}
	}
}

func TestVersionArguments(t *testing.T) {
	for version, want := range map[string]string{
		"5.1.9-0+deb12u1": "-fps_mode", "n7.0.1": "-fps_mode", "8.0": "-fps_mode", "N-109468-gd39b34123d": "-fps_mode",
		"2024-05-02-git-71669f2ad5-full_build": "-fps_mode", "5.0.3": "-vsync", "4.4.2-0ubuntu0.22.04.1": "-vsync", "4.3": "-vsync",
		"4.2.7": "", "3.4": "",
	} {
		args, err := passthrough(version)
		if want == "" && err == nil || want != "" && (err != nil || args[0] != want) {
			t.Errorf("%s: %v, %v, want %q", version, args, err, want)
		}
	}
}

func TestInspectionKeys(t *testing.T) {
	d := NewDecoder(DecoderOptions{})
	for path, want := range map[string]string{
		write(t, "a.gif", randomGIF(1)): "clip_sha256 codec file frame_md5 frames height indices official_equivalent packets reason seconds warnings width",
		"missing.mp4":                   "clip_sha256 codec error file frame_md5 frames height indices official_equivalent packets reason seconds warnings width",
	} {
		data, err := json.Marshal(d.Inspect(context.Background(), path, Options{Timeout: unhurried}))
		if err != nil {
			t.Fatal(err)
		}
		var object map[string]any
		if err := json.Unmarshal(data, &object); err != nil {
			t.Fatal(err)
		}
		var keys []string
		for k, v := range object {
			keys = append(keys, k)
			if v == nil {
				t.Errorf("%s is null", k)
			}
		}
		slices.Sort(keys)
		if got := strings.Join(keys, " "); got != want {
			t.Errorf("keys %q, want %q", got, want)
		}
	}
}

func TestQuarantine(t *testing.T) {
	q := Quarantined{Path: `mis"sing.mp4`, Class: NotFound, Message: "no such file", Hint: "check the spelling"}
	var file strings.Builder
	list := []Quarantined{q, {Path: "b.mp4", Class: ZeroFrames, Message: "line\nbreak", Hint: "h"}}
	if err := WriteQuarantine(&file, list); err != nil {
		t.Fatal(err)
	}
	if strings.Count(file.String(), "\n") != 2 {
		t.Errorf("not one line a file: %q", file.String())
	}
	got, err := ReadQuarantine(strings.NewReader(file.String() + "\n"))
	if err != nil || !slices.Equal(got, list) {
		t.Errorf("read back %+v, %v", got, err)
	}
	for _, bad := range []string{"{}", "not json", `{"path":`} {
		if _, err := ReadQuarantine(strings.NewReader(`{"path":"a"}` + "\n" + bad)); err == nil || !strings.Contains(err.Error(), "line 2") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}
