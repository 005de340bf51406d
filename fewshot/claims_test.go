package fewshot

import (
	"context"
	"math/rand/v2"
	"slices"
	"testing"

	"framepilot/internal/stat"
	"framepilot/probe"
)

// TestAutoAgainstTheBest holds the claims of docs/methods-benchmark.md on one
// new draw for some of its cells of up to four clips a class: on average auto is
// within a point of the best single method.
func TestAutoAgainstTheBest(t *testing.T) {
	cells := []struct {
		scenario
		shots int
	}{
		{scenario{}, 1}, {scenario{}, 2}, {scenario{}, 4},
		{scenario{imbalance: true}, 2}, {scenario{imbalance: true}, 4}, {scenario{missing: 0.2}, 4}, {scenario{noise: 0.1}, 4},
	}
	mean := map[string]float64{}
	for i, cell := range cells {
		w := newWorld(10, 64, uint64(5000+i))
		train, test := w.train(cell.shots, cell.scenario), w.test(30)
		for _, m := range append(probe.Methods(), Methods()...) {
			if m.Frames || slices.Contains([]string{"tip-f", "clip-adapter"}, m.Name) {
				continue // of other features; and slow
			}
			fitted, err := m.Run(context.Background(), train, nil)
			if err != nil {
				t.Fatalf("%s: %v", m.Name, err)
			}
			mean[m.Name] += accuracy(t, fitted.Classifier, test) / float64(len(cells))
		}
	}
	best := ""
	for name, accuracy := range mean {
		if name != "auto" && accuracy > mean[best] {
			best = name
		}
	}
	if mean["auto"] < mean[best]-0.01 {
		t.Errorf("auto is right about %.4f on average, %s about %.4f", mean["auto"], best, mean[best])
	}
	t.Logf("auto %.4f, %s %.4f, zero-shot %.4f", mean["auto"], best, mean[best], mean["zero-shot"])
}

// TestAutoNeverBelowZeroShot: whether prompts tell a part, all or nothing of
// what there is to see, auto is not below zero-shot beyond chance over draws,
// with one clip a class and with four.
func TestAutoNeverBelowZeroShot(t *testing.T) {
	auto := autoMethod()
	for prompts, telling := range map[string]float64{"usual": telling, "strong": 0.9, "useless": 0} {
		for _, shots := range []int{1, 4} {
			var ours, theirs []float64
			for draw := range uint64(6) {
				w := newWorld(6, 32, 6000+draw)
				w.telling = telling
				train, test := w.train(shots, scenario{}), w.test(30)
				fitted, err := auto.Run(t.Context(), train, map[string]string{"folds": "2"})
				if err != nil {
					t.Fatal(err)
				}
				ours = append(ours, accuracy(t, fitted.Classifier, test))
				theirs = append(theirs, accuracy(t, probe.ZeroShot(test.Text, test.Scale), test))
			}
			if i := paired(ours, theirs, 0.95); i.High < 0 {
				t.Errorf("%s prompts, %d clips a class: auto less zero-shot is %.4f to %.4f; %.3f and %.3f", prompts, shots, i.Low, i.High, ours, theirs)
			} else {
				t.Logf("%s prompts, %d clips a class: auto less zero-shot is %.4f to %.4f", prompts, shots, i.Low, i.High)
			}
		}
	}
}

// paired is the interval of the mean of a less b, over draws.
func paired(a, b []float64, confidence float64) stat.Interval {
	difference, draw := make([]float64, len(a)), make([]int, len(a))
	for i := range a {
		difference[i], draw[i] = a[i]-b[i], i
	}
	interval, _ := stat.ClusterBootstrap(difference, draw, confidence, rand.New(rand.NewPCG(1, 0)))
	return interval
}
