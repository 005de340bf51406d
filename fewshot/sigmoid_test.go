package fewshot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"

	"gonum.org/v1/gonum/floats"

	"framepilot/internal/convex"
	"framepilot/internal/fault"
	"framepilot/probe"
)

// several draws n clips of which each is of a class with a chance that falls
// from class to class, so of none, one or some of them, two to a recording.
func (w *world) several(n int) probe.Features {
	f := probe.Features{Scale: probe.DefaultScale, Text: matrixOf(w.text, w.d)}
	for c := range w.classes {
		f.Classes = append(f.Classes, fmt.Sprintf("class %d", c))
	}
	var rows [][]float64
	var recording []float64
	for i := range n {
		if i%2 == 0 {
			recording = w.direction(0.35)
			w.recordings++
		}
		x := slices.Clone(w.gap)
		floats.Add(x, recording)
		of := []int{}
		for c := range w.classes {
			if w.rng.Float64() < 0.4/math.Sqrt(float64(c+1)) {
				of = append(of, c)
				floats.AddScaled(x, 0.35, w.text[c])
				floats.Add(x, w.look[c])
			}
		}
		for j := range x {
			x[j] += 0.75 * w.spectrum[j] * w.rng.NormFloat64()
		}
		rows, f.Truth = append(rows, x), append(f.Truth, of)
		f.IDs = append(f.IDs, fmt.Sprintf("clip %d.%d", w.recordings, i))
		f.Groups = append(f.Groups, fmt.Sprintf("recording %d", w.recordings))
	}
	f.X = matrixOf(rows, w.d)
	f.X.Normalize()
	return f
}

// tagged fits a method to clips of several classes.
func tagged(t *testing.T, name string, train probe.Features, given map[string]string) probe.Fitted {
	t.Helper()
	m, err := probe.FindMethod(append(probe.Methods(), MultiMethods()...), name)
	if err != nil {
		t.Fatal(err)
	}
	fitted, err := m.Run(context.Background(), train, given)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return fitted
}

func scoreMulti(t *testing.T, c probe.Classifier, test probe.Features) probe.MultiScore {
	t.Helper()
	sealed, err := probe.Seal(test, 1, new(probe.CountedLooks))
	if err != nil {
		t.Fatal(err)
	}
	s, err := sealed.EvaluateMulti(context.Background(), "test", c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// peer is what scipy and scikit-learn say: probe/testdata/multilabel.py.
type peer struct {
	Features, Text [][]float64
	Labels         [][]int
	Scale          float64
	Heads          map[string]struct {
		Weight [][]float64
		Bias   []float64
	}
}

func readPeer(t *testing.T) (p peer, train probe.Features) {
	t.Helper()
	text, err := os.ReadFile("../probe/testdata/multilabel.json")
	if err == nil {
		err = json.Unmarshal(text, &p)
	}
	if err != nil {
		t.Fatal(err)
	}
	d := len(p.Text[0])
	train = probe.Features{X: matrixOf(p.Features, d), Text: matrixOf(p.Text, d), Scale: p.Scale, Classes: make([]string, len(p.Text))}
	for _, row := range p.Labels {
		of := []int{}
		for c, yes := range row {
			if yes == 1 {
				of = append(of, c)
			}
		}
		train.Truth = append(train.Truth, of)
	}
	return p, train
}

// TestSigmoidPeer: the heads are those that scipy finds for the same
// objectives, written down from their formulas.
func TestSigmoidPeer(t *testing.T) {
	p, train := readPeer(t)
	if len(p.Heads) != 2 {
		t.Fatalf("%d heads to compare with", len(p.Heads))
	}
	for strength, want := range p.Heads {
		c, err := strconv.ParseFloat(strength, 64)
		if err != nil {
			t.Fatal(err)
		}
		m, err := newSigmoid(train)
		if err != nil {
			t.Fatal(err)
		}
		head, err := m.head(context.Background(), c, 1e-12)
		if err != nil {
			t.Fatal(err)
		}
		for k, row := range want.Weight {
			for j, w := range row {
				if got := float64(head.W.Row(k)[j]); math.Abs(got-w) > 1e-4*(1+math.Abs(w)) {
					t.Errorf("C = %g: weight %d of class %d is %g, scipy has %g", c, j, k, got, w)
				}
			}
			if got := float64(head.B[k]); math.Abs(got-want.Bias[k]) > 1e-4*(1+math.Abs(want.Bias[k])) {
				t.Errorf("C = %g: bias of class %d is %g, scipy has %g", c, k, got, want.Bias[k])
			}
		}
	}
}

// TestSigmoidGradient: the gradient is the slope of the objective, and the gap
// bounds how far the objective is above its minimum.
func TestSigmoidGradient(t *testing.T) {
	_, train := readPeer(t)
	m, err := newSigmoid(train)
	if err != nil {
		t.Fatal(err)
	}
	n, r := m.x.Dims()
	base := make([]float64, n)
	for i := range base {
		base[i] = m.base.At(i, 0)
	}
	fit := sigmoidFit{x: m.x, base: base, y: m.y[0], strength: 3}
	least, err := minimise(context.Background(), convex.Function{Value: fit.value, Gradient: fit.gradient, Gap: fit.gap}, make([]float64, r+1), 1e-13)
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for range 20 {
		theta, grad := make([]float64, r+1), make([]float64, r+1)
		for j := range theta {
			theta[j] = 2 * rng.NormFloat64()
		}
		fit.gradient(grad, theta)
		for j := range theta {
			const h = 1e-5
			at := theta[j]
			theta[j] = at + h
			up := fit.value(theta)
			theta[j] = at - h
			down := fit.value(theta)
			theta[j] = at
			if slope := (up - down) / (2 * h); math.Abs(slope-grad[j]) > 1e-6*(1+math.Abs(slope)) {
				t.Errorf("slope %d is %g, differences say %g", j, grad[j], slope)
			}
		}
		if above := fit.value(theta) - fit.value(least); above > fit.gap(grad) {
			t.Errorf("%g above the minimum, the gap says at most %g", above, fit.gap(grad))
		}
	}
}

// TestSigmoidLeansOnTexts: with few clips it is no worse than the words or the
// clips alone, and better than both where there are some.
func TestSigmoidLeansOnTexts(t *testing.T) {
	for _, n := range []int{10, 40} {
		mean := map[string]float64{}
		for draw := range 4 {
			w := newWorld(8, 32, uint64(draw+1))
			train, test := w.several(n), w.several(200)
			for _, name := range []string{"zero-shot", "ridge", "sigmoid"} {
				mean[name] += scoreMulti(t, tagged(t, name, train, nil).Classifier, test).MAP / 4
			}
		}
		if best := max(mean["zero-shot"], mean["ridge"]); mean["sigmoid"] < best-0.005 {
			t.Errorf("%d clips: %v", n, mean)
		}
	}
}

// TestSigmoidClassWithoutClips: a class that no clip is of is ranked as its
// text ranks it, and one clip of each class is enough for an answer.
func TestSigmoidClassWithoutClips(t *testing.T) {
	w := newWorld(6, 24, 3)
	train, test := w.several(40), w.several(100)
	for i, of := range train.Truth {
		train.Truth[i] = slices.DeleteFunc(of, func(c int) bool { return c == 2 })
	}
	got := scoreMulti(t, tagged(t, "sigmoid", train, nil).Classifier, test)
	text := scoreMulti(t, tagged(t, "zero-shot", train, nil).Classifier, test)
	if got.PerClass[2].AP != text.PerClass[2].AP || got.PerClass[1].AP == text.PerClass[1].AP {
		t.Errorf("average precision %v, of the words alone %v", got.PerClass, text.PerClass)
	}

	one := w.several(60)
	rows, err := probe.ShotsMulti(one.Truth, one.Groups, one.Classes, 1, rand.New(rand.NewPCG(1, 1)))
	if err != nil {
		t.Fatal(err)
	}
	fitted := tagged(t, "sigmoid", one.Take(rows), nil)
	if s := scoreMulti(t, fitted.Classifier, test); s.MAP < text.MAP || fitted.Choices[0].Rung != probe.L0 {
		t.Errorf("one clip a class: mAP %g, of the words alone %g, C by %s", s.MAP, text.MAP, fitted.Choices[0].Rung)
	}
}

// TestSigmoidMetamorphic: the order of clips and classes says nothing, nor
// does a turn of all embeddings, nor a clip that is in a recording twice.
func TestSigmoidMetamorphic(t *testing.T) {
	w := newWorld(5, 16, 4)
	train, test := w.several(40), w.several(60)
	given := map[string]string{"C": "10"}
	want := tagged(t, "sigmoid", train, given)
	got := tagged(t, "sigmoid", twice(train), given)
	wantSame(t, "copies of a clip in its recording", "sigmoid", got.Classifier.Logits(test.X), want.Classifier.Logits(test.X))
	if !slices.Equal(probe.Thresholds(got.Classifier), probe.Thresholds(want.Classifier)) {
		t.Error("copies of a clip in its recording changed thresholds")
	}

	order := rand.New(rand.NewPCG(1, 0)).Perm(train.Len())
	m, err := newSigmoid(train.Take(order))
	if err != nil {
		t.Fatal(err)
	}
	shuffled, err := m.head(context.Background(), 10, exact)
	if err != nil {
		t.Fatal(err)
	}
	plain := want.Classifier.(*probe.Tags).Classifier
	wantSame(t, "another order of clips", "sigmoid", shuffled.Logits(test.X), plain.Logits(test.X))

	classes := len(train.Classes)
	place := rand.New(rand.NewPCG(2, 0)).Perm(classes)
	other := train
	other.Classes, other.Text, other.Truth = make([]string, classes), probe.NewMatrix(classes, train.Text.Cols), nil
	for c, p := range place {
		other.Classes[p] = train.Classes[c]
		copy(other.Text.Row(p), train.Text.Row(c))
	}
	for _, of := range train.Truth {
		var list []int
		for _, c := range of {
			list = append(list, place[c])
		}
		other.Truth = append(other.Truth, list)
	}
	if m, err = newSigmoid(other); err != nil {
		t.Fatal(err)
	}
	head, err := m.head(context.Background(), 10, exact)
	if err != nil {
		t.Fatal(err)
	}
	moved, back := head.Logits(test.X), probe.NewMatrix(test.Len(), classes)
	for i := range test.Len() {
		for c, p := range place {
			back.Row(i)[c] = moved.Row(i)[p]
		}
	}
	wantSame(t, "another order of classes", "sigmoid", back, plain.Logits(test.X))

	turned, rotate := train, rotation(train.X.Cols)
	turned.X, turned.Text = rotate(train.X), rotate(train.Text)
	if m, err = newSigmoid(turned); err != nil {
		t.Fatal(err)
	}
	if head, err = m.head(context.Background(), 10, exact); err != nil {
		t.Fatal(err)
	}
	wantSame(t, "a turn", "sigmoid", head.Logits(rotate(test.X)), plain.Logits(test.X))
}

// twice adds a copy of every third clip to its recording.
func twice(f probe.Features) probe.Features {
	var rows []int
	for i := range f.Len() {
		rows = append(rows, i)
		if i%3 == 0 {
			rows = append(rows, i)
		}
	}
	f = f.Take(rows)
	f.IDs = nil
	return f
}

// TestSigmoidErrors: what it can't take it says.
func TestSigmoidErrors(t *testing.T) {
	w := newWorld(4, 16, 5)
	several, one := w.several(20), w.train(3, scenario{})
	wordless := several
	wordless.Text = probe.Matrix{}
	m := sigmoidMethod()
	for name, c := range map[string]struct {
		train probe.Features
		kind  fault.Kind
	}{"one class a clip": {one, fault.Config}, "no texts": {wordless, fault.Input}, "no clips": {several.Take(nil), fault.Input}} {
		if _, err := m.Run(context.Background(), c.train, nil); fault.KindOf(err) != c.kind {
			t.Errorf("%s: %v", name, err)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := m.Run(ctx, several, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %v", err)
	}
}
