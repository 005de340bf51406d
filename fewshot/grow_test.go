package fewshot

import (
	"context"
	"slices"
	"strings"
	"testing"

	"framepilot/internal/fault"
	"framepilot/internal/words"
	"framepilot/probe"
)

// withoutLast takes the last class of clips away, and returns its clips and
// its text.
func withoutLast(f probe.Features) (rest, clips probe.Features, text []float32) {
	last := len(f.Classes) - 1
	var old, joins []int
	for i := range f.Len() {
		switch {
		case f.Truth != nil && slices.Contains(f.Truth[i], last), f.Truth == nil && f.Labels[i] == last:
			joins = append(joins, i)
		default:
			old = append(old, i)
		}
	}
	rest = f.Take(old)
	rest.Classes, rest.Text = f.Classes[:last], f.Text.Take(rowsUpTo(last))
	clips = f.Take(joins)
	return rest, probe.Features{X: clips.X, Groups: clips.Groups}, f.Text.Row(last)
}

func rowsUpTo(n int) []int {
	var rows []int
	for i := range n {
		rows = append(rows, i)
	}
	return rows
}

func grown(t *testing.T, name string, train probe.Features, fitted probe.Fitted, clips probe.Features, text []float32) probe.Classifier {
	t.Helper()
	m, err := probe.FindMethod(slices.Concat(probe.Methods(), Methods(), MultiMethods()), name)
	if err != nil {
		t.Fatal(err)
	}
	c, err := m.Grow(context.Background(), probe.Growth{Classifier: fitted.Classifier, Choices: fitted.Choices, Train: train, Clips: clips, Text: text})
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return c
}

// TestGrow: a class that joins leaves every logit of the others as it was, to
// the last bit, and is recognised about as well as by a fit to all clips; so is
// a class of which only the words are known.
func TestGrow(t *testing.T) {
	w := newWorld(6, 24, 9)
	train, test := w.train(6, scenario{}), w.test(12)
	before, clips, text := withoutLast(train)
	for _, name := range []string{"zero-shot", "nearest-mean", "tip", "ss-text", "gda", "proker"} {
		old := run(t, name, before, nil)
		was := old.Classifier.Logits(test.X)
		now := grown(t, name, before, old, clips, text).Logits(test.X)
		sameColumns(t, name, now, was)
		again := run(t, name, train, nil)
		joined, refit := recallOf(now, test, 5), recallOf(again.Classifier.Logits(test.X), test, 5)
		if joined < refit-0.2 || joined == 0 {
			t.Errorf("%s: recall of the class that joined is %.2f, of a fit to all %.2f", name, joined, refit)
		}
		if name == "nearest-mean" {
			continue
		}
		wordsOnly := grown(t, name, before, old, probe.Features{}, text).Logits(test.X)
		sameColumns(t, name, wordsOnly, was)
		missing := train
		missing.Labels = slices.Clone(train.Labels)
		for i, y := range missing.Labels {
			if y == 5 {
				missing.Labels[i] = probe.Unlabelled
			}
		}
		if joined, refit := recallOf(wordsOnly, test, 5), recallOf(run(t, name, missing, nil).Classifier.Logits(test.X), test, 5); joined < refit-0.25 {
			t.Errorf("%s: by its words alone recall is %.2f, of a fit without its clips %.2f", name, joined, refit)
		}
	}
}

// TestGrowIsTheFit: of closed forms whose classes share nothing, what is grown
// is what a fit to all clips is.
func TestGrowIsTheFit(t *testing.T) {
	w := newWorld(5, 12, 8)
	train, test := w.train(4, scenario{}), w.test(4)
	before, clips, text := withoutLast(train)
	for name, given := range map[string]map[string]string{
		"zero-shot": nil, "tip": {"alpha": "3", "beta": "5", "scale": "2"}, "ss-text": {"text": "40", "scale": "0.5"},
	} {
		all, old := run(t, name, train, given), run(t, name, before, given)
		wantSame(t, "growing instead of fitting", name, grown(t, name, before, old, clips, text).Logits(test.X), all.Classifier.Logits(test.X))
	}
}

// TestGrowOfASample: where a sample of the clips is all that was kept, a class
// that joins is no surer of itself than with all of them at hand.
func TestGrowOfASample(t *testing.T) {
	w := newWorld(4, 12, 7)
	train, test := w.clips([]int{300, 300, 300, 60}, true), w.test(20)
	before, clips, text := withoutLast(train)
	var kept []int
	for i := 0; i < before.Len(); i += 3 {
		kept = append(kept, i)
	}
	for name, given := range map[string]map[string]string{
		"gda": {"alpha": "20", "scale": "1"}, "ss-text": {"text": "40", "scale": "1"}, "tip": {"alpha": "3", "beta": "5", "scale": "1"},
	} {
		m, err := probe.FindMethod(Methods(), name)
		if err != nil {
			t.Fatal(err)
		}
		old := run(t, name, before, given)
		g := probe.Growth{Classifier: old.Classifier, Choices: old.Choices, Train: before, Clips: clips, Text: text}
		all, err := m.Grow(t.Context(), g)
		if err != nil {
			t.Fatal(err)
		}
		g.Train, g.Part = before.Take(kept), 1./3
		sample, err := m.Grow(t.Context(), g)
		if err != nil {
			t.Fatal(err)
		}
		if off := difference(sample.Logits(test.X), all.Logits(test.X)); off > 0.1 {
			t.Errorf("%s: %g from what it is with all clips at hand", name, off)
		}
	}
}

// TestGrowByText: of a head whose classes with clips weigh on each other, what
// is grown from words alone is what a fit that knows the class by its words is;
// with clips it is refused.
func TestGrowByText(t *testing.T) {
	w := newWorld(5, 12, 8)
	train, test := w.train(4, scenario{}), w.test(4)
	film, filmTest := newWorld(4, 12, 8).film(4, 3), newWorld(4, 12, 8).film(4, 3)
	for name, given := range map[string]map[string]string{
		"tip-f": {"alpha": "3", "beta": "5", "steps": "5"}, "ss-text-plus": {"text": "40"}, "clap": {"m": "1"}, "lp++": {"mu": "0.1"},
		"linear-adapter": {"lambda": "0.1", "steps": "5"}, "clip-adapter": {"steps": "5", "rho": "0.2"}, "attentive": {"lambda": "0.01", "steps": "5"},
	} {
		train, test := train, test
		if name == "attentive" {
			train, test = film, filmTest
		}
		before, clips, text := withoutLast(train)
		missing := before
		missing.Classes, missing.Text = train.Classes, train.Text
		given["scale"] = "1"
		old, want := run(t, name, before, given), run(t, name, missing, given).Classifier.Logits(test.X)
		now := grown(t, name, before, old, probe.Features{}, text).Logits(test.X)
		sameColumns(t, name, now, old.Classifier.Logits(test.X))
		tolerance := 1e-3
		if name == "clap" {
			tolerance = 0.1 // its hold on the others would count the new text
		}
		if off := difference(now, want); off > tolerance {
			t.Errorf("%s: grown from words it is %g from a fit without clips of the class", name, off)
		}
		m, err := probe.FindMethod(Methods(), name)
		if err != nil {
			t.Fatal(err)
		}
		g := probe.Growth{Classifier: old.Classifier, Choices: old.Choices, Train: before, Clips: clips, Text: text}
		if _, err := m.Grow(t.Context(), g); fault.KindOf(err) != fault.Config || !strings.Contains(err.Error(), "weighs classes with clips against each other") {
			t.Errorf("%s: with clips: %v", name, err)
		}
	}
}

// TestGrowCompat: a class joins a head made as the published code makes it as a
// fit by that code to all would have it; where that would move the others, it is
// refused.
func TestGrowCompat(t *testing.T) {
	one, four := newWorld(5, 12, 8).train(1, scenario{}), newWorld(5, 12, 8).train(4, scenario{})
	many := newWorld(3, 12, 8).clips([]int{500, 500, 500}, true)
	few := many.Take(append(rowsUpTo(600), 1400, 1401))
	for _, c := range []struct {
		name    string
		given   map[string]string
		train   probe.Features
		words   bool // it is to join by its words alone
		refused string
	}{
		{name: "tip", given: map[string]string{"alpha": "3", "beta": "5"}, train: four},
		{name: "tip", given: map[string]string{"alpha": "3", "beta": "5"}, train: four, words: true},
		{name: "ss-text", given: map[string]string{"text": "1"}, train: four},
		{name: "ss-text", given: map[string]string{"text": "1"}, train: four, words: true},
		{name: "ss-text", given: map[string]string{"text": "1"}, train: few},
		{name: "ss-text", given: map[string]string{"text": "1"}, train: many, refused: "beyond 1000"},
		{name: "ss-text", given: map[string]string{"text": "1"}, train: many, words: true},
		{name: "ss-text-plus", given: map[string]string{"text": "1"}, train: four, words: true},
		{name: "gda", given: map[string]string{"alpha": "1"}, train: one},
		{name: "gda", given: map[string]string{"alpha": "1"}, train: four, words: true},
		{name: "lp++", given: map[string]string{}, train: four, words: true},
		{name: "clap", given: map[string]string{}, train: four, words: true, refused: "compete"},
		{name: "tip-f", given: map[string]string{"alpha": "3", "beta": "5", "steps": "5"}, train: four, words: true},
		{name: "clip-adapter", given: map[string]string{"rho": "0.2", "steps": "5"}, train: four, words: true},
	} {
		c.given["compat"], c.given["scale"] = "1", "1"
		before, clips, text := withoutLast(c.train)
		all := c.train
		if c.words {
			all, clips = before, probe.Features{}
			all.Classes, all.Text = c.train.Classes, c.train.Text
		}
		m, err := probe.FindMethod(Methods(), c.name)
		if err != nil {
			t.Fatal(err)
		}
		old := run(t, c.name, before, c.given)
		now, err := m.Grow(t.Context(), probe.Growth{Classifier: old.Classifier, Choices: old.Choices, Train: before, Clips: clips, Text: text})
		switch {
		case c.refused != "":
			if fault.KindOf(err) != fault.Config || !strings.Contains(err.Error(), c.refused) {
				t.Errorf("%s of %d clips: got %v", c.name, before.Len(), err)
			}
		case err != nil:
			t.Errorf("%s: %v", c.name, err)
		default:
			if off := difference(centred(now.Logits(all.X)), centred(run(t, c.name, all, c.given).Classifier.Logits(all.X))); off > 1e-3 {
				t.Errorf("%s of %d clips, by words %v: grown it is %g from a fit to all", c.name, before.Len(), c.words, off)
			}
		}
	}
}

// centred takes away from every row what its logits have in common, which says
// nothing: gda counts all classes in it.
func centred(logits probe.Matrix) probe.Matrix {
	for i := range logits.Rows {
		row := logits.Row(i)
		var mean float32
		for _, z := range row {
			mean += z / float32(len(row))
		}
		for c := range row {
			row[c] -= mean
		}
	}
	return logits
}

// TestGrowSeveral: of clips of several classes too, whichever the method.
func TestGrowSeveral(t *testing.T) {
	w := newWorld(5, 24, 10)
	train, test := w.several(80), w.several(150)
	before, clips, text := withoutLast(train)
	for _, name := range []string{"sigmoid", "zero-shot", "logistic", "ridge", "nearest-mean"} {
		old := tagged(t, name, before, nil)
		was := old.Classifier.Logits(test.X)
		c := grown(t, name, before, old, clips, text)
		now := c.Logits(test.X)
		sameColumns(t, name, now, was)
		if len(probe.Thresholds(c)) != 5 || !slices.Equal(probe.Thresholds(c)[:4], probe.Thresholds(old.Classifier)) {
			t.Errorf("%s: thresholds %v, were %v", name, probe.Thresholds(c), probe.Thresholds(old.Classifier))
		}
		s := scoreMulti(t, c, test)
		of := s.PerClass[4]
		if of.AP < 3*float64(of.Clips)/float64(s.N) && of.AP < 0.6 {
			t.Errorf("%s: average precision %.2f of the class that joined, %d of %d clips are of it", name, of.AP, of.Clips, s.N)
		}
	}
	old := tagged(t, "sigmoid", before, nil)
	wordsOnly := grown(t, "sigmoid", before, old, probe.Features{}, text).Logits(test.X)
	sameColumns(t, "sigmoid", wordsOnly, old.Classifier.Logits(test.X))
	byWords := probe.Similarity(test.X, probe.Matrix{Rows: 1, Cols: len(text), Data: text})
	for i := range 20 {
		for j := range i {
			if (byWords.Data[i] < byWords.Data[j]) != (wordsOnly.Row(i)[4] < wordsOnly.Row(j)[4]) {
				t.Fatalf("clips %d and %d are ranked otherwise than by the words", i, j)
			}
		}
	}
}

// TestGrowSeveralAsGiven: a setting that the user gave holds for a class that
// joins, too.
func TestGrowSeveralAsGiven(t *testing.T) {
	w := newWorld(5, 24, 10)
	before, clips, text := withoutLast(w.several(60))
	spread := func(given map[string]string) float64 {
		old := tagged(t, "ridge", before, given)
		old.Choices = append(old.Choices, probe.Choice{Param: "cautious", Value: 1, Rung: probe.Given}) // of auto, had it kept ridge
		logits := grown(t, "ridge", before, old, clips, text).Logits(clips.X)
		var column []float64
		for i := range logits.Rows {
			column = append(column, float64(logits.Row(i)[4]))
		}
		return slices.Max(column) - slices.Min(column)
	}
	if chosen, given := spread(nil), spread(map[string]string{"lambda": "10000", "scale": "1"}); given > chosen/100 {
		t.Errorf("logits of the class that joined spread over %g, and at a penalty that leaves no room over %g", chosen, given)
	}
}

// TestGrowAuto: what auto keeps takes a class where its methods do.
func TestGrowAuto(t *testing.T) {
	w := newWorld(6, 24, 9)
	train, test := w.train(4, scenario{}), w.test(10)
	before, clips, text := withoutLast(train)
	zero, tip := run(t, "zero-shot", before, nil), run(t, "tip", before, nil)
	proker := run(t, "proker", before, nil)
	kept := meanOf([]contender{{name: "zero-shot", fitted: zero}, {name: "tip", fitted: tip}, {name: "proker", fitted: proker}})
	both := explain(kept, probe.L1, words.Sentence{})
	sameColumnsUpToNorm(t, grown(t, "auto", before, both, clips, text).(*Mixture), both.Classifier.(*Mixture), test.X)

	one := zero
	one.Choices = append([]probe.Choice{{Param: probe.TookJudged + "zero-shot"}}, one.Choices...)
	sameColumns(t, "auto", grown(t, "auto", before, one, clips, text).Logits(test.X), zero.Classifier.Logits(test.X))

	clap := run(t, "clap", before, map[string]string{"m": "1", "scale": "1"})
	clap.Choices = append([]probe.Choice{{Param: probe.TookJudged + "clap"}}, clap.Choices...)
	if _, err := autoGrown(clap, before, clips, text); fault.KindOf(err) != fault.Config || !strings.Contains(err.Error(), "clap weighs classes") {
		t.Errorf("got %v", err)
	}
	auto := withGrowth([]probe.Method{autoMethod()})[0]
	if err := auto.CanGrow(probe.Growth{Choices: clap.Choices}, true); fault.KindOf(err) != fault.Config || !strings.Contains(err.Error(), "auto, which keeps clap: clap weighs classes") {
		t.Errorf("before anything is opened: %v", err)
	}
	if err := auto.CanGrow(probe.Growth{Choices: clap.Choices}, false); err != nil {
		t.Errorf("by words: %v", err)
	}
	if _, err := autoGrown(probe.Fitted{Classifier: zero.Classifier}, before, clips, text); err == nil {
		t.Error("auto did not say what it kept, and that went unnoticed")
	}
}

func autoGrown(f probe.Fitted, train, clips probe.Features, text []float32) (probe.Classifier, error) {
	return growAuto(context.Background(), probe.Growth{Classifier: f.Classifier, Choices: f.Choices, Train: train, Clips: clips, Text: text})
}

// sameColumnsUpToNorm: the members of a mixture say of old classes what they
// said; their mean is of posteriors, which one more class shares in.
func sameColumnsUpToNorm(t *testing.T, now, was *Mixture, x probe.Matrix) {
	t.Helper()
	for k := range was.Of {
		sameColumns(t, "a member of auto", now.Of[k].Logits(x), was.Of[k].Logits(x))
	}
}

func TestGrowErrors(t *testing.T) {
	w := newWorld(4, 16, 12)
	train := w.train(4, scenario{})
	before, clips, text := withoutLast(train)
	for name, c := range map[string]struct {
		clips probe.Features
		text  []float32
		kind  fault.Kind
	}{
		"clap": {clips, text, fault.Config}, "logistic": {clips, text, fault.Config}, "ss-text-plus": {clips, text, fault.Config},
		"tip": {clips, nil, fault.Input}, "ss-text": {clips, nil, fault.Input}, "gda": {clips, nil, fault.Input},
		"proker": {clips, nil, fault.Input}, "zero-shot": {clips, nil, fault.Input}, "nearest-mean": {probe.Features{}, text, fault.Input},
	} {
		m, err := probe.FindMethod(append(probe.Methods(), Methods()...), name)
		if err != nil {
			t.Fatal(err)
		}
		old := run(t, name, before, brief(m))
		if _, err := m.Grow(context.Background(), probe.Growth{Classifier: old.Classifier, Choices: old.Choices, Train: before, Clips: c.clips, Text: c.text}); fault.KindOf(err) != c.kind {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := m.Grow(context.Background(), probe.Growth{Classifier: old.Classifier}); err == nil {
			t.Errorf("%s: a class of which nothing is known joined", name)
		}
	}
}

func sameColumns(t *testing.T, name string, now, was probe.Matrix) {
	t.Helper()
	if now.Cols != was.Cols+1 {
		t.Fatalf("%s: %d classes, were %d", name, now.Cols, was.Cols)
	}
	for i := range was.Rows {
		if !slices.Equal(now.Row(i)[:was.Cols], was.Row(i)) {
			t.Fatalf("%s: clip %d: logits %v, were %v", name, i, now.Row(i), was.Row(i))
		}
	}
}

// recallOf is the share of the class's clips that are taken for it.
func recallOf(logits probe.Matrix, test probe.Features, class int) float64 {
	var n, right float64
	for i, y := range probe.Predict(logits) {
		if test.Labels[i] == class {
			n++
			if y == class {
				right++
			}
		}
	}
	return right / n
}
