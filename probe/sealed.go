package probe

import (
	"context"
	"fmt"

	"framepilot/internal/fault"
	"framepilot/internal/stat"
)

// Looks counts readings of sealed labels where the count outlives the
// program.
type Looks interface {
	// Look records one reading and returns which look at these labels it is,
	// from 1. what says what for; the same words again are the same look, as
	// when a run that was cut short goes on, and keep its number.
	Look(ctx context.Context, what string) (n int, err error)
}

// Sealed is a test set whose labels can be read in one way only: through
// Evaluate, which counts it.
//
// A look is one reading after which somebody could change their mind: a run
// whose methods were fixed before is one look, whatever it compares. Every
// look after the first is another chance to be lucky, so the intervals of all
// the looks agreed on hold at once with 95 % (Bonferroni): with m looks each
// is at confidence 1 - 0.05/m. Looks beyond those agreed on widen the
// intervals of later scores further; earlier ones were too narrow, which the
// two numbers in a Score show.
type Sealed struct {
	test   Features // labels taken out
	labels []int
	truth  [][]int // instead of them where a clip may be of several classes
	agreed int
	looks  Looks
}

// Seal takes the labels out of a checked test set. agreed is the number of
// looks agreed on beforehand; zero means one.
func Seal(test Features, agreed int, looks Looks) (*Sealed, error) {
	if err := test.Check(); err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	if agreed < 0 {
		return nil, fault.New(fault.Config, "", "seal: %d looks agreed on, want one or more", agreed)
	}
	if test.Truth == nil && len(test.labelled()) == 0 {
		return nil, fault.New(fault.Input, "label the test clips", "seal: none of %d clips has a label", test.Len())
	}
	s := &Sealed{test: test, labels: test.Labels, truth: test.Truth, agreed: max(agreed, 1), looks: looks}
	if s.truth != nil {
		s.test.Truth = make([][]int, test.Len()) // of none, as far as anybody can see
	}
	s.test.Labels = make([]int, test.Len())
	for i := range s.test.Labels {
		s.test.Labels[i] = Unlabelled
	}
	return s, nil
}

// Features returns the test clips without their labels.
func (s *Sealed) Features() Features { return s.test }

// Evaluate counts a look and scores a classifier on the labelled clips. The
// logits are made first, from clips without labels.
func (s *Sealed) Evaluate(ctx context.Context, what string, c Classifier) (Score, error) {
	return s.EvaluateLogits(ctx, what, c.Logits(s.test.X))
}

// EvaluateMulti is Evaluate for clips that may be of several classes.
func (s *Sealed) EvaluateMulti(ctx context.Context, what string, c Classifier) (MultiScore, error) {
	logits := c.Logits(s.test.X)
	if err := s.test.X.Err(); err != nil {
		return MultiScore{}, fmt.Errorf("read the test clips: %w", err)
	}
	n, err := s.looks.Look(ctx, what)
	if err != nil {
		return MultiScore{}, fmt.Errorf("count a look at the test labels: %w", err)
	}
	score, err := evaluateMulti(logits, Thresholds(c), s.open(), LookConfidence(n, s.agreed))
	if err != nil {
		return MultiScore{}, err
	}
	score.Looks, score.Agreed = n, s.agreed
	return score, nil
}

// Multi says whether a clip may be of several classes.
func (s *Sealed) Multi() bool { return s.truth != nil }

// EvaluateLogits is Evaluate for logits (N, C) of all the test clips.
func (s *Sealed) EvaluateLogits(ctx context.Context, what string, logits Matrix) (Score, error) {
	if err := s.test.X.Err(); err != nil {
		return Score{}, fmt.Errorf("read the test clips: %w", err)
	}
	n, err := s.looks.Look(ctx, what)
	if err != nil {
		return Score{}, fmt.Errorf("count a look at the test labels: %w", err)
	}
	score, err := evaluate(logits, s.open(), LookConfidence(n, s.agreed))
	if err != nil {
		return Score{}, err
	}
	score.Looks, score.Agreed = n, s.agreed
	return score, nil
}

// open returns the clips with their labels.
func (s *Sealed) open() Features {
	test := s.test
	test.Labels, test.Truth = s.labels, s.truth
	return test
}

// Recalibrate says what other logits (N, C) of all the test clips change in
// the NLL and Calibration of score, as a part of the look that gave it. They
// are to be of the same classifier, with a temperature.
func (s *Sealed) Recalibrate(logits Matrix, score Score) (Score, error) {
	if score.Looks == 0 {
		return Score{}, fmt.Errorf("recalibrate: the score is of no look at these labels")
	}
	again, posterior, err := judge(logits, s.open(), score.Confidence)
	if err != nil {
		return Score{}, err
	}
	names := make([]string, len(again.Predictions))
	for i, p := range again.Predictions {
		names[i] = p.Group
	}
	number, _ := NumberGroups(names, len(names))
	again.calibration(posterior, number, score.Confidence)
	score.NLL, score.Calibration, score.Predictions = again.NLL, again.Calibration, again.Predictions
	return score, nil
}

// LookConfidence is the confidence of intervals at one look, from 1, at labels
// that so many looks were agreed on: all of them hold at once with Confidence.
func LookConfidence(look, agreed int) float64 { return stat.Split(Confidence, max(look, agreed, 1)) }

// CountedLooks counts looks for as long as the program runs.
type CountedLooks struct{ seen map[string]int }

// Look implements Looks.
func (c *CountedLooks) Look(_ context.Context, what string) (int, error) {
	if c.seen == nil {
		c.seen = make(map[string]int)
	}
	if c.seen[what] == 0 {
		c.seen[what] = len(c.seen) + 1
	}
	return c.seen[what], nil
}
