package fewshot

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"framepilot/internal/fault"
	"framepilot/internal/words"
	"framepilot/probe"
)

// auto runs every method that is fitted in seconds. It takes the mean of the
// two with the least held-out negative log-likelihood and a steady one, if the
// gain over zero-shot is beyond doubt; else that. Without texts nearest means
// stand in for zero-shot.
type auto struct {
	train    probe.Features
	settings map[string]string // for methods that choose on folds
	trained  bool              // try the linear adapter whatever the size
	cautious bool              // take no method that could not be judged
}

// What auto tries by itself takes seconds (docs/methods-speed.md): the linear
// adapter up to so many values in the training clips, and the probes that are
// fitted in folds up to so many multiplications a step, N C d: both reach
// beyond 101 classes of 16 clips of width 512. With more clips than that the
// closed forms are as good.
const (
	trainedWork = 1_000_000
	foldedWork  = 100_000_000
)

// methods lists the fallbacks and the candidates, those that lean on the
// texts most first.
func (a *auto) methods() (fallbacks, candidates []probe.Method) {
	size := len(a.train.X.Data)
	for _, m := range append(probe.Methods(), single()...) {
		switch m.Name {
		case "zero-shot", "nearest-mean":
			fallbacks = append(fallbacks, m)
			continue
		case "attentive": // of frames, which it has none of
			continue
		case "tip-f", "clip-adapter": // no better than what they are trained from, and slow
			continue
		case "linear-adapter":
			if !a.trained && size > trainedWork {
				continue
			}
		case "clap", "logistic":
			if size*len(a.train.Classes) > foldedWork {
				continue
			}
		}
		candidates = append(candidates, m)
	}
	return fallbacks, candidates
}

// steady are the methods that did best in docs/methods-benchmark.md where there
// is little to judge by, in that order. One of them is among those that auto
// averages: what did best on a few held-out clips is often luck.
var steady = []string{"proker", "linear-adapter", "clap"}

// steadyWithout is steady where classes have no clips: what linear-adapter
// learns of some carries over to the others, while proker's votes for those
// with clips grow with their number.
var steadyWithout = []string{"linear-adapter", "proker", "clap"}

// missing tells whether a class has no clips.
func (a *auto) missing() bool {
	_, classes := judgeable(a.train)
	return classes < len(a.train.Classes)
}

// usable tells whether a method can be fitted and can recognise all classes.
func (a *auto) usable(m probe.Method) bool {
	texts := a.train.Text.Rows > 0
	if m.Name == "zero-shot" || m.Anchored {
		return texts
	}
	return !texts || !a.missing()
}

func (a *auto) run(ctx context.Context) (probe.Fitted, error) {
	fallbacks, candidates := a.methods()
	base, err := a.fit(ctx, fallbacks)
	if err != nil {
		return probe.Fitted{}, err
	}
	if len(base) == 0 {
		return probe.Fitted{}, fault.New(fault.Input, "embed the class prompts into the feature file, or label clips of every class",
			"auto: the features have no text matrix, and not every class has a clip")
	}
	// Of fewer than half of the classes, what held-out clips say is of those only.
	if crossing, classes := judgeable(a.train); crossing < 2 || 2*crossing < classes {
		return a.unjudged(ctx, base)
	}
	tried, err := a.fit(ctx, candidates)
	if err != nil {
		return probe.Fitted{}, err
	}
	all := append(base, tried...)
	e := newEvidence(a.train, all)
	if len(e.rows) == 0 {
		return a.unjudged(ctx, base)
	}
	for i := range all {
		if err := e.leaveClassesOut(ctx, &all[i]); err != nil {
			return probe.Fitted{}, err
		}
		if err := e.judge(&all[i]); err != nil {
			return probe.Fitted{}, err
		}
	}
	return a.decide(e, all[:len(base)], all)
}

// decide gives the mean of the two best contenders and a steady one the word if
// the interval of its gain over the fallback, over recordings, leaves out zero.
func (a *auto) decide(e *evidence, base, all []contender) (probe.Fitted, error) {
	fallback, err := a.fallback(e, base)
	if err != nil {
		return probe.Fitted{}, err
	}
	ranked := slices.Clone(all)
	slices.SortStableFunc(ranked, func(a, b contender) int { return cmp.Compare(a.nll, b.nll) })
	best := ranked[:min(2, len(ranked))]
	steady := steady
	if a.missing() {
		steady = steadyWithout
	}
	if s := named(all, steady); len(s) > 0 && !slices.ContainsFunc(best, func(c contender) bool { return c.name == s[0].name }) {
		best = append(slices.Clone(best), s[0])
	}
	chosen, err := e.mean(best)
	if err != nil {
		return probe.Fitted{}, err
	}
	mean, interval := e.gain(chosen, fallback, gate)
	gain := words.Say("a gain in log-likelihood of %.2g a clip, %g %% interval %.2g to %.2g%s", mean, 100*gate, interval.Low, interval.High, e.counted())
	held := words.Say("of %d training clips held out with their recordings", len(e.rows))
	if !(interval.Low > 0) {
		return explain(fallback, probe.L1, words.Say("auto keeps %s: %s it names %d right, and %s, chosen among %d methods, %d, %s, which may be chance",
			fallback.called(), held, fallback.right, chosen.called(), len(all), chosen.right, gain)), nil
	}
	return explain(chosen, probe.L1, words.Say("auto takes %s, chosen among %d methods: %s it names %d right, and %s %d, %s",
		chosen.called(), len(all), held, chosen.right, fallback.called(), fallback.right, gain)), nil
}

// fallback is zero-shot, which needs no labels; without texts nearest means,
// which need nothing chosen.
func (a *auto) fallback(e *evidence, base []contender) (contender, error) {
	first := base[0]
	switch {
	case first.name == "zero-shot" && a.twins() && len(base) > 1:
		return e.mean(base)
	case first.name == "nearest-mean":
		if err := e.calibrate(&first); err != nil {
			return contender{}, err
		}
		return first, e.judge(&first)
	}
	return first, nil
}

// gate is the confidence of the interval that decides. In eighty draws of
// labels without meaning nothing passed it; 99 % would keep zero-shot in one of
// ten cases of four clips a class where it is twenty points behind.
const gate = 0.95

// twins tells whether two classes have the same text, between which zero-shot
// cannot decide. Nearest means can, and at their flat posteriors decide little
// else.
func (a *auto) twins() bool {
	for c := range a.train.Text.Rows {
		for b := range c {
			if slices.Equal(a.train.Text.Row(c), a.train.Text.Row(b)) {
				return true
			}
		}
	}
	return false
}

// named returns the contenders of these names, in the order of the names.
func named(all []contender, names []string) []contender {
	var out []contender
	for _, name := range names {
		if i := slices.IndexFunc(all, func(c contender) bool { return c.name == name }); i >= 0 {
			out = append(out, all[i])
		}
	}
	return out
}

// fit fits the methods that can be.
func (a *auto) fit(ctx context.Context, methods []probe.Method) ([]contender, error) {
	var out []contender
	texts := a.train.Text.Rows > 0
	for _, m := range methods {
		if !a.usable(m) {
			continue
		}
		given := make(map[string]string)
		for _, p := range m.Params {
			if value, ok := a.settings[p.Name]; ok {
				given[p.Name] = value
			}
		}
		fitted, err := m.Run(ctx, a.train, given)
		if err != nil {
			if fault.KindOf(err) == fault.Input && texts {
				continue // too few clips for it, where zero-shot needs none
			}
			return nil, fmt.Errorf("auto: %w", err)
		}
		fitted.Choices = leaveOut(fitted.Choices, given)
		out = append(out, contender{name: m.Name, fitted: fitted})
	}
	return out, nil
}

// leaveOut drops the account of settings that auto hands on: they are its own.
func leaveOut(choices []probe.Choice, handed map[string]string) []probe.Choice {
	return slices.DeleteFunc(slices.Clone(choices), func(c probe.Choice) bool { _, own := handed[c.Param]; return own })
}

// explain puts the decision, in one sentence, before the settings of what was
// chosen. The value is its held-out negative log-likelihood; 0 where there is
// none.
func explain(c contender, rung probe.Rung, said words.Sentence) probe.Fitted {
	choice := probe.Choice{Param: probe.TookJudged + c.name, Value: c.nll, Rung: rung, Rule: probe.RuleLOO, Reason: said.String(), Said: said}
	if rung == probe.L0 {
		choice.Param, choice.Rule = probe.TookUnjudged+c.name, probe.RuleFixed
		choice.Value = float64(1 + strings.Count(c.name, and))
	}
	c.fitted.Choices = append([]probe.Choice{choice}, c.fitted.Choices...)
	return c.fitted
}

func autoMethod() probe.Method {
	return probe.Method{
		Name:    "auto",
		Summary: "tries the methods that take seconds and keeps the mean of the best on held-out training clips, or zero-shot (without texts nearest-mean) unless that is beyond doubt",
		Page: probe.Page{
			Does:   "Fits every method that takes seconds, compares them on training clips held out with their recordings, every class counting the same, averages the posteriors of the best two and of proker, and says in one sentence what it takes and why. Where fewer than half of the classes have clips from two recordings and nothing can be judged, it keeps zero-shot if that names all labelled clips right, takes nearest-mean if it names them as by lot, and else proker and linear-adapter at their published settings, which lean on the texts. Where classes have no clips, methods are also asked about classes whose clips they were not given, which counts as much as such classes are of all; and linear-adapter stands in for proker. Where clips may be of several classes, it tries nearest-mean, sigmoid and logistic, and takes the one that ranks held-out clips best, by mean average precision, if its gain over zero-shot is beyond doubt for that many methods on resamples of recordings.",
			When:   "By default. It falls back to zero-shot, or without texts to nearest-mean, where the gain may be chance; cautious = 1 also where it cannot be judged. It is furthest behind the best method where texts tell little: with a clip or two a class, where nothing can be judged, proker alone is then the better choice; and where classes have no clips, and the texts that alone can speak for them tell nothing, leave those classes out or describe them in other words.",
			Cost:   "The sum of what it tries: docs/methods-speed.md has the times at 101 classes of 16 clips.",
			Source: "The gate is a bootstrap over recordings at 95 %. The rules were set on draws 1000 to 1009 of the worlds of docs/methods-benchmark.md, which has draws 0 to 19.",
		},
		Params: []probe.Param{
			foldParams[1], foldParams[2],
			{Name: "trained", Doc: "1: try the linear adapter too, however long it takes; 0: only where there is little to train on", High: 1, Whole: true},
			{Name: "cautious", Doc: "1: keep zero-shot, or without texts nearest-mean, where no held-out clip can speak for a method; 0: take a published setting that leans on the texts", High: 1, Whole: true},
		},
		Anchored: true, Several: autoSeveral,
		Fit: func(ctx context.Context, train probe.Features, settings probe.Settings) (probe.Fitted, error) {
			a := auto{train: train, trained: settings["trained"] == 1, cautious: settings["cautious"] == 1, settings: map[string]string{
				"folds": fmt.Sprint(settings["folds"]), "seed": fmt.Sprint(settings["seed"]),
			}}
			return a.run(ctx)
		},
	}
}
