package probe

import (
	"context"
	"slices"

	"framepilot/internal/words"
)

// Tuning is all that a method with settings to choose says of itself. The
// ladder does the rest: it picks one candidate by one policy, the same for
// every method, and keeps the account of it.
//
//   - L3 where the user gave a validation split: every candidate is fitted to
//     the training clips and judged on that split;
//   - L0, the published candidate, where fewer than half of the classes have
//     clips from two groups, so that leaving a group out leaves no class to
//     recognise: with one clip a class, leave-one-out would only ever praise
//     the strongest prior;
//   - L1 where the method has LOO;
//   - L2 otherwise: folds of whole groups.
//
// The criterion is the mean negative log-likelihood of held-out clips, and
// ties, less than 1 % apart, go to the stronger prior.
type Tuning struct {
	Params  []string       // the settings, each the name of one in Method.Params
	Grid    [][]float64    // candidates, the strongest prior first: a value for each of Params
	Default int            // the candidate of L0
	Source  words.Sentence // where that one is from, for the report
	Start   int            // candidate the search of L2 begins with, where there is evidence for one

	// Scale, where it is not zero, says that the logits of the method have no
	// unit: the ladder then also chooses what to multiply them by, the setting
	// "scale", and takes Scale itself on L0.
	Scale float64

	// Fit prepares fits to labelled training clips. The Fitter is called with
	// one candidate after the other and may start from the last.
	Fit func(train Features) (Fitter, error)
	// Sweep is Fit for fits good enough to rank candidates; nil means Fit.
	Sweep func(train Features) (Fitter, error)

	// Apart says that what Fit and Sweep prepare for some clips shares nothing
	// with what they prepare for others, so that folds can be fitted at once.
	Apart bool

	// LOO returns the logits (N, C) of the training clips given to
	// Method.Tune, each row from a fit without the clip's whole group; nil
	// where that takes more than a closed form.
	LOO func(ctx context.Context, candidate []float64) (Matrix, error)
}

// Fitter fits a classifier with one candidate of a Tuning.
type Fitter func(ctx context.Context, candidate []float64) (Classifier, error)

// fix returns the tuning with one setting that is not to be chosen.
func (t Tuning) fix(param string, value float64) Tuning {
	j := slices.Index(t.Params, param)
	if j < 0 {
		return t
	}
	old := t
	t.Grid = nil
	place := make([]int, len(old.Grid)) // where each old candidate went
	for i, candidate := range old.Grid {
		candidate = slices.Clone(candidate)
		candidate[j] = value
		place[i] = slices.IndexFunc(t.Grid, func(c []float64) bool { return slices.Equal(c, candidate) })
		if place[i] < 0 {
			place[i] = len(t.Grid)
			t.Grid = append(t.Grid, candidate)
		}
	}
	t.Default, t.Start = place[old.Default], place[old.Start]
	return t
}

// sweep is Sweep, or Fit where the method has none.
func (t Tuning) sweep(train Features) (Fitter, error) {
	if t.Sweep != nil {
		return t.Sweep(train)
	}
	return t.Fit(train)
}

// rowsWhere lists the rows marked as wanted.
func rowsWhere(mark []bool, want bool) []int {
	var rows []int
	for i, m := range mark {
		if m == want {
			rows = append(rows, i)
		}
	}
	return rows
}
