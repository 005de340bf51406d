package probe

import (
	"context"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"framepilot/internal/fault"
)

// multiClips are clips near the sum of the directions of their classes; class
// 2 goes with class 1, and some clips are of no class.
func multiClips(n int, seed uint64) Features {
	rng := rand.New(rand.NewPCG(seed, 1))
	f := Features{X: NewMatrix(n, 16), Truth: make([][]int, n), Classes: []string{"a", "b", "c"}}
	for i := range n {
		f.Truth[i] = []int{}
		for c := range 3 {
			if rng.Float64() < 0.35 {
				f.Truth[i] = append(f.Truth[i], c)
				f.X.Row(i)[c] += 1
			}
		}
		for j := range 16 {
			f.X.Row(i)[j] += float32(0.25 * rng.NormFloat64())
		}
		f.Groups = append(f.Groups, string(rune('A'+i%20)))
	}
	f.X.Normalize()
	return f
}

func TestOneForEach(t *testing.T) {
	train, test := multiClips(120, 1), multiClips(200, 2)
	for _, name := range []string{"logistic", "ridge", "nearest-mean"} {
		m, err := FindMethod(Methods(), name)
		if err != nil {
			t.Fatal(err)
		}
		fitted, err := m.Run(context.Background(), train, nil)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		logits := fitted.Classifier.Logits(test.X)
		score, err := evaluateMulti(logits, Thresholds(fitted.Classifier), test, Confidence)
		if err != nil || score.MAP < 0.85 || !(score.Low < score.MAP && score.MAP <= score.High) {
			t.Errorf("%s: mAP %.3f [%.3f, %.3f], %v", name, score.MAP, score.Low, score.High, err)
		}
		// A class's logit is that of the method fitted to it against the rest.
		one := train.against(1)
		alone, err := m.Run(context.Background(), one, nil)
		if err != nil {
			t.Fatal(err)
		}
		two := alone.Classifier.Logits(test.X)
		logits = fitted.Classifier.(*Tags).Classifier.Logits(test.X)
		for i := range test.Len() {
			if got, want := logits.Row(i)[1], two.Row(i)[1]-two.Row(i)[0]; got != want {
				t.Fatalf("%s: clip %d: %v, fitted alone %v", name, i, got, want)
			}
		}
		if len(fitted.Choices) > 0 && !slices.ContainsFunc(fitted.Choices, func(c Choice) bool { return strings.HasSuffix(c.Name(), " of b") }) {
			t.Errorf("%s: choices %+v name no class", name, fitted.Choices)
		}
	}
}

// A class no training clip is of gets one logit for all clips: its average
// precision is that of a guess, not a number out of nothing.
func TestOneForEachAbsentClass(t *testing.T) {
	train, test := multiClips(60, 3), multiClips(100, 4)
	for i := range train.Truth {
		train.Truth[i] = slices.DeleteFunc(train.Truth[i], func(c int) bool { return c == 2 })
	}
	m, _ := FindMethod(Methods(), "ridge")
	fitted, err := m.Run(context.Background(), train, nil)
	if err != nil {
		t.Fatal(err)
	}
	score, err := evaluateMulti(fitted.Classifier.Logits(test.X), nil, test, Confidence)
	if err != nil {
		t.Fatal(err)
	}
	if c := score.PerClass[2]; c.AP != float64(c.Clips)/100 {
		t.Errorf("average precision %v for %d of 100 clips", c.AP, c.Clips)
	}
}

func TestOneForEachRefusesAnchored(t *testing.T) {
	anchored := Method{Name: "x", Anchored: true}
	if _, err := anchored.Run(context.Background(), multiClips(10, 5), nil); fault.KindOf(err) != fault.Config {
		t.Errorf("got %v", err)
	}
}

func TestShotsMulti(t *testing.T) {
	f := multiClips(120, 6)
	var before []int
	for k := 1; k <= 8; k *= 2 {
		rows, err := ShotsMulti(f.Truth, f.Groups, f.Classes, k, rand.New(rand.NewPCG(1, 1)))
		if err != nil {
			t.Fatal(err)
		}
		have := make([]int, 3)
		for _, r := range rows {
			for _, c := range f.Truth[r] {
				have[c]++
			}
		}
		if slices.Min(have) < k || len(rows) > 3*k || !slices.IsSorted(rows) {
			t.Errorf("%d shots: rows %v hold %v", k, rows, have)
		}
		if len(rows) <= len(before) {
			t.Errorf("%d shots: %d rows, fewer had %d", k, len(rows), len(before))
		}
		before = rows
	}
	if _, err := ShotsMulti(f.Truth, nil, f.Classes, 100, rand.New(rand.NewPCG(1, 1))); fault.KindOf(err) != fault.Input || !strings.Contains(err.Error(), "100 shots need 100") {
		t.Errorf("got %v", err)
	}
}
