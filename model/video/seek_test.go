package video

import (
	"context"
	"reflect"
	"slices"
	"testing"
)

// Jumping from key frame to key frame gives the bytes of a full decode, in
// every kind of file it is used for.
func TestSeekEqualsFullDecode(t *testing.T) {
	d := needFFmpeg(t)
	d.seekCost = 1 // always worth it
	for name, args := range map[string][]string{
		"closed.mp4": {"-g", "6", "-bf", "3"},
		"open.mp4":   {"-g", "6", "-bf", "3", "-x264-params", "open-gop=1"},
		"plain.mkv":  {"-g", "6", "-bf", "2", "-output_ts_offset", "7"},
		"vfr.mp4":    {"-g", "6", "-vf", "select='not(mod(n,3))+lt(n,30)'", "-fps_mode", "vfr"},
		"cut.mp4":    {"-g", "6", "-bf", "2"},
		"vp9.webm":   {"-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-g", "6"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := generate(t, name, slices.Concat(source("64x48", "6"), x264, args)...)
			if name == "cut.mp4" {
				path = generate(t, name, "-ss", "1.3", "-i", path, "-c", "copy")
			}
			full := fullDecode(t, path)
			all := sums(full, 64, 48)
			for _, o := range []Options{{Recipe: Features, Frames: 6, Timeout: unhurried}, {Start: 3, End: 4, Frames: 4, Timeout: unhurried}} {
				jumps, b := jumpOnly(t, d, path, o)
				if jumps > 0 && !reflect.DeepEqual(b.md5, at(all, b.clip.Indices)) {
					t.Errorf("%+v: frames differ after a jump", o)
				}
				// A decoder that complains after a jump, as it does in open
				// groups of pictures, is not believed, and Read decodes straight.
				if jumps == 0 && name != "open.mp4" {
					t.Errorf("%+v: no jump was made", o)
				}
			}
			if name == "open.mp4" || name == "closed.mp4" {
				o := Options{Start: 3, End: 4, Frames: 4, Timeout: unhurried}
				checkAgainst(t, d.Inspect(context.Background(), path, o), o, full, 75, 100)
			}
		})
	}
}

func at(list []string, indices []int) []string {
	var out []string
	for _, i := range indices {
		out = append(out, list[i])
	}
	return out
}

// jumpOnly reads a file by jumps, without the straight pass that would hide
// their failure, and returns the number of jumps that were made and confirmed.
func jumpOnly(t *testing.T, d *Decoder, path string, o Options) (int, *builder) {
	t.Helper()
	ctx := context.Background()
	o, err := o.filled()
	if err != nil {
		t.Fatal(err)
	}
	program, err := d.find()
	if err != nil {
		t.Fatal(err)
	}
	info, err := d.probe(ctx, path, o)
	if err != nil {
		t.Fatal(err)
	}
	s, _, err := info.pick(0)
	if err != nil {
		t.Fatal(err)
	}
	times := s.timeline(25)
	p, err := makePlan(times.seconds, o)
	if err != nil {
		t.Fatal(err)
	}
	b := &builder{options: o, digest: true}
	v := &videoRead{builder: b, program: program, path: path, info: info, stream: s, times: times}
	passes := seeks(info, s, times, p.unique(), o, d.seekCost)
	b.begin(p)
	done, err := v.jump(ctx, passes)
	if err != nil {
		t.Fatal(err)
	}
	jumps := 0
	for _, p := range passes {
		if done && p.seek != "" {
			jumps++
		}
	}
	return jumps, b
}

func BenchmarkReadH264(b *testing.B) {
	d := needFFmpeg(b)
	path := generate(b, "a.mp4", slices.Concat(source("640x360", "10"), x264)...)
	for b.Loop() {
		if _, err := d.Read(context.Background(), path, Options{}); err != nil {
			b.Fatal(err)
		}
	}
}
