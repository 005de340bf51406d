package fewshot

import (
	"context"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"framepilot/probe"
)

// autoOf fits auto and says what it took, and why.
func autoOf(t *testing.T, train probe.Features) (fitted probe.Fitted, took string) {
	t.Helper()
	fitted, err := autoMethod().Run(context.Background(), train, nil)
	if err != nil {
		t.Fatal(err)
	}
	took, ok := fitted.Choices[0].Took()
	if !ok || !strings.Contains(fitted.Choices[0].Reason, took) {
		t.Fatalf("%+v", fitted.Choices[0])
	}
	return fitted, took
}

// TestAutoSeveral: with clips enough auto takes what learns from them and is
// hardly behind the best on other clips; with few it is never far below words
// alone.
func TestAutoSeveral(t *testing.T) {
	methods := []string{"zero-shot", "nearest-mean", "sigmoid", "logistic"}
	for _, n := range []int{10, 60} {
		mean, learned := map[string]float64{}, 0
		for draw := range 4 {
			w := newWorld(8, 32, uint64(draw+1))
			train, test := w.several(n), w.several(200)
			fitted, took := autoOf(t, train)
			if !probe.Multi(fitted.Classifier) || len(fitted.HeldOut.Rows) == 0 {
				t.Fatalf("%d clips: a classifier without odds or held-out clips", n)
			}
			if took != "zero-shot" {
				learned++
			}
			mean["auto"] += scoreMulti(t, fitted.Classifier, test).MAP / 4
			for _, name := range methods {
				mean[name] += scoreMulti(t, tagged(t, name, train, nil).Classifier, test).MAP / 4
			}
		}
		if n == 60 && (learned != 4 || mean["auto"] < max(mean["nearest-mean"], mean["sigmoid"], mean["logistic"])-0.01) || mean["auto"] < mean["zero-shot"]-0.01 {
			t.Errorf("%d clips: learned in %d of 4, %v", n, learned, mean)
		}
	}
}

// TestAutoSeveralIsNotFooled: labels without meaning are not learned from.
func TestAutoSeveralIsNotFooled(t *testing.T) {
	fooled := 0
	for draw := range 20 {
		w := newWorld(5, 24, uint64(draw+1))
		train := w.several(40)
		rand.New(rand.NewPCG(7, uint64(draw))).Shuffle(train.Len(), func(i, j int) { train.Truth[i], train.Truth[j] = train.Truth[j], train.Truth[i] })
		if _, took := autoOf(t, train); took != "zero-shot" {
			fooled++
		}
	}
	if fooled > 2 {
		t.Errorf("labels without meaning were learned from in %d of 20 draws", fooled)
	}
}

func TestAutoSeveralFallsBack(t *testing.T) {
	w := newWorld(5, 24, 3)
	all := w.several(60)
	for what, c := range map[string]struct {
		change func(f *probe.Features)
		want   string // what is taken, or may be, with | between
		reason string
	}{
		"one recording":           {func(f *probe.Features) { f.Groups = slices.Repeat([]string{"one"}, f.Len()) }, "zero-shot", "no other method can be judged"},
		"no texts":                {func(f *probe.Features) { f.Text = probe.Matrix{} }, "nearest-mean|logistic", "of 2 methods"},
		"no texts, one recording": {func(f *probe.Features) { f.Text, f.Groups = probe.Matrix{}, slices.Repeat([]string{"one"}, f.Len()) }, "nearest-mean", "no other method can be judged"},
		"a class without clips": {func(f *probe.Features) {
			for i, of := range f.Truth {
				f.Truth[i] = slices.DeleteFunc(slices.Clone(of), func(c int) bool { return c == 2 })
			}
		}, "zero-shot|sigmoid", "of 2 methods"},
	} {
		f := all
		f.Truth = slices.Clone(all.Truth)
		c.change(&f)
		fitted, took := autoOf(t, f)
		if !slices.Contains(strings.Split(c.want, "|"), took) || !strings.Contains(fitted.Choices[0].Reason, c.reason) {
			t.Errorf("%s: %s, %s", what, took, fitted.Choices[0].Reason)
		}
	}
}
