package domain

import (
	"cmp"
	"context"
	"math"

	"framepilot/internal/fault"
	"framepilot/probe"
)

// EMOptions sets up EM. The zero value is plain maximum likelihood.
type EMOptions struct {
	// Pseudo is a number of clips, spread evenly over the classes, that the
	// estimate starts from: a Dirichlet(1 + Pseudo/C) prior. On few clips
	// plain EM gives classes that are merely rare a share of zero; 1 avoids it.
	Pseudo float64
	Start  []float64 // C, where to start; nil: the source prior
	Tol    float64   // largest change of a share at which EM ends; zero means 1e-10
}

const emSteps = 100_000 // at most

// EM estimates the share of every class at a target site from calibrated
// posteriors p (m, C) of its clips and the shares of the source (Saerens,
// Latinne and Decaestecker 2002):
//
//	q_ic ∝ p_ic π_c/π⁰_c,  π = mean_i q_i.
//
// With prior the mean posterior of held-out source clips, no shift gives no
// change. A class with prior 0 keeps share 0.
func EM(p [][]float64, prior []float64, o EMOptions) ([]float64, error) {
	if len(p) == 0 || len(prior) == 0 {
		return nil, fault.New(fault.Input, "", "em: %d clips, %d classes", len(p), len(prior))
	}
	start := o.Start
	if start == nil {
		start = prior
	}
	share := make([]float64, len(prior))
	var total float64
	for c, v := range prior {
		if !(v >= 0) || !(start[c] >= 0) {
			return nil, fault.New(fault.Input, "", "em: share of class %d is %g, want 0 to 1", c, v)
		}
		if v > 0 {
			share[c] = start[c]
			total += start[c]
		}
	}
	if !(total > 0) || math.IsInf(total, 1) {
		return nil, fault.New(fault.Input, "", "em: the shares of the source add up to %g", total)
	}
	for c := range share {
		share[c] /= total
	}
	next := make([]float64, len(prior))
	q := make([]float64, len(prior))
	for range emSteps {
		for c, v := range prior {
			next[c] = 0
			if v > 0 {
				next[c] = o.Pseudo / float64(len(prior))
			}
		}
		for _, row := range p {
			var mass float64
			for c, v := range row {
				q[c] = 0
				if prior[c] > 0 {
					q[c] = v * share[c] / prior[c]
				}
				mass += q[c]
			}
			if mass > 0 {
				for c, v := range q {
					next[c] += v / mass
				}
			}
		}
		var sum, change float64
		for _, v := range next {
			sum += v
		}
		if !(sum > 0) {
			return nil, fault.New(fault.Input, "", "em: no clip can be of any class the source has")
		}
		for c := range next {
			next[c] /= sum
			change = max(change, math.Abs(next[c]-share[c]))
		}
		copy(share, next)
		if change < cmp.Or(o.Tol, 1e-10) {
			break
		}
	}
	return share, nil
}

func emMethod() Method {
	return Method{
		Name:    "em-prior",
		Summary: "the new site's mix of classes, estimated by EM on calibrated posteriors",
		Params: []probe.Param{
			{Name: "pseudo", Doc: "clips, spread over all classes, the estimate starts from; 0 is plain EM", Default: 1, Low: 0, High: 1e6},
		},
		fit: func(_ context.Context, s state, settings probe.Settings) (Adapted, error) {
			var err error
			mix := s.mix
			mix.Prior, err = EM(Posteriors(s.judge(s.task.Base).Logits), mix.Source, EMOptions{Pseudo: settings["pseudo"]})
			if err != nil {
				return Adapted{}, err
			}
			return s.remixed(mix)
		},
	}
}
