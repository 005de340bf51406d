package fewshot

import (
	"context"
	"math"
	"slices"
	"testing"

	"framepilot/internal/goldentest"
	"framepilot/probe"
)

// golden reads inputs and known answers; see testdata/adapt/README.md.
type golden struct {
	goldentest.Adapt
	t *testing.T
}

func openGolden(t *testing.T) golden {
	t.Helper()
	return golden{goldentest.OpenAdapt(t), t}
}

func (g golden) matrix(name string, cols int) probe.Matrix {
	g.t.Helper()
	v := g.Floats(name)
	return probe.Matrix{Rows: len(v) / cols, Cols: cols, Data: v}
}

// features reads the rows, labels and groups of "train", "test" or "site_b".
func (g golden) features(part string) probe.Features {
	g.t.Helper()
	f := probe.Features{X: g.matrix("input."+part, 64), Text: g.matrix("input.text", 64), Classes: g.Classes()}
	f.IDs, f.Labels, f.Groups = g.Clips(part)
	return f
}

// TestGoldens reaches every known answer by settings a user can give.
func TestGoldens(t *testing.T) {
	g := openGolden(t)
	for _, c := range []struct {
		method, expect string
		given          map[string]string
	}{
		{"tip", "tip", map[string]string{"alpha": "1", "beta": "5.5", "scale": "1", "compat": "1"}},
		{"gda", "gda", map[string]string{"alpha": "1", "scale": "1"}},
		{"ss-text", "sstext", map[string]string{"text": "1", "scale": "1"}},
	} {
		fitted := run(t, c.method, g.features("train"), c.given)
		got := fitted.Classifier.Logits(g.features("test").X)
		want := g.matrix("expect."+c.expect+".logits", 7)
		if off := difference(got, want); off > 1e-6 {
			t.Errorf("%s: differences up to %g of the largest logit", c.method, off)
		}
		best, wantBest := probe.Predict(got), probe.Predict(want)
		for i := range best {
			if best[i] != wantBest[i] {
				t.Errorf("%s: clip %d: best class %d, want %d", c.method, i, best[i], wantBest[i])
			}
		}
	}
}

// TestLPPCompat follows the published training to its end: what a transcript of
// that code in PyTorch, in float64, its biases starting from zero, says of the
// first and the last test clip of the golden file.
func TestLPPCompat(t *testing.T) {
	g := openGolden(t)
	fitted := run(t, "lp++", g.features("train"), map[string]string{"compat": "1", "scale": "1"})
	got := fitted.Classifier.Logits(g.features("test").X).Take([]int{0, 199})
	want := probe.Matrix{Rows: 2, Cols: 7, Data: []float32{
		62.730388, 4.383750, 15.219042, 6.320799, -4.267449, 6.694307, -20.719403,
		50.696209, 19.499454, 39.236228, -4.070560, -2.601432, 3.090666, -8.065684,
	}}
	if off := difference(got, want); off > 1e-5 {
		t.Errorf("differences up to %g of the largest logit", off)
	}
}

// TestCLAPCompat follows the published training likewise: full batches, no
// augmented copies, texts of length 10.
func TestCLAPCompat(t *testing.T) {
	g := openGolden(t)
	fitted := run(t, "clap", g.features("train"), map[string]string{"compat": "1", "scale": "1"})
	got := fitted.Classifier.Logits(g.features("test").X).Take([]int{0, 199})
	want := probe.Matrix{Rows: 2, Cols: 7, Data: []float32{
		8.593942, -0.378506, 2.235045, 0.285096, -1.596977, 0.075633, -4.086045,
		6.800830, 2.355369, 6.440135, -1.519385, -1.337555, -0.534626, -1.817956,
	}}
	if off := difference(got, want); off > 1e-5 {
		t.Errorf("differences up to %g of the largest logit", off)
	}
}

// TestCLAPCompatMissing: the published cosine head lets a class without clips
// compete, held to its text as far as the others on average.
func TestCLAPCompatMissing(t *testing.T) {
	s, err := newSupport(newWorld(4, 10, 1).clips([]int{4, 0, 3, 4}, false))
	if err != nil {
		t.Fatal(err)
	}
	m := newCLAPCosine(s)
	if mean := (m.lambda[0] + m.lambda[2] + m.lambda[3]) / 3; math.Abs(m.lambda[1]-mean) > 1e-12 {
		t.Errorf("λ = %.3f, want the second to be the mean of the others", m.lambda)
	}
	head, err := m.train(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for c := range 4 {
		var square float64
		for _, v := range head.W.Row(c) {
			square += float64(v) * float64(v)
		}
		if math.Abs(square-20*20) > 1e-2 {
			t.Errorf("weights of class %d have length %g, want the scale", c, math.Sqrt(square))
		}
	}
}

// TestGDACompat: the published code is zero-shot on one clip a class.
func TestGDACompat(t *testing.T) {
	w := newWorld(4, 10, 2)
	train, test := w.train(1, scenario{}), w.test(3)
	zero := probe.ZeroShot(test.Text, test.Scale).Logits(test.X)
	given := map[string]string{"alpha": "1", "scale": "1", "compat": "1"}
	if off := difference(run(t, "gda", train, given).Classifier.Logits(test.X), zero); off > 1e-6 {
		t.Errorf("differences up to %g from zero-shot", off)
	}
	given["compat"] = "0"
	if off := difference(run(t, "gda", train, given).Classifier.Logits(test.X), zero); off < 1e-3 {
		t.Error("zero-shot without compat, too")
	}
}

// seenBy gives clips frames where the method reads them, unless they have: the
// clip itself, and the clip moved towards the texts.
func seenBy(m probe.Method, f probe.Features) probe.Features {
	if !m.Frames || f.Frames > 0 {
		return f
	}
	x, text := f.X, f.Text
	f.X, f.Text = probe.NewMatrix(x.Rows, 3*x.Cols), probe.NewMatrix(text.Rows, 3*x.Cols)
	f.Frames, f.Scale = 2, probe.FramedScale(f.LogitScale())
	for i := range x.Rows {
		moved := slices.Clone(x.Row(i))
		for c := range text.Rows {
			for j, v := range text.Row(c) {
				moved[j] += 0.1 * v
			}
		}
		copy(f.X.Row(i), probe.Framed(x.Row(i), [][]float32{x.Row(i), moved}))
	}
	for c := range text.Rows {
		copy(f.Text.Row(c), probe.FramedText(text.Row(c), 2))
	}
	return f
}

func run(t testing.TB, method string, train probe.Features, given map[string]string) probe.Fitted {
	t.Helper()
	m, err := probe.FindMethod(append(probe.Methods(), Methods()...), method)
	if err != nil {
		t.Fatal(err)
	}
	fitted, err := m.Run(context.Background(), seenBy(m, train), given)
	if err != nil {
		t.Fatal(err)
	}
	return fitted
}

// difference is the largest difference, relative to the largest value.
func difference(a, b probe.Matrix) float64 {
	if a.Rows != b.Rows || a.Cols != b.Cols {
		return math.Inf(1)
	}
	var worst, largest float64
	for i, v := range b.Data {
		d := math.Abs(float64(a.Data[i] - v))
		if !(d <= worst) { // NaN too
			worst = d
		}
		largest = max(largest, math.Abs(float64(v)))
	}
	return worst / largest
}
