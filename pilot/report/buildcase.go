package report

import (
	"math"
	"slices"
	"strconv"

	"framepilot/pilot"
	"framepilot/pilot/gate"
)

// buildCase is nil where nothing was agreed, decided or assumed.
func buildCase(d pilot.Dossier, r Results) *Case {
	if d.Board == nil {
		return nil
	}
	b := *d.Board
	c := &Case{Stage: reportStage(b), Evidence: pilot.NotYet, Gates: []Gate{}, Unknown: d.Unknown, NoReturn: d.NoAccuracy, Return: buildReturn(d)}
	for _, s := range b.Stages {
		state := StageState{Stage: s.Stage, Open: s.Open, Settled: s.Settled, Gates: len(s.Gates), Decision: DecisionOf(s.Decision)}
		c.Stages = append(c.Stages, state)
		if s.Stage == c.Stage {
			c.Decision, c.Evidence = state.Decision, evidence(s.Gates)
		}
	}
	for _, g := range b.Gates {
		c.Gates = append(c.Gates, GateOf(b, g))
	}
	c.Journal = buildJournal(b.Entries)
	c.Figures = buildFigures(*c, r.Headlines)
	c.Risk = buildRisk(*c, r)
	c.Next = NextOf(b)
	c.Effort = buildEffort(d)
	c.Untested = buildUntested(d, *c, r)
	return c
}

// reportStage is the latest open stage for which something was agreed or
// decided.
func reportStage(b pilot.Board) gate.Stage {
	for _, s := range slices.Backward(b.Open) {
		if _, decided := b.Decided[s]; decided || len(b.Of(s)) > 0 {
			return s
		}
	}
	return b.Current()
}

// evidence is what gates alone say, whatever people decide: nothing without
// gates, and nothing on thin data.
func evidence(gates []pilot.GateState) pilot.Answer {
	answer := pilot.Go
	if len(gates) == 0 {
		answer = pilot.NotYet
	}
	for _, g := range gates {
		switch v := g.Ruling().Verdict; {
		case v == gate.Fail:
			return pilot.NoGo
		case v != gate.Pass || g.Sealed == nil:
			answer = pilot.NotYet
		}
	}
	return answer
}

// DecisionOf is a decision as the journal has it; nil of nil.
func DecisionOf(e *pilot.Entry) *Decision {
	if e == nil {
		return nil
	}
	d := e.Decision
	return &Decision{Stage: d.Stage, Answer: d.Answer, By: e.By, Approved: d.Approved, Note: d.Note, At: e.At}
}

func signature(e *pilot.Entry) *Signature {
	if e == nil {
		return nil
	}
	return &Signature{e.By, e.At, e.Text}
}

// NextOf is what a pilot waits for.
func NextOf(b pilot.Board) Next {
	n := Next{Kind: b.Next.Kind, Gate: b.Next.Gate, Late: b.Next.Late, Command: b.Next.Command}
	if b.Next.Price.Clips > 0 {
		price := b.Next.Price
		n.Price = &price
	}
	return n
}

// GateOf is a gate of the board.
func GateOf(b pilot.Board, g pilot.GateState) Gate {
	ruling := g.Ruling()
	out := Gate{
		Criterion: g.Criterion, Hash: g.Criterion.Hash(), Sealed: signature(g.Sealed), Signed: signature(g.Signed), Waived: signature(g.Waived),
		Verdict: ruling.Verdict, Why: ruling.Reason, Settled: g.Settled(),
	}
	if g.Sealed != nil {
		out.Late, out.Reason = g.Sealed.Seal.Seen, g.Sealed.Seal.Reason
	}
	if n := len(g.Checks); n > 0 {
		out.Check = g.Checks[n-1].Check
	}
	if ruling.Clips > 0 {
		price := b.Rates.Price(ruling.Clips)
		out.Price = &price
	}
	return out
}

// buildJournal keeps what a meeting asks about.
func buildJournal(entries []pilot.Entry) []JournalLine {
	lines := []JournalLine{}
	for _, e := range entries {
		l := JournalLine{Kind: e.Kind, By: e.By, At: e.At, Gate: e.Gate, Stage: e.Stage, Text: e.Text}
		switch e.Kind {
		case pilot.Decided:
			l.Stage, l.Answer, l.With, l.Text = e.Decision.Stage, e.Decision.Answer, e.Decision.Approved, e.Decision.Note
		case pilot.Waived, pilot.Signed, pilot.Promoted, pilot.Noted:
		default:
			continue
		}
		lines = append(lines, l)
	}
	return lines
}

// maxFigures is how many numbers a page can lead with.
const maxFigures = 3

// buildFigures takes the readings of the stage's gates in their order, then
// the headline of each site.
func buildFigures(c Case, headlines []Headline) []Figure {
	out := []Figure{}
	for _, g := range c.Gates {
		if g.Criterion.Stage != c.Stage || g.Check == nil {
			continue
		}
		r, need, verdict := g.Check.Reading, g.Criterion.Threshold, g.Verdict
		f := Figure{
			Gate: g.Criterion.Name, Site: g.Criterion.Site, Metric: g.Criterion.Metric, Class: r.Class, Value: r.Value, N: r.Clips,
			Bound: g.Criterion.Bound, Need: &need, Verdict: &verdict,
		}
		if r.Interval != "" {
			f.Interval = &Interval{readingKind(r), r.Low, r.High}
		}
		out = append(out, f)
	}
	for _, h := range headlines {
		f := Figure{Site: h.Site, Metric: h.Metric, Value: h.Best.Value, N: h.Best.Summary.N, Best: &BestOf{h.Best.Label, h.Best.Prompts, h.Compared}}
		if h.Best.Interval != (Interval{}) {
			in := h.Best.Interval
			f.Interval = &in
		}
		out = append(out, f)
	}
	return out[:min(len(out), maxFigures)]
}

// readingKind names the interval of a reading as results name theirs.
func readingKind(r gate.Reading) string {
	kind := map[string]string{
		"independent clips": "Wilson", "one trial a group": "Wilson over recordings", "bootstrap over groups": "bootstrap over recordings",
		"BCa bootstrap over groups": "BCa bootstrap over recordings",
	}[r.Interval]
	if kind == "" {
		kind = r.Interval
	}
	return kind + " " + strconv.FormatFloat(100*r.Confidence, 'g', 4, 64) + " %"
}

func buildRisk(c Case, r Results) Risk {
	for _, waived := range []bool{false, true} {
		for _, v := range []gate.Verdict{gate.Fail, gate.Undecided, gate.Blocked} {
			for _, g := range c.Gates {
				if g.Criterion.Stage != c.Stage || g.Verdict != v || (g.Waived != nil) != waived {
					continue
				}
				if waived {
					return Risk{Kind: RiskWaived, Name: g.Criterion.Name}
				}
				return Risk{Kind: RiskGate, Name: g.Criterion.Name}
			}
		}
	}
	if c.Return != nil && len(c.Return.Bars) > 0 {
		b := c.Return.Bars[0]
		return Risk{Kind: RiskAssumption, Name: b.Name, Low: b.Low, High: b.High}
	}
	worst := Risk{Kind: RiskNone}
	least := math.Inf(1)
	for _, d := range r.Details {
		for _, s := range d.PerClass {
			if s.N >= fewClips && s.Correct < s.N && s.Recall < least {
				least, worst = s.Recall, Risk{Kind: RiskClass, Name: s.Class, Low: s.Low, High: s.High, Correct: s.Correct, Clips: s.N}
			}
		}
	}
	return worst
}

func buildEffort(d pilot.Dossier) Effort {
	e := Effort{ClipsPerHour: d.Board.Rates.ClipsPerHour, Currency: d.Board.Rates.Currency}
	for _, c := range d.Record.Clips {
		if c.Class != "" {
			e.Labelled++
		}
	}
	e.Price = d.Board.Rates.Price(e.Labelled)
	e.LabelMinutes = e.Price.LabelMinutes
	if run := d.Record.Run; !run.Finished.IsZero() {
		e.RunMinutes = run.Finished.Sub(run.Started).Minutes()
	}
	return e
}

// buildUntested follows from the data: sites and classes with few test clips,
// clips that were not read, gates not measured, stages not begun.
func buildUntested(d pilot.Dossier, c Case, r Results) []Untested {
	out := []Untested{}
	add := func(kind string, n int, names []string) {
		if len(names) > 0 {
			out = append(out, Untested{kind, names, n})
		}
	}
	var thin []string
	for _, s := range r.Data.Splits {
		if s.Split == "test" && (s.Clips < gate.MinClips || s.Recordings > 0 && s.Recordings < gate.MinRecordings) {
			thin = append(thin, s.Site)
		}
	}
	add("thin_site", gate.MinClips, thin)
	for _, detail := range r.Details {
		var classes []string
		for _, s := range detail.PerClass {
			if s.N < gate.MinClips {
				classes = append(classes, s.Class)
			}
		}
		for _, s := range detail.PerLabel {
			if s.N < gate.MinClips {
				classes = append(classes, s.Class)
			}
		}
		slices.Sort(classes)
		if len(classes) > 0 {
			out = append(out, Untested{"thin_class", append([]string{detail.Site}, classes...), gate.MinClips})
		}
	}
	if n := len(d.Record.Failures); n > 0 {
		out = append(out, Untested{"unread", nil, n})
	}
	if n := warnings(d.Record.Stages); n > 0 {
		out = append(out, Untested{"warned", nil, n})
	}
	var gates []string
	for _, g := range c.Gates {
		if g.Why == gate.Unmeasured {
			gates = append(gates, g.Criterion.Name)
		}
	}
	add("gate", 0, gates)
	var stages []string
	for _, s := range c.Stages {
		if !s.Open {
			stages = append(stages, string(s.Stage))
		}
	}
	add("stage", 0, stages)
	return out
}

// warnings counts those of the last time the run was at work: it says them each
// time it goes on, after its clips were looked at.
func warnings(stages []pilot.Stage) int {
	n := 0
	for i, s := range stages {
		switch {
		case s.Status != pilot.Warned:
		case i > 0 && stages[i-1].Status == pilot.Warned:
			n++
		default:
			n = 1
		}
	}
	return n
}
