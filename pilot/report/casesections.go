package report

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"framepilot/pilot"
	"framepilot/pilot/gate"
	"framepilot/pilot/roi"
)

// gatesSection shows every gate as it was sealed.
func (w words) gatesSection(c Case) section {
	s := section{ID: "gates", Title: w.say("gates.title")}
	if len(c.Gates) == 0 {
		return s
	}
	t := &table{Wide: true, Caption: w.say("gates.caption"), Head: w.columns("gate", "agreed", "need", "now", "looks", "sealed", "verdict")}
	for _, g := range c.Gates {
		t.Rows = append(t.Rows, w.gateRow(c, g))
	}
	s.Blocks = append(s.Blocks, block{Text: w.say("gates.about")}, block{Table: t})
	return s
}

func (w words) gateRow(c Case, g Gate) row {
	k := g.Criterion
	about := []string{w.title(k.Metric)}
	for _, part := range []string{k.Class, k.Site, k.Recipe} {
		if part != "" {
			about = append(about, name(part))
		}
	}
	line := row{Head: name(k.Name), Note: w.stage(k.Stage), Strong: !g.Settled}
	need := cell{Text: w.need(k.Metric, k.Bound, k.Threshold)}
	if k.By != "" {
		need.Note = w.say("gates.by_" + string(k.By))
	}
	now, looks := cell{Text: "–"}, cell{Text: "–"}
	if k.Looks > 0 {
		looks.Text = w.say("gates.looks_none", args{"Agreed": k.Looks})
	}
	if g.Check != nil {
		r := g.Check.Reading
		now.Text = amount(k.Metric, r.Value)
		if r.Interval != "" {
			now.Note = w.labelled(sentence(w.kind(readingKind(r))), amounts(k.Metric, r.Low, r.High))
			now.Note = w.join([]string{now.Note, w.say("gates.clips", args{"Clips": w.count(r.Clips, "clips"), "Recordings": r.Recordings})})
			looks.Text = w.say("gates.looks", args{"Used": r.Looks, "Agreed": k.Looks})
		}
		if g.Check.Left > 0 {
			now.Note = w.join([]string{now.Note, w.say("doubts.gate", args{"N": g.Check.Left})})
		}
		if r.Candidates > 1 {
			looks.Note = w.say("gates.candidates", args{"N": r.Candidates})
		}
	}
	sealed := cell{Text: w.say("gates.open")}
	if g.Sealed != nil {
		sealed.Text = day(g.Sealed.At)
		sealed.Note = w.join([]string{name(g.Sealed.By), w.say("gates.digest", args{"Hash": g.Hash[:12]})})
		if g.Late > 0 {
			sealed.Note = w.join([]string{sealed.Note, w.say("gates.late", args{"N": g.Late, "Reason": name(g.Reason)})})
		}
	}
	verdict := cell{Text: w.gateVerdict(g.Verdict), Note: w.gateWhy(c, g)}
	line.Cells = []cell{{name(k.Text), w.join(about)}, need, now, looks, sealed, verdict}
	return line
}

// gateWhy says why a gate stands as it does, and what would change it.
func (w words) gateWhy(c Case, g Gate) string {
	texts := []string{w.say("mark.sentence", args{"Text": sentence(w.say("gates.why." + string(g.Why)))}), w.price(c, g)}
	for _, by := range []string{w.signedBy(g), w.waivedBy(g)} {
		if by != "" {
			texts = append(texts, w.say("mark.sentence", args{"Text": sentence(by)}))
		}
	}
	return w.fold("mark.then", slices.DeleteFunc(texts, func(t string) bool { return t == "" }))
}

func (w words) signedBy(g Gate) string {
	if g.Signed == nil {
		return ""
	}
	return w.say("gates.signed_by", args{"By": name(g.Signed.By), "At": day(g.Signed.At)})
}

func (w words) waivedBy(g Gate) string {
	if g.Waived == nil {
		return ""
	}
	return w.say("gates.waived", args{"By": name(g.Waived.By), "At": day(g.Waived.At), "Reason": name(g.Waived.Text)})
}

// decisionsSection is the journal, of what a meeting asks about.
func (w words) decisionsSection(c Case) section {
	s := section{ID: "decisions", Title: w.say("decisions.title")}
	if len(c.Journal) == 0 {
		return s
	}
	t := &table{Wide: true, Caption: w.say("decisions.caption"), Head: w.columns("when", "who", "what", "why")}
	for _, l := range c.Journal {
		what := ""
		switch l.Kind {
		case pilot.Decided:
			id := "decisions.decided"
			if l.With != "" {
				id = "decisions.decided_approved"
			}
			what = w.say(id, args{"Stage": w.stage(l.Stage), "Answer": w.answer(l.Answer), "Name": name(l.With)})
		case pilot.Promoted:
			what = w.say("decisions.promoted", args{"Stage": w.stage(l.Stage)})
		default: // waived, signed, noted
			what = w.say("decisions."+string(l.Kind), args{"Gate": name(l.Gate)})
		}
		t.Rows = append(t.Rows, row{Head: day(l.At), Cells: []cell{{Text: name(l.By)}, {Text: what}, {Text: orDash(l.Text)}}})
	}
	s.Blocks = append(s.Blocks, block{Table: t})
	return s
}

// returnSection says what the result is worth and what that rests on.
func (w words) returnSection(c Case) section {
	s := section{ID: "return", Title: w.say("return.title")}
	r := c.Return
	if r == nil {
		if len(c.Unknown) > 0 {
			s.Blocks = append(s.Blocks, block{Text: w.moneyLines(c)[0]})
		}
		return s
	}
	currency := visible(r.Currency)
	if currency == "" {
		currency = w.say("return.currency_none")
	}
	s.Blocks = append(s.Blocks,
		block{Text: w.say("return.about", args{"Recipe": name(r.Recipe), "Site": name(r.Site), "Run": name(r.Run), "Currency": currency})},
		block{Table: w.monthTable(*r)}, block{Text: w.say("return.per1000", args{"Money": money(r.Per1000, r.Currency)})})
	if len(r.Bars) > 0 {
		s.Blocks = append(s.Blocks, block{Table: w.tornado(*r)})
	}
	s.Blocks = append(s.Blocks, block{Text: w.breakEven(*r)})
	if at := r.BreakEven; at != nil && *at >= 0 && *at <= 1 {
		s.Blocks = append(s.Blocks, block{Table: w.evenTable(*r)})
	}
	s.Blocks = append(s.Blocks, block{Table: w.assumptionTable(*r)})
	if len(r.Errors) > 0 {
		s.Blocks = append(s.Blocks, block{Table: w.errorTable(*r)})
	}
	return s
}

func (w words) monthTable(r Return) *table {
	t := &table{Caption: w.say("return.month"), Head: w.columns("month", ">worst", ">base", ">best")}
	base, high := r.Base.Lines(), r.High.Lines()
	for i, low := range r.Low.Lines() {
		t.Rows = append(t.Rows, row{Head: w.say("return." + low.Name), Strong: low.Name == "net", Cells: []cell{
			{Text: amountOf(low.Amount)}, {Text: amountOf(base[i].Amount)}, {Text: amountOf(high[i].Amount)},
		}})
	}
	line := row{Head: w.say("return.payback")}
	for _, months := range r.Payback {
		text := w.say("money.never")
		if months != nil {
			text = strconv.FormatFloat(*months, 'f', 1, 64)
		}
		line.Cells = append(line.Cells, cell{Text: text})
	}
	t.Rows = append(t.Rows, line)
	return t
}

// tornado draws the net of a month with each assumption alone at its ends, the
// widest first. The low end is hollow, the high end filled.
func (w words) tornado(r Return) *table {
	low, high := min(r.Base.Net, 0), max(r.Base.Net, 0)
	for _, b := range r.Bars {
		low, high = min(low, b.Low, b.High), max(high, b.Low, b.High)
	}
	place := func(x float64) float64 { return (x - low) / (high - low) }
	t := &table{
		Caption: w.say("return.tornado"), Head: w.columns("assumption", ">net_low", ">net_high"), Plot: w.say("return.tornado_scale"),
		Ticks: []tick{{at(0), amountOf(low)}, {at(1), amountOf(high)}},
	}
	for _, b := range r.Bars {
		label := w.known("assumption", b.Name)
		s := &strip{Title: w.say("return.tornado_row", args{"Name": label, "Low": amountOf(b.Low), "High": amountOf(b.High)})}
		s.Marks = []mark{{at(place(0)), "nought"}, {at(place(r.Base.Net)), "base"}}
		for _, end := range []struct {
			x     float64
			class string
		}{{b.Low, "low"}, {b.High, "high"}} {
			from, to := min(end.x, r.Base.Net), max(end.x, r.Base.Net)
			s.Bars = append(s.Bars, bar{at(place(from)), at((to - from) / (high - low)), end.class})
		}
		t.Rows = append(t.Rows, row{Head: label, Strip: s, Cells: []cell{{Text: amountOf(b.Low)}, {Text: amountOf(b.High)}}})
	}
	return t
}

// evenTable draws the accuracy measured beside the one that breaks even.
func (w words) evenTable(r Return) *table {
	a := r.accuracy()
	s := emptyStrip()
	s.Title = w.say("return.even_row", args{"Value": percent(a.Base), "At": percent(*r.BreakEven)})
	s.Dot, s.Low, s.High, s.Best = at(a.Base), at(a.Low), at(a.High), true
	s.Marks = []mark{{at(*r.BreakEven), "need"}}
	return &table{
		Caption: w.say("return.even"), Head: w.columns("assumption", ">now", ">break_even"), Plot: w.say("chart.scale"), Ticks: shares(),
		Rows: []row{{Head: w.say("assumption.accuracy"), Strip: s, Cells: []cell{{percent(a.Base), span(a.Low, a.High, "")}, {Text: percent(*r.BreakEven)}}}},
	}
}

func (w words) assumptionTable(r Return) *table {
	t := &table{Caption: w.say("return.assumptions"), Head: w.columns("assumption", ">low", ">base", ">high", "owner", "source")}
	for _, a := range r.Assumptions {
		show := amountOf
		if a.Name == roi.Accuracy || a.Name == roi.HandledShare {
			show = percent
		}
		line := row{Head: w.known("assumption", a.Name), Cells: []cell{{Text: show(a.Range.Low)}, {Text: show(a.Range.Base)}, {Text: show(a.Range.High)}}}
		if a.Measured {
			line.Cells = append(line.Cells, cell{Text: "–"}, cell{Text: w.say("return.measured")})
		} else {
			line.Cells = append(line.Cells, cell{name(a.Owner), day(a.At)}, cell{Text: orDash(a.Source)})
		}
		t.Rows = append(t.Rows, line)
	}
	return t
}

func (w words) errorTable(r Return) *table {
	t := &table{Caption: w.say("return.errors_caption"), Head: w.columns("clips_of", "taken_for", ">clips", ">cost")}
	for _, e := range r.Errors[:min(len(r.Errors), maxConfused)] {
		cost := w.say("return.errors_same")
		if e.Cost != nil {
			cost = amountOf(*e.Cost)
		}
		t.Rows = append(t.Rows, row{Head: name(e.Truth), Cells: []cell{{Text: name(e.Predicted)}, {Text: strconv.Itoa(e.N)}, {Text: cost}}})
	}
	return t
}

// slicesSection orders sites by what their headline reaches.
func (w words) slicesSection(r Results) section {
	s := section{ID: "slices", Title: w.say("results.slices")}
	if len(r.Headlines) < 2 {
		return s
	}
	t := &table{Caption: w.say("results.slices_caption"), Head: w.columns("site", "method", ">accuracy", ">clips")}
	lines := slices.Clone(r.Headlines)
	slices.SortStableFunc(lines, func(a, b Headline) int { return cmp.Compare(a.Best.Summary.Mean, b.Best.Summary.Mean) })
	for _, h := range lines {
		t.Rows = append(t.Rows, row{Head: name(h.Site), Cells: []cell{
			{Text: w.describe(h.Best.Label, h.Best.Prompts, h.Best.TrainSite)}, {w.short(h.Best.Summary), w.spread(h.Best.Summary)}, {Text: known(h.Best.Summary.N)},
		}})
	}
	s.Blocks = append(s.Blocks, block{Table: t})
	return s
}

func (w words) effortSection(d Document) section {
	e := d.Case.Effort
	t := &table{Caption: w.say("effort.caption"), Head: w.columns("what", "value")}
	add := func(id, text string) {
		t.Rows = append(t.Rows, row{Head: w.say("effort." + id), Cells: []cell{{Text: text}}})
	}
	if e.Labelled > 0 {
		add("labels", thousands(e.Labelled))
	}
	if e.LabelMinutes > 0 {
		add("minutes", whole0(e.LabelMinutes))
	}
	if e.Price.Known {
		add("price", money(e.Price.Money, e.Currency))
	}
	if e.RunMinutes > 0 {
		add("run", minutes(e.RunMinutes))
	}
	if e.ClipsPerHour > 0 {
		add("speed", whole0(e.ClipsPerHour))
	}
	var machine []string
	for _, p := range d.Run.Environment {
		if p.Name == "device" || p.Name == "cpu" || p.Name == "gpu" {
			machine = append(machine, name(p.Value))
		}
	}
	if len(machine) > 0 {
		add("hardware", w.join(machine))
	}
	add("energy", w.say("effort.energy_none"))
	return section{ID: "effort", Title: w.say("effort.title"), Blocks: []block{{Table: t}}}
}

func (w words) untestedSection(c Case) section {
	var lines []string
	for _, u := range c.Untested {
		names, values := u.Names, args{"N": u.N}
		switch u.Kind {
		case "thin_class":
			values["Site"], names = name(names[0]), names[1:]
		case "stage":
			names = nil
			for _, s := range u.Names {
				names = append(names, w.stage(gate.Stage(s)))
			}
		}
		values["Names"] = w.list(names)
		lines = append(lines, w.say("untested."+u.Kind, values))
	}
	lines = append(lines, w.say("untested.else"))
	return section{ID: "untested", Title: w.say("untested.title"), Blocks: []block{{List: lines}}}
}

// rolloutSection is what the stages to come ask for.
func (w words) rolloutSection(c Case) section {
	t := &table{Caption: w.say("rollout.caption"), Head: w.columns("stage", "status", "gates", "decision")}
	for _, s := range c.Stages {
		state, gates, answer := w.say("rollout.locked"), w.say("rollout.none"), "–"
		if s.Open {
			state = w.say("rollout.open")
		}
		if s.Gates > 0 {
			gates = w.say("rollout.gates", args{"Settled": s.Settled, "Gates": s.Gates})
		}
		if s.Decision != nil {
			answer = w.answer(s.Decision.Answer)
		}
		t.Rows = append(t.Rows, row{Head: w.stage(s.Stage), Strong: s.Stage == c.Stage, Cells: []cell{{Text: state}, {Text: gates}, {Text: answer}}})
	}
	lines := []string{w.say("rollout.stop")}
	if r := c.Return; r != nil {
		base := map[string]float64{}
		for _, a := range r.Assumptions {
			base[a.Name] = a.Range.Base
		}
		lines = append(lines, w.say("rollout.cost", args{"Setup": money(base[roi.SetupCost], r.Currency), "Running": money(base[roi.RunningCost], r.Currency)}))
	}
	if g, ok := cheapest(c.Gates); ok {
		lines = append(lines, w.say("rollout.price", args{"Price": w.labelled(name(g.Criterion.Name), w.price(c, g))}))
	}
	return section{ID: "rollout", Title: w.say("rollout.title"), Blocks: []block{{Table: t}, {List: lines}}}
}

// cheapest is the open gate that the fewest clips settle.
func cheapest(gates []Gate) (best Gate, ok bool) {
	for _, g := range gates {
		if g.Price != nil && g.Waived == nil && (!ok || g.Price.Clips < best.Price.Clips) {
			best, ok = g, true
		}
	}
	return best, ok
}

func (w words) riskSection(d Document) section {
	c := *d.Case
	var lines []string
	add := func(id string, values args) { lines = append(lines, w.say("risk."+id, values)) }
	signed := false
	for _, g := range c.Gates {
		values := args{"Gate": name(g.Criterion.Name), "Text": name(g.Criterion.Text)}
		switch {
		case g.Criterion.Metric != "sign-off":
		case g.Signed != nil:
			values["By"], values["At"] = name(g.Signed.By), day(g.Signed.At)
			add("licence_signed", values)
		default:
			add("licence_open", values)
		}
		signed = signed || g.Criterion.Metric == "sign-off"
	}
	if !signed {
		add("licence_none", nil)
	}
	for _, g := range c.Gates {
		if g.Waived != nil {
			add("waiver", args{"Gate": name(g.Criterion.Name), "By": name(g.Waived.By), "At": day(g.Waived.At), "Text": name(g.Waived.Text)})
		}
		if g.Late > 0 {
			add("late", args{"Gate": name(g.Criterion.Name), "N": g.Late, "Text": name(g.Reason)})
		}
	}
	if over := strings.TrimRight(w.overlooked(d.Results.Looks), ".。"); over != "" {
		add("beyond", args{"Looks": over})
	}
	add("privacy", nil)
	switch {
	case d.Source.Redacted:
		add("redacted", nil)
	case len(d.pictures) > 0:
		add("pictured", nil)
	default:
		add("named", nil)
	}
	return section{ID: "risk", Title: w.say("risk.title"), Blocks: []block{{List: lines}}}
}
