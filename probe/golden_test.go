package probe

import (
	"math"
	"testing"

	"framepilot/internal/goldentest"
)

// golden is the file of inputs and known answers; see its README.
type golden struct {
	goldentest.Adapt
	t *testing.T
}

func openGolden(t *testing.T) golden {
	t.Helper()
	return golden{goldentest.OpenAdapt(t), t}
}

func (g golden) matrix(name string, cols int) Matrix {
	g.t.Helper()
	v := g.Floats(name)
	return Matrix{Rows: len(v) / cols, Cols: cols, Data: v}
}

// features reads the rows, labels and groups of "train", "test" or "site_b".
func (g golden) features(part string) Features {
	g.t.Helper()
	f := Features{X: g.matrix("input."+part, 64), Text: g.matrix("input.text", 64), Classes: g.Classes()}
	f.IDs, f.Labels, f.Groups = g.Clips(part)
	if err := f.Check(); err != nil {
		g.t.Fatal(err)
	}
	return f
}

// wantClose compares logits with golden ones: differences count relative to
// the largest logit, and the best class must be the same.
func wantClose(t *testing.T, got, want Matrix, tol float64) {
	t.Helper()
	if got.Rows != want.Rows || got.Cols != want.Cols {
		t.Fatalf("%d × %d logits, want %d × %d", got.Rows, got.Cols, want.Rows, want.Cols)
	}
	var worst, largest float64
	for i, w := range want.Data {
		worst = max(worst, math.Abs(float64(got.Data[i]-w)))
		largest = max(largest, math.Abs(float64(w)))
	}
	if !(worst <= tol*largest) {
		t.Errorf("differences up to %g of the largest logit, want at most %g", worst/largest, tol)
	}
	gotBest, wantBest := Predict(got), Predict(want)
	for i := range gotBest {
		if gotBest[i] != wantBest[i] {
			t.Errorf("row %d: best class %d, want %d", i, gotBest[i], wantBest[i])
		}
	}
}

// centred subtracts from every row its mean over classes: softmax does not
// see it.
func centred(m Matrix) Matrix {
	out := NewMatrix(m.Rows, m.Cols)
	for i := range m.Rows {
		var mean float64
		for _, v := range m.Row(i) {
			mean += float64(v) / float64(m.Cols)
		}
		for j, v := range m.Row(i) {
			out.Row(i)[j] = float32(float64(v) - mean)
		}
	}
	return out
}

func TestZeroShotGolden(t *testing.T) {
	g := openGolden(t)
	test := g.features("test")
	got := ZeroShot(test.Text, test.LogitScale()).Logits(test.X)
	wantClose(t, got, g.matrix("expect.zero_shot.logits", 7), 1e-6)
}

func TestNearestMeanGolden(t *testing.T) {
	g := openGolden(t)
	m, err := FitNearestMean(g.features("train"), 0)
	if err != nil {
		t.Fatal(err)
	}
	wantClose(t, m.Logits(g.features("test").X), g.matrix("expect.nearest_mean.logits", 7), 1e-6)
}

func TestLogisticGolden(t *testing.T) {
	g := openGolden(t)
	train := g.features("train")
	head, choice, err := runLogistic(train, map[string]string{"C": "1"})
	if err != nil {
		t.Fatal(err)
	}
	if choice.Rule != RuleGiven || choice.Value != 1 {
		t.Errorf("choice %+v, want C = 1 as given", choice)
	}
	// The golden solver stopped 5e-5 from the minimum.
	wantClose(t, centred(head.Logits(g.features("test").X)), g.matrix("expect.logistic.logits", 7), 1e-4)

	want := float64(g.Floats("expect.logistic.objective")[0])
	got := objective(head, train, 1)
	if !(got <= want*(1+1e-6)) || got < want*(1-1e-6) {
		t.Errorf("objective %.9g, want %.9g", got, want)
	}
	var sum float64
	for _, b := range head.B {
		sum += float64(b)
	}
	if math.Abs(sum) > 1e-5 {
		t.Errorf("intercepts add up to %g, want 0", sum)
	}
}

// objective is what the fit minimises, by the plainest loop.
func objective(l *Linear, f Features, c float64) float64 {
	var sum float64
	for i := range f.X.Rows {
		logits := make([]float64, l.W.Rows)
		for k := range logits {
			logits[k] = float64(l.B[k])
			for j, v := range f.X.Row(i) {
				logits[k] += float64(v) * float64(l.W.Row(k)[j])
			}
		}
		var norm float64
		for _, z := range logits {
			norm += math.Exp(z)
		}
		sum += math.Log(norm) - logits[f.Labels[i]]
	}
	for _, w := range l.W.Data {
		sum += float64(w) * float64(w) / (2 * c)
	}
	return sum
}
