package report

import (
	"cmp"
	"fmt"
	"strings"
)

// madeSection is the method, for the engineer who has to believe it.
func (w words) madeSection(m Made) section {
	s := section{ID: "made", Title: w.say("made.title")}
	t := &table{Caption: w.say("made.parameters"), Head: w.columns("parameter", "value")}
	t.Rows = append(t.Rows, row{Head: w.say("made.seed"), Cells: []cell{{Text: m.Seed}}})
	if m.Key != "" {
		t.Rows = append(t.Rows, row{Head: w.say("made.key"), Cells: []cell{{Text: name(m.Key)}}})
	}
	t.Rows = append(t.Rows, pairRows(m.Params)...)
	s.Blocks = append(s.Blocks, block{Table: t})
	if len(m.Choices) > 0 {
		s.Blocks = append(s.Blocks, block{Table: w.choiceTable(m.Choices)})
	}
	if m.Plan != "" {
		s.Blocks = append(s.Blocks, block{Heading: w.say("made.plan"), Code: lines(m.Plan)})
	}
	return s
}

func pairRows(pairs []Pair) []row {
	var rows []row
	for _, p := range pairs {
		rows = append(rows, row{Head: name(p.Name), Cells: []cell{{Text: orDash(p.Value)}}})
	}
	return rows
}

func (w words) choiceTable(choices []Setting) *table {
	t := &table{
		Caption: w.say("made.settings"),
		Head:    w.columns("method", "setting", "value", "chosen_by", "because"),
	}
	for _, c := range choices {
		r := row{Head: name(c.Label), Note: w.note(c.Label, c.Prompts, c.TrainSite), Cells: []cell{
			{Text: name(c.Name)}, {Text: name(c.Value)}, {Text: strings.TrimSpace(name(c.Rung) + " " + w.rule(c.Rule))}, {Text: cmp.Or(visible(w.told(c.Said, c.Reason)), "–")}, // a sentence, whole
		}}
		if len(c.Draws) > 0 {
			if r.Note == "" {
				r.Note = w.draws(c.Draws)
			} else {
				r.Note = w.join([]string{r.Note, w.draws(c.Draws)})
			}
		}
		t.Rows = append(t.Rows, r)
	}
	return t
}

// draws names draws: "draw 2", "draws 1, 3".
func (w words) draws(numbers []int) string {
	text := strings.ReplaceAll(strings.Trim(fmt.Sprint(numbers), "[]"), " ", ", ")
	return w.say("made.draws", args{"Count": len(numbers), "Numbers": text})
}

func (w words) runSection(r Run) section {
	s := section{ID: "run", Title: w.say("run.title")}
	t := &table{Caption: w.say("run.when"), Head: w.columns("what", "value")}
	add := func(head, text string) {
		t.Rows = append(t.Rows, row{Head: head, Cells: []cell{{Text: text}}})
	}
	add(w.say("run.run"), name(r.ID))
	add(w.say("run.status"), w.known("status", r.Status))
	add(w.say("run.started"), moment(r.Started))
	if !r.Finished.IsZero() {
		add(w.say("run.finished"), moment(r.Finished))
	}
	add(w.say("run.plan"), orDash(r.PlanPath))
	t.Rows = append(t.Rows, pairRows(r.Environment)...)
	s.Blocks = append(s.Blocks, block{Table: t})
	if len(r.Stages) > 0 {
		s.Blocks = append(s.Blocks, block{Table: w.stageTable(r.Stages)})
	}
	s.Blocks = append(s.Blocks, block{Heading: w.say("run.again"), Code: lines(strings.Join(r.Commands, "\n"))})
	return s
}

func (w words) stageTable(stages []Stage) *table {
	t := &table{
		Caption: w.say("run.stages"),
		Head:    w.columns("step", "status", "detail", "at"),
	}
	for _, st := range stages[max(0, len(stages)-maxListed):] {
		t.Rows = append(t.Rows, row{Head: name(st.Name), Cells: []cell{
			{Text: w.known("status", st.Status)}, {Text: orDash(st.Detail)}, {Text: moment(st.At)},
		}})
	}
	if left := len(stages) - len(t.Rows); left > 0 {
		t.Caption = w.say("run.stages_last", args{"Last": len(t.Rows), "All": len(stages)})
	}
	return t
}

// readingSection explains the words the page uses, and no others.
func (w words) readingSection(d Document) section {
	r := d.Results
	s := section{ID: "reading", Title: w.say("reading.title")}
	add := func(text string) { s.Blocks = append(s.Blocks, block{Text: text}) }
	var interval, draws, zero, top1, recall, rank bool
	for _, t := range r.Tasks {
		for _, row := range t.Rows {
			zero = zero || row.cost() == 0
			for _, c := range row.Cells {
				for _, m := range c.Metrics {
					interval = interval || m.Interval != nil
					draws = draws || len(m.Values) > 1
					top1 = top1 || m.Name == "top1"
					recall = recall || m.Name == "macro_recall"
					rank = rank || m.Unit == "rank"
				}
			}
		}
	}
	if top1 {
		add(w.say("reading.top1"))
	}
	one, several := false, false
	for _, d := range r.Details {
		one, several = one || len(d.PerClass) > 0, several || len(d.PerLabel) > 0
	}
	if recall || one {
		add(w.say("reading.recall"))
	}
	if several {
		add(w.say("reading.several"))
	}
	if zero {
		add(w.say("reading.zero_shot"))
	}
	if interval {
		add(w.say("reading.interval"))
	}
	if draws {
		add(w.say("reading.draws"))
	}
	if rank {
		add(w.say("reading.rank"))
	}
	if len(r.Tasks) > 0 {
		add(w.say("reading.counted", args{"N": fewClips}))
	}
	if d.Case != nil {
		for _, term := range []string{"gate", "look", "waiver"} {
			add(w.say("glossary." + term))
		}
		if d.Case.Return != nil {
			add(w.say("glossary.return"))
		}
	}
	return s
}
