package model

import (
	"math"
	"testing"

	"framepilot/internal/fault"
	"framepilot/model/backend"
)

// A dozen blocks of B/16 at full size must lose no more to bf16 than the tiny
// goldens do. The weights are random, which is the hard case: nothing in them
// draws two clips apart or an error in.
func TestBF16AtFullSize(t *testing.T) {
	if testing.Short() {
		t.Skip("a clip at full size takes seconds")
	}
	cfg, err := Preset("b16")
	if err != nil {
		t.Fatal(err)
	}
	clip := noisyClips(cfg, 1, cfg.Frames)[0]
	seen := map[string]map[string][]float32{}
	for _, precision := range []string{"bf16", "fp32"} {
		m := &Model{Config: cfg}
		err := m.build(newNoise(cfg), Options{Precision: precision})
		if fault.KindOf(err) == fault.Missing {
			t.Skip(err)
		}
		if err != nil {
			t.Fatal(err)
		}
		q, all := m.queues[0], map[string][]float32{}
		seen[precision] = all
		in := videoInput{patches: m.patches(), frames: q.New(backend.U8, 1, cfg.Frames, cfg.Image, cfg.Image, 3)}
		q.UploadU8(in.frames, 0, clip.Pix)
		see := func(name string, x backend.Tensor) {
			out := make([]float32, x.Shape()[0]*x.Shape()[1])
			q.Download(out, x)
			all[name] = out
		}
		see("embedding", m.video.embed(q, m.video.forward(q, cfg, in, see), cfg))
		if err := q.Sync(); err != nil {
			t.Fatal(err)
		}
		if err := m.Close(); err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range seen["fp32"] {
		var off, gotgot, wantwant, gotwant float64
		for i, w := range want {
			g, w := float64(seen["bf16"][name][i]), float64(w)
			off, gotgot, wantwant, gotwant = off+(g-w)*(g-w), gotgot+g*g, wantwant+w*w, gotwant+g*w
		}
		rel, cosine := math.Sqrt(off/wantwant), gotwant/math.Sqrt(gotgot*wantwant)
		t.Logf("%-16s relative error %.1e, cosine %.6f", name, rel, cosine)
		if !(rel <= 2e-2 && cosine >= 0.9995) {
			t.Errorf("%s: relative error %.1e, cosine %.6f, want at most 2e-2 and at least 0.9995", name, rel, cosine)
		}
	}
	if len(seen["fp32"]) != 6 {
		t.Errorf("%d tensors compared, want 6", len(seen["fp32"]))
	}
}
