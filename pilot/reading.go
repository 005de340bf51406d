package pilot

import (
	"fmt"
	"slices"
	"strings"

	"framepilot/internal/fault"
	"framepilot/internal/words"
	"framepilot/pilot/gate"
	"framepilot/probe"
)

// measure takes the reading of a gate from a run and judges it.
func measure(g *GateState, rec Record, recipe string, rates gate.Rates) (Check, error) {
	c := g.Criterion
	m, err := gate.Find(c.Metric)
	if err != nil {
		return Check{}, err
	}
	check := Check{Run: rec.Run.ID}
	if m.Kind == gate.Measured {
		x, err := machine(c, rec, rates)
		if err != nil {
			return Check{}, err
		}
		check.Reading = gate.Reading{Value: x, Low: x, High: x}
	} else {
		r, candidates, err := choose(c, rec, recipe)
		if err != nil {
			return Check{}, err
		}
		check.Result, check.Recipe = r.Key, r.Recipe()
		if check.Reading, err = g.read(m, rec, r, candidates); err != nil {
			return Check{}, fmt.Errorf("gate %s: result %s: %w", c.Name, r.Key, err)
		}
	}
	check.Ruling = c.Judge(check.Reading)
	return check, nil
}

// read is the number a gate is judged by, at the confidence the agreed looks
// ask for.
func (g *GateState) read(m gate.Metric, rec Record, r Result, candidates int) (gate.Reading, error) {
	return takeReading(g.Criterion, m, rec, r, candidates, max(g.looks(rec.Run.ID, r.Key), r.Look))
}

// takeReading takes a reading from the predictions the ledger kept.
func takeReading(c gate.Criterion, m gate.Metric, rec Record, r Result, candidates, looks int) (gate.Reading, error) {
	if err := fits(m, r); err != nil {
		return gate.Reading{}, err
	}
	reading := gate.Reading{Confidence: c.Level(candidates, looks), Clips: len(r.Predictions), Candidates: candidates, Looks: looks}
	reading.Recordings = recordings(rec, r.Predictions)
	if m.ByClass && !slices.Contains(r.Classes, c.Class) {
		return gate.Reading{}, fault.New(fault.Input, "the classes are "+strings.Join(r.Classes, ", "), "no class %q", c.Class)
	}
	if r.Several() {
		return readSeveral(c, m, rec, r, reading)
	}
	return readOne(c, m, rec, r, reading)
}

// fits is an error where a metric is not of clips labelled as those of a
// result are.
func fits(m gate.Metric, r Result) error {
	is, says := gate.One, words.Say("of one class each")
	if r.Several() {
		is, says = gate.Several, words.Say("of several classes, or of none")
	}
	if m.Labels == gate.Any || m.Labels == is {
		return nil
	}
	var names []string
	for _, other := range gate.Metrics() {
		if other.Kind != gate.Measured && other.Kind != gate.Signed && (other.Labels == gate.Any || other.Labels == is) {
			names = append(names, other.Name)
		}
	}
	return fault.New(fault.Usage, "propose another gate on "+strings.Join(names, ", "), "%s is not for clips that are %s", m.Name, says)
}

// readOne fills in the number of a result whose clips are of one class each.
func readOne(c gate.Criterion, m gate.Metric, rec Record, r Result, reading gate.Reading) (gate.Reading, error) {
	s, err := Rescore(rec, r, reading.Confidence)
	if err != nil {
		return gate.Reading{}, err
	}
	switch m.Name {
	case "recall", "precision":
		rate, groups := ofClass(s.Predictions, slices.Index(s.Classes, c.Class), m.Name == "precision", reading.Confidence)
		return ofOneClass(c, m, reading, rate, groups)
	case "top1":
		return taken(reading, s.Top1.Value, s.Top1.Low, s.Top1.High, s.Top1.Method), nil
	case "macro_recall":
		return taken(reading, s.Recall.Value, s.Recall.Low, s.Recall.High, probe.IntervalBootstrap), nil
	case "macro_f1":
		return taken(reading, s.F1.Value, s.F1.Low, s.F1.High, probe.IntervalBootstrap), nil
	case "worst_recall":
		return worst(c, reading, s, reading.Candidates), nil
	case "gain":
		base, err := zeroShotBeside(rec, r)
		if err != nil {
			return gate.Reading{}, err
		}
		b, err := Rescore(rec, base, reading.Confidence)
		if err != nil {
			return gate.Reading{}, err
		}
		d, err := probe.Compare(s, b)
		if err != nil {
			return gate.Reading{}, err
		}
		return taken(reading, d.Difference, d.Low, d.High, d.Method), nil
	}
	return gate.Reading{}, fmt.Errorf("metric %s has no reading", m.Name)
}

// taken is a reading with its number.
func taken(reading gate.Reading, value, low, high float64, interval probe.IntervalMethod) gate.Reading {
	reading.Value, reading.Low, reading.High, reading.Interval = value, low, high, string(interval)
	return reading
}

// ofOneClass is a reading of a rate of one class.
func ofOneClass(c gate.Criterion, m gate.Metric, reading gate.Reading, rate probe.Rate, groups int) (gate.Reading, error) {
	if rate.N == 0 {
		return gate.Reading{}, fault.New(fault.Input, "", "no test clip tells the %s of class %q", m.Name, c.Class)
	}
	reading.Class, reading.Clips, reading.Recordings = c.Class, rate.N, groups
	return taken(reading, rate.Value, rate.Low, rate.High, rate.Method), nil
}

// worst is the recall of the class that fares worst. Which one that is was
// seen in the same clips, so the intervals of all classes hold at once, and
// the least of their ends are the ends.
func worst(c gate.Criterion, reading gate.Reading, s probe.Score, candidates int) gate.Reading {
	reading.Confidence = c.Level(candidates*len(s.Classes), reading.Looks)
	reading.Value, reading.Low, reading.High = 2, 1, 1
	for class := range s.Classes {
		rate, groups := ofClass(s.Predictions, class, false, reading.Confidence)
		if rate.N == 0 {
			continue
		}
		reading.Low, reading.High = min(reading.Low, rate.Low), min(reading.High, rate.High)
		if rate.Value < reading.Value {
			reading.Value, reading.Interval, reading.Class = rate.Value, string(rate.Method), s.Classes[class]
			reading.Clips, reading.Recordings = rate.N, groups
		}
	}
	return reading
}

// ofClass is the share that is right of the clips of a class or, for
// precision, of the clips given it; groups is how many recordings they are of.
func ofClass(predictions []probe.Prediction, class int, precision bool, conf float64) (rate probe.Rate, groups int) {
	var hits []bool
	var names []string
	for _, p := range predictions {
		if precision && p.Predicted != class || !precision && p.Label != class {
			continue
		}
		hits, names = append(hits, p.Rank == 1), append(names, p.Group)
	}
	_, groups = probe.NumberGroups(names, len(names))
	return probe.ShareOf(hits, names, conf), groups
}

// looks is how many results this gate has been held against, this one
// included.
func (g *GateState) looks(run, key string) int {
	type result struct{ run, key string }
	seen := map[result]bool{{run, key}: true}
	for _, e := range g.Checks {
		seen[result{e.Check.Run, e.Check.Result}] = true
	}
	return len(seen)
}

// recordings counts those of predictions; a clip of none is one of its own.
func recordings(rec Record, predictions []Prediction) int {
	recording := rec.Recordings()
	names := make([]string, len(predictions))
	for i, p := range predictions {
		names[i] = recording[p.Clip]
	}
	_, count := probe.NumberGroups(names, len(names))
	return count
}

// Rescore is the score of a result at another confidence, from the predictions
// the ledger kept. Clips that stand or fall together are those of one
// recording in the record.
func Rescore(rec Record, r Result, conf float64) (probe.Score, error) {
	recording := rec.Recordings()
	number := make(map[string]int, len(r.Classes))
	for i, c := range r.Classes {
		number[c] = i
	}
	predictions := make([]probe.Prediction, len(r.Predictions))
	for i, p := range r.Predictions {
		truth, ok := number[p.Truth]
		predicted, known := number[p.Predicted]
		if !ok || !known {
			return probe.Score{}, fmt.Errorf("clip %s: %q predicted as %q is not among the classes", p.Clip, p.Truth, p.Predicted)
		}
		predictions[i] = probe.Prediction{ID: p.Clip, Group: recording[p.Clip], Label: truth, Predicted: predicted, P: p.P, Rank: 2}
		if p.Correct {
			predictions[i].Rank = 1
		}
	}
	return probe.Rescore(r.Classes, predictions, conf)
}
