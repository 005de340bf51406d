package fewshot

import (
	"context"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"framepilot/internal/words"
	"framepilot/probe"
)

// clap is the convex twin of CLAP (Silva-Rodríguez et al., CVPR 2024), a
// linear probe on a leash: logits W f, and W_c held to s t_c the tighter the
// better zero-shot knows class c,
//
//	minimise (1/N) Σ_i CE(W x_i, y_i) + (m/C) Σ_c λ_c ‖W_c/s - t_c‖²,
//
// λ_c the mean zero-shot posterior of c over its own clips. The published head
// is a cosine (clapcompat.go), which is not convex; without a vector's length to
// play with, the linear one has a single minimum.
type clap struct {
	*support
	fit    *softmaxFit
	lambda []float64 // P
	last   []float64
}

func newCLAP(s *support) *clap {
	m := &clap{support: s, fit: newSoftmaxFit(s, s.zero, nil), lambda: trust(s)}
	// Zero-shot can be all but sure that a class is another; a leash of no
	// strength at all would leave the minimum at infinity.
	floor := leashFloor * floats.Sum(m.lambda) / float64(len(m.lambda))
	for c := range m.lambda {
		m.lambda[c] = max(m.lambda[c], floor, tiny)
	}
	return m
}

// trust is λ: how likely zero-shot takes the clips of each class to be of it, a
// value for every class with clips.
func trust(s *support) []float64 {
	sums := make([]float64, len(s.counts))
	for i, c := range s.y {
		sums[c] += posterior(s.zero.RawRowView(i), c)
	}
	var out []float64
	for c, k := range s.counts {
		if k > 0 {
			out = append(out, sums[c]/float64(k))
		}
	}
	return out
}

const leashFloor = 1e-2 // of the mean λ

// head fits with a multiplier m, to within a part gain of the objective,
// starting where the last fit ended.
func (m *clap) head(ctx context.Context, multiplier, gain float64) (*probe.Linear, error) {
	for c, lambda := range m.lambda {
		m.fit.ridge[c] = 2 * multiplier * lambda / (float64(len(m.lambda)) * m.scale * m.scale)
	}
	theta, err := m.fit.minimise(ctx, m.last, gain)
	if err != nil {
		return nil, fmt.Errorf("clap: m = %g: %w", multiplier, err)
	}
	m.last = theta
	w, _ := m.fit.expand(m.support, theta)
	var anchor mat.Dense
	anchor.Scale(m.scale, m.text)
	w.Add(w, &anchor)
	return m.linear(w, make([]float64, len(m.counts))), nil
}

// clapGrid holds the multipliers tried, the tightest leash first, as
// multiples of the published one.
var clapGrid = []float64{100, 30, 10, 3, 1, 0.3, 0.1}

// clapPublished is the multiplier that the published code amounts to: it
// leaves the text embeddings of CLIP, about 10 long, as they are, so that its
// penalty on unit prototypes is 10² as strong.
const clapPublished = 100

func clapTuning(_ context.Context, train probe.Features, settings probe.Settings) (probe.Tuning, error) {
	s, err := newSupport(train)
	if err != nil {
		return probe.Tuning{}, err
	}
	if settings["compat"] == 1 {
		return unchosen(func(ctx context.Context, s *support) (probe.Classifier, error) { return newCLAPCosine(s).train(ctx) }), nil
	}
	fit := func(gain float64) func(probe.Features) (probe.Fitter, error) {
		return fitting(func(_ probe.Features, s *support) probe.Fitter {
			m := newCLAP(s)
			return func(ctx context.Context, candidate []float64) (probe.Classifier, error) {
				return m.head(ctx, candidate[0], gain)
			}
		})
	}
	return probe.Tuning{
		Params: []string{"m"}, Source: words.Say("λ as published, for texts of unit length and this logit scale"),
		Grid:  candidates(clapGrid, func(times float64) float64 { return times * published(clapPublished, s.scale) }),
		Scale: 1, Apart: true, Default: slices.Index(clapGrid, 1), Start: slices.Index(clapGrid, 1),
		Fit: fit(exact), Sweep: fit(rough),
	}, nil
}

// posterior is the softmax of a row of logits, for one class.
func posterior(logits []float64, class int) float64 {
	var sum float64
	for _, z := range logits {
		sum += math.Exp(z - logits[class])
	}
	return 1 / sum
}

func clapMethod() probe.Method {
	return probe.Method{
		Name:    "clap",
		Summary: "CLAP: a linear probe held to each class text as far as that text can be trusted; convex",
		Page: probe.Page{
			Does:   "A linear probe that starts at the texts and is pulled back to each, the harder the better zero-shot knows that class.",
			When:   "Classes of which the model knows some by their words and others not.",
			Cost:   "O(N d C) a step; some hundred steps in all.",
			Source: "Silva-Rodríguez et al. 2024 (CVPR). The published cosine head is not convex; this is its convex twin with one minimum; compat = 1 trains the cosine head by the published schedule.",
		},
		Anchored: true,
		Params: append([]probe.Param{
			{Name: "m", Doc: "strength of the hold; 0: choose by folds of whole groups of the training clips", Low: 1e-6, High: 1e8},
			{Name: "compat", Doc: "1: the published cosine head, 300 steps, m = 1", High: 1, Whole: true},
		}, foldParams...),
		Tune: clapTuning,
	}
}
