package domain

import (
	"math/rand/v2"
	"slices"

	"framepilot/internal/cores"
	"framepilot/probe"
)

// online is a classifier that learns from the clips it answers for, one after
// the other.
type online interface {
	// answer gives the logits (C) for a clip.
	answer(c seenClip) []float64
	// learn takes the clip in, after it was answered for.
	learn(c seenClip)
	// store adds what answers need to the parts of order k.
	store(p *probe.Parts, k int)
}

// seenClip is a clip and what the classifier it started from says of it.
type seenClip struct {
	x []float32 // d, unit length
	p []float64 // C, posterior, calibrated
}

// Orders says how much the answers for a stream of clips depend on the order
// they came in. What depends on it is luck.
type Orders struct {
	Draws   int     // orders replayed
	Changed float64 // mean share, 0 to 1, of clips whose answer differs from the most frequent one over orders
	Worst   float64 // mean of that share over the worst tenth of the orders
}

// replayOrders is how many orders a stream is replayed in.
const replayOrders = 20

// replay lets fresh online classifiers answer for the clips of a stream, each
// in another order; the order of the stream itself is the first. It returns
// the answers (orders × N classes) and the classifiers as they ended.
func replay(clips []seenClip, fresh func() online, seed uint64) (answers [][]int, ended []online) {
	answers, ended = make([][]int, replayOrders), make([]online, replayOrders)
	cores.Each(replayOrders, func(k int) {
		order := make([]int, len(clips))
		for i := range order {
			order[i] = i
		}
		if k > 0 {
			order = rand.New(rand.NewPCG(seed, uint64(k))).Perm(len(clips))
		}
		o := fresh()
		answers[k] = make([]int, len(clips))
		for _, i := range order {
			logits := o.answer(clips[i])
			answers[k][i] = slices.Index(logits, slices.Max(logits))
			o.learn(clips[i])
		}
		ended[k] = o
	})
	return answers, ended
}

// newOrders compares the answers in each order with the most frequent ones.
func newOrders(answers [][]int, classes int) Orders {
	out := Orders{Draws: len(answers)}
	n := len(answers[0])
	away := make([]float64, len(answers))
	for i := range n {
		votes := make([]int, classes)
		for _, a := range answers {
			votes[a[i]]++
		}
		usual := slices.Index(votes, slices.Max(votes))
		for k, a := range answers {
			if a[i] != usual {
				away[k] += 1 / float64(n)
			}
		}
	}
	slices.Sort(away)
	out.Changed = mean(away)
	out.Worst = mean(away[len(away)-max(1, len(away)/10):])
	return out
}

// replayed is the classifier after the stream: the mean of the logits of all
// orders, so that none of them matters more than others.
type replayed struct {
	base  probe.Classifier // calibrated
	ended []online
}

func (r replayed) Logits(x probe.Matrix) probe.Matrix {
	clips := seen(r.base, x)
	out := r.base.Logits(x)
	cores.Each(len(clips), func(i int) {
		row := out.Row(i)
		clear(row)
		for _, o := range r.ended {
			for c, v := range o.answer(clips[i]) {
				row[c] += float32(v / float64(len(r.ended)))
			}
		}
	})
	return out
}

func seen(base probe.Classifier, x probe.Matrix) []seenClip {
	out := make([]seenClip, x.Rows)
	for i, p := range Posteriors(base.Logits(x)) {
		out[i] = seenClip{x.Row(i), p}
	}
	return out
}

// online adapts Base by the target's clips as a stream, behind the gate.
func (s state) online(fresh func() online) (Adapted, error) {
	base := s.base()
	answers, ended := replay(seen(base, s.task.Target.X), fresh, s.task.Seed)
	a, err := s.guarded(replayed{base, ended})
	orders := newOrders(answers, len(s.task.Source.Classes))
	a.Orders = &orders
	return a, err
}
