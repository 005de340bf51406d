package domain

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/mat"

	"framepilot/internal/autodiff"
	"framepilot/probe"
)

// SHOT (Liang, Hu and Feng 2020) moves a site's clips under the classifier of
// another until answers are sure one by one and varied together, and follow
// pseudo-labels. Over an adapter it minimises
//
//	mean_i H(p_i) + KL(mean_i p_i | π) + 0.3 · mean_i CE(p_i, pseudo-label_i).
//
// As published π is even; here it is the estimated mix of classes, since a
// site with its own mix is the rule. Pseudo-labels are those of the nearest
// centroids, made anew between rounds. It needs no clip of the source.
type shotOptions struct {
	rounds, steps int     // rounds of pseudo-labels, steps in each
	rate          float64 // length of a step
	hold          float64 // weight of |UVᵀ|²
}

const (
	shotPseudoWeight = 0.3
	shotClips        = 1000 // of the target, more being drawn from at random
)

// fitSHOT adapts to rows x (m, d) under head h, with shares π of the classes.
func fitSHOT(ctx context.Context, h head, x probe.Matrix, prior []float64, o shotOptions, seed uint64) (adapter, error) {
	a := newAdapter(x.Cols, seed)
	if x.Rows > shotClips {
		x = x.Take(rand.New(rand.NewPCG(seed, 7)).Perm(x.Rows)[:shotClips])
	}
	rows := x.Dense()
	for round := range o.rounds {
		moved := a.apply(x).Dense()
		t := newTrainee(h, a)
		loss := shotLoss(t, rows, pseudoLabels(moved, softmaxRows(h.logits(moved))), prior)
		err := autodiff.Train(ctx, loss.Plus(t.distance().Scale(o.hold)), autodiff.Schedule{Steps: o.steps, Adam: autodiff.Adam{Rate: o.rate}})
		if err != nil {
			return a, fmt.Errorf("round %d: %w", round+1, err)
		}
		a = t.adapter()
	}
	return a, nil
}

// shotLoss is the loss for the given pseudo-labels.
func shotLoss(t *trainee, x *mat.Dense, pseudo []int, prior []float64) autodiff.Node {
	m, classes := len(pseudo), len(prior)
	logits := t.logits(t.moved(x), m)
	log := logits.LogSoftmax()
	p := log.Exp()
	average := mat.NewDense(1, m, nil)
	for i := range m {
		average.Set(0, i, 1/float64(m))
	}
	logPrior := mat.NewDense(1, classes, nil)
	for c, v := range prior {
		logPrior.Set(0, c, math.Log(max(v, 1e-6)))
	}
	share := t.graph.Const(average).Times(p)
	entropy := p.Hadamard(log).Sum().Scale(-1 / float64(m))
	divergence := share.Hadamard(share.Log().Minus(t.graph.Const(logPrior))).Sum()
	return entropy.Plus(divergence).Plus(logits.CrossEntropy(pseudo).Scale(shotPseudoWeight))
}

// pseudoLabels names the nearest class centroid of each row of x (m, d), by
// cosine with a one appended to every row, centroids weighted by posteriors p
// (m, C) and then once more by the labels so found. Classes that the
// posteriors name for no clip are left out.
func pseudoLabels(x *mat.Dense, p [][]float64) []int {
	m, d := x.Dims()
	classes := len(p[0])
	rows := mat.NewDense(m, d+1, nil)
	labels := make([]int, m)
	for i := range m {
		row := rows.RawRowView(i)
		copy(row, x.RawRowView(i))
		row[d] = 1
		normalize(row)
		labels[i] = slices.Index(p[i], slices.Max(p[i]))
	}
	weight := p
	for range 2 {
		named := namedClasses(labels, classes)
		centroids := mat.NewDense(classes, d+1, nil)
		for i, w := range weight {
			for c, v := range w {
				if named[c] && v > 0 {
					into := centroids.RawRowView(c)
					for j, f := range rows.RawRowView(i) {
						into[j] += v * f
					}
				}
			}
		}
		for c := range classes {
			normalize(centroids.RawRowView(c))
		}
		cosines := timesTransposed(rows, centroids)
		weight = make([][]float64, m)
		for i := range m {
			best := -1
			for c, v := range cosines.RawRowView(i) {
				if named[c] && (best < 0 || v > cosines.At(i, best)) {
					best = c
				}
			}
			labels[i] = best
			weight[i] = make([]float64, classes)
			weight[i][best] = 1
		}
	}
	return labels
}

// softmaxRows are the posteriors of rows of logits.
func softmaxRows(logits *mat.Dense) [][]float64 {
	n, _ := logits.Dims()
	out := make([][]float64, n)
	for i := range out {
		out[i] = probe.Softmax(logits.RawRowView(i))
	}
	return out
}

func shotMethod() Method {
	return Method{
		Name:    "shot",
		Summary: "linear-ot part of the way, then clips moved until answers are sure and match the estimated mix; needs a linear classifier, and only where that passes the safety gate",
		Params: []probe.Param{
			{Name: "strength", Doc: "how far linear-ot moves clips first; all the way takes another mix for another look, and SHOT then makes sure of it", Default: 0.5, Low: 0, High: 1},
			{Name: "rounds", Doc: "of pseudo-labels", Default: 5, Low: 1, High: 100, Whole: true},
			{Name: "steps", Doc: "of Adam in a round, on up to 1,000 clips", Default: 20, Low: 1, High: 1e4, Whole: true},
			{Name: "rate", Doc: "length of a step", Default: 3e-3, Low: 1e-7, High: 1},
			{Name: "hold", Doc: "weight of the squared distance from leaving clips where they are", Default: 0.1, Low: 0, High: 1e6},
		},
		fit: func(ctx context.Context, s state, settings probe.Settings) (Adapted, error) {
			h, err := newHead(s.base(), s.task.Target.X)
			if err != nil {
				return Adapted{}, err
			}
			closed, err := s.closedForm(ctx)
			if err != nil {
				return Adapted{}, fmt.Errorf("closed form: %w", err)
			}
			start, err := FitLinearOT(s.task.Source.X, s.task.Target.X, AlignOptions{})
			if err != nil {
				return Adapted{}, err
			}
			start = start.At(settings["strength"])
			x := start.Apply(s.task.Target.X)
			mix, err := s.mixAt(x)
			if err != nil {
				return Adapted{}, err
			}
			a, err := fitSHOT(ctx, h, x, mix.Prior, shotOptions{
				rounds: int(settings["rounds"]), steps: int(settings["steps"]), rate: settings["rate"], hold: settings["hold"],
			}, s.task.Seed)
			if err != nil {
				return Adapted{}, err
			}
			return s.overClosedForm(closed, start, a, mix), nil
		},
	}
}
