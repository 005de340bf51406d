package pilot

import (
	"fmt"
	"math"
	"slices"

	"framepilot/pilot/gate"
	"framepilot/probe"
)

// Audit computes again what follows from the predictions the ledger kept: the
// scores of every result, and the readings and verdicts of gates. It returns
// what differs, in words; nothing where all is as it was recorded. What takes
// more than the class predicted, as calibration does, can't be computed again.
func (d Dossier) Audit() []string {
	var a audit
	for _, r := range d.Record.Results {
		a.result(d.Record, r)
	}
	if d.Board == nil {
		return a.found
	}
	for _, g := range d.Board.Gates {
		c := g.Criterion
		if g.Sealed != nil && g.Sealed.Seal.Hash != c.Hash() {
			a.add("gate %s is not what was sealed", c.Name)
		}
		for _, e := range g.Checks {
			a.check(d.Record, c, *e.Check)
		}
	}
	return a.found
}

type audit struct{ found []string }

func (a *audit) add(format string, values ...any) {
	a.found = append(a.found, fmt.Sprintf(format, values...))
}

// same compares a number the ledger holds with the one computed again.
func (a *audit) same(what string, held, again float64) {
	if math.Abs(held-again) > 1e-9*max(1, math.Abs(again)) {
		a.add("%s is %v, its predictions say %v", what, held, again)
	}
}

// result computes a result again; one without predictions can't be.
func (a *audit) result(rec Record, r Result) {
	if r.Task != Classification || len(r.Predictions) == 0 {
		return
	}
	if r.Several() {
		a.several(rec, r)
		return
	}
	s, err := Rescore(rec, r, probe.LookConfidence(r.Look, r.Agreed))
	if err != nil {
		a.add("result %s: %v", r.Key, err)
		return
	}
	a.metrics(r, s.N, map[string][3]float64{
		"top1":         {s.Top1.Value, s.Top1.Low, s.Top1.High},
		"macro_recall": {s.Recall.Value, s.Recall.Low, s.Recall.High},
		"macro_f1":     {s.F1.Value, s.F1.Low, s.F1.High},
	})
	for _, c := range r.PerClass {
		i := slices.IndexFunc(s.PerClass, func(x probe.ClassScore) bool { return x.Class == c.Class })
		if i < 0 {
			a.add("result %s, class %s: no clip of it was predicted", r.Key, c.Class)
			continue
		}
		what, again := fmt.Sprintf("result %s, recall of %s", r.Key, c.Class), s.PerClass[i].Recall
		a.same(what, c.Recall, again.Value)
		a.same(what+", lower end", c.Low, again.Low)
		a.same(what+", upper end", c.High, again.High)
		a.same(what+", clips", float64(c.N), float64(again.N))
		a.same(what+", right", float64(c.Correct), float64(again.K))
	}
	if r.Confusion != nil && !slices.EqualFunc(r.Confusion, s.Confusion, slices.Equal[[]int]) {
		a.add("result %s: its confusion counts other clips than its predictions", r.Key)
	}
}

// metrics compares those of a result that were computed again: value and ends
// of the interval, of so many clips.
func (a *audit) metrics(r Result, clips int, computed map[string][3]float64) {
	for _, m := range r.Metrics {
		again, ok := computed[m.Name]
		if !ok {
			continue
		}
		what := fmt.Sprintf("result %s, %s", r.Key, m.Name)
		a.same(what, m.Value, again[0])
		if m.HasInterval {
			a.same(what+", lower end", m.Low, again[1])
			a.same(what+", upper end", m.High, again[2])
		}
		if m.N > 0 {
			a.same(what+", clips", float64(m.N), float64(clips))
		}
	}
}

// several computes a result again whose clips may be of several classes.
func (a *audit) several(rec Record, r Result) {
	s, err := RescoreSeveral(rec, r, probe.LookConfidence(r.Look, r.Agreed))
	if err != nil {
		a.add("result %s: %v", r.Key, err)
		return
	}
	computed := map[string][3]float64{"map": {s.MAP, s.Low, s.High}}
	if s.Said {
		computed["macro_f1"] = [3]float64{s.F1.Value, s.F1.Low, s.F1.High}
		computed["micro_f1"] = [3]float64{s.MicroF1.Value, s.MicroF1.Low, s.MicroF1.High}
	}
	a.metrics(r, s.N, computed)
	for i, p := range s.Predictions {
		if kept := r.Predictions[i]; kept.Correct != (s.Said && p.Right()) {
			a.add("result %s, clip %s: it is %s and said to be %s", r.Key, kept.Clip, kept.Truth, kept.Predicted)
		}
	}
	for _, c := range r.PerLabel {
		i := slices.Index(s.Classes, c.Class)
		if i < 0 {
			a.add("result %s, class %s: it is not among the classes", r.Key, c.Class)
			continue
		}
		again := s.PerClass[i]
		what := fmt.Sprintf("result %s, class %s", r.Key, c.Class)
		a.same(what+", clips", float64(c.N), float64(again.Clips))
		a.same(what+", average precision", c.AP, again.AP)
		a.same(what+", its lower end", c.APLow, again.Low)
		a.same(what+", its upper end", c.APHigh, again.High)
		if !c.HasThreshold {
			continue
		}
		a.same(what+", said", float64(c.Said), float64(again.Said))
		a.same(what+", right", float64(c.Correct), float64(again.Right))
		a.same(what+", F1", c.F1, again.F1.Value)
		a.same(what+", lower end of F1", c.F1Low, again.F1.Low)
		a.same(what+", upper end of F1", c.F1High, again.F1.High)
	}
}

// check reads a gate again where its run is at hand, and judges it again.
func (a *audit) check(rec Record, c gate.Criterion, check Check) {
	if c.Judge(check.Reading) != check.Ruling {
		a.add("gate %s: its reading makes it %s, the ledger says %s", c.Name, c.Judge(check.Reading).Verdict, check.Ruling.Verdict)
	}
	m, err := gate.Find(c.Metric)
	if err != nil || check.Run != rec.Run.ID || m.Kind == gate.Measured {
		return
	}
	i := slices.IndexFunc(rec.Results, func(r Result) bool { return r.Key == check.Result })
	if i < 0 {
		a.add("gate %s: run %s has no result %s any more", c.Name, check.Run, check.Result)
		return
	}
	again, err := takeReading(c, m, rec, rec.Results[i], check.Reading.Candidates, check.Reading.Looks)
	if err != nil {
		a.add("gate %s: %v", c.Name, err)
		return
	}
	a.same("gate "+c.Name, check.Reading.Value, again.Value)
	a.same("gate "+c.Name+", lower end", check.Reading.Low, again.Low)
	a.same("gate "+c.Name+", upper end", check.Reading.High, again.High)
}
