package domain

import (
	"context"
	"math"
	"slices"

	"gonum.org/v1/gonum/blas/blas32"

	"framepilot/probe"
)

// tda is the training-free dynamic adapter (Karmanov et al. 2024): caches of
// the clips that the classifier is surest of (positive, by class) and of those
// it is undecided about (negative) add to its logits
//
//	s/100 · (3 Σ₊ exp(-8 (1-cos)) onehot(class) - 0.117 Σ₋ exp(-(1-cos)) [p > 0.03]).
//
// The constants are the published ones for actions (UCF101), for logits at
// scale 100, hence the factor for those at scale s. The published code puts a
// clip into the cache before it answers for it; here it answers first, and a
// clip in the cache has no say on itself. Its entropy bounds 0.2 and 0.5 are
// of nats over log₂C, which makes them 0.29 and 0.72 of the largest entropy.
type tda struct {
	weight   float64      // s/100
	positive [][]tdaEntry // C, by rising entropy
	negative [][]tdaEntry
}

type tdaEntry struct {
	seenClip
	entropy float64 // share of the largest
}

const (
	tdaPositive, tdaNegative           = 3, 2 // clips a class
	tdaPositiveAlpha, tdaPositiveBeta  = 3, 8
	tdaNegativeAlpha, tdaNegativeBeta  = 0.117, 1
	tdaNegativeAbove, tdaNegativeBelow = 0.2 / math.Ln2, 0.5 / math.Ln2
	tdaMask                            = 0.03
)

func newTDA(classes int, scale float64) *tda {
	return &tda{weight: scale / 100, positive: make([][]tdaEntry, classes), negative: make([][]tdaEntry, classes)}
}

func (t *tda) answer(c seenClip) []float64 {
	out := make([]float64, len(c.p))
	for k, p := range c.p {
		out[k] = math.Log(max(p, 1e-30))
	}
	near := func(e tdaEntry, beta float64) float64 {
		if slices.Equal(e.x, c.x) {
			return 0
		}
		x, y := blas32.Vector{N: len(e.x), Inc: 1, Data: e.x}, blas32.Vector{N: len(c.x), Inc: 1, Data: c.x}
		return math.Exp(-beta * (1 - float64(blas32.Dot(x, y))))
	}
	for k, entries := range t.positive {
		for _, e := range entries {
			out[k] += t.weight * tdaPositiveAlpha * near(e, tdaPositiveBeta)
		}
	}
	for _, entries := range t.negative {
		for _, e := range entries {
			v := t.weight * tdaNegativeAlpha * near(e, tdaNegativeBeta)
			for k, p := range e.p {
				if p > tdaMask {
					out[k] -= v
				}
			}
		}
	}
	return out
}

func (t *tda) learn(c seenClip) {
	var entropy float64
	for _, p := range c.p {
		if p > 0 {
			entropy -= p * math.Log(p)
		}
	}
	e := tdaEntry{c, entropy / math.Log(float64(len(c.p)))}
	class := slices.Index(c.p, slices.Max(c.p))
	t.positive[class] = keep(t.positive[class], e, tdaPositive)
	if e.entropy > tdaNegativeAbove && e.entropy < tdaNegativeBelow {
		t.negative[class] = keep(t.negative[class], e, tdaNegative)
	}
}

// keep holds on to the surest clips; the earlier one where two are as sure.
func keep(entries []tdaEntry, e tdaEntry, capacity int) []tdaEntry {
	at, _ := slices.BinarySearchFunc(entries, e.entropy, func(have tdaEntry, v float64) int {
		if have.entropy <= v {
			return -1
		}
		return 1
	})
	entries = slices.Insert(entries, at, e)
	return entries[:min(len(entries), capacity)]
}

// store keeps the entries: which order and class they are of, and 1 for the
// positive cache or -1 for the negative. Without entropies it can answer, not
// learn.
func (t *tda) store(p *probe.Parts, k int) {
	p.Kind = kindTDA
	p.Numbers["weight"] = t.weight
	keepAll := func(sign float64, cache [][]tdaEntry) {
		for class, entries := range cache {
			for _, e := range entries {
				appendColumn(p, "order", float64(k))
				appendColumn(p, "class", float64(class))
				appendColumn(p, "sign", sign)
				appendRows(p, "clip", probe.Widen(e.x))
				appendRows(p, "posterior", e.p)
			}
		}
	}
	keepAll(1, t.positive)
	keepAll(-1, t.negative)
}

func loadTDA(r *probe.PartsReader) probe.Classifier {
	out := replayed{base: r.Inner()}
	weight := r.Number("weight", 0, math.MaxFloat32)
	for range int(r.Number("orders", 1, replayOrders)) {
		out.ended = append(out.ended, &tda{weight, make([][]tdaEntry, r.Classes), make([][]tdaEntry, r.Classes)})
	}
	n := r.Rows("clip")
	order, class, sign := r.Whole("order", n, 0, len(out.ended)-1), r.Whole("class", n, 0, r.Classes-1), r.Whole("sign", n, -1, 1)
	clips, posteriors := r.Matrix("clip", n, r.Width), split(r.Array("posterior", n, r.Classes))
	for i := range min(len(order), len(class), len(sign), clips.Rows, len(posteriors)) {
		t := out.ended[order[i]].(*tda)
		cache := t.positive
		if sign[i] < 0 {
			cache = t.negative
		}
		cache[class[i]] = append(cache[class[i]], tdaEntry{seenClip: seenClip{clips.Row(i), posteriors[i]}})
	}
	return out
}

func tdaMethod() Method {
	return Method{
		Name:    "tda",
		Summary: "the training-free dynamic adapter: the surest clips seen so far have a say, in 20 orders; only where that passes the safety gate",
		fit: func(_ context.Context, s state, _ probe.Settings) (Adapted, error) {
			return s.online(func() online { return newTDA(len(s.task.Source.Classes), s.task.Source.LogitScale()) })
		},
	}
}
