package probe

import "context"

// leaveGroupsOut is Tuning.LOO by fitting again without each group: what closed
// forms are compared with.
func leaveGroupsOut(train Features, fit func(train Features) (Fitter, error)) func(context.Context, []float64) (Matrix, error) {
	groups := gatherGroups(train.Labels, train.Groups)
	return func(ctx context.Context, candidate []float64) (Matrix, error) {
		out := NewMatrix(train.Len(), len(train.Classes))
		errs := make([]error, len(groups))
		parallel(len(groups), len(groups)*len(train.X.Data), func(g int) {
			errs[g] = refitWithout(ctx, train, groups[g].rows, fit, candidate, out)
		})
		for _, err := range errs {
			if err != nil {
				return Matrix{}, err
			}
		}
		return out, nil
	}
}

// refitWithout fits to all clips but the given rows, and writes the logits of
// those.
func refitWithout(ctx context.Context, train Features, rows []int, fit func(Features) (Fitter, error), candidate []float64, out Matrix) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	held := make([]bool, train.Len())
	for _, r := range rows {
		held[r] = true
	}
	fitter, err := fit(train.Take(rowsWhere(held, false)))
	if err != nil {
		return err
	}
	classifier, err := fitter(ctx, candidate)
	if err != nil {
		return err
	}
	logits := classifier.Logits(train.X.Take(rows))
	for i, r := range rows {
		copy(out.Row(r), logits.Row(i))
	}
	return nil
}
