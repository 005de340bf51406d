package fewshot

import (
	"context"
	"math"
	"testing"

	"framepilot/probe"
)

// The tests of this file are named after what official code of these methods
// was seen to do, and show that it is not done here.

// wantTrainOnly checks that a setting was chosen on training clips.
func wantTrainOnly(t *testing.T, fitted probe.Fitted, param string, want probe.Rung) {
	t.Helper()
	for _, c := range fitted.Choices {
		if c.Param == param {
			if c.Rung != want || c.Reason == "" {
				t.Errorf("%s stands on rung %s (%s), want %s", param, c.Rung, c.Reason, want)
			}
			return
		}
	}
	t.Errorf("no account of %s", param)
}

// Tip-Adapter-F keeps the epoch that is best on the test clips, and prints
// the better of two test accuracies.
func TestLeakTipAdapterChoosesTheEpochOnTest(t *testing.T) {
	train := newWorld(4, 10, 1).train(6, scenario{})
	wantTrainOnly(t, run(t, "tip-f", train, nil), "steps", probe.L2)
	fitted := run(t, "tip", train, nil)
	wantTrainOnly(t, fitted, "alpha", probe.L1)
	wantTrainOnly(t, fitted, "beta", probe.L1)
	// Nor does a clip vote for itself where alpha and beta are chosen: a cache
	// of wrong labels is worth nothing held out, and everything on itself.
	for i := range train.Labels {
		train.Labels[i] = (train.Labels[i]*2 + i/2) % 4
	}
	held := run(t, "tip", train, map[string]string{"alpha": "1000", "beta": "40", "scale": "1"})
	if nll := held.HeldOut.NLL(train.Labels); nll < math.Log(4) {
		t.Errorf("held-out negative log-likelihood %g of labels without meaning", nll)
	}
}

// GDA has its weight tuned on the whole validation split, which on ImageNet is
// the test split.
func TestLeakGDATunesOnAFullValidationSplit(t *testing.T) {
	wantTrainOnly(t, run(t, "gda", newWorld(4, 10, 2).train(6, scenario{}), nil), "alpha", probe.L1)
}

// LP++ keeps the best epoch by validation, never zeroes the gradient of its
// text weights, and starts from a random bias.
func TestLeakLPPAccumulatesGradients(t *testing.T) {
	train := newWorld(4, 10, 3).train(6, scenario{})
	wantTrainOnly(t, run(t, "lp++", train, nil), "mu", probe.L2)
	s, err := newSupport(train)
	if err != nil {
		t.Fatal(err)
	}
	m := newLPP(s, 50)
	head, err := m.head(context.Background(), 0.01, exact)
	if err != nil {
		t.Fatal(err)
	}
	gradient := make([]float64, len(m.last))
	m.fit.gradient(gradient, m.last)
	if gap := m.fit.gap(gradient); gap > 1e-6 {
		t.Errorf("the objective may be %g above its minimum, text weights and all", gap)
	}
	again, err := newLPP(s, 50).head(context.Background(), 0.01, exact)
	if err != nil {
		t.Fatal(err)
	}
	if difference(head.W, again.W) != 0 {
		t.Error("two fits to the same clips differ")
	}
}

// SS-Text keeps λ = 1/N at 1e-3 and above, another method beyond a thousand
// clips, and reads its classes from the test labels.
func TestLeakSSTextClampsLambda(t *testing.T) {
	w := newWorld(4, 10, 4)
	test := w.test(3)
	for _, shots := range []int{10, 400} {
		train := w.clips([]int{shots, shots, shots, 0}, false)
		plain := run(t, "ss-text", train, map[string]string{"text": "1", "scale": "1"}).Classifier.Logits(test.X)
		if plain.Cols != 4 {
			t.Fatalf("%d classes, want those named, with clips or not", plain.Cols)
		}
		compat := run(t, "ss-text", train, map[string]string{"text": "1", "scale": "1", "compat": "1"}).Classifier.Logits(test.X)
		var worst float64
		for i := range plain.Rows {
			for c := range 3 { // the fourth, without clips, differs by intention
				worst = max(worst, math.Abs(float64(plain.Row(i)[c]-compat.Row(i)[c])))
			}
		}
		if clamped := worst > 1e-6; clamped != (3*shots > 1000) {
			t.Errorf("%d clips: logits up to %g from those of the published code", 3*shots, worst)
		}
	}
}

// CLAP's baselines pick the best of a grid by test accuracy.
func TestLeakCLAPGridPicksOnTest(t *testing.T) {
	wantTrainOnly(t, run(t, "clap", newWorld(4, 10, 5).train(6, scenario{}), nil), "m", probe.L2)
}

// ReHARK, of ProKeR's family, standardises queries by the mean and deviation
// of the test batch, and tunes on the full validation split.
func TestLeakReHARKUsesTestBatchStatistics(t *testing.T) {
	w := newWorld(4, 10, 6)
	train, test := w.train(6, scenario{}), w.test(6)
	fitted := run(t, "proker", train, nil)
	for _, param := range []string{"lambda", "beta", "rho"} {
		wantTrainOnly(t, fitted, param, probe.L1)
	}
	all := fitted.Classifier.Logits(test.X)
	half := fitted.Classifier.Logits(test.X.Take([]int{0, 1, 2}))
	if off := difference(half, all.Take([]int{0, 1, 2})); off != 0 {
		t.Errorf("a clip's logits change by %g with the clips beside it", off)
	}
}
