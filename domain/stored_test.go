package domain

import (
	"slices"
	"testing"

	"framepilot/probe"
)

// What is put together again answers to the last bit.
func TestStored(t *testing.T) {
	clips, _, prototypes := stream(40, 1.5)
	x := probe.NewMatrix(len(clips), 16)
	for i, c := range clips {
		copy(x.Row(i), c.x)
	}
	base := probe.ZeroShot(prototypes, 10)
	gaussian := newRunningGaussian(prototypes, x, Posteriors(base.Logits(x)), 20)
	_, caches := replay(clips, func() online { return newTDA(3, 20) }, 1)
	_, means := replay(clips, func() online { return gaussian.clone() }, 1)
	for _, c := range []probe.Stored{
		moving{newAdapter(16, 1), base}, replayed{base, caches}, replayed{base, means},
	} {
		back, err := probe.Load(c.Parts(), 16, 3, Loaders())
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(back.Logits(x).Data, c.Logits(x).Data) {
			t.Errorf("%s: other logits", c.Parts().Kind)
		}
		if _, err := probe.Load(c.Parts(), 15, 3, Loaders()); err == nil {
			t.Errorf("%s: no error for clips of another width", c.Parts().Kind)
		}
	}
}
