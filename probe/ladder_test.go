package probe

import (
	"context"
	"math"
	"slices"
	"strings"
	"testing"

	"framepilot/internal/words"
)

// blunt is a method with two candidates: "prior", which always says the first
// class, and "nearest", the nearest mean. It is what plugging into the ladder
// takes: a grid and a fit.
func blunt(prefer *[]float64) Method {
	return Method{
		Name:   "blunt",
		Params: []Param{{Name: "trust", Low: 0, High: 2}},
		Tune: func(_ context.Context, train Features, _ Settings) (Tuning, error) {
			return Tuning{
				Params: []string{"trust"}, Grid: [][]float64{{1}, {2}}, Source: words.Say("the usual trust"),
				Fit: func(train Features) (Fitter, error) {
					means, err := FitNearestMean(train, 20)
					return func(_ context.Context, candidate []float64) (Classifier, error) {
						*prefer = append(*prefer, candidate[0])
						if candidate[0] == 1 {
							return Scaled{Classifier: means, By: 1e-6}, nil
						}
						return means, nil
					}, err
				},
			}, nil
		},
	}
}

func TestLadderRungs(t *testing.T) {
	ctx := context.Background()
	f := synthetic(4, 8, 24, seeded(80))
	one, err := Shots(f.Labels, f.Groups, f.Classes, 1, seeded(81))
	if err != nil {
		t.Fatal(err)
	}
	validation := synthetic(4, 8, 24, seeded(80)) // the same world
	for i := range validation.IDs {
		validation.IDs[i] += " again"
		validation.Groups[i] += " again"
	}
	for _, c := range []struct {
		name       string
		method     Method
		train, val Features
		given      map[string]string
		rung       Rung
		says       string
	}{
		{"folds", blunt(new([]float64)), f, Features{}, nil, L2, "32 held-out training clips in 5 folds"},
		{"one shot", blunt(new([]float64)), f.Take(one), Features{}, nil, L0, "the usual trust; 0 of 4 classes"},
		{"validation", blunt(new([]float64)), f, validation, nil, L3, "32 clips of the validation split"},
		{"validation of one shot", blunt(new([]float64)), f.Take(one), validation, nil, L3, "validation"},
		{"given", blunt(new([]float64)), f, validation, map[string]string{"trust": "2"}, Given, "set by the user"},
		{"closed form", ridgeMethod(), f, Features{}, nil, L1, "32 training clips, each held out with its whole recording"},
		{"closed form, one shot", ridgeMethod(), f.Take(one), Features{}, nil, L0, "λ = 1"},
		{"closed form, validation", ridgeMethod(), f, validation, nil, L3, "validation"},
	} {
		fitted, err := c.method.RunWith(ctx, c.train, c.val, c.given)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		for _, choice := range fitted.Choices {
			if choice.Rung != c.rung || !strings.Contains(choice.Reason, c.says) {
				t.Errorf("%s: %+v, want rung %s and %q", c.name, choice, c.rung, c.says)
			}
		}
		if oneShot := c.train.Len() == 4; oneShot != (fitted.HeldOut.Logits.Rows == 0) {
			t.Errorf("%s: %d held-out logits", c.name, fitted.HeldOut.Logits.Rows)
		}
	}
}

func TestLadderPrefersTheLikelierCandidate(t *testing.T) {
	f := synthetic(4, 8, 24, seeded(82))
	var fitted []float64
	got, err := blunt(&fitted).Run(context.Background(), f, nil)
	if err != nil {
		t.Fatal(err)
	}
	c := got.Choices[0]
	if c.Value != 2 || len(c.Candidates) != 2 || !(c.Candidates[1].NLL < c.Candidates[0].NLL) {
		t.Errorf("choice %+v, want the nearest mean", c)
	}
	if last := fitted[len(fitted)-1]; last != 2 {
		t.Errorf("fitted with %g in the end", last)
	}
	if nll := got.HeldOut.NLL(f.Labels); math.Abs(nll-c.Candidates[1].NLL) > 1e-6 {
		t.Errorf("held-out logits have likelihood %g, the account says %g", nll, c.Candidates[1].NLL)
	}
	// Copies and clips without a label are in the held-out logits too, but a
	// copy is not judged a second time.
	more := f.Take(append(rowsFrom(0, f.Len()), 5, 6))
	more.IDs = nil
	more.Labels[f.Len()+1] = Unlabelled
	again, err := blunt(new([]float64)).Run(context.Background(), more, nil)
	if err != nil {
		t.Fatal(err)
	}
	h := again.HeldOut
	if h.Logits.Rows != f.Len()+2 || len(h.Rows) != f.Len() || slices.Contains(h.Rows, f.Len()) {
		t.Errorf("%d held-out logits, %d judged, want all %d, and those with a label once", h.Logits.Rows, len(h.Rows), f.Len()+2)
	}
	wantClose(t, h.Logits.Take([]int{f.Len()}), h.Logits.Take([]int{5}), 0)
	wantClose(t, h.Logits.Take([]int{f.Len() + 1}), again.Classifier.Logits(f.X.Take([]int{6})), 0)
}

func TestTies(t *testing.T) {
	verdict := func(nll ...float64) (v []verdict) {
		for _, x := range nll {
			v = append(v, verdictOf(x))
		}
		return v
	}
	for _, c := range []struct {
		nll  []float64
		want int
	}{
		{[]float64{1, 1, 1}, 0},
		{[]float64{2, 1.009, 1}, 1},
		{[]float64{2, 1.011, 1}, 2},
		{[]float64{-1, 3, 1}, 2}, // the first was not tried
	} {
		if got := strongest(verdict(c.nll...)); got != c.want {
			t.Errorf("of %v candidate %d, want %d", c.nll, got, c.want)
		}
	}
}

func verdictOf(nll float64) verdict { return verdict{nll: nll, tried: nll >= 0} }

func TestSearch(t *testing.T) {
	for name, c := range map[string]struct {
		n, start int
		ordered  bool
		best     int
		want     []int
	}{
		"from the bottom":  {6, 0, true, 1, []int{0, 1, 2, 3}},
		"from the middle":  {8, 4, true, 3, []int{4, 5, 6, 3, 2, 1}},
		"in no order":      {4, 1, false, 0, []int{1, 2, 3, 0}},
		"best at the top":  {4, 2, true, 3, []int{2, 3, 1, 0}},
		"only one to find": {1, 0, true, 0, []int{0}},
	} {
		var tried []int
		least := math.MaxInt
		err := search(c.n, c.start, c.ordered, func(i int) (bool, error) {
			tried = append(tried, i)
			distance := max(i-c.best, c.best-i)
			least = min(least, distance)
			return distance > least, nil
		})
		if err != nil || !slices.Equal(tried, c.want) {
			t.Errorf("%s: tried %v, want %v", name, tried, c.want)
		}
	}
}

func TestScaleOfLogits(t *testing.T) {
	g := openGolden(t)
	test := g.features("test")
	logits := ZeroShot(test.Text, 20).Logits(test.X)
	scale, nll := FitScale(logits, test.Labels, 0, 1)
	if want := float64(g.Floats("expect.temperature.T")[0]); math.Abs(1/scale/want-1) > 1e-5 {
		t.Errorf("temperature %.8g, want %.8g", 1/scale, want)
	}
	for _, away := range []float64{0.99, 1.01} {
		if other := meanNLL(logits, test.Labels, away*scale); other <= nll {
			t.Errorf("%g of the scale is likelier: %g, not %g", away, other, nll)
		}
	}
	// Logits that say the opposite of the truth are best not listened to, and
	// perfect ones are not certain.
	axes := Matrix{Rows: 2, Cols: 2, Data: []float32{1, 0, 0, 1}}
	if scale, _ := FitScale(axes, []int{1, 0}, 1, 1); scale > 2*minScale {
		t.Errorf("scale of wrong logits %g", scale)
	}
	scale, _ = FitScale(axes, []int{0, 1}, 1, 1)
	// Two clips and a vague one: the truth has 2/3 + 1/3/2 of the mass.
	if p := 1 / (1 + math.Exp(-scale)); math.Abs(p-5./6) > 1e-6 {
		t.Errorf("posterior of two perfect clips %g, want 5/6", p)
	}
}

func TestCopiesAreFoundWithinAGroupOnly(t *testing.T) {
	f := synthetic(2, 4, 8, seeded(83)).Take([]int{0, 1, 0, 0, 4, 0})
	f.Groups[3] = "another"
	f.Labels[5] = 1
	if got, want := f.copies(), []int{0, 1, 0, 3, 4, 5}; !slices.Equal(got, want) {
		t.Errorf("copies %v, want %v", got, want)
	}
	f.Groups = nil
	if got := f.copies(); !slices.Equal(got, rowsFrom(0, 6)) {
		t.Errorf("without groups: %v", got)
	}
}
