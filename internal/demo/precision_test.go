package demo

import (
	"context"
	"math"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"framepilot/internal/fault"
	"framepilot/model"
	"framepilot/model/video"
)

// In the demo's world bf16 must say what fp32 says: cosines, and the class of
// 99.5 % of clips.
func TestBF16FollowsFP32(t *testing.T) {
	const clips = 200
	path := filepath.Join(t.TempDir(), "demo.safetensors")
	if err := WriteModel(path); err != nil {
		t.Fatal(err)
	}
	var texts []string
	for _, a := range Actions {
		texts = append(texts, "a part that is "+a)
	}
	rng := rand.New(rand.NewPCG(5, 6))
	var all []*video.Clip
	for i := range clips {
		site := []Site{Day, Night}[i%2]
		pix := anyScene(rng).Render(site, Frames, Size, rng)
		all = append(all, &video.Clip{Pix: pix, Frames: Frames, Valid: Frames, Size: Size})
	}
	var embedded [2][][]float32
	var class [2][]int
	for i, precision := range []string{"fp32", "bf16"} {
		m, err := model.Open(context.Background(), path, model.Options{Precision: precision})
		if fault.KindOf(err) == fault.Missing {
			t.Skip(err)
		}
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { m.Close() })
		words, err := m.EmbedTexts(context.Background(), texts)
		if err != nil {
			t.Fatal(err)
		}
		if embedded[i], err = m.EmbedClips(context.Background(), all); err != nil {
			t.Fatal(err)
		}
		for _, e := range embedded[i] {
			best := 0
			for j := range words {
				if cosine(e, words[j]) > cosine(e, words[best]) {
					best = j
				}
			}
			class[i] = append(class[i], best)
		}
	}
	same := 0
	for i := range clips {
		if c := cosine(embedded[0][i], embedded[1][i]); c < 0.9995 {
			t.Errorf("clip %d: cosine %.6f between precisions, want at least 0.9995", i, c)
		}
		if class[0][i] == class[1][i] {
			same++
		}
	}
	if same*1000 < clips*995 {
		t.Errorf("%d of %d clips keep their class, want 99.5 %%", same, clips)
	}
	t.Logf("%d of %d clips keep their class", same, clips)
}

func cosine(a, b []float32) float64 {
	var ab, aa, bb float64
	for i := range a {
		x, y := float64(a[i]), float64(b[i])
		ab, aa, bb = ab+x*y, aa+x*x, bb+y*y
	}
	return ab / math.Sqrt(aa*bb)
}
