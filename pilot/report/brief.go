package report

import (
	"slices"
	"strconv"

	"framepilot/pilot"
	"framepilot/pilot/gate"
)

// brief is the one page a meeting decides on.
type brief struct {
	Head    string // what Answer is
	Answer  string // the decision, large; else what the gates say
	Class   string // go, conditions, no-go or undecided
	Stage   string
	Lines   []string // who decided, when, on what conditions
	Figures []briefFigure
	Facts   []fact // money, top risk, next step
	Boxes   []signBox
}

// briefFigure is one of the numbers that count most.
type briefFigure struct {
	Label, Value string
	Lines        []string
	Verdict      string
	Strip        *strip // nil where the number is no share
}

// fact is a heading and what there is to say under it.
type fact struct {
	Head  string
	Lines []string
	Code  string
}

// signBox is signed on paper, or was signed in the ledger.
type signBox struct{ Role, Name, Date string }

func (w words) brief(d Document) *brief {
	c := *d.Case
	open := "brief.open"
	if !c.agreed() {
		open = "brief.open_bare"
	}
	b := &brief{Head: w.say(open), Answer: w.answer(c.Evidence), Class: string(c.Evidence), Stage: w.briefStage(c)}
	if dec := c.Decision; dec != nil {
		b.Head, b.Answer, b.Class = w.say("brief.decision"), w.answer(dec.Answer), string(dec.Answer)
		values := args{"By": name(dec.By), "Approved": name(dec.Approved), "At": day(dec.At)}
		if dec.Approved == "" {
			b.Lines = append(b.Lines, w.say("brief.decided", values))
		} else {
			b.Lines = append(b.Lines, w.say("brief.approved", values))
		}
		if dec.Note != "" {
			id := "brief.note"
			if dec.Answer == pilot.Conditions {
				id = "brief.conditions"
			}
			b.Lines = append(b.Lines, w.say(id, args{"Text": name(dec.Note)}))
		}
		if c.agreed() {
			b.Lines = append(b.Lines, w.say("brief.evidence", args{"Answer": w.answer(c.Evidence)}))
		}
	}
	for _, f := range c.Figures {
		b.Figures = append(b.Figures, w.figureOf(f))
	}
	b.Facts = []fact{
		{Head: w.say("brief.money"), Lines: w.moneyLines(c)},
		{Head: w.say("brief.risk"), Lines: []string{w.riskLine(c)}},
		{Head: w.say("brief.next"), Lines: []string{w.nextLine(c)}, Code: lines(c.Next.Command)},
	}
	b.Boxes = w.boxes(c)
	return b
}

// agreed says whether the stage has gates, which alone can say something.
func (c Case) agreed() bool {
	return slices.ContainsFunc(c.Stages, func(s StageState) bool { return s.Stage == c.Stage && s.Gates > 0 })
}

func (w words) briefStage(c Case) string {
	for _, s := range c.Stages {
		if s.Stage == c.Stage {
			if s.Gates == 0 {
				return w.say("brief.stage_bare", args{"Stage": w.stage(s.Stage)})
			}
			return w.say("brief.stage", args{"Stage": w.stage(s.Stage), "Settled": s.Settled, "Gates": s.Gates})
		}
	}
	return w.stage(c.Stage)
}

// figureOf is a number with its interval, what was asked for, and the verdict.
func (w words) figureOf(f Figure) briefFigure {
	label := w.title(f.Metric)
	var about []string
	for _, part := range []string{f.Gate, f.Site} {
		if part != "" {
			about = append(about, name(part))
		}
	}
	if f.Class != "" {
		about = append(about, w.say("gates.class", args{"Class": name(f.Class)}))
	}
	out := briefFigure{Label: w.noted(sentence(label), w.join(about)), Value: amount(f.Metric, f.Value)}
	if f.Best != nil && f.Best.Of > 1 {
		out.Lines = append(out.Lines, w.say("brief.best", args{"Method": w.describe(f.Best.Label, f.Best.Prompts, ""), "N": f.Best.Of}))
	}
	if f.Interval != nil {
		out.Lines = append(out.Lines, w.say("brief.clips", args{
			"Kind": sentence(w.kind(f.Interval.Kind)), "Range": amounts(f.Metric, f.Interval.Low, f.Interval.High), "Clips": w.count(f.N, "clips"),
		}))
	}
	if f.Need != nil {
		out.Lines = append(out.Lines, w.say("brief.need", args{"Need": w.need(f.Metric, f.Bound, *f.Need)}))
	}
	if f.Verdict != nil {
		out.Verdict = w.gateVerdict(*f.Verdict)
	}
	if m, err := gate.Find(f.Metric); err == nil && m.Kind == gate.Share && f.Interval != nil {
		out.Strip = emptyStrip()
		out.Strip.Title = w.labelled(label, out.Value)
		out.Strip.Dot, out.Strip.Low, out.Strip.High, out.Strip.Best = at(f.Value), at(f.Interval.Low), at(f.Interval.High), true
		if f.Need != nil {
			out.Strip.Marks = []mark{{at(*f.Need), "need"}}
		}
	}
	return out
}

func (w words) moneyLines(c Case) []string {
	r := c.Return
	switch {
	case r == nil && len(c.Unknown) > 0:
		return []string{w.say("money.unknown", args{"Names": w.assumptions(c.Unknown)})}
	case r == nil && c.NoReturn:
		return []string{w.say("money.several")}
	case r == nil:
		return []string{w.say("money.none")}
	}
	money := func(x float64) string { return money(x, r.Currency) }
	return []string{
		w.say("money.net", args{"Base": money(r.Base.Net), "Low": money(r.Low.Net), "High": money(r.High.Net)}),
		w.say("money.payback", args{"Base": w.months(r.Payback[1]), "Low": w.months(r.Payback[0]), "High": w.months(r.Payback[2])}),
		w.breakEven(*r),
	}
}

func (w words) breakEven(r Return) string {
	switch at := r.BreakEven; {
	case at != nil && *at > 1 || at == nil && r.Base.Net < 0:
		return w.say("money.even_never")
	case at == nil || *at <= 0:
		return w.say("money.even_always")
	default:
		return w.say("money.even", args{"At": percent(*at), "Value": percent(r.accuracy().Base)})
	}
}

func (w words) riskLine(c Case) string {
	r := c.Risk
	switch r.Kind {
	case RiskGate:
		for _, g := range c.Gates {
			if g.Criterion.Name == r.Name {
				return w.say("risk."+string(g.Verdict), args{"Gate": name(g.Criterion.Name), "Text": name(g.Criterion.Text)})
			}
		}
	case RiskWaived:
		for _, g := range c.Gates {
			if g.Criterion.Name == r.Name {
				return w.say("risk.waived", args{"Gate": name(g.Criterion.Name), "By": name(g.Waived.By), "Text": name(g.Criterion.Text)})
			}
		}
	case RiskAssumption:
		return w.say("risk.assumption", args{
			"Name": w.known("assumption", r.Name), "Low": money(min(r.Low, r.High), c.Return.Currency), "High": money(max(r.Low, r.High), c.Return.Currency),
		})
	case RiskClass:
		return w.say("risk.class", args{"Class": name(r.Name), "Correct": r.Correct, "Clips": w.count(r.Clips, "clips"), "Range": span(r.Low, r.High, "")})
	}
	return w.say("risk.none")
}

func (w words) nextLine(c Case) string {
	price := ""
	for _, g := range c.Gates {
		if g.Criterion.Name == c.Next.Gate {
			price = w.price(c, g)
		}
	}
	kind := string(c.Next.Kind)
	if c.Next.Late {
		kind += "_late"
	}
	return w.say("next."+kind, args{"Gate": name(c.Next.Gate), "Price": price})
}

// boxes are for those who proposed, checked and approved.
func (w words) boxes(c Case) []signBox {
	out := []signBox{{Role: w.say("role.proposed")}, {Role: w.say("role.checked")}, {Role: w.say("role.approved")}}
	if d := c.Decision; d != nil {
		out[0].Name, out[0].Date = name(d.By), day(d.At)
		if d.Approved != "" {
			out[2].Name, out[2].Date = name(d.Approved), day(d.At)
		}
	}
	return out
}

// price says what would settle an undecided gate.
func (w words) price(c Case, g Gate) string {
	if g.Verdict != gate.Undecided || g.Check == nil {
		return ""
	}
	p := g.Price
	if m, err := gate.Find(g.Criterion.Metric); p == nil && err == nil && m.Uncounted() {
		return w.say("gates.price.formula")
	}
	if p == nil {
		return w.say("gates.price.none")
	}
	id := "gates.price.clips"
	if g.Check.Reading.Class != "" {
		id = "gates.price.class"
	}
	parts := []string{w.say(id, args{"Clips": thousands(p.Clips), "Class": name(g.Check.Reading.Class)})}
	if p.LabelMinutes > 0 {
		parts = append(parts, w.say("gates.price.minutes", args{"N": whole0(p.LabelMinutes)}))
	}
	if p.MachineMinutes >= 0.05 {
		parts = append(parts, w.say("gates.price.machine", args{"N": minutes(p.MachineMinutes)}))
	}
	if p.Known {
		parts = append(parts, w.say("gates.price.money", args{"Money": money(p.Money, c.Effort.Currency)}))
	}
	return w.say("gates.price.if", args{"Text": w.join(parts)})
}

// need is what a gate asks for: "at least 70.0 %".
func (w words) need(metric string, b gate.Bound, x float64) string {
	switch b {
	case gate.AtLeast:
		return w.say("gates.need_least", args{"Value": amount(metric, x)})
	case gate.AtMost:
		return w.say("gates.need_most", args{"Value": amount(metric, x)})
	}
	return w.say("gates.signed")
}

func (w words) stage(s gate.Stage) string         { return w.language.Text("stage." + string(s)) }
func (w words) answer(a pilot.Answer) string      { return w.language.Text("decision." + string(a)) }
func (w words) gateVerdict(v gate.Verdict) string { return w.language.Text("verdict." + string(v)) }
func (w words) assumptions(names []string) string {
	var out []string
	for _, n := range names {
		out = append(out, w.known("assumption", n))
	}
	return w.join(out)
}

// months is a payback; nil is never.
func (w words) months(n *float64) string {
	if n == nil {
		return w.say("money.never")
	}
	return w.say("money.months", args{"N": strconv.FormatFloat(*n, 'f', 1, 64)})
}

// accuracy is the measured accuracy of a return.
func (r Return) accuracy() (a struct{ Low, Base, High float64 }) {
	for _, x := range r.Assumptions {
		if x.Name == "accuracy" {
			a.Low, a.Base, a.High = x.Range.Low, x.Range.Base, x.Range.High
		}
	}
	return a
}
