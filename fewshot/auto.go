package fewshot

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"framepilot/internal/fault"
	"framepilot/internal/stat"
	"framepilot/probe"
)

// contender is a method that auto tried, and what it says of training clips
// by fits that had not seen them.
type contender struct {
	name   string
	fitted probe.Fitted
	losses []float64 // negative log-likelihoods of the judged clips
	nll    float64   // their mean
}

// auto runs every method that is fitted in seconds, and keeps the mean of the
// two with the least held-out negative log-likelihood, if its gain on the better
// of zero-shot and nearest means is beyond doubt; else that one.
type auto struct {
	train    probe.Features
	settings map[string]string // for methods that choose on folds
	trained  bool              // try the linear adapter whatever the size
	cautious bool              // take no method that could not be judged
}

// What auto tries by itself takes seconds: the linear adapter up to so many
// values in the training clips, and the probes that are fitted in folds up to
// so many multiplications a step, N C d. With more clips than that the closed
// forms are as good.
const (
	trainedWork = 100_000
	foldedWork  = 20_000_000
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

// closed are methods whose votes for the classes with clips drown out the
// others. Held-out clips, which are all of classes with clips, cannot show it.
var closed = []string{"tip", "gda", "proker"}

// usable tells whether a method can be fitted and can recognise all classes.
func (a *auto) usable(m probe.Method) bool {
	counts := make([]int, len(a.train.Classes))
	for _, y := range a.train.Labels {
		if y != probe.Unlabelled {
			counts[y]++
		}
	}
	texts, missing := a.train.Text.Rows > 0, slices.Contains(counts, 0)
	if m.Name == "zero-shot" || m.Anchored {
		return texts && !(missing && slices.Contains(closed, m.Name))
	}
	return !texts || !missing
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
	tried, err := a.fit(ctx, candidates)
	if err != nil {
		return probe.Fitted{}, err
	}
	all := append(slices.Clone(base), tried...)
	rows := judged(all)
	if len(rows) == 0 {
		return a.unjudged(base[0], tried), nil
	}
	if err := a.judge(all, rows); err != nil {
		return probe.Fitted{}, err
	}
	fallback := least(all[:len(base)])
	slices.SortStableFunc(all, func(a, b contender) int { return cmp.Compare(a.nll, b.nll) })
	return a.decide(fallback, all[:min(2, len(all))], rows, len(all)), nil
}

// unjudged decides where no held-out clip can. Zero-shot, which has seen none of
// the labelled clips, can be judged by them: right about all, it stays. Else the
// method that did best at its published setting in docs/methods-benchmark.md,
// never clearly worse than zero-shot there, has the word.
func (a *auto) unjudged(fallback contender, tried []contender) probe.Fitted {
	const why = "no class has clips from two recordings, so that nothing can be judged"
	if fallback.name == "zero-shot" && a.allRight(fallback.fitted.Classifier) {
		return explain(fallback.name, fallback.fitted, 0, "auto keeps zero-shot, which is right about all labelled clips: "+why, probe.L0)
	}
	if !a.cautious {
		for _, name := range []string{"proker", "clap"} { // the second where a class has no clips
			for _, c := range tried {
				if c.name == name {
					return explain(c.name, c.fitted, 0, "auto takes "+name+" at its published setting: "+why+"; cautious = 1 keeps "+fallback.name, probe.L0)
				}
			}
		}
	}
	return explain(fallback.name, fallback.fitted, 0, "auto keeps "+fallback.name+": "+why, probe.L0)
}

// allRight tells whether a classifier that has not learned from the labelled
// clips names every one.
func (a *auto) allRight(c probe.Classifier) bool {
	for i, said := range probe.Predict(c.Logits(a.train.X)) {
		if y := a.train.Labels[i]; y != probe.Unlabelled && y != said {
			return false
		}
	}
	return true
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
		out = append(out, contender{name: m.Name, fitted: fitted})
	}
	return out, nil
}

// judged lists the training clips that every contender but zero-shot, which
// has seen none, has held-out logits of.
func judged(all []contender) []int {
	times := make(map[int]int)
	var contenders int
	for _, c := range all {
		if c.name == "zero-shot" {
			continue
		}
		contenders++
		for _, r := range c.fitted.HeldOut.Rows {
			times[r]++
		}
	}
	var rows []int
	for r, n := range times {
		if n == contenders {
			rows = append(rows, r)
		}
	}
	slices.Sort(rows)
	return rows
}

// judge fills in the losses on the given rows. Zero-shot gets its temperature
// there, as the others had theirs.
func (a *auto) judge(all []contender, rows []int) error {
	for i := range all {
		c := &all[i]
		if c.name == "zero-shot" {
			c.fitted.HeldOut = probe.HeldOut{Logits: c.fitted.Classifier.Logits(a.train.X), Rows: rows}
			calibrated, err := c.fitted.Calibrated(a.train.Labels)
			if err != nil {
				return fmt.Errorf("auto: %w", err)
			}
			c.fitted = calibrated
		}
		c.losses, c.nll = nil, 0
		for _, r := range rows {
			loss := lossOf(c.fitted.HeldOut, r, a.train.Labels[r])
			c.losses = append(c.losses, loss)
			c.nll += loss / float64(len(rows))
		}
	}
	return nil
}

// tie is the relative difference in likelihood below which the contender that
// leans on the texts more is the better one.
const tie = 1e-2

// least is the first contender that ties with the best.
func least(all []contender) contender {
	best := math.Inf(1)
	for _, c := range all {
		best = min(best, c.nll)
	}
	return all[slices.IndexFunc(all, func(c contender) bool { return c.nll <= best*(1+tie) })]
}

// gate is the confidence of the interval that decides: more than 95 %, as the
// two methods were chosen on the same clips.
const gate = 0.99

// decide gives the mean of the two best contenders the word if the interval of
// its gain over the fallback, over recordings, leaves out zero. Two are steadier
// than the best alone, whose lead is often luck.
func (a *auto) decide(fallback contender, best []contender, rows []int, contenders int) probe.Fitted {
	fitted, name := best[0].fitted, best[0].name
	if len(best) > 1 {
		fitted, name = mix(best[0].fitted, best[1].fitted), best[0].name+" + "+best[1].name
	}
	where := fmt.Sprintf("on %d training clips held out with their recordings", len(rows))
	number, _ := probe.NumberGroups(a.train.Groups, a.train.Len())
	gain, groups := make([]float64, len(rows)), make([]int, len(rows))
	var nll float64
	for i, r := range rows {
		loss := lossOf(fitted.HeldOut, r, a.train.Labels[r])
		nll += loss / float64(len(rows))
		gain[i], groups[i] = fallback.losses[i]-loss, number[r]
	}
	interval, _ := stat.ClusterBootstrap(gain, groups, gate, rand.New(rand.NewPCG(1, 0)))
	verdict := fmt.Sprintf("%s, the mean of the best of %d methods, has a negative log-likelihood of %.3g against %.3g of %s %s, a gain of %.2g, %g %% interval %.2g to %.2g",
		name, contenders, nll, fallback.nll, fallback.name, where, fallback.nll-nll, 100*gate, interval.Low, interval.High)
	if !(interval.Low > 0) {
		return explain(fallback.name, fallback.fitted, fallback.nll, "auto keeps "+fallback.name+": "+verdict+", which may be chance", probe.L1)
	}
	return explain(name, fitted, nll, "auto chose "+verdict, probe.L1)
}

// lossOf is the negative log-likelihood of a label.
func lossOf(h probe.HeldOut, row, label int) float64 {
	return -math.Log(max(probe.Softmax(h.Logits.Row(row))[label], math.SmallestNonzeroFloat64))
}

// explain puts the decision, in one sentence, before the settings of what was
// chosen. The value is its held-out negative log-likelihood; 0 where there is
// none.
func explain(name string, fitted probe.Fitted, nll float64, sentence string, rung probe.Rung) probe.Fitted {
	rule := probe.RuleLOO
	if rung == probe.L0 {
		rule = probe.RuleFixed
	}
	choice := probe.Choice{Param: "held-out NLL of " + name, Value: nll, Rung: rung, Rule: rule, Reason: sentence}
	fitted.Choices = append([]probe.Choice{choice}, fitted.Choices...)
	return fitted
}

func autoMethod() probe.Method {
	return probe.Method{
		Name:    "auto",
		Summary: "tries the methods that take seconds and keeps the mean of the best two on held-out training clips, or zero-shot or nearest-mean unless that is beyond doubt",
		Page: probe.Page{
			Does:   "Fits every method that takes seconds, compares them on training clips held out with their recordings, averages the posteriors of the best two, and says in one sentence what it keeps and why. With one recording a class, where nothing can be judged, it keeps zero-shot if that is right about all labelled clips, and else takes proker at its published setting, which leans on the texts.",
			When:   "By default. It falls back to zero-shot or nearest-mean where the gain may be chance; cautious = 1 also where it cannot be judged.",
			Cost:   "The sum of what it tries; at 100 classes of 16 clips some seconds.",
			Source: "The gate is a bootstrap over recordings at 99 %.",
		},
		Params: []probe.Param{
			foldParams[1], foldParams[2],
			{Name: "trained", Doc: "1: try the linear adapter too, however long it takes; 0: only where there is little to train on", High: 1, Whole: true},
			{Name: "cautious", Doc: "1: keep zero-shot or nearest-mean where no held-out clip can speak for a method; 0: take a published setting that leans on the texts", High: 1, Whole: true},
		},
		Anchored: true,
		Fit: func(ctx context.Context, train probe.Features, settings probe.Settings) (probe.Fitted, error) {
			a := auto{train: train, trained: settings["trained"] == 1, cautious: settings["cautious"] == 1, settings: map[string]string{
				"folds": fmt.Sprint(settings["folds"]), "seed": fmt.Sprint(settings["seed"]),
			}}
			return a.run(ctx)
		},
	}
}
