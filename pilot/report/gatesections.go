package report

import (
	"slices"

	"framepilot/pilot"
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
		var what string
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
