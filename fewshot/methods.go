package fewshot

import (
	"context"

	"framepilot/probe"
)

// Methods lists the methods of this package.
func Methods() []probe.Method {
	return withGrowth(append(single(), autoMethod()))
}

// MultiMethods lists the methods of this package for clips that may be of
// several classes, or of none.
func MultiMethods() []probe.Method { return withGrowth([]probe.Method{sigmoidMethod()}) }

// single lists the methods but auto, which tries them.
func single() []probe.Method {
	return []probe.Method{
		tipMethod(), gdaMethod(), ssTextMethod(), ssTextPlusMethod(), prokerMethod(),
		clapMethod(), lppMethod(),
		tipFMethod(), clipAdapterMethod(), linearAdapterMethod(), attentiveMethod(),
	}
}

// scaleParam is the setting that multiplies the logits of a method. All
// methods here start from logits that have a unit, so that it is a
// temperature: 1 where nothing can be said.
var scaleParam = probe.Param{
	Name: "scale", Doc: "factor on the logits, which changes posteriors, not decisions; 0: choose by likelihood on the training clips",
	Low: 1e-3, High: 1e3,
}

// foldParams are the settings of methods whose choices are made on folds of
// whole groups.
var foldParams = []probe.Param{
	scaleParam,
	{Name: "folds", Doc: "folds of whole groups", Default: 5, Low: 2, High: 100, Whole: true},
	{Name: "seed", Doc: "of the division into folds", High: 1 << 32, Whole: true},
}

// candidates are the values of one setting; of says what one of the grid means
// for the clips at hand, nil: what it says.
func candidates(grid []float64, of func(float64) float64) [][]float64 {
	out := make([][]float64, len(grid))
	for i, v := range grid {
		if of != nil {
			v = of(v)
		}
		out[i] = []float64{v}
	}
	return out
}

// fitting is Tuning.Fit of what learns from a support.
func fitting(fitter func(f probe.Features, s *support) probe.Fitter) func(probe.Features) (probe.Fitter, error) {
	return func(f probe.Features) (probe.Fitter, error) {
		s, err := newSupport(f)
		if err != nil {
			return nil, err
		}
		return fitter(f, s), nil
	}
}

// unchosen is the tuning of what has nothing to choose, as published programs.
func unchosen(fit func(ctx context.Context, s *support) (probe.Classifier, error)) probe.Tuning {
	return probe.Tuning{Grid: [][]float64{nil}, Scale: 1, Fit: fitting(func(_ probe.Features, s *support) probe.Fitter {
		return func(ctx context.Context, _ []float64) (probe.Classifier, error) { return fit(ctx, s) }
	})}
}

// published turns a constant that a paper gives beside logits of 100 · cosine
// into one for logits of scale · cosine.
func published(constant, scale float64) float64 { return constant * scale / 100 }
