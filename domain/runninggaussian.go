package domain

import (
	"context"
	"math"
	"slices"

	"framepilot/probe"
)

// runningGaussian is the online relative of StatA, as OGA (Fuchs et al. 2025)
// and DOTA (Han et al. 2024) are of GDA: classes are Gaussians with one
// diagonal covariance that start from the source and move with every clip by
// its posterior z,
//
//	z ∝ y₀ · exp(s/100 · log N(x; μ_c, Σ)/50),
//
// y₀ the posterior of the classifier it starts from. The source's prototype of
// a class counts as one clip, its covariance as the clips it was taken from.
type runningGaussian struct {
	weight   float64     // s/100
	mean     [][]float64 // (C, d)
	count    []float64   // C, clips each mean stands on
	variance []float64   // d
	clips    float64     // the variance stands on
}

// newRunningGaussian starts from prototypes (C, d) and the source's clips.
func newRunningGaussian(prototypes probe.Matrix, source probe.Matrix, posteriors [][]float64, scale float64) *runningGaussian {
	r := &runningGaussian{weight: scale / 100, count: ones(prototypes.Rows), variance: make([]float64, prototypes.Cols), clips: float64(source.Rows)}
	for c := range prototypes.Rows {
		r.mean = append(r.mean, probe.Widen(prototypes.Row(c)))
	}
	for i, p := range posteriors {
		for c, v := range p {
			for j, x := range source.Row(i) {
				away := float64(x) - r.mean[c][j]
				r.variance[j] += v * away * away / r.clips
			}
		}
	}
	raise(r.variance)
	return r
}

func (r *runningGaussian) clone() *runningGaussian {
	out := *r
	out.count, out.variance = slices.Clone(r.count), slices.Clone(r.variance)
	out.mean = make([][]float64, len(r.mean))
	for c, m := range r.mean {
		out.mean[c] = slices.Clone(m)
	}
	return &out
}

func (r *runningGaussian) answer(c seenClip) []float64 {
	out := make([]float64, len(c.p))
	for k, p := range c.p {
		var density float64
		for j, m := range r.mean[k] {
			away := float64(c.x[j]) - m
			density -= away * away / (2 * r.variance[j])
		}
		out[k] = math.Log(max(p, 1e-30)) + r.weight*density/statASoftness
	}
	return out
}

func (r *runningGaussian) learn(c seenClip) {
	z := probe.Softmax(r.answer(c))
	for j := range r.variance {
		r.variance[j] *= r.clips / (r.clips + 1)
	}
	r.clips++
	for k, v := range z {
		r.count[k] += v
		for j, x := range c.x {
			away := float64(x) - r.mean[k][j]
			r.mean[k][j] += v / r.count[k] * away
			r.variance[j] += v * away * away / r.clips
		}
	}
}

// store keeps means and variance, by which it can answer, not learn.
func (r *runningGaussian) store(p *probe.Parts, _ int) {
	p.Kind = kindGaussian
	p.Numbers["weight"] = r.weight
	appendRows(p, "means", r.mean...)
	appendRows(p, "variances", r.variance)
}

func loadGaussian(r *probe.PartsReader) probe.Classifier {
	orders, weight := int(r.Number("orders", 1, replayOrders)), r.Number("weight", 0, math.MaxFloat32)
	means, variances := split(r.Array("means", orders*r.Classes, r.Width)), split(r.Array("variances", orders, r.Width))
	out := replayed{base: r.Inner()}
	for k := range min(len(variances), len(means)/r.Classes) {
		out.ended = append(out.ended, &runningGaussian{weight: weight, mean: means[k*r.Classes : (k+1)*r.Classes], variance: variances[k]})
	}
	return out
}

func runningGaussianMethod() Method {
	return Method{
		Name:    "running-gaussian",
		Summary: "classes as Gaussians that move with every clip, in 20 orders; only where that passes the safety gate",
		fit: func(_ context.Context, s state, _ probe.Settings) (Adapted, error) {
			prototypes, err := s.task.prototypes()
			if err != nil {
				return Adapted{}, err
			}
			start := newRunningGaussian(prototypes, s.task.Source.X, s.membership(), s.task.Source.LogitScale())
			return s.online(func() online { return start.clone() })
		},
	}
}
