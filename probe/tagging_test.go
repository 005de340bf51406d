package probe

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"slices"
	"testing"
)

// TestOddsPeer: slopes and offsets are those that scipy finds for the same
// objective; see testdata/multilabel.py.
func TestOddsPeer(t *testing.T) {
	var peer struct {
		Odds []struct {
			Z, Prior, Want []float64
			Y              []int
			Hold           float64
		}
	}
	readJSON(t, &peer)
	if len(peer.Odds) != 6 {
		t.Fatalf("%d cases", len(peer.Odds))
	}
	for i, c := range peer.Odds {
		y := make([]bool, len(c.Y))
		for k, v := range c.Y {
			y[k] = v == 1
		}
		got := fitOdds(c.Z, y, odds{c.Prior[0], c.Prior[1]}, c.Hold)
		if math.Abs(got.slope-c.Want[0]) > 1e-6 || math.Abs(got.offset-c.Want[1]) > 1e-6 {
			t.Errorf("case %d: %+v, scipy has %v", i, got, c.Want)
		}
	}
}

// TestOddsNeverTurn: where logits are wrong throughout, the slope stays
// positive, so that no class is ranked the other way round.
func TestOddsNeverTurn(t *testing.T) {
	z, y := []float64{-300, -20, 1, 40, 500}, []bool{true, true, false, false, false}
	got := fitOdds(z, y, odds{slope: 1}, 0)
	if got.slope != minSlope || got.offset-got.offset != 0 {
		t.Errorf("%+v", got)
	}
	if got := fitOdds(nil, nil, odds{slope: 1}, 1); got != (odds{slope: 1}) {
		t.Errorf("of no clips: %+v", got)
	}
}

// TestMultiScorePeer: average precision, AUROC and F1 are scikit-learn's.
func TestMultiScorePeer(t *testing.T) {
	var peer struct {
		Labels [][]int
		Scores struct {
			Logits        [][]float32
			Thresholds    []float64
			AP, AUROC, F1 []float64
			Micro, Macro  float64
		}
	}
	readJSON(t, &peer)
	p := peer.Scores
	f := Features{Classes: []string{"a", "b", "c", "nowhere"}}
	logits := NewMatrix(len(p.Logits), 4)
	for i, row := range p.Logits {
		copy(logits.Row(i), row)
		of := []int{}
		for c, yes := range peer.Labels[i] {
			if yes == 1 {
				of = append(of, c)
			}
		}
		f.Truth = append(f.Truth, of)
	}
	// Thresholds of one decimal, as the logits have: in the same precision.
	at := make([]float64, 4)
	for c, v := range p.Thresholds {
		at[c] = float64(float32(v))
	}
	s, err := evaluateMulti(logits, at, f, Confidence)
	if err != nil {
		t.Fatal(err)
	}
	for c, one := range s.PerClass {
		if c < 3 && (math.Abs(one.AP-p.AP[c]) > 1e-12 || math.Abs(one.AUROC-p.AUROC[c]) > 1e-12) {
			t.Errorf("class %d: AP %g and AUROC %g, scikit-learn has %g and %g", c, one.AP, one.AUROC, p.AP[c], p.AUROC[c])
		}
		if math.Abs(one.F1.Value-p.F1[c]) > 1e-12 || !(one.F1.Low <= one.F1.Value && one.F1.Value <= one.F1.High) {
			t.Errorf("class %d: F1 %+v, scikit-learn has %g", c, one.F1, p.F1[c])
		}
	}
	if !s.Said || math.Abs(s.MicroF1.Value-p.Micro) > 1e-12 || math.Abs(s.F1.Value-p.Macro) > 1e-12 {
		t.Errorf("F1 %g and %g, scikit-learn has %g and %g", s.MicroF1.Value, s.F1.Value, p.Micro, p.Macro)
	}
}

func readJSON(t *testing.T, into any) {
	t.Helper()
	text, err := os.ReadFile("testdata/multilabel.json")
	if err == nil {
		err = json.Unmarshal(text, into)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestThresholds: the common threshold has the highest mean F1 of all there
// are, that of a class with many recordings its own highest, and that of a
// class with few stays by the common one.
func TestThresholds(t *testing.T) {
	const n = 300
	rng := seeded(430)
	f := Features{X: NewMatrix(n, 1), Classes: []string{"many", "shifted", "few"}, Truth: make([][]int, n)}
	h := HeldOut{Logits: NewMatrix(n, 3), Rows: allRows(n), Classes: []bool{true, true, true}}
	for i := range n {
		for c, share := range []float64{0.4, 0.4, 0.01} {
			z := rng.NormFloat64() - 1
			if rng.Float64() < share || c == 2 && i == 0 {
				f.Truth[i] = append(f.Truth[i], c)
				z += 3
			}
			if c == 1 {
				z += 2
			}
			h.Logits.Row(i)[c] = float32(z)
		}
	}
	common, each := thresholds(h, f)
	f1 := func(c int, at float64) float64 {
		return f1At(h.Logits, f, c, max(at, newSweep(h.Logits, c, f.member()[c]).floor))
	}
	mean := func(at float64) float64 { return f1(0, at) + f1(1, at) + f1(2, at) }
	for z := -4.0; z < 5; z += 0.01 {
		if mean(z) > mean(common)+1e-9 {
			t.Fatalf("mean F1 %g at %g, %g at the common threshold %g", mean(z)/3, z, mean(common)/3, common)
		}
		for c := range 2 {
			if f1(c, z) > f1(c, each[c])+0.02 {
				t.Fatalf("class %d: F1 %g at %g, %g at its threshold %g", c, f1(c, z), z, f1(c, each[c]), each[c])
			}
		}
	}
	if each[1]-each[0] < 1 {
		t.Errorf("thresholds %v: the second class is 2 higher throughout", each)
	}
	f.Groups = make([]string, n) // all clips of the rare class in one recording
	for i, of := range f.Truth {
		if f.Groups[i] = string(rune(0x4e00 + i)); slices.Contains(of, 2) {
			f.Groups[i] = "one"
		}
	}
	again, held := thresholds(h, f)
	if away := held[2] - again; math.Abs(away) > math.Abs(each[2]-common)+1e-9 || again != common {
		t.Errorf("of one recording %g from the common threshold, of several %g", away, each[2]-common)
	}
}

// f1At is the F1 of a class at a threshold.
func f1At(logits Matrix, f Features, c int, at float64) float64 {
	var s said
	for i, of := range f.Truth {
		is, yes := slices.Contains(of, c), float64(logits.Row(i)[c]) >= at
		if is {
			s.of++
		}
		if yes {
			s.said++
		}
		if is && yes {
			s.right++
		}
	}
	return s.f1()
}

// TestThresholdsHaveAFloor: of a classifier that knows nothing F1 is highest
// where it says yes to all, and that is no threshold.
func TestThresholdsHaveAFloor(t *testing.T) {
	const n = 400
	rng := seeded(431)
	f := Features{X: NewMatrix(n, 1), Classes: []string{"a", "b"}, Truth: make([][]int, n)}
	h := HeldOut{Logits: NewMatrix(n, 2), Rows: allRows(n), Classes: []bool{true, true}}
	for i := range n {
		for c := range 2 {
			if rng.Float64() < 0.2 {
				f.Truth[i] = append(f.Truth[i], c)
			}
			h.Logits.Row(i)[c] = float32(logOdds(0.2) + 0.3*rng.NormFloat64())
		}
	}
	_, each := thresholds(h, f)
	for c, at := range each {
		yes := 0
		for i := range n {
			if float64(h.Logits.Row(i)[c]) >= at {
				yes++
			}
		}
		if share := logOdds(float64(recordings(f.member()[c], allRows(n))) / n); at < share || yes > n*3/4 {
			t.Errorf("class %d: threshold %g, its share has %g; %d of %d clips are said to be of it", c, at, share, yes, n)
		}
	}
}

// TestHoldingThresholds is the evidence for thresholdHold: on few clips the F1
// of other clips is higher with it than with the common threshold alone, or
// with that of each class alone.
func TestHoldingThresholds(t *testing.T) {
	var common, own, held float64
	for seed := range uint64(30) {
		shift := []float64{0, 0.4, -0.4, 0.8, -0.8, 0.2}
		draw := func(n int, stream uint64) (Features, HeldOut) {
			rng := seeded(1000*stream + seed)
			f := Features{X: NewMatrix(n, 1), Classes: make([]string, len(shift)), Truth: make([][]int, n)}
			h := HeldOut{Logits: NewMatrix(n, len(shift)), Rows: allRows(n), Classes: slices.Repeat([]bool{true}, len(shift))}
			for i := range n {
				for c, by := range shift {
					z := rng.NormFloat64() - 1.5 + by
					if rng.Float64() < 0.15 {
						f.Truth[i] = append(f.Truth[i], c)
						z += 3
					}
					h.Logits.Row(i)[c] = float32(z)
				}
			}
			return f, h
		}
		train, h := draw(40, 1)
		test, judged := draw(1000, 2)
		at, each := thresholds(h, train)
		alone := make([]float64, len(shift))
		for c := range alone {
			alone[c] = newSweep(h.Logits, c, train.member()[c]).best(at)
		}
		f1 := func(thresholds []float64) float64 {
			var mean float64
			for c, at := range thresholds {
				mean += f1At(judged.Logits, test, c, at) / float64(30*len(thresholds))
			}
			return mean
		}
		common += f1(slices.Repeat([]float64{at}, len(shift)))
		own += f1(alone)
		held += f1(each)
	}
	t.Logf("mean F1 on other clips: common %.4f, own %.4f, held %.4f", common, own, held)
	if held < max(common, own) {
		t.Errorf("mean F1 on other clips: held %.4f, common %.4f, own %.4f", held, common, own)
	}
}

// TestTagsOfVideos: a video is of the classes of its windows, and as surely as
// its surest one.
func TestTagsOfVideos(t *testing.T) {
	logits := Matrix{Rows: 5, Cols: 2, Data: []float32{-2, 3, 1, -4, -1, -1, -3, 2, -2, -2}}
	f := Features{
		X: NewMatrix(5, 1), Classes: []string{"a", "b"}, Videos: []string{"v", "v", "w", "w", "x"},
		Truth: [][]int{{}, {0}, {}, {1}, {}},
	}
	s, err := evaluateMulti(logits, []float64{0, 2.5}, f, Confidence)
	if err != nil {
		t.Fatal(err)
	}
	// Surest windows: v (1, 3), w (-1, 2), x (-2, -2); v is of a, w of b.
	v := s.Video
	if v == nil || v.N != 3 || v.PerClass[0].AP != 1 || v.PerClass[1].AP != 0.5 || v.PerClass[0].F1.Value != 1 || v.PerClass[1].F1.Value != 0 {
		t.Fatalf("%+v", v)
	}
	f.Videos = []string{"1", "2", "3", "4", "5"}
	if s, err := evaluateMulti(logits, nil, f, Confidence); err != nil || s.Video != nil || s.Said {
		t.Errorf("clips that are no windows: %+v, %v", s.Video, err)
	}
}

// TestNoThresholdWithoutEvidence: where all clips are of one recording, a clip is
// of the classes that are likelier than not, and that is said.
func TestNoThresholdWithoutEvidence(t *testing.T) {
	train := multiClips(30, 9)
	for i := range train.Groups {
		train.Groups[i] = "one"
	}
	m, err := FindMethod(Methods(), "ridge")
	if err != nil {
		t.Fatal(err)
	}
	fitted, err := m.Run(context.Background(), train, nil)
	if err != nil {
		t.Fatal(err)
	}
	last := fitted.Choices[len(fitted.Choices)-1]
	if at := Thresholds(fitted.Classifier); slices.Max(at) != 0 || slices.Min(at) != 0 || last.Param != thresholdParam || last.Rung != L0 {
		t.Errorf("thresholds %v by %+v", at, last)
	}
}
