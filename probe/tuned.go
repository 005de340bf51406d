package probe

import (
	"context"
	"fmt"
)

// tuned chooses the settings of a method that has Tune, and fits it.
func (m Method) tuned(ctx context.Context, all, validation Features, settings Settings) (Fitted, error) {
	train, place, err := m.evidence(all)
	if err != nil {
		return Fitted{}, err
	}
	t, err := m.Tune(ctx, train, settings)
	if err != nil {
		return Fitted{}, fmt.Errorf("%s: %w", m.Name, err)
	}
	l := ladder{
		tuning: t, train: train, validation: validation, anchored: m.Anchored, fixed: map[string]fixed{},
		folds: int(settings["folds"]), seed: uint64(settings["seed"]),
	}
	for _, p := range m.Params {
		if v := settings[p.Name]; v != 0 {
			l.fixed[p.Name] = fixed{v, v != p.Default}
			l.tuning = l.tuning.fix(p.Name, v)
		}
	}
	chosen, err := l.choose(ctx)
	if err != nil {
		return Fitted{}, fmt.Errorf("%s: %w", m.Name, err)
	}
	refit := func(ctx context.Context, train Features) (Classifier, error) {
		fitter, err := t.Fit(train)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", m.Name, err)
		}
		c, err := fitter(ctx, chosen.candidate)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", m.Name, err)
		}
		if t.Scale != 0 {
			c = Scaled{c, chosen.scale, train.absent(m.Anchored)}
		}
		return c, nil
	}
	classifier, err := refit(ctx, train)
	if err != nil {
		return Fitted{}, err
	}
	return Fitted{
		Classifier: classifier, Choices: chosen.choices, HeldOut: chosen.held.spread(all, place, classifier),
		Refit: func(ctx context.Context, all Features) (Classifier, error) {
			train, _, err := m.evidence(all)
			if err != nil {
				return nil, err
			}
			return refit(ctx, train)
		},
	}, nil
}

// evidence is what a method learns from: the labelled clips, each once a
// group. place is the row of it that stands for each clip, -1 for clips
// without a label.
func (m Method) evidence(all Features) (train Features, place []int, err error) {
	if all.Truth != nil {
		train, place = all.distinct()
		return train, place, nil
	}
	first := all.copies()
	place = make([]int, all.Len())
	var rows []int
	for i := range place {
		switch {
		case all.label(i) == Unlabelled:
			place[i] = -1
		case first[i] < i:
			place[i] = place[first[i]]
		default:
			place[i] = len(rows)
			rows = append(rows, i)
		}
	}
	train = all.Take(rows)
	if !m.Anchored {
		_, _, err = train.trainable(m.Name)
	}
	return train, place, err
}

// spread returns held-out logits for all training clips: a copy has those of
// its original, and is not judged a second time; a clip without a label, which no fit has learned from,
// those of the classifier itself.
func (h HeldOut) spread(all Features, place []int, c Classifier) HeldOut {
	if h.Logits.Rows == 0 {
		return h
	}
	judged := make(map[int]bool, len(h.Rows))
	for _, r := range h.Rows {
		judged[r] = true
	}
	out := HeldOut{Logits: NewMatrix(all.Len(), h.Logits.Cols), Classes: h.Classes}
	var unlabelled []int
	for i, r := range place {
		if r < 0 {
			unlabelled = append(unlabelled, i)
			continue
		}
		copy(out.Logits.Row(i), h.Logits.Row(r))
		if judged[r] {
			out.Rows = append(out.Rows, i)
			judged[r] = false // by its copies too
		}
	}
	if len(unlabelled) > 0 {
		logits := c.Logits(all.X.Take(unlabelled))
		for i, r := range unlabelled {
			copy(out.Logits.Row(r), logits.Row(i))
		}
	}
	return out
}
