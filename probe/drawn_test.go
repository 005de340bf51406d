package probe

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"framepilot/internal/stat"
)

// played is a score of n clips in groups of so many, right with chance p; the
// luck of a clip is the same for every classifier as far as shared says.
func played(n, perGroup int, p float64, shared, own *rand.Rand) Score {
	s := Score{Confidence: Confidence}
	for i := range n {
		luck := shared.Float64()
		if own.Float64() < 0.3 {
			luck = own.Float64()
		}
		rank := 2
		if luck < p {
			rank = 1
		}
		s.Predictions = append(s.Predictions, Prediction{ID: fmt.Sprint(i), Group: fmt.Sprint("g", i/perGroup), Rank: rank})
	}
	return s
}

func TestCompareDraws(t *testing.T) {
	zero := played(400, 4, 0.6, seeded(1), seeded(2))
	for _, c := range []struct {
		p    float64
		want Verdict
	}{{0.8, Better}, {0.4, Worse}, {0.6, Unclear}} {
		var draws []Score
		for d := range uint64(20) {
			draws = append(draws, played(400, 4, c.p+0.01*float64(d%3), seeded(1), seeded(10+d)))
		}
		got, err := CompareDraws(draws, zero, 100)
		if err != nil {
			t.Fatal(err)
		}
		var mean float64
		var differences []float64
		for _, s := range draws {
			one, err := Compare(s, zero)
			if err != nil {
				t.Fatal(err)
			}
			mean += one.Difference / 20
			differences = append(differences, one.Difference)
		}
		middle := stat.Quantile(differences, 0.5)
		if math.Abs(got.Mean-mean) > 1e-12 || got.Draws != 20 || math.Abs(got.Difference-middle) > 0.01 || got.Verdict() != c.want {
			t.Errorf("at %g: %+v is %s", c.p, got, got.Verdict())
		}
		if tt, p, _ := stat.CorrectedT(differences, 100, 400, Confidence); got.T != tt || got.TP != p {
			t.Errorf("t %g, p %g, want %g, %g", got.T, got.TP, tt, p)
		}
		if got.MeanHigh-got.MeanLow < got.High-got.Low-1e-12 || got.MeanLow > got.Mean || got.MeanHigh < got.Mean {
			t.Errorf("interval [%g, %g] of the mean %g, [%g, %g] of the middle", got.MeanLow, got.MeanHigh, got.Mean, got.Low, got.High)
		}
		if needed := got.Needed(1); (needed > 0) != (c.want == Unclear) && got.Mean != 0 {
			t.Errorf("at %g it takes %d clips", c.p, needed)
		}
	}
	if _, err := CompareDraws(nil, zero, 1); err == nil {
		t.Error("compared nothing")
	}
}

// Two classifiers that agree on every clip show nothing, however many draws.
func TestCompareDrawsThatAllAgree(t *testing.T) {
	zero := played(60, 2, 1, seeded(3), seeded(4))
	got, err := CompareDraws([]Score{zero, zero, zero}, zero, 10)
	if err != nil {
		t.Fatal(err)
	}
	if got.Mean != 0 || !(got.MeanLow < 0 && got.MeanHigh > 0) || got.Verdict() != Unclear || got.Needed(1) != 0 || got.TP != 1 {
		t.Errorf("%+v", got)
	}
}

// The interval over draws covers the true difference about as often as it
// says, where the luck of draws is as large as that of clips.
func TestCompareDrawsCovers(t *testing.T) {
	if testing.Short() {
		t.Skip("200 comparisons")
	}
	const trials, draws, clips = 200, 8, 80
	var covered int
	for trial := range uint64(trials) {
		luck := seeded(1000 + trial)
		zero := played(clips, 2, 0.5, seeded(2000+trial), seeded(3000+trial))
		var list []Score
		for d := range uint64(draws) {
			list = append(list, played(clips, 2, 0.7+0.05*luck.NormFloat64(), seeded(2000+trial), seeded(4000+100*trial+d)))
		}
		got, err := CompareDraws(list, zero, 20)
		if err != nil {
			t.Fatal(err)
		}
		if got.MeanLow <= 0.2 && 0.2 <= got.MeanHigh {
			covered++
		}
	}
	if covered < trials*92/100 {
		t.Errorf("a 95 %% interval covers %d of %d", covered, trials)
	}
}

// The median draw must be found whatever the order of the draws.
func TestCompareDrawsMiddle(t *testing.T) {
	zero := played(100, 1, 0.5, seeded(5), seeded(6))
	for _, order := range [][]float64{{0.1, 0.5, 0.9}, {0.9, 0.1, 0.5}, {0.5, 0.9, 0.1}} {
		var list []Score
		for _, p := range order {
			list = append(list, played(100, 1, p, seeded(5), seeded(7)))
		}
		got, err := CompareDraws(list, zero, 10)
		if err != nil || order[got.Middle] != 0.5 {
			t.Errorf("of %v the middle is %d: %v", order, got.Middle, err)
		}
	}
}
