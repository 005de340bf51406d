package domain

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"framepilot/probe"
)

// Numbers from scipy.stats.ks_2samp, exact.
func TestKolmogorovSmirnov(t *testing.T) {
	sines := func(n int, step, shift float64) []float64 {
		out := make([]float64, n)
		for i := range out {
			out[i] = math.Sin(float64(i)*step) + shift
		}
		return out
	}
	for _, c := range []struct {
		a, b []float64
		d, p float64
	}{
		{[]float64{.1, .4, .7, .2, .9}, []float64{.5, .8, .95, .6, .85, .3, .99}, 0.45714285714285713, 0.43434343434343425},
		{sines(40, 1, 0), sines(60, 1.7, .4), 0.2833333333333333, 0.03657613410246145},
		{sines(400, 1, 0), sines(300, 1.7, .8), 0.43666666666666665, 7.111681385195492e-30},
		{[]float64{1, 1, 1}, []float64{1, 1}, 0, 1},
		{nil, []float64{1}, 0, 1},
	} {
		d, p := KolmogorovSmirnov(c.a, c.b)
		wantClose(t, "D", d, c.d, 1e-12)
		wantClose(t, "p", p, c.p, 1e-9*c.p)
	}
}

// The statistic is scipy.stats.chi2_contingency's.
func TestChiSquare(t *testing.T) {
	wantClose(t, "chi square", chiSquare([]int{10, 3, 0, 7}, []int{4, 9, 0, 2}), 7.79398148148148, 1e-12)
}

// An empty class must not make the p-value a matter of chance, as where a
// public tool draws it at random.
func TestLeakFailingLoudlyRandomPValue(t *testing.T) {
	a, b := []int{0, 0, 1, 1, 0, 1, 0, 1}, []int{0, 1, 0, 1, 1, 0}
	var first float64
	for i := range 5 {
		h, err := HistogramTest(a, b, 4, nil, nil, TestOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			first = h.P
		}
		if h.P != first || h.P < 0.5 {
			t.Errorf("p is %g, then %g; want one large value", first, h.P)
		}
	}
}

// Over all deals of few clips the Monte-Carlo p-value is the exact one.
func TestHistogramExact(t *testing.T) {
	a, b := []int{0, 0, 0, 0}, []int{1, 1, 1, 0}
	h, err := HistogramTest(a, b, 2, nil, nil, TestOptions{Draws: 20000})
	if err != nil {
		t.Fatal(err)
	}
	// Fisher: 2 · C(5,4)/C(8,4) = 1/7.
	wantClose(t, "p", h.P, 1./7, 0.01)
}

func TestHistogramGroups(t *testing.T) {
	var a, b []int
	var ga, gb []string
	for i := range 40 { // four recordings a site, each of one class
		a = append(a, i/10%2)
		b = append(b, min(1, i/10))
		ga = append(ga, string(rune('a'+i/10)))
		gb = append(gb, string(rune('a'+i/10)))
	}
	alone, err := HistogramTest(a, b, 2, nil, nil, TestOptions{})
	if err != nil {
		t.Fatal(err)
	}
	grouped, err := HistogramTest(a, b, 2, ga, gb, TestOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if alone.P > 0.05 || grouped.P < 0.5 {
		t.Errorf("p is %g as if clips stood alone and %g by recording", alone.P, grouped.P)
	}
}

// The held-out outputs are those of ridge fits without the fold.
func TestHeldOutSmoother(t *testing.T) {
	for _, d := range []int{3, 30} { // fewer and more columns than clips
		x := gaussian(14, d, 1)
		fold := []int{0, 1, 0, 1, 2, 2, 0, 1, 2, 0, 1, 2, 0, 1}
		smoother, err := heldOutSmoother(x, fold, 3)
		if err != nil {
			t.Fatal(err)
		}
		y := probe.Widen(gaussian(14, 1, 2).Data)
		for f := range 3 {
			var train, test []int
			for i, g := range fold {
				if g == f {
					test = append(test, i)
				} else {
					train = append(train, i)
				}
			}
			mean := weightedMean(x.Take(train), ones(len(train)))
			a, b := centredRows(x, train, mean), centredRows(x, test, mean)
			var scatter, right, w mat.Dense
			scatter.Mul(a.T(), a)
			ridge := mat.Trace(&scatter) / float64(d)
			for j := range d {
				scatter.Set(j, j, scatter.At(j, j)+ridge)
			}
			targets := mat.NewVecDense(len(train), nil)
			for i, r := range train {
				targets.SetVec(i, y[r])
			}
			right.Mul(a.T(), targets)
			if err := w.Solve(&scatter, &right); err != nil {
				t.Fatal(err)
			}
			for i, r := range test {
				var want, got float64
				for j := range d {
					want += b.At(i, j) * w.At(j, 0)
				}
				for j, v := range y {
					got += smoother.At(r, j) * v
				}
				wantClose(t, "output", got, want, 1e-9)
			}
		}
	}
}

func TestClassifierTest(t *testing.T) {
	a, b := recordings(30, 3, 8, 1), recordings(30, 3, 8, 2)
	same, err := ClassifierTest(a, b, TestOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if same.P < 0.05 || same.ADistance > 0.5 {
		t.Errorf("%+v where nothing has changed", same)
	}
	for i := range b.X.Rows {
		b.X.Row(i)[2] += 4
	}
	moved, err := ClassifierTest(a, b, TestOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if moved.P != 0.001 || moved.ADistance < 1 {
		t.Errorf("%+v where a column has moved", moved)
	}
}

func TestDetectionFalseAlarms(t *testing.T) {
	var classifier, bbsd, histogram int
	const trials = 200
	for trial := range uint64(trials) {
		a, b := recordings(10, 4, 5, 2*trial), recordings(12, 4, 5, 2*trial+1)
		o := TestOptions{Draws: 99, Seed: trial}
		two, err := ClassifierTest(a, b, o)
		if err != nil {
			t.Fatal(err)
		}
		black, err := BBSDTest(a.X, b.X, a.Groups, b.Groups, o)
		if err != nil {
			t.Fatal(err)
		}
		h, err := HistogramTest(probe.Predict(a.X), probe.Predict(b.X), 5, a.Groups, b.Groups, o)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			count *int
			p     float64
		}{{&classifier, two.P}, {&bbsd, black.P}, {&histogram, h.P}} {
			if c.p <= 0.05 {
				*c.count++
			}
		}
	}
	for name, alarms := range map[string]int{"classifier": classifier, "bbsd": bbsd, "histogram": histogram} {
		if alarms > 20 { // see TestMMDFalseAlarms
			t.Errorf("%s: %d false alarms in %d, want about %d", name, alarms, trials, trials/20)
		}
	}
}

func TestBBSD(t *testing.T) {
	a, b := gaussian(60, 4, 1), gaussian(50, 4, 2)
	same, err := BBSDTest(a, b, nil, nil, TestOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range b.Rows {
		b.Row(i)[3] += 2
	}
	moved, err := BBSDTest(a, b, nil, nil, TestOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if same.P < 0.05 || moved.P > 1e-3 || moved.Class != 3 {
		t.Errorf("p %g where nothing has changed; p %g, class %d where class 3 has", same.P, moved.P, moved.Class)
	}
}

func BenchmarkClassifierTest(b *testing.B) {
	source, target := Clips{X: gaussian(1000, 512, 1)}, Clips{X: gaussian(1000, 512, 2)}
	for b.Loop() {
		if _, err := ClassifierTest(source, target, TestOptions{}); err != nil {
			b.Fatal(err)
		}
	}
}
