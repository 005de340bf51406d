package fewshot

import (
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

// auto runs every method that is fitted in seconds, and keeps the one with the
// least held-out negative log-likelihood, if its gain on the better of
// zero-shot and nearest means is beyond doubt; else that one.
type auto struct {
	train    probe.Features
	settings map[string]string // for methods that choose on folds
	trained  bool              // try the linear adapter whatever the size
}

// What auto tries by itself takes seconds: the linear adapter up to so many
// values in the training clips, and the probes that are fitted in folds up to
// so many multiplications a step, N C d. With more clips than that the closed
// forms are as good.
const (
	trainedWork = 20_000
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
		return explain(base[0], fmt.Sprintf("auto keeps %s: no class has clips from two recordings, so that nothing can be judged", base[0].name), probe.L0), nil
	}
	if err := a.judge(all, rows); err != nil {
		return probe.Fitted{}, err
	}
	fallback, best := least(all[:len(base)]), least(all)
	return a.decide(fallback, best, rows, len(all)), nil
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
			p := probe.Softmax(c.fitted.HeldOut.Logits.Row(r))[a.train.Labels[r]]
			loss := -math.Log(max(p, math.SmallestNonzeroFloat64))
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

// decide gives the best contender the word if the 95 % interval of its gain,
// over recordings and allowing for the number of contenders (Bonferroni),
// leaves out zero.
func (a *auto) decide(fallback, best contender, rows []int, contenders int) probe.Fitted {
	where := fmt.Sprintf("on %d training clips held out with their recordings", len(rows))
	if best.name == fallback.name {
		return explain(fallback, fmt.Sprintf("auto keeps %s: none of %d methods is likelier right %s", fallback.name, contenders, where), probe.L1)
	}
	gain := make([]float64, len(rows))
	for i := range gain {
		gain[i] = fallback.losses[i] - best.losses[i]
	}
	number, _ := numberGroups(a.train.Groups, a.train.Len())
	groups := make([]int, len(rows))
	for i, r := range rows {
		groups[i] = number[r]
	}
	interval, _ := stat.ClusterBootstrap(gain, groups, 1-0.05/float64(contenders), rand.New(rand.NewPCG(1, 0)))
	verdict := fmt.Sprintf("%s has a mean negative log-likelihood of %.3g against %.3g of %s, a gain of %.2g, interval %.2g to %.2g over %d methods",
		where, best.nll, fallback.nll, fallback.name, fallback.nll-best.nll, interval.Low, interval.High, contenders)
	if !(interval.Low > 0) {
		return explain(fallback, fmt.Sprintf("auto keeps %s: %s", fallback.name, best.name+", "+verdict+", which may be chance"), probe.L1)
	}
	return explain(best, "auto chose "+best.name+": "+verdict, probe.L1)
}

// explain puts the decision, in one sentence, before the settings of the
// method. The value is its held-out negative log-likelihood; 0 where there is
// none.
func explain(c contender, sentence string, rung probe.Rung) probe.Fitted {
	rule := probe.RuleLOO
	if rung == probe.L0 {
		rule = probe.RuleFixed
	}
	choice := probe.Choice{Param: "held-out NLL of " + c.name, Value: c.nll, Rung: rung, Rule: rule, Reason: sentence}
	out := c.fitted
	out.Choices = append([]probe.Choice{choice}, out.Choices...)
	return out
}

func autoMethod() probe.Method {
	return probe.Method{
		Name:    "auto",
		Summary: "tries the methods that take seconds and keeps the best on held-out training clips, or zero-shot or nearest-mean unless that is beyond doubt",
		Page: probe.Page{
			Does:   "Fits every method that takes seconds, compares them on training clips held out with their recordings, and says in one sentence what it keeps and why.",
			When:   "By default. It falls back to zero-shot or nearest-mean where the gain may be chance, as with one recording a class.",
			Cost:   "The sum of what it tries; at 100 classes of 16 clips some seconds.",
			Source: "The gate is a bootstrap over recordings with a Bonferroni correction for the number of methods.",
		},
		Params: []probe.Param{
			foldParams[1], foldParams[2],
			{Name: "trained", Doc: "1: try the linear adapter too, however long it takes; 0: only where there is little to train on", High: 1, Whole: true},
		},
		Anchored: true,
		Fit: func(ctx context.Context, train probe.Features, settings probe.Settings) (probe.Fitted, error) {
			a := auto{train: train, trained: settings["trained"] == 1, settings: map[string]string{
				"folds": fmt.Sprint(settings["folds"]), "seed": fmt.Sprint(settings["seed"]),
			}}
			return a.run(ctx)
		},
	}
}
