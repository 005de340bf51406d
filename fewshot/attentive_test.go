package fewshot

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/floats"

	"framepilot/internal/autodiff"
	"framepilot/probe"
)

// film draws clips of frames from a world whose classes come in pairs, a film
// and the same film backwards: classes 2k and 2k+1 begin and end with each
// other's looks. The embedding of a clip is the mean of its frames and so says
// nothing of their order; nor do the texts, which a pair shares.
func (w *world) film(shots, frames int) probe.Features {
	f := probe.Features{Scale: probe.FramedScale(probe.DefaultScale), Frames: frames}
	width := (1 + frames) * w.d
	f.X, f.Text = probe.NewMatrix(w.classes*shots, width), probe.NewMatrix(w.classes, width)
	for c := range w.classes {
		f.Classes = append(f.Classes, fmt.Sprintf("class %d", c))
		copy(f.Text.Row(c), probe.FramedText(probe.Narrow(w.text[c&^1]), frames))
		for k := range shots {
			if k%2 == 0 {
				w.recordings++
			}
			recording := w.direction(0.35)
			var all [][]float32
			mean := make([]float64, w.d)
			for t := range frames {
				at := (float64(t) + 0.5) / float64(frames)
				x := make([]float64, w.d)
				for j := range x {
					x[j] = w.telling*w.text[c&^1][j] + (1-at)*w.look[c][j] + at*w.look[c^1][j] + w.gap[j] + recording[j] + 0.5*w.spectrum[j]*w.rng.NormFloat64()
				}
				floats.Add(mean, x)
				all = append(all, probe.Narrow(x))
			}
			copy(f.X.Row(len(f.IDs)), probe.Framed(probe.Narrow(mean), all))
			f.IDs = append(f.IDs, fmt.Sprintf("clip %d.%d", w.recordings, k))
			f.Groups = append(f.Groups, fmt.Sprintf("recording %d", w.recordings))
			f.Labels = append(f.Labels, c)
		}
	}
	return f
}

// TestAttentiveSeesOrder: films told from the same films backwards, which a
// probe on the embeddings of the clips can't do.
func TestAttentiveSeesOrder(t *testing.T) {
	w := newWorld(4, 16, 3)
	train, test := w.film(8, 6), w.film(25, 6)
	got := accuracy(t, run(t, "attentive", train, map[string]string{"folds": "2"}).Classifier, test)
	m, err := probe.FindMethod(probe.Methods(), "logistic")
	if err != nil {
		t.Fatal(err)
	}
	fitted, err := m.Run(t.Context(), train.Pooled(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if blind := accuracy(t, fitted.Classifier, test.Pooled()); got < 0.85 || blind > 0.7 {
		t.Errorf("accuracy %.2f, of a probe that sees no order %.2f", got, blind)
	}
}

// TestAttentiveStart: before training it is zero-shot, however few clips there
// are; and of a class without clips it thinks as of the others on average.
func TestAttentiveStart(t *testing.T) {
	w := newWorld(4, 16, 4)
	one, test := w.film(1, 5), w.film(10, 5)
	v, err := newViews(one)
	if err != nil {
		t.Fatal(err)
	}
	_, p := lossOfAttentive(v, 1)
	zero := probe.ZeroShot(one.Text, one.Scale).Logits(test.X)
	if off := difference(v.trained(p).Logits(test.X), zero); off > 1e-5 {
		t.Errorf("untrained it is %g from zero-shot", off)
	}
	fitted := run(t, "attentive", one, nil)
	if c := fitted.Choices[0]; c.Rung != probe.L0 {
		t.Errorf("with one clip a class λ stands on %s", c.Rung)
	}

	train := w.film(6, 5)
	train = train.Take(clipsOf(train, func(c int) bool { return c != 2 }))
	logits := run(t, "attentive", train, map[string]string{"folds": "2"}).Classifier.Logits(test.X)
	zero = probe.ZeroShot(one.Text, one.Scale).Logits(test.X)
	var scale float64 // a temperature of the method's is the same for all
	for i := range test.Len() {
		var others float64
		for _, c := range []int{0, 1, 3} {
			others += float64(logits.Row(i)[c]) / 3
		}
		var texts float64
		for _, c := range []int{0, 1, 3} {
			texts += float64(zero.Row(i)[c]) / 3
		}
		apart := float64(logits.Row(i)[2]) - others
		want := float64(zero.Row(i)[2]) - texts
		if math.Abs(want) < 0.5 {
			continue
		}
		if scale == 0 {
			scale = apart / want
		}
		if math.Abs(apart-scale*want) > 1e-3*(1+math.Abs(want)) {
			t.Fatalf("clip %d: the class without clips is %g above the others, by its text %g", i, apart, scale*want)
		}
	}
}

func clipsOf(f probe.Features, keep func(class int) bool) []int {
	var rows []int
	for i, c := range f.Labels {
		if keep(c) {
			rows = append(rows, i)
		}
	}
	return rows
}

// TestAttentiveLoss: the loss in the graph is that of the classifier it
// trains, and its gradient that of finite differences.
func TestAttentiveLoss(t *testing.T) {
	train := newWorld(4, 6, 5).film(3, 4)
	train = train.Take(clipsOf(train, func(c int) bool { return c != 1 }))
	v, err := newViews(train)
	if err != nil {
		t.Fatal(err)
	}
	loss, params := lossOfAttentive(v, 0.02)
	p, err := autodiff.Compile(loss)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	scatter(p.Params)
	got, err := p.Loss()
	if err != nil {
		t.Fatal(err)
	}
	present := v.s.classes()
	logits := v.trained(params).Logits(train.X)
	only := train
	only.Classes, only.Text = only.Classes[:len(present)], probe.Matrix{}
	only.Labels = v.s.numbered(present)
	few := probe.NewMatrix(logits.Rows, len(present))
	for i := range few.Rows {
		for k, c := range present {
			few.Row(i)[k] = logits.Row(i)[c]
		}
	}
	score, err := evaluateLogits(few, only)
	if err != nil {
		t.Fatal(err)
	}
	var size float64
	for _, values := range [][]float64{params.values.Value.RawMatrix().Data, params.clip.Value.RawMatrix().Data} {
		size += floats.Dot(values, values)
	}
	rank := len(v.start.Shift)
	for h := range attentiveQueries {
		q := params.keys.Value.RawRowView(h)[:rank]
		size += floats.Dot(q, q)
	}
	if want := score.NLL + 0.02*size; math.Abs(got-want) > 1e-5*want {
		t.Errorf("loss %g, of its classifier %g", got, want)
	}
	checkGradient(t, "attentive", p)
}

// TestAttentiveBackwards: a classifier that has learned something answers
// otherwise when the frames of a clip run backwards.
func TestAttentiveBackwards(t *testing.T) {
	w := newWorld(4, 16, 6)
	train := w.film(6, 5)
	c := run(t, "attentive", train, map[string]string{"folds": "2"}).Classifier
	backwards := train.Take(clipsOf(train, func(int) bool { return true }))
	for i := range backwards.Len() {
		row := backwards.X.Row(i)
		var frames [][]float32
		for t := range 5 {
			frames = append(frames, slices.Clone(row[(1+t)*16:(2+t)*16]))
		}
		slices.Reverse(frames)
		copy(row, probe.Framed(slices.Clone(row[:16]), frames))
	}
	for i := range backwards.Len() {
		backwards.Labels[i] ^= 1 // a film backwards is the other one of its pair
	}
	if got := accuracy(t, c, backwards); got < 0.85 {
		t.Errorf("accuracy %.2f on films run backwards", got)
	}
}
