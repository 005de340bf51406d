package probe

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"framepilot/internal/fault"
)

// TestUnknownHoldsClassesOut: the scores compared are those of fits that never
// met the class, done here one class after the other.
func TestUnknownHoldsClassesOut(t *testing.T) {
	train := synthetic(5, 6, 8, rand.New(rand.NewPCG(1, 0)))
	fitted, err := ridgeMethod().Run(context.Background(), train, nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err := fitted.Unknown(context.Background(), train)
	if err != nil {
		t.Fatal(err)
	}
	var unknown []float64
	for c := range train.Classes { // five classes: each is a fold
		rest := train.Take(nil)
		rest.Classes = slices.Delete(slices.Clone(train.Classes), c, c+1)
		var keep, out []int
		for i, y := range train.Labels {
			if y == c {
				out = append(out, i)
			} else {
				keep = append(keep, i)
			}
		}
		part := train.Take(keep)
		part.Classes = rest.Classes
		for i, y := range part.Labels {
			if y > c {
				part.Labels[i] = y - 1
			}
		}
		settings := map[string]string{}
		for _, choice := range fitted.Choices {
			settings[choice.Param] = strconv.FormatFloat(choice.Value, 'g', -1, 64)
		}
		again, err := ridgeMethod().Run(context.Background(), part, settings)
		if err != nil {
			t.Fatal(err)
		}
		unknown = append(unknown, Confident(again.Classifier.Logits(train.X.Take(out)))...)
	}
	want, err := EvaluateUnknown(Confident(fitted.HeldOut.Logits.Take(fitted.HeldOut.Rows)), unknown)
	if err != nil {
		t.Fatal(err)
	}
	if got.Known != want.Known || got.Unknown != want.Unknown || math.Abs(got.AUROC-want.AUROC) > 1e-12 || got.Threshold != want.Threshold {
		t.Errorf("got %+v, by hand %+v", got, want)
	}
}

// TestUnknownNeedsClasses: of two classes none can be held out.
func TestUnknownNeedsClasses(t *testing.T) {
	train := synthetic(2, 6, 8, rand.New(rand.NewPCG(1, 0)))
	fitted, err := ridgeMethod().Run(context.Background(), train, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fitted.Unknown(context.Background(), train); fault.KindOf(err) != fault.Input {
		t.Errorf("error %v", err)
	}
}
