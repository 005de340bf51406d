package probe

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"

	"framepilot/internal/cores"
)

// heldFold is one fold of whole groups: a fit to the other folds, and the
// clips it is tried on.
type heldFold struct {
	fit   Fitter
	rows  []int // training clips held out
	known []int // those whose class the fit has seen
}

// newFolds deals the training clips of a ladder into folds. A fold that can
// say nothing, with no clip to try or no two classes to tell apart, is left
// out; so there may be none.
func newFolds(l *ladder) ([]heldFold, error) {
	k := l.folds
	if k == 0 {
		k = 5
	}
	fold, err := l.train.folds(k, rand.New(rand.NewPCG(l.seed, 0)))
	if err != nil {
		return nil, err
	}
	var folds []heldFold
	for f := range k {
		held := make([]bool, len(fold))
		for i, at := range fold {
			held[i] = at == f
		}
		rest := l.train.Take(rowsWhere(held, false))
		has := rest.present()
		h := heldFold{rows: rowsWhere(held, true)}
		for _, r := range h.rows {
			if l.anchored || has[l.train.Labels[r]] {
				h.known = append(h.known, r)
			}
		}
		if len(h.known) == 0 || !l.anchored && len(rowsWhere(has, true)) < 2 {
			continue
		}
		if h.fit, err = l.tuning.sweep(rest); err != nil {
			return nil, err
		}
		folds = append(folds, h)
	}
	return folds, nil
}

// folds deals the clips into at most k folds of whole groups.
func (f Features) folds(k int, rng *rand.Rand) ([]int, error) {
	if f.Truth == nil {
		return Folds(f.Labels, f.Groups, k, rng)
	}
	_, count := NumberGroups(f.Groups, f.Len())
	return Stratify(f.Truth, f.Groups, slices.Repeat([]float64{1}, max(min(k, count), 2)), rng)
}

// heldRows lists the clips that some fold can be judged on.
func heldRows(folds []heldFold) []int {
	var rows []int
	for _, f := range folds {
		rows = append(rows, f.known...)
	}
	slices.Sort(rows)
	return rows
}

// predictFolds fits folds with a candidate and returns the logits of the clips
// held out.
func (l *ladder) predictFolds(ctx context.Context, folds []heldFold, candidate []float64) (HeldOut, error) {
	h := HeldOut{Logits: NewMatrix(l.train.Len(), len(l.train.Classes)), Rows: heldRows(folds)}
	errs := make([]error, len(folds))
	fit := func(i int) {
		c, err := folds[i].fit(ctx, candidate)
		if err != nil {
			errs[i] = fmt.Errorf("cross-validation: %w", err)
			return
		}
		h.Logits.put(folds[i].rows, c.Logits(l.train.X.Take(folds[i].rows)))
	}
	if l.tuning.Apart {
		cores.Each(len(folds), fit)
	} else {
		for i := range folds {
			fit(i)
		}
	}
	return h, cmp.Or(errs...)
}
