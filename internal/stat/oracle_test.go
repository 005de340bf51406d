package stat

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// The paired table of Bentur et al. (1, 1, 7, 12) in Fagerland, Lydersen and
// Laake 2014; the others from Newcombe's formula, worked out in Python.
func TestNewcombe(t *testing.T) {
	for _, c := range []struct {
		table     [4]int
		low, high float64
	}{
		{[4]int{1, 1, 7, 12}, -.506920, -.025559},
		{[4]int{40, 10, 25, 25}, -.258769, -.034917},
		{[4]int{36, 12, 2, 0}, .056930, .340428},
		{[4]int{}, -1, 1},
	} {
		x := c.table
		i := NewcombePaired(x[0], x[1], x[2], x[3], 0.95)
		near(t, "paired low", i.Low, c.low, 1e-6)
		near(t, "paired high", i.High, c.high, 1e-6)
		swapped := NewcombePaired(x[0], x[2], x[1], x[3], 0.95)
		near(t, "mirror", swapped.Low, -i.High, 1e-12)
	}
}

func TestHolm(t *testing.T) {
	got := Holm([]float64{.01, .04, .03, .005})
	for i, want := range []float64{.03, .06, .06, .02} {
		near(t, "adjusted", got[i], want, 1e-12)
	}
	if got := Holm([]float64{0.9, 0.8}); got[0] != 1 || got[1] != 1 {
		t.Errorf("large p-values %v, want 1", got)
	}
	near(t, "two at once", Split(0.95, 2), 0.975, 1e-12)
	near(t, "one", Split(0.95, 0), 0.95, 0)
}

func TestCorrectedT(t *testing.T) {
	d := []float64{.02, .01, .03, -.01, .02, .04, .00, .01, .02, .03}
	at, p, i := CorrectedT(d, 900, 100, 0.95)
	near(t, "t", at, 2.47580595, 1e-8)
	near(t, "p", p, .03523305, 1e-8) // scipy.stats.t
	if !(i.Low > 0 && i.Low < .017 && i.High > .017) {
		t.Errorf("interval %v of a difference with p = %g", i, p)
	}
	// At the interval's own level the test just rejects.
	_, _, edge := CorrectedT(d, 900, 100, 1-p)
	near(t, "edge", edge.Low, 0, 1e-9)
	if at, p, _ := CorrectedT([]float64{.1, .1}, 9, 1, 0.95); !math.IsInf(at, 1) || p != 0 {
		t.Errorf("the same difference always: t %g, p %g", at, p)
	}
	if at, p, _ := CorrectedT([]float64{0, 0}, 9, 1, 0.95); at != 0 || p != 1 {
		t.Errorf("no difference ever: t %g, p %g", at, p)
	}
}

func TestSpread(t *testing.T) {
	var scores []float64
	for i := range 20 {
		scores = append(scores, float64((i*7)%20)/20)
	}
	s := NewSpread(scores)
	near(t, "mean", s.Mean, .475, 1e-12)
	near(t, "worst tenth", s.Worst, .025, 1e-12) // of 0 and 0.05
	if s.N != 20 || s.Low != 0 || s.High != .95 {
		t.Errorf("spread %+v", s)
	}
	if s := NewSpread([]float64{.4}); s.Worst != .4 || s.SD != 0 {
		t.Errorf("of one draw %+v", s)
	}
}

// Hits drawn from known components have about these components.
func TestSources(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 0))
	hits := make([][]float64, 200)
	clip := make([]float64, 300)
	for i := range clip {
		clip[i] = .2 * rng.NormFloat64()
	}
	for j := range hits {
		draw := .1 * rng.NormFloat64()
		for i := range clip {
			hits[j] = append(hits[j], .5+draw+clip[i]+.3*rng.NormFloat64())
		}
	}
	support, clips, rest := Sources(hits)
	near(t, "support", support, .01, .003)
	near(t, "clips", clips, .04, .006)
	near(t, "rest", rest, .09, .002)
}

func TestPower(t *testing.T) {
	for _, c := range []struct {
		discordant, difference float64
		want                   int
	}{{.2, .05, 626}, {.2, .10, 155}, {.1, .03, 870}, {.3, .05, 940}} {
		if n := PairedClips(c.discordant, c.difference, 0.95, 0.8); n != c.want {
			t.Errorf("discordant %g, difference %g: %d clips, want %d", c.discordant, c.difference, n, c.want)
		}
	}
	for rate, want := range map[float64]int{.90: 29, .95: 59, .99: 299} {
		if n := FaultlessClips(rate, 0.95); n != want {
			t.Errorf("%g: %d clips without a fault, want %d", rate, n, want)
		}
	}
}

// Half-widths at an accuracy of 85 %.
func TestHalfWidths(t *testing.T) {
	for n, want := range map[int]float64{50: .101, 100: .070, 200: .050, 400: .035, 1000: .022} {
		i := Wilson(int(.85*float64(n)), n, 0.95)           // of 50 clips, 42
		near(t, "half-width", (i.High-i.Low)/2, want, 6e-4) // stated to three digits
		i = WilsonShare(.85, float64(n), 0.95)
		half := (i.High - i.Low) / 2
		if got := ClipsForWidth(.85, half*(1+1e-9), 0.95); got != n {
			t.Errorf("%d clips for a half-width of %g, want %d", got, half, n)
		}
	}
	if got := ClipsForWidth(.5, .6, 0.95); got != 1 {
		t.Errorf("%d clips for no precision at all, want 1", got)
	}
}

func TestBootstrapIntervals(t *testing.T) {
	// scipy.stats.bootstrap with 400,000 resamples: BCa of the standard
	// deviation [6.8220, 9.5280], percentile of the mean [7.4167, 13.875].
	var x []float64
	for i, hit := range []float64{1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1, 0, 1, 1, 1, 1} {
		x = append(x, hit*float64(i+1))
	}
	moments := func(times []int) (mean, sd float64) {
		var n, square float64
		for g, k := range times {
			n += float64(k)
			mean += float64(k) * x[g]
			square += float64(k) * x[g] * x[g]
		}
		mean /= n
		return mean, math.Sqrt(max(0, square/n-mean*mean))
	}
	mean := Bootstrap(len(x), func(times []int) float64 { m, _ := moments(times); return m }, rand.New(rand.NewPCG(1, 1)))
	i := mean.Percentile(0.95)
	near(t, "percentile low", i.Low, 7.4167, .2)
	near(t, "percentile high", i.High, 13.875, .2)
	sd := Bootstrap(len(x), func(times []int) float64 { _, s := moments(times); return s }, rand.New(rand.NewPCG(1, 1)))
	i, plain := sd.BCa(0.95), sd.Percentile(0.95)
	near(t, "BCa low", i.Low, 6.8220, .12)
	near(t, "BCa high", i.High, 9.5280, .12)
	if !(plain.High < i.High-.2) {
		t.Errorf("percentile %v is not below BCa %v for a biased statistic", plain, i)
	}
	if one := Bootstrap(1, func([]int) float64 { return 3 }, rand.New(rand.NewPCG(1, 1))); one.BCa(0.95) != (Interval{3, 3}) {
		t.Errorf("one group: %v", one.BCa(0.95))
	}
}

func TestReliabilityOfCalibrated(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 0))
	n := 3000
	confidence, hit := make([]float64, n), make([]float64, n)
	for i := range n {
		confidence[i] = rng.Float64()
		if rng.Float64() < confidence[i] {
			hit[i] = 1
		}
	}
	ece, bias := ECE(confidence, hit, 15), ECEBias(confidence, 15, rng)
	if !(ece > 0 && math.Abs(ece-bias) < .01) {
		t.Errorf("ECE %g of a calibrated classifier, expected by luck %g", ece, bias)
	}
	table := Reliability(confidence, hit, 7)
	var clips int
	for i, b := range table {
		clips += b.N
		if b.Confidence < b.Low || b.Confidence > b.High || i > 0 && b.Low < table[i-1].High {
			t.Errorf("bin %+v", b)
		}
	}
	if clips != n || table[0].N != 429 || table[6].N != 428 {
		t.Errorf("bins of %d to %d clips, %d in all", table[0].N, table[6].N, clips)
	}
	if got := Reliability([]float64{.5}, []float64{1}, 15); len(got) != 1 {
		t.Errorf("%d bins of one clip", len(got))
	}
}

func TestBrierAddsUp(t *testing.T) {
	// Two kinds of posterior, each with its own frequency: everything by hand.
	posterior := [][]float64{{.9, .1}, {.9, .1}, {.9, .1}, {.9, .1}, {.3, .7}, {.3, .7}}
	label := []int{0, 0, 0, 1, 1, 0}
	b := NewBrier(posterior, label, 2)
	score := (4*0 + 3*2*.01 + 2*.81 + 2*.09 + 2*.49) / 6.0
	near(t, "score", b.Score, score, 1e-12)
	near(t, "uncertainty", b.Uncertainty, 2*(4./6)*(2./6), 1e-12)
	near(t, "sum", b.Reliability-b.Resolution+b.Uncertainty+b.Within, b.Score, 1e-12)
	// The bins cut 3 | 3, within a kind: some of the spread is within them.
	full := NewBrier([][]float64{{1, 0}, {0, 1}}, []int{0, 1}, 2)
	near(t, "perfect", full.Score, 0, 0)
	near(t, "its resolution", full.Resolution, full.Uncertainty, 1e-12)
}

func TestRiskCoverage(t *testing.T) {
	confidence := []float64{.9, .8, .8, .6, .5}
	hit := []float64{1, 1, 0, 0, 1}
	curve, area := RiskCoverage(confidence, hit)
	want := []Coverage{{.9, 1, .2, 0}, {.8, 3, .6, 1. / 3}, {.6, 4, .8, .5}, {.5, 5, 1, .4}}
	if !slices.Equal(curve, want) {
		t.Errorf("curve %v, want %v", curve, want)
	}
	near(t, "area", area, .2*0+.4/3+.2*.5+.2*.4, 1e-12)
}

func TestCoverageAtRisk(t *testing.T) {
	rng := rand.New(rand.NewPCG(10, 0))
	var confidence, hit []float64
	for range 2000 {
		p := .5 + rng.Float64()/2
		h := 0.
		if rng.Float64() < p*p*p {
			h = 1
		}
		confidence, hit = append(confidence, p), append(hit, h)
	}
	at, upper, ok := CoverageAtRisk(confidence, hit, .2, 0.95)
	if !ok || upper > .2 || at.Risk > upper || at.Coverage < .1 {
		t.Errorf("at %+v, upper bound %g", at, upper)
	}
	if _, _, ok := CoverageAtRisk(confidence, hit, .001, 0.95); ok {
		t.Error("a risk of 0.1 % cannot be shown on these clips")
	}
}

func TestAUROC(t *testing.T) {
	// sklearn.metrics.roc_auc_score
	near(t, "AUROC", AUROC([]float64{.3, .35, .8, .9}, []float64{.1, .35}), .8125, 1e-12)
	near(t, "all equal", AUROC([]float64{1, 1}, []float64{1}), .5, 0)
	positive := make([]float64, 100)
	for i := range positive {
		positive[i] = float64(i)
	}
	// The best 95 of 0 … 99 begin at 5.
	rate, threshold := FalsePositives(positive, []float64{4, 5, 6, -1}, .95)
	near(t, "FPR at 95 %", rate, .5, 0)
	near(t, "threshold", threshold, 5, 0)
}

func TestForecast(t *testing.T) {
	// scipy.optimize.curve_fit within the same bounds.
	var points []CurvePoint
	for i, e := range []float64{.62, .48, .37, .30, .26} {
		points = append(points, CurvePoint{1 << i, []float64{e}})
	}
	law, err := FitPowerLaw(points)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "A", law.A, .153700, 1e-4)
	near(t, "B", law.B, .468163, 1e-4)
	near(t, "C", law.C, .546340, 2e-4)

	// Draws around a known law: the law, and a band that holds it.
	rng := rand.New(rand.NewPCG(11, 0))
	truth := PowerLaw{.1, .5, .7}
	points = nil
	for _, n := range []int{2, 4, 8, 16} {
		p := CurvePoint{Labels: n}
		for range 20 {
			p.Errors = append(p.Errors, truth.At(float64(n))+.02*rng.NormFloat64())
		}
		points = append(points, p)
	}
	f, err := NewForecast(points, rng)
	if err != nil {
		t.Fatal(err)
	}
	got, band, ok := f.At(64, 0.95)
	if want := truth.At(64); !ok || !(band.Low <= want && want <= band.High) || !(band.Low <= got && got <= band.High) {
		t.Errorf("at 64: %g in %v, want %g", got, band, want)
	}
	if _, _, ok := f.At(65, 0.95); ok || f.Limit != 64 {
		t.Errorf("limit %d, want 64", f.Limit)
	}
	few, err := NewForecast([]CurvePoint{{1, []float64{.5}}, {2, []float64{.4}}, {4, []float64{.3}}}, rng)
	if err != nil || few.Limit != 8 {
		t.Errorf("limit %d after 4 shots, want 8 (%v)", few.Limit, err)
	}
	if _, err := NewForecast(points[:2], rng); err == nil {
		t.Error("two points determine no curve")
	}
	// Errors that rise with labels: the flat line is all the law allows.
	law, _ = FitPowerLaw([]CurvePoint{{1, []float64{.1}}, {2, []float64{.2}}, {4, []float64{.3}}})
	near(t, "flat", law.At(100), .2, 1e-12)
}

func BenchmarkClusterBootstrap(b *testing.B) {
	rng := rand.New(rand.NewPCG(12, 0))
	values, group := make([]float64, 2000), make([]int, 2000)
	for i := range values {
		values[i], group[i] = float64(rng.IntN(2)), i/2
	}
	for b.Loop() {
		ClusterBootstrap(values, group, 0.95, rng)
	}
}

// 2,000 resamples of 2,000 clips that each are their own group, the statistic
// a weighted mean.
func BenchmarkBootstrapBCa(b *testing.B) {
	rng := rand.New(rand.NewPCG(12, 0))
	values := make([]float64, 2000)
	for i := range values {
		values[i] = float64(rng.IntN(2))
	}
	for b.Loop() {
		Bootstrap(len(values), func(times []int) float64 {
			var sum, n float64
			for i, k := range times {
				sum += float64(k) * values[i]
				n += float64(k)
			}
			return sum / n
		}, rng).BCa(0.95)
	}
}

// Brute force over n, with Wilson's interval written out.
func TestShareClips(t *testing.T) {
	const z = 1.959963984540054
	for _, p := range []float64{0, 0.3, 0.5, 0.85, 1} {
		for _, half := range []float64{0.05, 0.1, 0.3} {
			want := 0
			for n := 1.0; want == 0; n++ {
				if w := z * math.Sqrt(p*(1-p)/n+z*z/(4*n*n)) / (1 + z*z/n); w <= half {
					want = int(n)
				}
			}
			if got := ShareClips(p, half, 0.95); got != want {
				t.Errorf("p = %v, ± %v: %d clips, want %d", p, half, got, want)
			}
		}
	}
}
