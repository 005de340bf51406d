package domain

import (
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"framepilot/probe"
)

// The loss in plain loops, and its gradient by finite differences.
func TestSHOTLoss(t *testing.T) {
	h := head{mat.NewDense(3, 4, probe.Widen(gaussian(3, 4, 1).Data)), []float64{0.1, -0.2, 0.3}}
	x := gaussian(6, 4, 2)
	x.Normalize()
	pseudo, prior := []int{0, 1, 2, 2, 0, 1}, []float64{.5, .3, .2}
	a := newAdapter(4, 1)
	a.v.Apply(func(i, j int, _ float64) float64 { return 0.3 * math.Sin(float64(3*i+j)) }, a.v)
	train := newTrainee(h, a)
	loss := shotLoss(train, x.Dense(), pseudo, prior)

	p := softmaxRows(h.logits(a.apply(x).Dense()))
	share := make([]float64, 3)
	var want float64
	for i, row := range p {
		for c, v := range row {
			want -= v * math.Log(v) / 6
			share[c] += v / 6
		}
		want -= 0.3 * math.Log(row[pseudo[i]]) / 6
	}
	for c, v := range share {
		want += v * math.Log(v/prior[c])
	}
	checkLoss(t, loss, want, 1e-5) // apply answers in float32
}

// Pseudo-labels, in plain loops.
func TestPseudoLabels(t *testing.T) {
	x := gaussian(12, 3, 1)
	x.Normalize()
	p := Posteriors(gaussian(12, 4, 2))
	for i := range p { // nobody is named class 3
		p[i][3] = 0
	}
	got := pseudoLabels(x.Dense(), p)

	want := make([]int, 12)
	for i := range want {
		want[i] = slices.Index(p[i], slices.Max(p[i]))
	}
	weight := p
	for range 2 {
		before := slices.Clone(want)
		next := make([][]float64, 12)
		for i := range want {
			best, least := -1, math.Inf(1)
			for c := range 4 {
				if !slices.Contains(before, c) {
					continue
				}
				centroid := make([]float64, 4)
				for k := range 12 {
					length := math.Sqrt(2) // of a unit row with a one appended
					for j, v := range x.Row(k) {
						centroid[j] += weight[k][c] * float64(v) / length
					}
					centroid[3] += weight[k][c] / length
				}
				var dot, square float64
				for j, v := range centroid {
					f := 1.0
					if j < 3 {
						f = float64(x.Row(i)[j])
					}
					dot += v * f
					square += v * v
				}
				if away := 1 - dot/math.Sqrt(2*square); away < least {
					best, least = c, away
				}
			}
			want[i] = best
			next[i] = make([]float64, 4)
			next[i][best] = 1
		}
		weight = next
	}
	if !slices.Equal(got, want) {
		t.Errorf("pseudo-labels %v, want %v", got, want)
	}
}

// Under a moved site SHOT wins back clips, without a gate and without the
// source's.
func TestSHOTAdapts(t *testing.T) {
	w := world{3, 2.2}
	source, target := w.draw(150, even, false, 1), w.draw(300, even, true, 2)
	base := logisticTask(t, source, Unlabelled(target)).Base
	h, err := newHead(base, target.X)
	if err != nil {
		t.Fatal(err)
	}
	a, err := fitSHOT(t.Context(), h, target.X, even, shotOptions{rounds: 3, steps: 20, rate: 3e-3, hold: 0.1}, 1)
	if err != nil {
		t.Fatal(err)
	}
	before, after := accuracy(base.Logits(target.X), target.Labels), accuracy(moving{a, base}.Logits(target.X), target.Labels)
	t.Logf("%.1f %%, adapted %.1f %%", 100*before, 100*after)
	if after < before+0.02 {
		t.Errorf("%.1f %%, adapted %.1f %%", 100*before, 100*after)
	}
}

func TestHead(t *testing.T) {
	x := gaussian(20, 5, 1)
	x.Normalize()
	linear := &probe.Linear{W: gaussian(3, 5, 2), B: []float32{1, 2, 3}}
	h, err := newHead(linear, x)
	if err != nil {
		t.Fatal(err)
	}
	wantRows(t, probe.MatrixOf(h.logits(x.Dense())), linear.Logits(x), 1e-5)
	if _, err := newHead(squared{linear}, x); err == nil {
		t.Error("no error for a classifier that is not linear")
	}
}

// squared is a classifier that is not linear.
type squared struct{ probe.Classifier }

func (s squared) Logits(x probe.Matrix) probe.Matrix {
	out := s.Classifier.Logits(x)
	for i, v := range out.Data {
		out.Data[i] = v * v
	}
	return out
}
