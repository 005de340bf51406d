package probe

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// TestFramed: rows with frames are of unit length, zero-shot says of them what
// it says of the clips alone, and Pooled gives those back.
func TestFramed(t *testing.T) {
	const n, frames, d = 6, 3, 5
	rng := rand.New(rand.NewPCG(1, 0))
	random := func() []float32 {
		x := make([]float32, d)
		for j := range x {
			x[j] = float32(rng.NormFloat64())
		}
		return x
	}
	plain := Features{X: NewMatrix(n, d), Text: NewMatrix(2, d), Classes: []string{"a", "b"}, Scale: 7}
	framed := Features{X: NewMatrix(n, (1+frames)*d), Text: NewMatrix(2, (1+frames)*d), Classes: plain.Classes, Scale: FramedScale(7), Frames: frames}
	for i := range n {
		x := random()
		copy(plain.X.Row(i), x)
		copy(framed.X.Row(i), Framed(x, [][]float32{random(), make([]float32, d), random()}))
	}
	for c := range 2 {
		copy(plain.Text.Row(c), random())
	}
	plain.X.Normalize()
	plain.Text.Normalize()
	for c := range 2 {
		copy(framed.Text.Row(c), FramedText(plain.Text.Row(c), frames))
	}
	for i := range n { // one frame of each clip points nowhere: a third of its half is missing
		if l := length(framed.X.Row(i)); math.Abs(l-math.Sqrt(0.5+1./3)) > 1e-6 {
			t.Errorf("row %d has length %g", i, l)
		}
	}
	want := ZeroShot(plain.Text, plain.Scale).Logits(plain.X)
	pooled := framed.Pooled()
	if pooled.X.Cols != d || pooled.Text.Cols != d || math.Abs(pooled.Scale-7) > 1e-12 || pooled.Frames != 0 {
		t.Fatalf("pooled: %d columns, scale %g, %d frames", pooled.X.Cols, pooled.Scale, pooled.Frames)
	}
	for name, got := range map[string]Matrix{
		"zero-shot on frames": ZeroShot(framed.Text, framed.Scale).Logits(framed.X),
		"pooled":              ZeroShot(pooled.Text, pooled.Scale).Logits(pooled.X),
		"asked on pooled":     OnPooled(ZeroShot(plain.Text, plain.Scale), frames).Logits(framed.X),
	} {
		for i, v := range got.Data {
			if math.Abs(float64(v-want.Data[i])) > 1e-5 {
				t.Errorf("%s: logit %g, want %g", name, v, want.Data[i])
			}
		}
	}
	if again := plain.Pooled(); !slices.Equal(again.X.Data, plain.X.Data) {
		t.Error("features without frames change when pooled")
	}
	framed.Frames = 2
	if err := framed.Check(); err == nil || !strings.Contains(err.Error(), "not of a clip and 2 frames") {
		t.Errorf("a wrong number of frames: %v", err)
	}
}
