package probe

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	"framepilot/internal/fault"
)

// runLogistic fits the method and gives its head and how C was chosen.
func runLogistic(f Features, given map[string]string) (*Linear, Choice, error) {
	fitted, err := logisticMethod().Run(context.Background(), f, given)
	if err != nil {
		return nil, Choice{}, err
	}
	return fitted.Classifier.(*Linear), fitted.Choices[0], nil
}

// fitLogistic fits at C = c to all clips, those a recording has twice too.
func fitLogistic(t *testing.T, f Features, c float64) *Linear {
	t.Helper()
	fit, err := logisticTuning().Fit(f.Take(f.labelled()))
	if err != nil {
		t.Fatal(err)
	}
	head, err := fit(context.Background(), []float64{c})
	if err != nil {
		t.Fatal(err)
	}
	return head.(*Linear)
}

func TestSoftmaxFitGradient(t *testing.T) {
	rng := seeded(1)
	rows := newMatrix(3, 2)
	for i := range rows.data {
		rows.data[i] = rng.NormFloat64()
	}
	p := newSoftmaxFit[float64](rows, []int{0, 2, 1}, 3)
	p.setC(1.4)
	theta := make([]float64, 9)
	for i := range theta {
		theta[i] = rng.NormFloat64()
	}
	grad := make([]float64, len(theta))
	p.gradient(grad, theta)
	for i := range theta {
		const h = 1e-5
		up, down := slices.Clone(theta), slices.Clone(theta)
		up[i] += h
		down[i] -= h
		if want := (p.value(up) - p.value(down)) / (2 * h); math.Abs(grad[i]-want) > 1e-8 {
			t.Errorf("∂f/∂θ[%d] = %.10g, finite difference %.10g", i, grad[i], want)
		}
	}
}

// The gradient of the objective in the embeddings' own space is as small as
// promised, whether or not the fit took place in a subspace of it.
func TestLogisticReachesTheMinimum(t *testing.T) {
	for name, f := range map[string]Features{
		"more clips than dimensions": synthetic(4, 20, 12, seeded(2)),
		"fewer":                      synthetic(4, 5, 60, seeded(3)),
		"repeated clips":             repeat(synthetic(3, 4, 30, seeded(4)), 2),
	} {
		for _, c := range []float64{1e-6, 0.01, 1, 1000, 1e6} {
			head := fitLogistic(t, f, c)
			if left := gapOf(head, f, c); !(left <= promised*objective(head, f, c)) {
				t.Errorf("%s, C = %g: objective %g may be %g too high", name, c, objective(head, f, c), left)
			}
		}
	}
}

// gapOf bounds how far the objective is above its minimum, from its gradient
// by the plainest loop; intercepts count as if they were penalised too.
func gapOf(l *Linear, f Features, c float64) float64 {
	logits := l.Logits(f.X)
	var square float64
	for k := range l.B {
		g := make([]float64, f.X.Cols+1)
		for j, w := range l.W.Row(k) {
			g[j] = float64(w) / c
		}
		for i := range logits.Rows {
			residual := Softmax(logits.Row(i))[k]
			if f.Labels[i] == k {
				residual--
			}
			for j, x := range f.X.Row(i) {
				g[j] += residual * float64(x)
			}
			g[f.X.Cols] += residual
		}
		square += dot(g, g)
	}
	return c * square / 2
}

// A penalty that allows hardly any weights leaves the class frequencies,
// whose cross-entropy is known.
func TestLogisticUnderAStrongPenaltyKnowsFrequencies(t *testing.T) {
	f := synthetic(30, 40, 64, seeded(23))
	var rows []int
	var want float64
	for c := range 30 {
		clips := 1 + 7*c%40
		rows = append(rows, rowsFrom(40*c, 40*c+clips)...)
		want += float64(clips) * math.Log(1/float64(clips))
	}
	f = f.Take(rows)
	n := float64(f.Len())
	want += n * math.Log(n)
	if got := objective(fitLogistic(t, f, minC), f, minC); math.Abs(got/want-1) > promised {
		t.Errorf("objective %.9g, want %.9g", got, want)
	}
}

func repeat(f Features, times int) Features {
	var rows []int
	for i := range f.Len() {
		for range times {
			rows = append(rows, i)
		}
	}
	f = f.Take(rows)
	f.IDs = nil
	return f
}

func TestLogisticSeesRepeatedClipsAsWeaker(t *testing.T) {
	f := synthetic(4, 6, 20, seeded(6))
	wantSame(t, fitLogistic(t, repeat(f, 2), 1).Logits(f.X), fitLogistic(t, f, 2).Logits(f.X), 1e-4)
}

// wantSame compares two sets of logits of the same clips, up to what softmax
// does not see.
func wantSame(t *testing.T, got, want Matrix, tol float64) {
	t.Helper()
	wantClose(t, centred(got), centred(want), tol)
}

func TestLogisticIgnoresTheOrderOfClassesAndClips(t *testing.T) {
	f := synthetic(5, 6, 24, seeded(7))
	want := fitLogistic(t, f, 3).Logits(f.X)

	shuffled := f.Take(seeded(8).Perm(f.Len()))
	wantSame(t, fitLogistic(t, shuffled, 3).Logits(f.X), want, 1e-4)

	turned := f
	turned.Labels = nil
	for _, y := range f.Labels {
		turned.Labels = append(turned.Labels, (y+1)%5)
	}
	got := fitLogistic(t, turned, 3).Logits(f.X)
	back := NewMatrix(got.Rows, got.Cols)
	for i := range got.Rows {
		for c := range 5 {
			back.Row(i)[c] = got.Row(i)[(c+1)%5]
		}
	}
	wantSame(t, back, want, 1e-4)
}

// rotate applies one random rotation to the rows of every matrix given.
func rotate(rng *rand.Rand, ms ...Matrix) []Matrix {
	d := ms[0].Cols
	basis := newMatrix(d, d) // Gram-Schmidt on random rows
	for i := range d {
		row := basis.row(i)
		for j := range row {
			row[j] = rng.NormFloat64()
		}
		for range 2 {
			for k := range i {
				along := dot(row, basis.row(k))
				for j, v := range basis.row(k) {
					row[j] -= along * v
				}
			}
		}
		norm := math.Sqrt(dot(row, row))
		for j := range row {
			row[j] /= norm
		}
	}
	var out []Matrix
	for _, m := range ms {
		turned := NewMatrix(m.Rows, d)
		for i := range m.Rows {
			for j := range d {
				var sum float64
				for k, v := range m.Row(i) {
					sum += float64(v) * basis.row(j)[k]
				}
				turned.Row(i)[j] = float32(sum)
			}
		}
		out = append(out, turned)
	}
	return out
}

func TestRotatingClipsAndTextChangesNothing(t *testing.T) {
	f := synthetic(4, 6, 32, seeded(9))
	text, err := Prototypes([]Matrix{f.X.Take([]int{0}), f.X.Take([]int{6, 7}), f.X.Take([]int{12}), f.X.Take([]int{18})})
	if err != nil {
		t.Fatal(err)
	}
	f.Text = text
	turned := f
	both := rotate(seeded(10), f.X, f.Text)
	turned.X, turned.Text = both[0], both[1]
	for _, m := range Methods() {
		was, err := m.Run(context.Background(), f, nil)
		if err != nil {
			t.Fatal(err)
		}
		is, err := m.Run(context.Background(), turned, nil)
		if err != nil {
			t.Fatal(err)
		}
		wantSame(t, is.Classifier.Logits(turned.X), was.Classifier.Logits(f.X), 1e-3)
	}
}

func TestLogisticIsTheSameOnAnyNumberOfCores(t *testing.T) {
	f := synthetic(12, 12, 96, seeded(11))
	if f.Len()*f.X.Cols*len(f.Classes) < parallelWork/2 {
		t.Fatal("too small to be fitted in parallel")
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	one, oneChoice, err := runLogistic(f, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, cores := range []int{2, 5} {
		runtime.GOMAXPROCS(cores)
		many, choice, err := runLogistic(f, nil)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(one.W.Data, many.W.Data) || !slices.Equal(one.B, many.B) || !slices.Equal(oneChoice.Candidates, choice.Candidates) {
			t.Errorf("%d cores give another fit", cores)
		}
	}
}

func TestLogisticWithoutClipsOfAClass(t *testing.T) {
	f := synthetic(4, 6, 16, seeded(12))
	f.Classes = append([]string{"never filmed"}, f.Classes...)
	for i := range f.Labels {
		f.Labels[i]++
	}
	f.Labels[3] = Unlabelled
	for _, c := range []string{"1e-6", "1", "1e6", "0"} {
		head, _, err := runLogistic(f, map[string]string{"C": c})
		if err != nil {
			t.Fatal(err)
		}
		x := f.X
		for i := range x.Data {
			x.Data[i] *= -1 // as far from the training clips as can be
		}
		logits := head.Logits(x)
		for i := range logits.Rows {
			row := logits.Row(i)
			if notFinite(row) >= 0 {
				t.Fatalf("logits %v", row)
			}
			if row[0] > slices.Min(row[1:])-absentMargin+1e-3 {
				t.Fatalf("logit %g of the absent class is not far below %g", row[0], slices.Min(row[1:]))
			}
		}
	}
}

func TestLogisticRefuses(t *testing.T) {
	f := synthetic(3, 4, 8, seeded(13))
	oneClass := f.Take([]int{0, 1, 2})
	unlabelled := f
	unlabelled.Labels = nil
	for name, c := range map[string]struct {
		train Features
		given map[string]string
		kind  fault.Kind
		says  string
	}{
		"one class":     {oneClass, nil, fault.Input, "labelled training clips: 3, their classes: 1"},
		"no labels":     {unlabelled, nil, fault.Input, "labelled training clips: 0"},
		"negative C":    {f, map[string]string{"C": "-1"}, fault.Usage, `C is "-1"`},
		"NaN C":         {f, map[string]string{"C": "NaN"}, fault.Usage, `C is "NaN"`},
		"a single fold": {f, map[string]string{"folds": "1"}, fault.Usage, `folds is "1"`},
	} {
		_, _, err := runLogistic(c.train, c.given)
		if fault.KindOf(err) != c.kind || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: error %v, want one that says %q", name, err, c.says)
		}
	}
	stopped, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := logisticMethod().Run(stopped, f, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("after cancelling: %v", err)
	}
}

// Four clips of a recording are nearly the same, and recordings say nothing
// about the class of other recordings. Held out clip by clip, the other three
// give the answer away and a weak penalty looks best; held out by recording,
// only the strongest one is safe.
func TestChoiceOfCHoldsOutWholeRecordings(t *testing.T) {
	rng := seeded(14)
	f := Features{X: NewMatrix(160, 40), Classes: []string{"a", "b"}}
	for i := range f.Len() {
		if i%4 == 0 {
			for j := range f.X.Row(i) {
				f.X.Row(i)[j] = float32(rng.NormFloat64())
			}
		} else {
			copy(f.X.Row(i), f.X.Row(i-1))
			f.X.Row(i)[rng.IntN(40)] += 0.1
		}
		f.Labels = append(f.Labels, i/4%2)
		f.Groups = append(f.Groups, string(rune('A'+i/4)))
	}
	f.X.Normalize()
	_, grouped, err := runLogistic(f, nil)
	if err != nil {
		t.Fatal(err)
	}
	f.Groups = nil
	_, leaking, err := runLogistic(f, nil)
	if err != nil {
		t.Fatal(err)
	}
	if grouped.Rule != RuleCV || grouped.Value > 0.3 || leaking.Value < 100 {
		t.Errorf("C = %g by recording (%s), %g by clip; want a small one and a large one", grouped.Value, grouped.Rule, leaking.Value)
	}
}

func TestChoiceOfC(t *testing.T) {
	f := synthetic(6, 8, 24, seeded(15))
	_, choice, err := runLogistic(f, nil)
	if err != nil {
		t.Fatal(err)
	}
	if choice.Rule != RuleCV || !strings.Contains(choice.Reason, "48 held-out") {
		t.Errorf("choice %+v, want cross-validation on all 48 clips", choice)
	}
	best := math.Inf(1)
	for _, c := range choice.Candidates {
		best = min(best, c.NLL)
	}
	for _, c := range choice.Candidates {
		if good := c.NLL <= best*(1+tieNLL); good && c.Value < choice.Value || !good && c.Value == choice.Value {
			t.Errorf("C = %g was chosen among %v", choice.Value, choice.Candidates)
			break
		}
	}

	one, err := Shots(f.Labels, f.Groups, f.Classes, 1, seeded(16))
	if err != nil {
		t.Fatal(err)
	}
	_, choice, err = runLogistic(f.Take(one), nil)
	if err != nil {
		t.Fatal(err)
	}
	if choice.Rule != RuleFixed || choice.Value != 1 || !strings.Contains(choice.Reason, "0 of 6 classes") {
		t.Errorf("choice %+v, want the fixed C = 1 and why", choice)
	}
}

// With few clips the likelihood hardly moves while the penalty is strong. The
// search must not take that for the best there is.
func TestChoiceOfCWithFewClips(t *testing.T) {
	f := synthetic(2, 4, 64, seeded(19))
	_, choice, err := runLogistic(f, nil)
	if err != nil {
		t.Fatal(err)
	}
	if choice.Rule != RuleCV || choice.Value < 1 {
		t.Errorf("choice %+v, want a C that separates two clearly different classes", choice)
	}
}

// Whatever small, lopsided set of clips comes, a fit has finite logits and a
// C that was tried or is the fixed one.
func TestLogisticOfOddSets(t *testing.T) {
	rng := seeded(24)
	for range 400 {
		f := synthetic(4, 4, 6, rng).Take(rng.Perm(16)[:2+rng.IntN(12)])
		for i := range f.Labels {
			f.Labels[i] = rng.IntN(5) - 1
			f.Groups[i] = string(rune('a' + rng.IntN(4)))
		}
		head, choice, err := runLogistic(f, map[string]string{"folds": fmt.Sprint(2 + rng.IntN(3))})
		if fault.KindOf(err) == fault.Input {
			continue // fewer than two classes
		}
		if err != nil {
			t.Fatal(err)
		}
		if notFinite(head.Logits(f.X).Data) >= 0 || choice.Reason == "" {
			t.Fatalf("labels %v groups %q: choice %+v, logits %v", f.Labels, f.Groups, choice, head.Logits(f.X).Data)
		}
		tried := slices.ContainsFunc(choice.Candidates, func(c Candidate) bool { return c.Value == choice.Value })
		if tried != (choice.Rule == RuleCV) {
			t.Fatalf("choice %+v", choice)
		}
	}
}
