package probe

import (
	"context"
	"slices"

	"framepilot/internal/words"
)

// candidatesLambda is the grid of λ for rows of unit length, three values a
// decade, the strongest first.
var candidatesLambda = []float64{1000, 500, 200, 100, 50, 20, 10, 5, 2, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001}

func ridgeTuning(train Features) (Tuning, error) {
	path, err := NewRidgePath(train)
	if err != nil {
		return Tuning{}, err
	}
	t := Tuning{
		Params: []string{"lambda"}, Default: slices.Index(candidatesLambda, 1),
		Scale: train.LogitScale(), Source: words.Say("λ = 1 for rows of unit length and the model's own scale"),
		Fit: func(f Features) (Fitter, error) {
			path, err := path, error(nil)
			if !f.Is(train) { // a part of them, or others
				path, err = NewRidgePath(f)
			}
			return func(_ context.Context, candidate []float64) (Classifier, error) {
				return path.Weights(candidate[0]), nil
			}, err
		},
		LOO: func(ctx context.Context, candidate []float64) (Matrix, error) { return path.LOO(ctx, candidate[0]) },
	}
	for _, lambda := range candidatesLambda {
		t.Grid = append(t.Grid, []float64{lambda})
	}
	return t, nil
}

func ridgeMethod() Method {
	return Method{
		Name:    "ridge",
		Summary: "linear probe by least squares: one decomposition, the penalty chosen by exact leave-one-group-out",
		Page: Page{
			Does:   "Least squares from embeddings to one-hot labels. One decomposition serves every penalty and leaves every recording out exactly.",
			When:   "As the fast stand-in for logistic, above all with many classes or clips. Its probabilities rest on the scale chosen with the penalty.",
			Cost:   "O(N d min(N, d)) once; each penalty O(N d C).",
			Source: "Hoerl and Kennard 1970; exact group-out residuals (I - H_gg)⁻¹ r_g.",
		},
		Params: []Param{
			{Name: "lambda", Doc: "strength of the penalty; 0: choose by leave-one-group-out on the training clips", Low: 1e-6, High: 1e6},
			{Name: scaleParam, Doc: "logit per unit of output, which changes posteriors, not decisions; 0: choose likewise", Low: minScale, High: maxScale},
		},
		Tune: func(_ context.Context, train Features, _ Settings) (Tuning, error) {
			return ridgeTuning(train)
		},
	}
}
