package fewshot

import "framepilot/probe"

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

// published turns a constant that a paper gives beside logits of 100 · cosine
// into one for logits of scale · cosine.
func published(constant, scale float64) float64 { return constant * scale / 100 }
