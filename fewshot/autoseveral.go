package fewshot

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"framepilot/internal/fault"
	"framepilot/internal/words"
	"framepilot/probe"
)

// severalNames are the methods that auto tries where clips may be of several
// classes: what stands in for labels first, then what learns from them, with
// texts and without.
var severalNames = []string{"zero-shot", "nearest-mean", "sigmoid", "logistic"}

// tagger is a method that autoSeveral tried, and how it ranks training clips by
// fits that had not seen their recordings.
type tagger struct {
	name   string
	fitted probe.Fitted
	score  probe.MultiScore
}

// autoSeveral is auto where clips may be of several classes: it takes the
// method that ranks held-out training clips best, by mAP, if the gain over
// zero-shot is beyond doubt on resamples of recordings, all methods tried
// considered; else zero-shot. Without texts nearest-mean stands in for it.
func autoSeveral(ctx context.Context, train probe.Features, settings probe.Settings) (probe.Fitted, error) {
	all, err := fitTaggers(ctx, train, settings)
	if err != nil {
		return probe.Fitted{}, err
	}
	fallback := all[0]
	rows, classes := judgedTogether(all, len(train.Classes))
	if len(all) == 1 || len(classes) == 0 {
		return explainTagger(fallback, probe.L0, words.Say("auto keeps %s: no other method can be judged, as no class has clips of two recordings and lacks clips of two", fallback.name)), nil
	}
	for i := range all {
		if all[i].score, err = scoreTagger(all[i].fitted.HeldOut, train, rows, classes); err != nil {
			return probe.Fitted{}, fmt.Errorf("auto: %s: %w", all[i].name, err)
		}
	}
	fallback = all[0]
	best := slices.MaxFunc(all[1:], func(a, b tagger) int { return cmp.Compare(a.score.MAP, b.score.MAP) })
	d, err := probe.CompareMulti([]probe.MultiScore{best.score}, []probe.MultiScore{fallback.score}, 0)
	if err != nil {
		return probe.Fitted{}, fmt.Errorf("auto: %w", err)
	}
	held := func(t tagger) words.Sentence {
		return words.Say("over %d of %d classes, on %d training clips held out with their recordings, its mean average precision is %.1f %%", len(classes), len(train.Classes), len(rows), 100*t.score.MAP)
	}
	gain := words.Say("a gain of %.1f points, %g %% interval %.1f to %.1f", 100*d.Difference, 100*gate, 100*d.Low, 100*d.High)
	switch {
	case d.Low > 0 && d.P*float64(len(all)-1) <= 1-gate:
		return explainTagger(best, probe.L2, words.Say("auto takes %s, the best of %d methods: %s, that of %s %.1f %%, %s",
			best.name, len(all), held(best), fallback.name, 100*fallback.score.MAP, gain)), nil
	case d.Difference <= 0:
		return explainTagger(fallback, probe.L2, words.Say("auto keeps %s, the best of %d methods: %s, that of %s, the next, %.1f %%",
			fallback.name, len(all), held(fallback), best.name, 100*best.score.MAP)), nil
	}
	return explainTagger(fallback, probe.L2, words.Say("auto keeps %s: %s, that of %s, the best other of %d methods, %.1f %%, %s, which may be chance",
		fallback.name, held(fallback), best.name, len(all), 100*best.score.MAP, gain)), nil
}

// fitTaggers fits the methods that can recognise every class, what is fallen
// back to first.
func fitTaggers(ctx context.Context, train probe.Features, settings probe.Settings) ([]tagger, error) {
	texts := train.Text.Rows > 0
	empty := false // a class without clips
	for c := range train.Classes {
		empty = empty || !slices.ContainsFunc(train.Truth, func(of []int) bool { return slices.Contains(of, c) })
	}
	var out []tagger
	for _, name := range severalNames {
		m, err := probe.FindMethod(append(probe.Methods(), sigmoidMethod()), name)
		if err != nil {
			return nil, err
		}
		anchored := m.Anchored || name == "zero-shot"
		if anchored && !texts || !anchored && texts && empty {
			continue
		}
		given := map[string]string{}
		for _, p := range m.Params {
			if p.Name == "folds" || p.Name == "seed" {
				given[p.Name] = fmt.Sprint(settings[p.Name])
			}
		}
		fitted, err := m.Run(ctx, train, given)
		if fault.KindOf(err) == fault.Input && len(out) > 0 {
			continue // too few clips for it
		}
		if err != nil {
			return nil, fmt.Errorf("auto: %w", err)
		}
		fitted.Choices = leaveOut(fitted.Choices, given)
		out = append(out, tagger{name: name, fitted: fitted})
	}
	return out, nil
}

// judgedTogether are the clips, and of so many classes those, by which all
// taggers can be judged.
func judgedTogether(all []tagger, classes int) (rows, judged []int) {
	fitted := make([]probe.Fitted, len(all))
	for i, t := range all {
		fitted[i] = t.fitted
	}
	for c := range classes {
		if !slices.ContainsFunc(all, func(t tagger) bool { h := t.fitted.HeldOut; return len(h.Classes) == 0 || !h.Classes[c] }) {
			judged = append(judged, c)
		}
	}
	return common(fitted), judged
}

// scoreTagger is mAP of held-out logits of the given clips over the given
// classes.
func scoreTagger(h probe.HeldOut, train probe.Features, rows, classes []int) (probe.MultiScore, error) {
	list := make([]probe.MultiPrediction, len(rows))
	names := make([]string, len(classes))
	for k, r := range rows {
		p := probe.MultiPrediction{ID: fmt.Sprint(r), Z: make([]float32, len(classes))}
		if len(train.Groups) > 0 {
			p.Group = train.Groups[r]
		}
		for i, c := range classes {
			names[i] = train.Classes[c]
			if p.Z[i] = h.Logits.Row(r)[c]; slices.Contains(train.Truth[r], c) {
				p.Of = append(p.Of, i)
			}
		}
		list[k] = p
	}
	return probe.RescoreMulti(names, list, false, gate)
}

// explainTagger puts the decision, in one sentence, before the settings of what
// was taken. The value is its held-out mAP; of what could not be judged, the
// number of methods.
func explainTagger(t tagger, rung probe.Rung, said words.Sentence) probe.Fitted {
	choice := probe.Choice{Param: probe.TookRanked + t.name, Value: t.score.MAP, Rung: rung, Rule: probe.RuleCV, Reason: said.String(), Said: said}
	if rung == probe.L0 {
		choice.Param, choice.Value, choice.Rule = probe.TookUnjudged+t.name, 1, probe.RuleFixed
	}
	t.fitted.Choices = append([]probe.Choice{choice}, t.fitted.Choices...)
	return t.fitted
}
