package report

import (
	"cmp"
	"slices"
	"strings"

	"framepilot/pilot/gate"
	"framepilot/pilot/roi"
)

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
