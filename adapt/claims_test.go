package adapt

import (
	"context"
	"math/rand/v2"
	"testing"

	"framepilot/adapt/featurefile"
	"framepilot/probe"
)

// TestDemoWithFewLabels holds what is said of auto on the demo by day: with the
// company's own names, which tell the model nothing, 90 % with 4 labelled
// clips a class and 98 % with 16; with described classes never below
// zero-shot.
func TestDemoWithFewLabels(t *testing.T) {
	if testing.Short() {
		t.Skip("many fits")
	}
	load := func(name string) probe.Features {
		f, _, err := featurefile.Load("../testdata/demo/" + name + ".safetensors")
		if err != nil {
			t.Fatal(err)
		}
		f.X.Normalize() // half precision
		f.Text.Normalize()
		return f
	}
	named, test, described := load("day-train"), load("day-test"), load("described").X
	auto, err := probe.FindMethod(Methods(), "auto")
	if err != nil {
		t.Fatal(err)
	}
	// accuracy is the mean over draws of so many labelled clips a class, and
	// least the least of them.
	accuracy := func(text probe.Matrix, shots, draws int) (mean, least float64) {
		train := named
		train.Text, least = text, 1
		for draw := range draws {
			rows, err := probe.Shots(train.Labels, train.Groups, train.Classes, shots, rand.New(rand.NewPCG(uint64(draw), 0)))
			if err != nil {
				t.Fatal(err)
			}
			fitted, err := auto.Run(t.Context(), train.Take(rows), nil)
			if err != nil {
				t.Fatal(err)
			}
			got := right(t, fitted.Classifier, test)
			mean += got / float64(draws)
			least = min(least, got)
		}
		return mean, least
	}
	if got := right(t, probe.ZeroShot(named.Text, named.Scale), test); got > 0.3 {
		t.Errorf("zero-shot by own names is right about %.3f: they tell the model something", got)
	}
	for shots, want := range map[int]float64{4: 0.9, 16: 0.98} {
		if got, _ := accuracy(named.Text, shots, 1+4/shots); got < want {
			t.Errorf("own names, %d labelled clips a class: accuracy %.3f, want %.2f", shots, got, want)
		}
	}
	zero := right(t, probe.ZeroShot(described, named.Scale), test)
	for _, shots := range []int{1, 2, 4} {
		if _, got := accuracy(described, shots, 2); got < zero {
			t.Errorf("described classes, %d labelled clips a class: accuracy %.3f, zero-shot %.3f", shots, got, zero)
		}
	}
}

// right is the share of clips a classifier names.
func right(t *testing.T, c probe.Classifier, f probe.Features) float64 {
	t.Helper()
	sealed, err := probe.Seal(f, 1, new(probe.CountedLooks))
	if err != nil {
		t.Fatal(err)
	}
	score, err := sealed.Evaluate(context.Background(), "test", c)
	if err != nil {
		t.Fatal(err)
	}
	return score.Top1.Value
}
