package fewshot

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"framepilot/probe"
)

// sentence is how auto explains its choice.
func sentence(f probe.Fitted) string { return f.Choices[0].Reason }

// TestAutoGains: with enough clips auto leaves zero-shot, says for what and
// how sure it is, and is right to.
func TestAutoGains(t *testing.T) {
	w := newWorld(5, 16, 1)
	train, test := w.train(8, scenario{}), w.test(20)
	fitted := run(t, "auto", train, map[string]string{"folds": "2"})
	if s := sentence(fitted); !strings.HasPrefix(s, "auto takes the mean of ") || !strings.Contains(s, "interval") {
		t.Errorf("auto explains itself as %q", s)
	}
	auto, err := evaluate(fitted.Classifier, test)
	if err != nil {
		t.Fatal(err)
	}
	zero, err := evaluate(probe.ZeroShot(test.Text, test.Scale), test)
	if err != nil {
		t.Fatal(err)
	}
	if auto.Top1.Value < zero.Top1.Value+0.05 || auto.NLL > zero.NLL {
		t.Errorf("accuracy %.3f and NLL %.2f, of zero-shot %.3f and %.2f", auto.Top1.Value, auto.NLL, zero.Top1.Value, zero.NLL)
	}
	if difference(run(t, "auto", train, map[string]string{"folds": "2"}).Classifier.Logits(test.X), fitted.Classifier.Logits(test.X)) != 0 {
		t.Error("auto decides differently the second time")
	}
}

// TestAutoOwnSettings: what auto hands on to the methods it tries is in the
// account once, as its own.
func TestAutoOwnSettings(t *testing.T) {
	fitted := run(t, "auto", newWorld(5, 16, 1).train(8, scenario{}), map[string]string{"folds": "2", "cautious": "1"})
	var given []string
	for _, c := range fitted.Choices {
		if c.Rung == probe.Given {
			given = append(given, c.Name())
		}
	}
	if !slices.Equal(given, []string{"folds", "cautious"}) {
		t.Errorf("given: %q", given)
	}
}

// TestAutoKeepsZeroShot: labels without meaning, and too few to judge by,
// leave the model's own judgement standing.
func TestAutoKeepsZeroShot(t *testing.T) {
	w := newWorld(5, 16, 2)
	test := w.test(5)
	want := probe.Predict(probe.ZeroShot(test.Text, test.Scale).Logits(test.X))

	noise := w.train(6, scenario{})
	rng := rand.New(rand.NewPCG(1, 0))
	rng.Shuffle(len(noise.Labels), func(i, j int) { noise.Labels[i], noise.Labels[j] = noise.Labels[j], noise.Labels[i] })
	for name, train := range map[string]probe.Features{"labels without meaning": noise, "one clip a class": w.train(1, scenario{})} {
		fitted := run(t, "auto", train, map[string]string{"folds": "2", "cautious": "1"})
		if s := sentence(fitted); !strings.HasPrefix(s, "auto keeps ") {
			t.Errorf("%s: %s", name, s)
		}
		for i, c := range probe.Predict(fitted.Classifier.Logits(test.X)) {
			if c != want[i] {
				t.Fatalf("%s: clip %d is taken for %d, by zero-shot for %d", name, i, c, want[i])
			}
		}
	}
}

// TestAutoRecognisesClassesWithoutClips: classes that only their text speaks
// for are not given up for those with clips.
func TestAutoRecognisesClassesWithoutClips(t *testing.T) {
	w := newWorld(5, 16, 3)
	train, test := w.clips([]int{8, 8, 8, 0, 0}, false), w.test(20)
	score, err := evaluate(run(t, "auto", train, map[string]string{"folds": "2"}).Classifier, test)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []int{3, 4} {
		if recall := score.PerClass[c].Recall.Value; recall < 0.3 {
			t.Errorf("recall %.2f of class %d, which has a text but no clips", recall, c)
		}
	}
}

// TestAutoWithoutTexts chooses among the methods that need none.
func TestAutoWithoutTexts(t *testing.T) {
	w := newWorld(5, 16, 4)
	train, test := w.train(8, scenario{}), w.test(10)
	train.Text, test.Text = probe.Matrix{}, probe.Matrix{}
	fitted := run(t, "auto", train, map[string]string{"folds": "2"})
	score, err := evaluate(fitted.Classifier, test)
	if err != nil {
		t.Fatal(err)
	}
	if score.Top1.Value < 0.5 {
		t.Errorf("accuracy %.2f after %q", score.Top1.Value, sentence(fitted))
	}
}

// TestAutoUnjudged: with one recording a class nothing can be judged. auto says
// so, takes a published setting, and is right to where texts tell part of what
// there is to see; a class without clips keeps being recognised.
func TestAutoUnjudged(t *testing.T) {
	var gain float64
	for seed := range uint64(5) {
		w := newWorld(6, 32, 300+seed)
		train, test := w.train(1, scenario{}), w.test(10)
		fitted := run(t, "auto", train, nil)
		if s := sentence(fitted); !strings.HasPrefix(s, "auto takes the mean of proker and linear-adapter") || !strings.Contains(s, "0 of 6 classes have clips from two recordings") {
			t.Fatalf("auto explains itself as %q", s)
		}
		gain += accuracy(t, fitted.Classifier, test) - accuracy(t, probe.ZeroShot(test.Text, test.Scale), test)
	}
	if gain/5 < 0.05 {
		t.Errorf("%.1f points over zero-shot from one clip a class", 100*gain/5)
	}
	w := newWorld(6, 32, 1)
	train := w.clips([]int{1, 1, 1, 1, 1, 0}, false)
	if s := sentence(run(t, "auto", train, nil)); !strings.HasPrefix(s, "auto takes the mean of proker and linear-adapter") {
		t.Errorf("with a class without clips: %q", s)
	}
	if c := run(t, "auto", train, nil).Choices[0]; c.Param != "methods taken unjudged, proker + linear-adapter" || c.Value != 2 {
		t.Errorf("what was never judged is %s = %g", c.Param, c.Value)
	}
	alone := run(t, "auto", w.clips([]int{4, 0, 0, 0, 0, 0}, false), nil)
	if s := sentence(alone); strings.Contains(s, "1 of 1") || !strings.Contains(s, "of one class") {
		t.Errorf("with clips of one class: %q", s)
	}
	useless := newWorld(6, 32, 2)
	useless.telling = 0
	if s := sentence(run(t, "auto", useless.train(1, scenario{}), nil)); !strings.HasPrefix(s, "auto takes nearest-mean: zero-shot names") {
		t.Errorf("with texts that tell nothing: %q", s)
	}
	copy(train.Text.Data, train.X.Data) // texts that say it all
	if s := sentence(run(t, "auto", train, nil)); !strings.HasPrefix(s, "auto keeps zero-shot, which names all") {
		t.Errorf("with texts that tell all clips: %q", s)
	}
}

// TestByLot: of ten clips of ten classes, two right may well be by lot, three
// not; of two classes one cannot tell.
func TestByLot(t *testing.T) {
	for _, c := range []struct {
		right, n, classes int
		want              bool
	}{{0, 10, 10, true}, {2, 10, 10, true}, {3, 10, 10, false}, {1, 2, 2, false}, {0, 3, 3, true}, {2, 3, 3, false}} {
		if got := byLot(c.right, c.n, c.classes); got != c.want {
			t.Errorf("%d of %d right among %d classes: by lot %v", c.right, c.n, c.classes, got)
		}
	}
}

func accuracy(t *testing.T, c probe.Classifier, test probe.Features) float64 {
	t.Helper()
	score, err := evaluate(c, test)
	if err != nil {
		t.Fatal(err)
	}
	return score.Top1.Value
}

// TestAutoTwins: where two classes share a text, zero-shot cannot tell them
// apart; kept, it has nearest means decide between them.
func TestAutoTwins(t *testing.T) {
	w := newWorld(4, 32, 6)
	w.text[1] = w.text[0]
	for shots, given := range map[int]map[string]string{1: {"cautious": "1"}, 4: {"folds": "2"}} {
		train, test := w.train(shots, scenario{}), w.test(20)
		fitted := run(t, "auto", train, given)
		score, err := evaluate(fitted.Classifier, test)
		if err != nil {
			t.Fatal(err)
		}
		if a, b := score.PerClass[0].Recall.Value, score.PerClass[1].Recall.Value; a+b < 0.6 {
			t.Errorf("%d clips a class: recall %.2f and %.2f of two classes that share a text; %s", shots, a, b, sentence(fitted))
		}
	}
}

// TestEvidence: a contender that gives up a class with few clips for one with
// many gains nothing by it.
func TestEvidence(t *testing.T) {
	train := probe.Features{Classes: []string{"many", "few"}, X: probe.NewMatrix(8, 1), Labels: []int{0, 0, 0, 0, 0, 0, 1, 1}}
	says := func(name string, logit float32) contender {
		held := probe.HeldOut{Logits: probe.NewMatrix(8, 2)}
		for r := range 8 {
			held.Rows = append(held.Rows, r)
			held.Logits.Row(r)[0] = logit
		}
		return contender{name: name, fitted: probe.Fitted{HeldOut: held}}
	}
	all := []contender{says("even", 0), says("always many", 1)}
	e := newEvidence(train, all)
	for i := range all {
		if err := e.judge(&all[i]); err != nil {
			t.Fatal(err)
		}
	}
	if even, many := all[0], all[1]; math.Abs(even.nll-math.Log(2)) > 1e-6 || many.nll <= even.nll || even.right != 6 || many.right != 6 {
		t.Errorf("losses %g and %g, %d and %d right", even.nll, many.nll, even.right, many.right)
	}
}

// TestMixture: its posteriors are the means of its members', also where those
// are certain of different classes.
func TestMixture(t *testing.T) {
	w := newWorld(4, 16, 5)
	x := w.test(3)
	a, b := probe.ZeroShot(x.Text, 20), probe.ZeroShot(x.Text, 2000)
	m := &Mixture{Of: []probe.Classifier{a, b}}
	for i, got := 0, m.Logits(x.X); i < got.Rows; i++ {
		pa, pb := probe.Softmax(a.Logits(x.X).Row(i)), probe.Softmax(b.Logits(x.X).Row(i))
		for c, p := range probe.Softmax(got.Row(i)) {
			if want := (pa[c] + pb[c]) / 2; math.Abs(p-want) > 1e-5 {
				t.Fatalf("clip %d, class %d: %g, want %g", i, c, p, want)
			}
		}
	}
}
