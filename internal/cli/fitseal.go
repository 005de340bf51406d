package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"framepilot/adapt"
	"framepilot/internal/fault"
	"framepilot/pilot"
	"framepilot/probe"
)

// fitSeal says how the test labels are dealt with.
type fitSeal struct {
	pilot, purpose string
	looks          int
	sets           probe.ConformalOptions
}

func (s fitSeal) check() error {
	if s.looks < 1 {
		return fault.New(fault.Usage, "1 is a test that is read once", "--looks %d is not a number of looks", s.looks)
	}
	if !(s.sets.Alpha > 0 && s.sets.Alpha < 1) {
		return fault.New(fault.Usage, "0.1 lets one set in ten miss the truth", "--alpha %g is not between 0 and 1", s.sets.Alpha)
	}
	return nil
}

// fitLook says which look at the test labels a score is.
type fitLook struct {
	Look   int  `json:"look"`   // from 1; 0 where nobody counts
	Agreed int  `json:"agreed"` // looks agreed on
	Sealed bool `json:"sealed"` // whether a pilot's ledger counts the looks
}

// newFitLook warns of a look beyond those agreed on, and of one nobody counts.
func (a *app) newFitLook(seal fitSeal, counted bool, look, agreed int) fitLook {
	if !counted {
		fmt.Fprintf(a.errs, "note: no pilot in %s, so that the test is not sealed and nobody counts how often its labels are looked at (--pilot)\n", seal.pilot)
		return fitLook{Agreed: agreed}
	}
	if look > agreed {
		fmt.Fprintf(a.errs, "warning: %s\n", pilot.LookText(look, agreed))
	}
	return fitLook{look, agreed, true}
}

func (l fitLook) text(w io.Writer) {
	if l.Sealed {
		fmt.Fprintln(w, pilot.LookText(l.Look, l.Agreed))
	}
}

// scoreFit scores a classifier as one look at the test labels, if there are
// any, and fills the score in. learner is what learned the training clips: the
// method, or the one that a new site's method started from.
func (a *app) scoreFit(ctx context.Context, seal fitSeal, method string, learner probe.Method, fitted probe.Fitted, train, test probe.Features, into *fitResult) (err error) {
	if test.Truth == nil && !slices.ContainsFunc(test.Labels, func(y int) bool { return y != probe.Unlabelled }) {
		return nil
	}
	looks, closeLedger, err := adapt.PilotLooks(ctx, seal.pilot, test)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeLedger()) }()
	counted := looks != nil
	if !counted {
		looks = &probe.CountedLooks{}
	}
	sealed, err := probe.Seal(test, seal.looks, looks)
	if err != nil {
		return err
	}
	if sealed.Multi() {
		s, err := sealed.EvaluateMulti(ctx, seal.purpose, fitted.Classifier)
		if err != nil {
			return err
		}
		into.Multi = newFitMulti(s)
		into.Multi.fitLook = a.newFitLook(seal, counted, s.Looks, s.Agreed)
		return nil
	}
	s, err := sealed.Evaluate(ctx, seal.purpose, fitted.Classifier)
	if err != nil {
		return err
	}
	score := newFitScore(s)
	score.fitLook = a.newFitLook(seal, counted, s.Looks, s.Agreed)
	score.Unlearned = newFitUnlearned(s, learner, train)
	into.Score = score
	if len(fitted.HeldOut.Rows) > 0 && fitted.HeldOut.Logits.Rows == train.Len() {
		if err := score.calibrate(sealed, seal.sets, s, fitted, train); err != nil {
			return err
		}
	}
	if method == fullConformal && train.Text.Rows > 0 {
		if err := score.fullSets(sealed, seal.sets.Alpha, s, fitted, train); err != nil {
			return err
		}
	}
	if test.Text.Rows > 0 && method != adapt.ZeroShot {
		return score.beside(ctx, sealed, seal.purpose, s, probe.ZeroShot(test.Text, test.LogitScale()))
	}
	return nil
}
