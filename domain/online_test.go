package domain

import (
	"cmp"
	"math"
	"slices"
	"testing"

	"framepilot/probe"
)

// stream is clips around three prototypes, and what zero-shot says of them.
func stream(n int, noise float64) ([]seenClip, []int, probe.Matrix) {
	prototypes, x := gaussian(3, 16, 1), gaussian(n, 16, 2)
	var labels []int
	for i := range n {
		labels = append(labels, i%3)
		for j, v := range prototypes.Row(i % 3) {
			x.Row(i)[j] = float32(noise)*x.Row(i)[j] + v
		}
	}
	prototypes.Normalize()
	x.Normalize()
	return seen(probe.ZeroShot(prototypes, 10), x), labels, prototypes
}

// TDA in plain loops, as published but for the order of learning and
// answering and the unit of entropy.
func TestTDAFormula(t *testing.T) {
	clips, _, _ := stream(60, 1.5)
	got := newTDA(3, 20)
	type item struct {
		clip    seenClip
		entropy float64
		class   int
	}
	var positive, negative []item
	add := func(cache []item, it item, capacity int) []item {
		var own, others []item
		for _, have := range cache {
			if have.class == it.class {
				own = append(own, have)
			} else {
				others = append(others, have)
			}
		}
		if len(own) < capacity {
			own = append(own, it)
		} else if it.entropy < own[len(own)-1].entropy {
			own[len(own)-1] = it
		}
		slices.SortStableFunc(own, func(a, b item) int { return cmp.Compare(a.entropy, b.entropy) })
		return append(others, own...)
	}
	cosine := func(a, b seenClip) float64 {
		var dot float64
		for j, v := range a.x {
			dot += float64(v) * float64(b.x[j])
		}
		return dot
	}
	var negatives int
	for _, c := range clips {
		want := make([]float64, 3)
		for k, p := range c.p {
			want[k] = math.Log(p)
		}
		for _, it := range positive {
			want[it.class] += 0.2 * 3 * math.Exp(-8*(1-cosine(it.clip, c)))
		}
		for _, it := range negative {
			for k, p := range it.clip.p {
				if p > 0.03 {
					want[k] -= 0.2 * 0.117 * math.Exp(-(1 - cosine(it.clip, c)))
				}
			}
		}
		for k, v := range got.answer(c) {
			wantClose(t, "logit", v, want[k], 1e-5)
		}
		got.learn(c)
		it := item{clip: c, class: slices.Index(c.p, slices.Max(c.p))}
		for _, p := range c.p {
			it.entropy -= p * math.Log(p)
		}
		positive = add(positive, it, 3)
		if share := it.entropy / math.Log2(3); share > 0.2 && share < 0.5 {
			negatives++
		}
		// The published thresholds 0.2 and 0.5 are of nats over log₂C.
		if share := it.entropy / math.Log2(3); share > 0.2 && share < 0.5 {
			negative = add(negative, it, 2)
		}
	}
	if negatives == 0 || len(positive) < 9 {
		t.Errorf("%d clips nobody was sure of, %d in the cache: the case tests too little", negatives, len(positive))
	}
}

// A clip in the cache has no say on itself.
func TestTDASelfMatch(t *testing.T) {
	clips, _, _ := stream(3, 1)
	with, without := newTDA(3, 20), newTDA(3, 20)
	with.learn(clips[0])
	with.learn(clips[1])
	without.learn(clips[1])
	if got, want := with.answer(clips[0]), without.answer(clips[0]); !slices.Equal(got, want) {
		t.Errorf("logits %v with itself in the cache, %v without", got, want)
	}
}

// After a stream the means are those of the prototype and all clips so far,
// weighted by the posteriors they had, and so is the variance.
func TestRunningGaussian(t *testing.T) {
	clips, _, prototypes := stream(40, 1)
	source := gaussian(30, 16, 5)
	r := newRunningGaussian(prototypes, source, Posteriors(gaussian(30, 3, 6)), 20)
	start := r.clone()
	weight := make([][]float64, len(clips))
	for i, c := range clips {
		weight[i] = probe.Softmax(r.answer(c))
		r.learn(c)
	}
	for c := range 3 {
		n := 1.0
		want := slices.Clone(start.mean[c])
		for i, clip := range clips {
			n += weight[i][c]
			for j, v := range clip.x {
				want[j] += weight[i][c] * float64(v)
			}
		}
		for j := range want {
			wantClose(t, "mean", r.mean[c][j], want[j]/n, 1e-9)
		}
	}
	wantClose(t, "clips", r.clips, 70, 0)
	for j, v := range r.variance {
		if !(v > 0) || math.Abs(v-start.variance[j]) > start.variance[j] {
			t.Errorf("variance %g, at the start %g", v, start.variance[j])
		}
	}
	if start.mean[0][0] == r.mean[0][0] {
		t.Error("the clone moved with the original")
	}
}

// counter answers the class it has seen least often, which depends on order
// alone; steady does not depend on it at all.
type counter []int

func (c counter) answer(seenClip) []float64 {
	out := make([]float64, len(c))
	for k, n := range c {
		out[k] = -float64(n)
	}
	return out
}
func (counter) store(*probe.Parts, int) {}
func (c counter) learn(clip seenClip)   { c[slices.Index(clip.p, slices.Max(clip.p))]++ }

type steady struct{}

func (steady) answer(c seenClip) []float64 { return c.p }
func (steady) learn(seenClip)              {}
func (steady) store(*probe.Parts, int)     {}

func TestReplay(t *testing.T) {
	clips, _, _ := stream(50, 1)
	answers, ended := replay(clips, func() online { return steady{} }, 1)
	if o := newOrders(answers, 3); o.Changed != 0 || o.Worst != 0 || o.Draws != 20 || len(ended) != 20 {
		t.Errorf("%+v where order does not matter", o)
	}
	answers, _ = replay(clips, func() online { return make(counter, 3) }, 1)
	if o := newOrders(answers, 3); o.Changed < 0.1 || o.Worst < o.Changed {
		t.Errorf("%+v where nothing but order matters", o)
	}
	again, _ := replay(clips, func() online { return make(counter, 3) }, 1)
	for k := range answers {
		if !slices.Equal(answers[k], again[k]) {
			t.Fatal("other answers the second time")
		}
	}
	if answers[0][0] != 0 { // the first order is the stream's own
		t.Errorf("the first clip is given class %d", answers[0][0])
	}
}
