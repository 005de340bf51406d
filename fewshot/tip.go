package fewshot

import (
	"context"
	"math"
	"slices"

	"framepilot/internal/cores"
	"framepilot/internal/words"
	"framepilot/probe"
)

// Tip is Tip-Adapter (Zhang et al. 2022): a cache of labelled clips votes
// beside the zero-shot classifier,
//
//	s f·t_c + α Σ_{i ∈ c} exp(-β (1 - f·x_i)) / n_c.
//
// The votes of a class are averaged, so that a class with more clips is not
// likelier for that; the paper, with equal shots, adds them up.
type Tip struct {
	Text        probe.Matrix // (C, d)
	Scale       float64      // s
	Keys        probe.Matrix // (N, d) labelled clips
	Labels      []int        // N
	Alpha, Beta float64
	Sum         bool // add the votes up, as published, a class without clips having none
}

// Logits implements probe.Classifier.
func (t *Tip) Logits(x probe.Matrix) probe.Matrix {
	out := probe.ZeroShot(t.Text, t.Scale).Logits(x)
	counts := make([]int, t.Text.Rows)
	for _, y := range t.Labels {
		counts[y]++
	}
	inBlocks(x, func(first int, block probe.Matrix) {
		closeness := probe.Similarity(block, t.Keys)
		cores.Each(block.Rows, func(i int) {
			votes := t.votes(closeness.Row(i), nil, -1, counts)
			for c, v := range votes {
				out.Row(first + i)[c] += float32(t.Alpha * v)
			}
		})
	})
	return out
}

// votes returns what the keys say of a clip with the given cosines to them,
// leaving out those of one group. counts are the keys left of each class.
func (t *Tip) votes(cosines []float32, group []int, leftOut int, counts []int) []float64 {
	votes := make([]float64, len(counts))
	for i, cos := range cosines {
		if leftOut < 0 || group[i] != leftOut {
			votes[t.Labels[i]] += math.Exp(-t.Beta * (1 - float64(cos)))
		}
	}
	if t.Sum {
		return votes
	}
	for c, k := range counts {
		votes[c] /= float64(max(k, 1))
	}
	fillAbsent(votes, counts)
	return votes
}

// blockRows bounds the memory of cosines between clips to score and keys.
const blockRows = 1024

func inBlocks(x probe.Matrix, f func(first int, block probe.Matrix)) {
	for first := 0; first < x.Rows; first += blockRows {
		n := min(blockRows, x.Rows-first)
		f(first, x.Block(first, n))
	}
}

// tipGrid is tried beside the published setting: alpha as a share of the
// logit scale, beta as it is.
var tipGrid = struct{ alpha, beta []float64 }{
	alpha: []float64{0, 0.1, 0.3, 1, 3, 10},
	beta:  []float64{2, 5.5, 15, 40},
}

func tipTuning(_ context.Context, train probe.Features, settings probe.Settings) (probe.Tuning, error) {
	s, err := newSupport(train)
	if err != nil {
		return probe.Tuning{}, err
	}
	sum := settings["compat"] == 1
	l0 := []float64{published(1, s.scale), 5.5}
	votesPerUnit := s.shots() // a sum of votes is so many times their mean
	if !sum {
		l0[0] *= votesPerUnit
		votesPerUnit = 1
	}
	t := probe.Tuning{Params: []string{"alpha", "beta"}, Scale: 1, Source: words.Say("α = 1, β = 5.5 of the paper, α for this logit scale")}
	for _, a := range tipGrid.alpha {
		for _, b := range tipGrid.beta {
			if a > 0 || b == tipGrid.beta[0] {
				t.Grid = append(t.Grid, []float64{a * s.scale / votesPerUnit, b})
			}
		}
	}
	t.Default, _ = slices.BinarySearchFunc(t.Grid, l0, slices.Compare[[]float64])
	t.Grid = slices.Insert(t.Grid, t.Default, l0)

	t.Fit = func(f probe.Features) (probe.Fitter, error) {
		return func(_ context.Context, candidate []float64) (probe.Classifier, error) {
			return newTip(f, candidate, sum), nil
		}, nil
	}
	t.LOO = tipLOO(s, train, sum)
	return t, nil
}

func newTip(f probe.Features, candidate []float64, sum bool) *Tip {
	return &Tip{f.Text, f.LogitScale(), f.X, f.Labels, candidate[0], candidate[1], sum}
}

// tipLOO leaves out a group by taking no votes from it. Votes depend on beta
// only, and are counted once for each.
func tipLOO(s *support, train probe.Features, sum bool) func(context.Context, []float64) (probe.Matrix, error) {
	var closeness probe.Matrix
	votes := make(map[float64][][]float64)
	return func(ctx context.Context, candidate []float64) (probe.Matrix, error) {
		if err := ctx.Err(); err != nil {
			return probe.Matrix{}, err
		}
		if closeness.Rows == 0 {
			closeness = probe.Similarity(train.X, train.X)
		}
		alpha, beta := candidate[0], candidate[1]
		v, ok := votes[beta]
		if !ok {
			v = make([][]float64, train.Len())
			t := newTip(train, candidate, sum)
			cores.Each(len(v), func(i int) {
				g := s.group[i]
				v[i] = t.votes(closeness.Row(i), s.group, g, s.without(s.groups[g]))
			})
			votes[beta] = v
		}
		out := probe.NewMatrix(s.zero.Dims())
		for i := range v {
			for c, z := range s.zero.RawRowView(i) {
				out.Row(i)[c] = float32(z + alpha*v[i][c])
			}
		}
		return out, nil
	}
}

func tipMethod() probe.Method {
	return probe.Method{
		Name:    "tip",
		Summary: "Tip-Adapter: labelled clips vote by similarity beside the class texts; nothing is trained",
		Page: probe.Page{
			Does:   "Keeps the labelled clips as a cache. A clip's logits are those of zero-shot plus votes of the cached clips of each class, which fade with distance.",
			When:   "Where nothing may be trained and each answer should be traceable to labelled clips. It adds little on a clip or two a class.",
			Cost:   "O(N² d) once for leave-one-group-out; each answer reads all N keys.",
			Source: "Zhang et al. 2022. Votes are averaged over the clips of a class, not added up, and strengths chosen without validation or test clips; compat = 1 adds up.",
		},
		Anchored: true,
		Params: []probe.Param{
			{Name: "alpha", Doc: "weight of the votes, in logits; 0: choose by leave-one-group-out on the training clips", Low: 1e-6, High: 1e6},
			{Name: "beta", Doc: "how fast a vote fades with distance; 0: choose likewise", Low: 1e-3, High: 1e3},
			scaleParam,
			{Name: "compat", Doc: "1: add votes up as published, instead of averaging over the clips of a class", High: 1, Whole: true},
		},
		Tune: tipTuning,
	}
}
