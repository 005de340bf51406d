package fewshot

import (
	"context"
	"fmt"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"framepilot/internal/words"
	"framepilot/probe"
)

// lpp is the convex form of LP++ (Huang et al., CVPR 2024), a linear probe
// that learns how much to trust each text:
//
//	logit_c = f·(w_c + α_c t_c),  minimise (1/N) Σ_i CE(logits_i, y_i) + (μ/2) (‖W - W⁰‖² + ‖α - α⁰‖²).
//
// The published bias is left out: what embeddings have in common serves as one.
// W⁰ holds the sums of the clips of each class and α⁰ is 2.5 s times the mean
// cosine between clips and their texts, as published, where they start a
// descent of 300 steps; a small penalty in place of stopping early gives the
// objective one minimum.
type lpp struct {
	*support
	fit   *softmaxFit
	start *mat.Dense // W⁰
	alpha float64    // α⁰
	last  []float64
}

// newLPP takes what α⁰ is in mean cosines.
func newLPP(s *support, trust float64) *lpp {
	m := &lpp{support: s, start: s.sums()}
	// The mean over classes, not clips: a class with more shots has no more say.
	for i, c := range s.y {
		m.alpha += s.zero.At(i, c) / s.scale / float64(s.counts[c]*s.present())
	}
	m.alpha *= trust
	var cosines, base, text mat.Dense
	cosines.Scale(1/s.scale, s.zero)
	base.Mul(s.x, m.start.T())
	text.Scale(m.alpha, &cosines)
	base.Add(&base, &text)
	m.fit = newSoftmaxFit(s, &base, &cosines)
	return m
}

// head fits with a penalty μ, to within a part gain of the objective, starting
// where the last fit ended.
func (m *lpp) head(ctx context.Context, mu, gain float64) (*probe.Linear, error) {
	for c := range m.fit.ridge {
		m.fit.ridge[c] = mu
	}
	m.fit.gainRidge = mu
	theta, err := m.fit.minimise(ctx, m.last, gain)
	if err != nil {
		return nil, fmt.Errorf("lp++: μ = %g: %w", mu, err)
	}
	m.last = theta
	w, alpha := m.fit.expand(m.support, theta)
	w.Add(w, m.start)
	for c, a := range alpha {
		floats.AddScaled(w.RawRowView(c), m.alpha+a, m.text.RawRowView(c))
	}
	return m.linear(w, make([]float64, len(m.counts))), nil
}

// lppTrust is α⁰ in mean cosines, beside logits of 100 · cosine.
const lppTrust = 250

// lppGrid holds the penalties tried, the strongest first.
var lppGrid = []float64{1, 0.1, 0.03, 0.01, 3e-3, 1e-3, 3e-4, 1e-4}

func lppTuning(_ context.Context, train probe.Features, settings probe.Settings) (probe.Tuning, error) {
	if _, err := newSupport(train); err != nil {
		return probe.Tuning{}, err
	}
	if settings["compat"] == 1 {
		return unchosen(func(ctx context.Context, s *support) (probe.Classifier, error) {
			return newLPP(s, lppTrust).descend(ctx)
		}), nil
	}
	fit := func(gain float64) func(probe.Features) (probe.Fitter, error) {
		return fitting(func(_ probe.Features, s *support) probe.Fitter {
			m := newLPP(s, published(lppTrust, s.scale))
			return func(ctx context.Context, candidate []float64) (probe.Classifier, error) {
				return m.head(ctx, candidate[0], gain)
			}
		})
	}
	return probe.Tuning{
		Params: []string{"mu"}, Source: words.Say("μ = 0.1: close to the published start"),
		Grid: candidates(lppGrid, nil), Scale: 1, Apart: true,
		Default: slices.Index(lppGrid, 0.1), Start: slices.Index(lppGrid, 0.01),
		Fit: fit(exact), Sweep: fit(rough),
	}, nil
}

func lppMethod() probe.Method {
	return probe.Method{
		Name:    "lp++",
		Summary: "LP++: a linear probe that learns how much to trust each class text; convex",
		Page: probe.Page{
			Does:   "A linear probe beside the texts, which learns a weight for every text.",
			When:   "Classes without clips beside others with many, and texts of unequal worth.",
			Cost:   "O(N d C) a step; some hundred steps in all.",
			Source: "Huang et al. 2024 (CVPR), solved to its minimum with a small penalty instead of 300 steps; compat = 1 takes the published code's steps, accumulated gradient and all.",
		},
		Anchored: true,
		Params: append([]probe.Param{
			{Name: "mu", Doc: "strength of the penalty; 0: choose by folds of whole groups of the training clips", Low: 1e-8, High: 1e4},
			{Name: "compat", Doc: "1: 300 steps as the published code takes them, without a penalty", High: 1, Whole: true},
		}, foldParams...),
		Tune: lppTuning,
	}
}
