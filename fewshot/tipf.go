package fewshot

import (
	"context"
	"fmt"

	"gonum.org/v1/gonum/mat"

	"framepilot/internal/autodiff"
	"framepilot/internal/words"
	"framepilot/probe"
)

// lossOfTip is the mean cross-entropy of Tip-Adapter on its own clips, the
// keys to be trained (Tip-Adapter-F),
//
//	CE(s f·t_c + α Σ_{i ∈ c} exp(-β (1 - f·k_i)) / n_c).
//
// A clip gets no votes from its own group, as it will not when it counts: a
// key that starts as the clip itself would be certain of it. Published code
// (sum) adds votes up and lets a clip vote for itself.
func lossOfTip(s *support, alpha, beta float64, sum bool) (autodiff.Node, *autodiff.Param) {
	n, _, _ := s.dims()
	classes := s.classes()
	y := s.numbered(classes)
	votes := mat.NewDense(n, len(classes), nil) // (key, class)
	for i, c := range y {
		votes.Set(i, c, alpha)
	}
	g := autodiff.New()
	keyNode, keys := g.Param("keys", s.x)
	batch := g.Batch(n, batchSize)
	fade := batch.Rows(s.x).TimesT(keyNode).Affine(beta, -beta).Exp()
	if !sum {
		left := make([][]int, len(s.groups)) // clips of each class without a group
		for g, rows := range s.groups {
			left[g] = s.without(rows)
		}
		fade = fade.Hadamard(batch.RowsBy(n, func(i int, share []float64) {
			for j, c := range s.y {
				if share[j] = 0; s.group[i] != s.group[j] {
					share[j] = 1 / float64(left[s.group[i]][c])
				}
			}
		}))
	}
	logits := batch.Rows(columns(s.zero, classes)).Plus(fade.Times(g.Const(votes)))
	return batch.CrossEntropy(logits, y), keys
}

// tipSteps are the lengths of training tried: none is plain Tip-Adapter.
var tipSteps = []float64{0, 10, 40, 100}

func tipFTuning(_ context.Context, train probe.Features, settings probe.Settings) (probe.Tuning, error) {
	if _, err := newSupport(train); err != nil {
		return probe.Tuning{}, err
	}
	sum := settings["compat"] == 1
	fit := fitting(func(f probe.Features, s *support) probe.Fitter {
		var start *Tip
		return func(ctx context.Context, candidate []float64) (probe.Classifier, error) {
			if start == nil {
				var err error
				if start, err = chosenTip(ctx, f, settings, sum); err != nil {
					return nil, err
				}
			}
			loss, keys := lossOfTip(s, start.Alpha, start.Beta, sum)
			err := autodiff.Train(ctx, loss, autodiff.Schedule{Steps: int(candidate[0]), Adam: autodiff.Adam{Rate: settings["rate"], Epsilon: 1e-4, Decay: 0.01}, Seed: uint64(settings["seed"])})
			if err != nil {
				return nil, fmt.Errorf("tip-f: %w", err)
			}
			trained := *start
			trained.Keys = probe.MatrixOf(keys.Value)
			return &trained, nil
		}
	})
	return probe.Tuning{
		Params: []string{"steps"}, Source: words.Say("no training on so few clips: plain Tip-Adapter"),
		Grid: candidates(tipSteps, nil), Scale: 1, Apart: true, Fit: fit,
	}, nil
}

// chosenTip is Tip-Adapter with the votes the user gave, or else the ones it
// chooses on these clips by leave-one-group-out.
func chosenTip(ctx context.Context, f probe.Features, settings probe.Settings, sum bool) (*Tip, error) {
	given := map[string]string{"scale": "1"}
	for _, name := range []string{"alpha", "beta", "compat"} {
		if settings[name] != 0 {
			given[name] = fmt.Sprint(settings[name])
		}
	}
	fitted, err := tipMethod().Run(ctx, f, given)
	if err != nil {
		return nil, err
	}
	candidate := make([]float64, 2)
	for _, c := range fitted.Choices {
		switch c.Param {
		case "alpha":
			candidate[0] = c.Value
		case "beta":
			candidate[1] = c.Value
		}
	}
	return newTip(f, candidate, sum), nil
}

func tipFMethod() probe.Method {
	return probe.Method{
		Name:    "tip-f",
		Summary: "Tip-Adapter-F: Tip-Adapter with its cache of clips trained",
		Page: probe.Page{
			Does:   "Tip-Adapter with its cached keys trained by AdamW. A clip gets no vote from its own recording while training, as it will not when it counts.",
			When:   "To compare with published tables. proker was better in docs/methods-benchmark.md, in less time.",
			Cost:   "O(N d) for each of the 256 clips a step sees, up to a hundred steps, in every fold.",
			Source: "Zhang et al. 2022. The published code keeps the epoch that is best on the test clips; here the number of steps is chosen on folds of training recordings. compat = 1 adds votes up and lets a clip vote for itself.",
		},
		Anchored: true,
		Params: append([]probe.Param{
			{Name: "steps", Doc: "of AdamW, each on 256 clips at most as published; 0: choose by folds of whole groups of the training clips, none being plain tip", Low: 1, High: 1e5, Whole: true},
			{Name: "alpha", Doc: "weight of the votes, in logits; 0: choose as tip does", Low: 1e-6, High: 1e6},
			{Name: "beta", Doc: "how fast a vote fades with distance; 0: choose as tip does", Low: 1e-3, High: 1e3},
			{Name: "rate", Doc: "length of a step", Default: 1e-3, Low: 1e-7, High: 1},
			{Name: "compat", Doc: "1: add votes up and let a clip vote for itself in training, as published", High: 1, Whole: true},
		}, foldParams...),
		Tune: tipFTuning,
	}
}
