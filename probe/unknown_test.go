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
	var groups []string
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
		groups = append(groups, train.Take(out).Groups...)
	}
	want, err := evaluateUnknown(Confident(fitted.HeldOut.Logits.Take(fitted.HeldOut.Rows)), unknown, train.Take(fitted.HeldOut.Rows).Groups, groups)
	if err != nil {
		t.Fatal(err)
	}
	if got.AUROCBetween != want.AUROCBetween || !(got.AUROCBetween[0] < got.AUROC && got.AUROC < got.AUROCBetween[1]) {
		t.Errorf("AUROC %.3f between %.3v, by hand %.3v", got.AUROC, got.AUROCBetween, want.AUROCBetween)
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

// TestUnknownAllowsForRecordings: ten copies of every clip, each in the
// recording of its original, know no more than the originals.
func TestUnknownAllowsForRecordings(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 0))
	var known, unknown, many, others []float64
	var knownIn, unknownIn, manyIn, othersIn []string
	for i := range 20 {
		k, u := rng.NormFloat64()+1, rng.NormFloat64()
		name := strconv.Itoa(i)
		known, unknown = append(known, k), append(unknown, u)
		knownIn, unknownIn = append(knownIn, "k"+name), append(unknownIn, "u"+name)
		for range 10 {
			many, others = append(many, k), append(others, u)
			manyIn, othersIn = append(manyIn, "k"+name), append(othersIn, "u"+name)
		}
	}
	once, err := evaluateUnknown(known, unknown, knownIn, unknownIn)
	if err != nil {
		t.Fatal(err)
	}
	ten, err := evaluateUnknown(many, others, manyIn, othersIn)
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(once.AUROCBetween[0]-ten.AUROCBetween[0]) > 1e-9 || math.Abs(once.AUROCBetween[1]-ten.AUROCBetween[1]) > 1e-9 {
		t.Errorf("AUROC between %.3v of clips, %.3v of their copies", once.AUROCBetween, ten.AUROCBetween)
	}
}
