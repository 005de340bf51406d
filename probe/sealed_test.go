package probe

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"testing"

	"framepilot/internal/fault"
)

// noLedger is a ledger that cannot be written to.
type noLedger struct{}

func (noLedger) Look(context.Context, string) (int, error) { return 0, errors.New("disk full") }

func TestSealedCountsLooksAndWidens(t *testing.T) {
	ctx := context.Background()
	f := synthetic(4, 60, 8, seeded(90))
	c := ZeroShot(f.X.Take([]int{0, 60, 120, 180}), 20)
	looks := &CountedLooks{}
	s, err := Seal(f, 2, looks)
	if err != nil {
		t.Fatal(err)
	}
	var width []float64
	for i, what := range []string{"run 1", "run 1", "run 2", "run 3"} {
		score, err := s.Evaluate(ctx, what, c)
		if err != nil {
			t.Fatal(err)
		}
		if want := []int{1, 1, 2, 3}[i]; score.Looks != want || score.Agreed != 2 {
			t.Errorf("look %q is number %d of %d, want %d of 2", what, score.Looks, score.Agreed, want)
		}
		width = append(width, score.Top1.High-score.Top1.Low)
	}
	if width[0] != width[1] || width[1] != width[2] || !(width[3] > width[2]) {
		t.Errorf("widths %v, want the same for the looks agreed on and more beyond", width)
	}
	once, err := evaluate(c.Logits(f.X), f, Confidence)
	if err != nil {
		t.Fatal(err)
	}
	if !(once.Top1.High-once.Top1.Low < width[0]) || once.Looks != 0 || once.Confidence != Confidence {
		t.Errorf("one look of two agreed on is as narrow as a single one: %v, %v", once.Top1, width[0])
	}
}

func TestSealedLabelsAreOut(t *testing.T) {
	f := synthetic(3, 4, 8, seeded(91))
	s, err := Seal(f, 0, &CountedLooks{})
	if err != nil {
		t.Fatal(err)
	}
	if slices.ContainsFunc(s.Features().Labels, func(y int) bool { return y != Unlabelled }) {
		t.Error("labels can be read without a look")
	}
	if f.Labels[4] != 1 {
		t.Error("sealing changed the features it was given")
	}
	if s, err = Seal(f, 0, noLedger{}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Evaluate(context.Background(), "x", ZeroShot(f.X.Take([]int{0, 1, 2}), 1)); err == nil {
		t.Error("a score without a look on record")
	}
	if _, err := Seal(f, -1, noLedger{}); fault.KindOf(err) != fault.Config {
		t.Errorf("agreed on -1 looks: %v", err)
	}
	f.Labels = nil
	if _, err := Seal(f, 1, noLedger{}); fault.KindOf(err) != fault.Input {
		t.Errorf("nothing to seal: %v", err)
	}
}

func TestAdjust(t *testing.T) {
	all := []Comparison{{P: .01}, {P: .04}, {P: .03}}
	Adjust(all)
	for i, want := range []float64{.03, .06, .06} {
		if got := all[i].Holm; got < want-1e-12 || got > want+1e-12 {
			t.Errorf("comparison %d: Holm %g, want %g", i, got, want)
		}
	}
}

// A temperature changes what posteriors say, not what is decided.
func TestRecalibrate(t *testing.T) {
	ctx := context.Background()
	f := synthetic(4, 60, 8, seeded(92))
	c := ZeroShot(f.X.Take([]int{0, 60, 120, 180}), 20)
	s, err := Seal(f, 1, &CountedLooks{})
	if err != nil {
		t.Fatal(err)
	}
	before, err := s.Evaluate(ctx, "run", c)
	if err != nil {
		t.Fatal(err)
	}
	logits := Scaled{Classifier: c, By: 0.5}.Logits(f.X)
	want, err := s.EvaluateLogits(ctx, "run", logits)
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.Recalibrate(logits, before)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) || got.NLL == before.NLL {
		t.Errorf("recalibrated %+v\nwant %+v", got, want)
	}
	if _, err := s.Recalibrate(logits, Score{}); err == nil {
		t.Error("labels were read without a look")
	}
}
