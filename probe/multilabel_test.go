package probe

import (
	"math"
	"testing"

	"framepilot/internal/fault"
	"framepilot/internal/stat"
)

func TestEvaluateMulti(t *testing.T) {
	// sklearn.metrics.average_precision_score of the columns: class a
	// [1 0 1 1 0] by [.9 .8 .7 .3 .1] gives (1 + 2/3 + 3/4)/3, class b
	// [0 1 0 0 1] by [.5 .5 .2 .1 .9], with a tie, (1 + 2/3)/2.
	logits := Matrix{Rows: 5, Cols: 4, Data: []float32{
		.9, .5, 0, 1,
		.8, .5, 0, 1,
		.7, .2, 0, 1,
		.3, .1, 0, 1,
		.1, .9, 0, 1,
	}}
	truth := [][]int{{0, 3}, {1, 3}, {3, 0}, {0, 3}, {1, 3}}
	s, err := evaluateMulti(logits, nil, Features{Truth: truth, Classes: []string{"a", "b", "nowhere", "everywhere"}}, Confidence)
	if err != nil {
		t.Fatal(err)
	}
	a, b := (1+2./3+3./4)/3, (1+2./3)/2
	for c, want := range []float64{a, b, 0, 0} {
		if got := s.PerClass[c]; math.Abs(got.AP-want) > 1e-12 || got.Measured != (c < 2) || got.Measured && !(got.Low < got.AP && got.AP < got.High) {
			t.Errorf("%+v, want AP %g", got, want)
		}
	}
	if math.Abs(s.MAP-(a+b)/2) > 1e-12 || !(s.Low <= s.MAP && s.MAP <= s.High) {
		t.Errorf("mAP %g in [%g, %g], want %g", s.MAP, s.Low, s.High, (a+b)/2)
	}
	if _, err := evaluateMulti(logits, nil, Features{Truth: make([][]int, 5), Classes: make([]string, 4)}, Confidence); fault.KindOf(err) != fault.Input {
		t.Errorf("nothing to measure: %v", err)
	}
	for name, truth := range map[string][][]int{"too few": {{0}}, "out of range": {{4}, {}, {}, {}, {}}} {
		if _, err := evaluateMulti(logits, nil, Features{Truth: truth, Classes: make([]string, 4)}, Confidence); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// Scores that follow the truth have mAP 1; those that do not, the share of the
// classes. Clips of one group widen the interval.
func TestEvaluateMultiExtremes(t *testing.T) {
	rng := seeded(400)
	n := 400
	right, random := NewMatrix(n, 3), NewMatrix(n, 3)
	truth := make([][]int, n)
	groups := make([]string, n)
	for i := range n {
		groups[i] = string(rune(0x4e00 + i/8))
		if i%8 != 0 {
			truth[i] = truth[i-1]
		} else {
			for c := range 3 {
				if rng.IntN(4) == 0 {
					truth[i] = append(truth[i], c)
				}
			}
		}
		for _, c := range truth[i] {
			right.Row(i)[c] = 1
		}
		for c := range 3 {
			random.Row(i)[c] = rng.Float32()
			if i%8 != 0 {
				random.Row(i)[c] = random.Row(i - 1)[c]
			}
		}
	}
	classes := []string{"a", "b", "c"}
	s, err := evaluateMulti(right, nil, Features{Truth: truth, Classes: classes, Groups: groups}, Confidence)
	if want := stat.WilsonShare(1, 50, Confidence); err != nil || s.MAP != 1 || s.Low != want.Low || s.High != want.High || s.Method != IntervalGroups {
		t.Errorf("perfect scores of 50 groups: %g in [%g, %g] by %s, %v", s.MAP, s.Low, s.High, s.Method, err)
	}
	together, err := evaluateMulti(random, nil, Features{Truth: truth, Classes: classes, Groups: groups}, Confidence)
	if err != nil {
		t.Fatal(err)
	}
	alone, err := evaluateMulti(random, nil, Features{Truth: truth, Classes: classes}, Confidence)
	if err != nil {
		t.Fatal(err)
	}
	if together.MAP != alone.MAP || together.MAP > .5 || !(together.High-together.Low > 1.5*(alone.High-alone.Low)) {
		t.Errorf("by group %g [%g, %g], by clip %g [%g, %g]", together.MAP, together.Low, together.High, alone.MAP, alone.Low, alone.High)
	}
}

func TestStratify(t *testing.T) {
	rng := seeded(410)
	n := 1200
	truth, groups := make([][]int, n), make([]string, n)
	total := make([]float64, 6)
	for i := range n {
		groups[i] = string(rune(0x4e00 + i/3))
		for c := range 6 {
			if rng.IntN(4+8*c) == 0 { // class 5 is rare
				truth[i] = append(truth[i], c)
				total[c]++
			}
		}
	}
	shares := []float64{0.6, 0.2, 0.2}
	part, err := Stratify(truth, groups, shares, seeded(411))
	if err != nil {
		t.Fatal(err)
	}
	again, err := Stratify(truth, groups, shares, seeded(411))
	if err != nil {
		t.Fatal(err)
	}
	have := make([][]float64, 3)
	size := make([]float64, 3)
	for p := range have {
		have[p] = make([]float64, 6)
	}
	for i, p := range part {
		if again[i] != p {
			t.Fatal("the same random numbers, other parts")
		}
		if i%3 != 0 && part[i-1] != p {
			t.Fatalf("group of clip %d is in two parts", i)
		}
		size[p]++
		for _, c := range truth[i] {
			have[p][c]++
		}
	}
	for p, share := range shares {
		if math.Abs(size[p]-share*float64(n)) > .05*float64(n) {
			t.Errorf("part %d has %g clips of %d", p, size[p], n)
		}
		for c := range total {
			if want := share * total[c]; math.Abs(have[p][c]-want) > 2.5 {
				t.Errorf("part %d has %g clips of class %d, want %g", p, have[p][c], c, want)
			}
		}
	}
	if _, err := Stratify(truth, nil, []float64{1, 0}, rng); fault.KindOf(err) != fault.Config {
		t.Errorf("an empty share: %v", err)
	}
	if _, err := Stratify(truth[:2], []string{"a", "a"}, []float64{1, 1}, rng); fault.KindOf(err) != fault.Input {
		t.Errorf("one group: %v", err)
	}
}

func TestUnknown(t *testing.T) {
	known := Confident(Matrix{Rows: 3, Cols: 2, Data: []float32{1, 5, 6, 2, 3, 3}})
	u, err := evaluateUnknown(known, []float64{2, 4}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	u.AUROCBetween, u.FPR95Between = [2]float64{}, [2]float64{}
	if want := (Unknown{Known: 3, Unknown: 2, AUROC: 5. / 6, FPR95: .5, Threshold: 3}); u != want {
		t.Errorf("%+v, want %+v", u, want)
	}
	if _, err := evaluateUnknown(known, nil, nil, nil); fault.KindOf(err) != fault.Input {
		t.Errorf("no unknown clips: %v", err)
	}
	if _, err := evaluateUnknown([]float64{math.NaN()}, known, nil, nil); err == nil {
		t.Error("a score that is not a number")
	}
}
