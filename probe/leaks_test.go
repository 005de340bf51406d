package probe

import (
	"context"
	"math"
	"slices"
	"strings"
	"testing"
)

// What published few-shot code was found to do wrong, each with a test that
// the methods here do not. The name is that of the code and its mistake.

// world draws clips of some classes in train and sealed test, and text.
func world(t *testing.T, classes, shots int, seed uint64) (train, test Features) {
	t.Helper()
	f := synthetic(classes, 2*shots, 24, seeded(seed))
	var perClass []Matrix
	for c := range classes {
		perClass = append(perClass, f.X.Take(rowsFrom(2*shots*c, 2*shots*c+2*shots)))
	}
	text, err := Prototypes(perClass)
	if err != nil {
		t.Fatal(err)
	}
	f.Text = text
	trainRows, testRows, err := SplitByGroup(f.Labels, f.Groups, 0.5, seeded(seed+1))
	if err != nil {
		t.Fatal(err)
	}
	return f.Take(trainRows), f.Take(testRows)
}

func runMethod(t *testing.T, m Method, train Features) Fitted {
	t.Helper()
	fitted, err := m.Run(context.Background(), train, nil)
	if err != nil {
		t.Fatalf("%s: %v", m.Name, err)
	}
	return fitted
}

// Tip-Adapter keeps the epoch that is best on test, and CLAP's baselines and
// V-JEPA 2 report the best of a grid on the split they report: here test
// labels change no prediction, no choice and no held-out posterior.
func TestLeakTipAdapterBestEpochOnTest(t *testing.T) {
	train, test := world(t, 5, 6, 200)
	for _, m := range Methods() {
		var logits []Matrix
		var choices []string
		for _, seed := range []uint64{0, 1} {
			shuffled := test
			shuffled.Labels = slices.Clone(test.Labels)
			if seed > 0 {
				rng := seeded(seed)
				rng.Shuffle(len(shuffled.Labels), func(i, j int) {
					shuffled.Labels[i], shuffled.Labels[j] = shuffled.Labels[j], shuffled.Labels[i]
				})
			}
			sealed, err := Seal(shuffled, 1, &CountedLooks{})
			if err != nil {
				t.Fatal(err)
			}
			fitted := runMethod(t, m, train)
			if _, err := sealed.Evaluate(context.Background(), m.Name, fitted.Classifier); err != nil {
				t.Fatal(err)
			}
			logits = append(logits, fitted.Classifier.Logits(sealed.Features().X))
			var text []string
			for _, c := range fitted.Choices {
				text = append(text, c.Reason)
			}
			choices = append(choices, strings.Join(text, "; "))
		}
		if !slices.Equal(logits[0].Data, logits[1].Data) || choices[0] != choices[1] {
			t.Errorf("%s: other test labels, other predictions", m.Name)
		}
	}
}

// GDA and ReHARK tune on the whole validation split, or on test where there is
// none: here a setting names the rung it stands on, and none is the test's.
func TestLeakGDAReHARKFullValidation(t *testing.T) {
	train, test := world(t, 5, 6, 210)
	for _, m := range Methods() {
		for _, c := range runMethod(t, m, train).Choices {
			if !slices.Contains([]Rung{L0, L1, L2}, c.Rung) || c.Rule == "" || c.Reason == "" {
				t.Errorf("%s: %+v says not what it stands on", m.Name, c)
			}
		}
		fitted, err := m.RunWith(context.Background(), train, test, nil) // as a validation split
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range fitted.Choices {
			if len(c.Candidates) > 0 && (c.Rung != L3 || c.Rule != RuleValidation) {
				t.Errorf("%s: %+v hides that a validation split chose it", m.Name, c)
			}
		}
		// A validation split is not another name for clips fitted to.
		if _, err := m.RunWith(context.Background(), train, train, nil); err == nil {
			t.Errorf("%s: chose on the clips it was fitted to", m.Name)
		}
	}
}

// ReHARK rectifies test clips with the mean and spread of their batch: here a
// clip scores the same alone and among others.
func TestLeakReHARKTestBatchStatistics(t *testing.T) {
	train, test := world(t, 5, 6, 220)
	for _, m := range Methods() {
		c := runMethod(t, m, train).Classifier
		all := c.Logits(test.X)
		for i := range test.Len() {
			if alone := c.Logits(test.X.Take([]int{i})); !slices.Equal(alone.Data, all.Row(i)) {
				t.Fatalf("%s: clip %d scores otherwise alone", m.Name, i)
			}
		}
	}
}

// SS-Text and TransCLIP read the classes off the labels of the queries: here
// the classes are those of the plan, whatever the test clips show.
func TestLeakSSTextClassesFromTestLabels(t *testing.T) {
	train, test := world(t, 5, 6, 230)
	part := test.Take(rowsOf(test.Labels, 2))
	for _, m := range Methods() {
		c := runMethod(t, m, train).Classifier
		s, err := evaluate(c.Logits(part.X), part, Confidence)
		if err != nil {
			t.Fatal(err)
		}
		if logits := c.Logits(part.X); logits.Cols != 5 || len(s.PerClass) != 5 {
			t.Errorf("%s: %d logits and %d classes where test shows one of 5", m.Name, logits.Cols, len(s.PerClass))
		}
	}
}

// SS-Text clamps λ = 1/N at 1e-3, so that above 1,000 clips it is silently
// another method: here the weight of a clip does not depend on how many
// there are.
func TestLeakSSTextClampAboveThousandClips(t *testing.T) {
	f := simulated(4, 1200, 8, 1, 240)
	r, err := FullConformal{Support: f, Anchors: f.Text}.prepare(f.X)
	if err != nil {
		t.Fatal(err)
	}
	for c := range 4 {
		want := make([]float64, 8)
		for j := range want {
			want[j] = float64(f.Text.Row(c)[j])
			for _, i := range rowsOf(f.Labels, c) {
				want[j] += 20 * float64(f.X.Row(i)[j])
			}
			if got := float64(r.prototypes.Row(c)[j]); math.Abs(got-want[j]) > 1e-2 {
				t.Errorf("prototype of class %d: %g, want %g", c, got, want[j])
			}
		}
	}
}

// CLIP_benchmark drew its few-shot subset from the global random stream, and
// returned nothing where a class has too few clips: here the seed alone
// decides, and too few clips are an error with numbers.
func TestLeakCLIPBenchmarkGlobalRandomStream(t *testing.T) {
	train, _ := world(t, 5, 6, 250)
	var draws [][]int
	for range 2 {
		rows, err := Shots(train.Labels, train.Groups, train.Classes, 2, seeded(251))
		if err != nil {
			t.Fatal(err)
		}
		draws = append(draws, rows)
		seeded(99).Perm(1000) // whatever else draws in between
	}
	if !slices.Equal(draws[0], draws[1]) {
		t.Errorf("the same seed drew %v, then %v", draws[0], draws[1])
	}
	if _, err := Shots(train.Labels, train.Groups, train.Classes, 100, seeded(252)); err == nil || !strings.Contains(err.Error(), "100 shots") {
		t.Errorf("too few clips: %v", err)
	}
}

// CLIP_benchmark trained few-shot heads on train and validation: here clips
// of a validation split choose, and are not fitted to.
func TestLeakCLIPBenchmarkTrainsOnValidation(t *testing.T) {
	train, val := world(t, 5, 6, 260)
	for _, m := range Methods() {
		if m.Tune == nil {
			continue
		}
		given := map[string]string{}
		for _, p := range m.Params { // nothing left to choose
			switch p.Name {
			case "C", "lambda", "scale":
				given[p.Name] = "2"
			}
		}
		with, err := m.RunWith(context.Background(), train, val, given)
		if err != nil {
			t.Fatal(err)
		}
		without, err := m.Run(context.Background(), train, given)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(with.Classifier.Logits(val.X).Data, without.Classifier.Logits(val.X).Data) {
			t.Errorf("%s: fitted to the validation split", m.Name)
		}
	}
}

// CoOp's search for C can only return an end of its bracket, never the best
// value it saw: here the chosen candidate ties with the best that was tried.
func TestLeakCoOpBracketMissesThePeak(t *testing.T) {
	for seed := range uint64(10) {
		train, _ := world(t, 4, 4, 270+2*seed)
		for _, m := range Methods() {
			for _, c := range runMethod(t, m, train).Choices {
				if len(c.Candidates) == 0 {
					continue
				}
				best, chosen := math.Inf(1), math.NaN()
				for _, candidate := range c.Candidates {
					best = min(best, candidate.NLL)
					if candidate.Value == c.Value {
						chosen = candidate.NLL
					}
				}
				if !(chosen <= best*(1+tieNLL)) {
					t.Errorf("%s: %s = %g has likelihood %g, the best %g", m.Name, c.Param, c.Value, chosen, best)
				}
			}
		}
	}
}

// TransCLIP's graph drops the nearest neighbour of support rows, taking it for
// the row itself: here leaving a group out leaves out that group and nothing
// else, which fitting again without it shows.
func TestLeakTransCLIPDropsTheWrongNeighbour(t *testing.T) {
	train, _ := world(t, 4, 4, 290)
	fitted := runMethod(t, ridgeMethod(), train)
	lambda, scale := fitted.Choices[0].Value, fitted.Choices[1].Value
	for i := range train.Len() {
		var rest []int
		for j := range train.Len() {
			if train.Groups[j] != train.Groups[i] {
				rest = append(rest, j)
			}
		}
		without := Scaled{Classifier: ridgePath(t, train.Take(rest)).Weights(lambda), By: scale}
		wantClose(t, fitted.HeldOut.Logits.Take([]int{i}), without.Logits(train.X.Take([]int{i})), 1e-4)
	}
}

// skada once fitted its pipeline on target labels, and failing-loudly's
// chi-square draws a p-value where a class is empty: here a class without
// test clips leaves every number finite and says that it was not measured.
func TestLeakFailingLoudlyEmptyClass(t *testing.T) {
	train, test := world(t, 5, 6, 300)
	var rows []int
	for i, y := range test.Labels {
		if y != 3 {
			rows = append(rows, i)
		}
	}
	part := test.Take(rows)
	for _, m := range Methods() {
		c := runMethod(t, m, train).Classifier
		first, err := evaluate(c.Logits(part.X), part, Confidence)
		if err != nil {
			t.Fatal(err)
		}
		again, err := evaluate(c.Logits(part.X), part, Confidence)
		if err != nil {
			t.Fatal(err)
		}
		if first.PerClass[3].Recall.N != 0 || first.MacroRecall-first.MacroRecall != 0 {
			t.Errorf("%s: %+v, macro recall %g", m.Name, first.PerClass[3], first.MacroRecall)
		}
		if first.Top1 != again.Top1 || first.Calibration.ECEHigh != again.Calibration.ECEHigh {
			t.Errorf("%s: the same predictions, other numbers", m.Name)
		}
	}
}

// cleanlab needs every class and five clips of it for out-of-sample
// probabilities: here two recordings of a class do, and a class of one has
// logits but is not judged.
func TestLeakCleanlabRareClasses(t *testing.T) {
	train, _ := world(t, 5, 6, 310)
	var rows []int
	groups := make([]map[string]bool, 5)
	for c := range groups {
		groups[c] = map[string]bool{}
	}
	for i, y := range train.Labels {
		limit := 2
		if y == 4 {
			limit = 1
		}
		if groups[y][train.Groups[i]] || len(groups[y]) < limit {
			groups[y][train.Groups[i]] = true
			rows = append(rows, i)
		}
	}
	few := train.Take(rows)
	few.Classes = append(slices.Clone(few.Classes), "never filmed")
	few.Text = Matrix{}
	for _, m := range Methods() {
		if m.Name == "zero-shot" {
			continue
		}
		h := runMethod(t, m, few).HeldOut
		if h.Logits.Rows != few.Len() || notFinite(h.Logits.Data) >= 0 {
			t.Fatalf("%s: %d held-out logits of %d clips", m.Name, h.Logits.Rows, few.Len())
		}
		for _, r := range h.Rows {
			if few.Labels[r] == 4 {
				t.Errorf("%s: judges a clip of a class it cannot know without it", m.Name)
			}
		}
		if len(h.Rows) < few.Len()/2 {
			t.Errorf("%s: judges %d of %d clips", m.Name, len(h.Rows), few.Len())
		}
	}
}

// Copies of a clip inside one group, all of them or one many times, change no
// choice, no prediction and no held-out posterior.
func TestCopiesInsideAGroupChangeNothing(t *testing.T) {
	train, test := world(t, 5, 6, 320)
	once := rowsFrom(0, train.Len())
	for name, rows := range map[string][]int{
		"every clip three times": slices.Concat(once, once, once),
		"one clip ten times":     slices.Concat(once, slices.Repeat([]int{4}, 10)),
	} {
		copied := train.Take(rows)
		copied.IDs = nil
		for _, m := range Methods() {
			was, is := runMethod(t, m, train), runMethod(t, m, copied)
			for i, c := range was.Choices {
				if is.Choices[i].Value != c.Value || !slices.Equal(is.Choices[i].Candidates, c.Candidates) {
					t.Errorf("%s, %s: %+v, want %+v", name, m.Name, is.Choices[i], c)
				}
			}
			if !slices.Equal(is.Classifier.Logits(test.X).Data, was.Classifier.Logits(test.X).Data) {
				t.Errorf("%s, %s: other predictions", name, m.Name)
			}
			if !slices.Equal(is.HeldOut.Logits.Take(once).Data, was.HeldOut.Logits.Data) {
				t.Errorf("%s, %s: other held-out posteriors", name, m.Name)
			}
		}
	}
}

// Clips in another order give the same classifier, and classes in another
// order the same with its outputs in that order; folds are drawn anew, so
// settings are given.
func TestPermutingPermutes(t *testing.T) {
	train, test := world(t, 5, 6, 330)
	given := map[string]map[string]string{"logistic": {"C": "3"}, "ridge": {"lambda": "1"}}
	order := seeded(331).Perm(train.Len())
	classOrder := []int{3, 0, 4, 1, 2} // new class k was classOrder[k]
	for _, m := range Methods() {
		run := func(f Features) Matrix {
			fitted, err := m.Run(context.Background(), f, given[m.Name])
			if err != nil {
				t.Fatal(err)
			}
			return fitted.Classifier.Logits(test.X)
		}
		want := run(train)
		wantSame(t, run(train.Take(order)), want, 1e-4)

		other := train
		other.Classes, other.Text, other.Labels = pick(train.Classes, classOrder), train.Text.Take(classOrder), nil
		for _, y := range train.Labels {
			other.Labels = append(other.Labels, slices.Index(classOrder, y))
		}
		got := run(other)
		back := NewMatrix(got.Rows, got.Cols)
		for i := range got.Rows {
			for k, c := range classOrder {
				back.Row(i)[c] = got.Row(i)[k]
			}
		}
		wantSame(t, back, want, 1e-4)
	}
}

// The same clips give the same bits on any number of cores.
func TestRidgeIsTheSameOnAnyNumberOfCores(t *testing.T) {
	f := synthetic(12, 12, 96, seeded(340))
	want := runMethod(t, ridgeMethod(), f)
	for _, cores := range []int{1, 3} {
		got := onCores(cores, func() Fitted { return runMethod(t, ridgeMethod(), f) })
		if !slices.Equal(got.HeldOut.Logits.Data, want.HeldOut.Logits.Data) ||
			!slices.Equal(got.Classifier.Logits(f.X).Data, want.Classifier.Logits(f.X).Data) {
			t.Errorf("%d cores give another fit", cores)
		}
	}
}

// TypiClust's ProbCover builds its graph in blocks of 500 and forgets what is
// left: here the last clips of a pool are proposed like the rest, in pools
// smaller and larger than that.
func TestLeakTypiClustForgetsTheLastBlock(t *testing.T) {
	for _, n := range []int{37, 531} {
		pool := synthetic(1, n, 16, seeded(350))
		pool.Labels, pool.Groups = nil, nil
		list, err := LabelNext(pool, Features{}, NextOptions{N: n})
		if err != nil {
			t.Fatal(err)
		}
		picked := map[int]bool{}
		for _, next := range list {
			picked[next.Row] = true
		}
		if len(picked) != n {
			t.Errorf("%d of %d clips can be picked", len(picked), n)
		}
	}
}
