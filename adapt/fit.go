package adapt

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"framepilot/pilot"
	"framepilot/probe"
)

// fit is a fitted classifier and what its held-out posteriors of the training
// clips are good for.
type fit struct {
	probe.Fitted
	calibrated *probe.Fitted    // with a temperature; nil where no training clip could be held out
	sets       *probe.Conformal // of the calibrated posteriors; nil likewise
	pooled     bool             // it reads the embeddings of clips alone
}

// fit fits the classifier, the first time it is asked to. It is given training
// clips, and validation clips where the data has them, and nothing else.
func (e *experiment) fit(ctx context.Context, sets probe.ConformalOptions) (fit, error) {
	if e.made == nil {
		made, err := e.fitAnew(ctx, sets)
		if err != nil {
			return fit{}, err
		}
		e.made = &made
	}
	return *e.made, nil
}

func (e *experiment) fitAnew(ctx context.Context, sets probe.ConformalOptions) (fit, error) {
	fitted, err := e.method.RunWith(ctx, e.train, e.validation, e.settings)
	if err != nil {
		return fit{}, fmt.Errorf("%s: %w", e.label(), err)
	}
	if e.seeded { // nobody chose it for this method
		fitted.Choices = slices.DeleteFunc(slices.Clone(fitted.Choices), func(c probe.Choice) bool { return c.Param == "seed" })
	}
	if len(fitted.HeldOut.Rows) == 0 || probe.Multi(fitted.Classifier) { // the latter is calibrated already
		return fit{Fitted: fitted, pooled: !e.method.Frames}, nil
	}
	calibrated, err := fitted.Calibrated(e.train.Labels)
	if err != nil {
		return fit{}, fmt.Errorf("%s: %w", e.label(), err)
	}
	thresholds, err := probe.FitConformal(calibrated.HeldOut, e.train, sets)
	if err != nil {
		return fit{}, fmt.Errorf("%s: %w", e.label(), err)
	}
	return fit{fitted, &calibrated, thresholds, !e.method.Frames}, nil
}

// measure looks at the test labels, which is counted before any number is
// known, and fills in the result.
func (f fit) measure(ctx context.Context, r pilot.Result, test *probe.Sealed, what string) (pilot.Result, error) {
	if test.Multi() {
		score, err := test.EvaluateMulti(ctx, what, f.on(test, f.Classifier))
		if err != nil {
			return r, err
		}
		r.Choices = choices(f.Choices)
		return withMultiScore(r, score), nil
	}
	score, err := test.Evaluate(ctx, what, f.on(test, f.Classifier))
	if err != nil {
		return r, err
	}
	r = withScore(r, score)
	if f.calibrated == nil {
		r.Choices = choices(f.Choices)
		return r, nil
	}
	r.Choices = choices(f.calibrated.Choices)
	logits := f.on(test, f.calibrated.Classifier).Logits(test.Features().X)
	after, err := test.Recalibrate(logits, score)
	if err != nil {
		return r, err
	}
	r.Metrics = append(r.Metrics, calibration("_calibrated", after)...)
	sets, err := test.EvaluateSets(f.sets.Sets(logits), score)
	if err != nil {
		return r, err
	}
	if names := f.sets.UnseenOf(score.Classes); len(names) > 0 {
		r.Params["sets promise nothing for"] = strings.Join(names, ", ")
	}
	r.Metrics = append(r.Metrics,
		rate("set_coverage", sets.Coverage, score.Confidence),
		pilot.Metric{Name: "set_size", Unit: "classes", Value: sets.Size, N: score.N},
	)
	return r, nil
}

// on makes a classifier read what it was fitted to from the rows of test.
func (f fit) on(test *probe.Sealed, c probe.Classifier) probe.Classifier {
	if !f.pooled {
		return c
	}
	return probe.OnPooled(c, test.Features().Frames)
}
