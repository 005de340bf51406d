package fewshot

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"framepilot/probe"
)

// settled are the methods with a single answer, and what a user may give to
// those that would deal clips into folds, which is by their order.
func settled() map[string]map[string]string {
	return map[string]map[string]string{
		"tip": nil, "gda": nil, "ss-text": nil, "ss-text-plus": nil, "proker": nil,
		"clap": {"m": "20", "scale": "1"}, "lp++": {"mu": "0.03", "scale": "1"},
	}
}

func metamorphicWorld() (train, test probe.Features) {
	w := newWorld(6, 16, 11)
	return w.train(6, scenario{imbalance: true, missing: 0.2}), w.test(5)
}

// wantSame compares logits up to the rounding of float32 features.
func wantSame(t *testing.T, what, method string, got, want probe.Matrix) {
	t.Helper()
	if off := difference(got, want); !(off < 1e-4) {
		t.Errorf("%s: %s changed logits by up to %g of the largest", method, what, off)
	}
}

func TestOrderOfClips(t *testing.T) {
	train, test := metamorphicWorld()
	order := rand.New(rand.NewPCG(1, 0)).Perm(train.Len())
	for method, given := range settled() {
		want := run(t, method, train, given).Classifier.Logits(test.X)
		got := run(t, method, train.Take(order), given).Classifier.Logits(test.X)
		wantSame(t, "another order of clips", method, got, want)
	}
}

func TestOrderOfClasses(t *testing.T) {
	train, test := metamorphicWorld()
	classes := len(train.Classes)
	place := rand.New(rand.NewPCG(2, 0)).Perm(classes) // class → its new place
	other := train
	other.Classes, other.Text = make([]string, classes), probe.NewMatrix(classes, train.Text.Cols)
	other.Labels = make([]int, train.Len())
	for c, p := range place {
		other.Classes[p] = train.Classes[c]
		copy(other.Text.Row(p), train.Text.Row(c))
	}
	for i, c := range train.Labels {
		other.Labels[i] = place[c]
	}
	for method, given := range settled() {
		want := run(t, method, train, given).Classifier.Logits(test.X)
		permuted := run(t, method, other, given).Classifier.Logits(test.X)
		got := probe.NewMatrix(want.Rows, want.Cols)
		for i := range got.Rows {
			for c, p := range place {
				got.Row(i)[c] = permuted.Row(i)[p]
			}
		}
		wantSame(t, "another order of classes", method, got, want)
	}
}

func TestRotation(t *testing.T) {
	train, test := metamorphicWorld()
	rotate := rotation(train.X.Cols)
	turned := train
	turned.X, turned.Text = rotate(train.X), rotate(train.Text)
	for method, given := range settled() {
		want := run(t, method, train, given).Classifier.Logits(test.X)
		got := run(t, method, turned, given).Classifier.Logits(rotate(test.X))
		wantSame(t, "a rotation of clips and texts", method, got, want)
	}
}

// rotation draws a rotation of d dimensions.
func rotation(d int) func(probe.Matrix) probe.Matrix {
	rng := rand.New(rand.NewPCG(3, 0))
	random := mat.NewDense(d, d, nil)
	random.Apply(func(int, int, float64) float64 { return rng.NormFloat64() }, random)
	var qr mat.QR
	qr.Factorize(random)
	var q mat.Dense
	qr.QTo(&q)
	return func(m probe.Matrix) probe.Matrix {
		var out mat.Dense
		out.Mul(m.Dense(), &q)
		return probe.MatrixOf(&out)
	}
}

// TestCopies: a clip that is in its recording four times is one clip.
func TestCopies(t *testing.T) {
	train, test := metamorphicWorld()
	rows := make([]int, train.Len())
	for i := range rows {
		rows[i] = i
	}
	more := train.Take(append(rows, 0, 0, 0, 7, 7))
	for i := range more.IDs {
		more.IDs[i] = fmt.Sprint(i)
	}
	for method, given := range settled() {
		want := run(t, method, train, given)
		got := run(t, method, more, given)
		wantSame(t, "copies of a clip in its recording", method, got.Classifier.Logits(test.X), want.Classifier.Logits(test.X))
	}
}

// brief gives trained heads a few steps to take.
func brief(m probe.Method) map[string]string {
	for _, p := range m.Params {
		if p.Name == "steps" {
			return map[string]string{"steps": "3"}
		}
	}
	return nil
}

// TestAloneAndInABatch: a clip scores the same alone and among others.
func TestAloneAndInABatch(t *testing.T) {
	train, test := metamorphicWorld()
	for _, m := range single() {
		c := run(t, m.Name, train, brief(m)).Classifier
		test := seenBy(m, test)
		all := c.Logits(test.X)
		for i := range 3 {
			wantSame(t, "the company of other clips", m.Name, c.Logits(test.X.Take([]int{i})), all.Take([]int{i}))
		}
	}
}

// TestOddTrainingSets: one clip, one class, one clip a class, copies only, and
// no text, end in finite logits or an error that says what to do.
func TestOddTrainingSets(t *testing.T) {
	w := newWorld(4, 10, 5)
	one := w.clips([]int{1, 0, 0, 0}, true)
	copies := w.clips([]int{1, 1, 1, 1}, true)
	copies = copies.Take([]int{0, 0, 1, 1, 2, 2, 3, 3})
	for i := range copies.IDs {
		copies.IDs[i], copies.Groups[i] = fmt.Sprint(i), fmt.Sprint(i)
	}
	wordless := w.clips([]int{3, 3, 3, 3}, true)
	wordless.Text = probe.Matrix{}
	unlabelled := w.clips([]int{2, 2, 2, 2}, true)
	for i := range unlabelled.Labels {
		unlabelled.Labels[i] = probe.Unlabelled
	}
	for name, train := range map[string]probe.Features{
		"one clip": one, "one class": w.clips([]int{4, 0, 0, 0}, false), "one clip a class": w.clips([]int{1, 1, 1, 1}, true),
		"copies": copies, "no text": wordless, "no labels": unlabelled,
	} {
		for _, m := range Methods() {
			fitted, err := m.Run(context.Background(), seenBy(m, train), brief(m))
			if err != nil {
				if name == "no text" && m.Name != "auto" || name == "no labels" && m.Name != "auto" {
					continue
				}
				t.Errorf("%s, %s: %v", name, m.Name, err)
				continue
			}
			for _, v := range fitted.Classifier.Logits(seenBy(m, w.test(2)).X).Data {
				if f := float64(v); math.IsNaN(f) || math.IsInf(f, 0) {
					t.Errorf("%s, %s: a logit of %g", name, m.Name, f)
					break
				}
			}
		}
	}
}
