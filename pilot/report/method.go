package report

import (
	"fmt"
	"strings"
	"time"
)

// madeSection is the method, for the engineer who has to believe it.
func madeSection(m Made) section {
	s := section{ID: "made", Title: "How it was made"}
	t := &table{Caption: "What the results depend on", Head: []column{{"Parameter", false}, {"Value", false}}}
	t.Rows = append(t.Rows, row{Head: "seed", Cells: []cell{{Text: m.Seed}}})
	if m.Key != "" {
		t.Rows = append(t.Rows, row{Head: "hash of all inputs", Cells: []cell{{Text: name(m.Key)}}})
	}
	t.Rows = append(t.Rows, pairRows(m.Params)...)
	s.Blocks = append(s.Blocks, block{Table: t})
	if len(m.Choices) > 0 {
		s.Blocks = append(s.Blocks, block{Table: choiceTable(m.Choices)})
	}
	if m.Plan != "" {
		s.Blocks = append(s.Blocks, block{Heading: "The plan", Code: lines(m.Plan)})
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

func choiceTable(choices []Setting) *table {
	t := &table{
		Caption: "Settings, and why they have their values",
		Head:    []column{{"Method", false}, {"Setting", false}, {"Value", false}, {"Chosen by", false}, {"Because", false}},
	}
	for _, c := range choices {
		r := row{Head: name(c.Label), Note: note(c.Label, c.Prompts, c.TrainSite), Cells: []cell{
			{Text: name(c.Name)}, {Text: name(c.Value)}, {Text: strings.TrimSpace(name(c.Rung) + " " + name(c.Rule))}, {Text: orDash(c.Reason)},
		}}
		if len(c.Draws) > 0 {
			r.Note = strings.TrimPrefix(r.Note+", "+draws(c.Draws), ", ")
		}
		t.Rows = append(t.Rows, r)
	}
	return t
}

// draws names draws: "draw 2", "draws 1, 3".
func draws(numbers []int) string {
	text := strings.Trim(fmt.Sprint(numbers), "[]")
	if len(numbers) == 1 {
		return "draw " + text
	}
	return "draws " + strings.ReplaceAll(text, " ", ", ")
}

func runSection(r Run) section {
	s := section{ID: "run", Title: "This run"}
	t := &table{Caption: "When and where", Head: []column{{"What", false}, {"Value", false}}}
	add := func(head, text string) {
		t.Rows = append(t.Rows, row{Head: head, Cells: []cell{{Text: text}}})
	}
	add("run", name(r.ID))
	add("status", r.Status)
	add("started", moment(r.Started))
	if !r.Finished.IsZero() {
		add("finished", moment(r.Finished))
	}
	add("plan file", orDash(r.PlanPath))
	t.Rows = append(t.Rows, pairRows(r.Environment)...)
	s.Blocks = append(s.Blocks, block{Table: t})
	if len(r.Stages) > 0 {
		s.Blocks = append(s.Blocks, block{Table: stageTable(r.Stages)})
	}
	s.Blocks = append(s.Blocks, block{Heading: "To make this report again", Code: lines(strings.Join(r.Commands, "\n"))})
	return s
}

func stageTable(stages []Stage) *table {
	t := &table{
		Caption: "What happened",
		Head:    []column{{"Stage", false}, {"Status", false}, {"Detail", false}, {"At", false}},
	}
	for _, st := range stages[max(0, len(stages)-maxListed):] {
		t.Rows = append(t.Rows, row{Head: name(st.Name), Cells: []cell{
			{Text: name(st.Status)}, {Text: orDash(st.Detail)}, {Text: moment(st.At)},
		}})
	}
	if left := len(stages) - len(t.Rows); left > 0 {
		t.Caption += fmt.Sprintf(", last %d of %d", len(t.Rows), len(stages))
	}
	return t
}

func moment(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }

// readingSection explains the words the page uses, and no others.
func readingSection(r Results) section {
	s := section{ID: "reading", Title: "How to read the numbers"}
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
		add("Top-1 accuracy is the share of test clips whose most likely class is the right one.")
	}
	if recall || len(r.Details) > 0 {
		add("Recall of a class is the share of its clips that were recognised. Mean class recall gives every class the same weight, however rare.")
	}
	if zero {
		add("Zero-shot uses no labelled clips: the model compares a clip with words alone.")
	}
	if interval {
		add("An interval says where the true number may lie given so few clips, at the level named with it, if the test clips are like the clips to come.")
	}
	if draws {
		add("A draw is one random choice of labelled clips. Min–max is the lowest and highest draw: it shows how much the choice of clips matters. It is not a confidence interval, and new test clips may fall outside it.")
	}
	if rank {
		add("R@k is the share of queries whose right answer is among the first k; the rank of the right answer counts from 1.")
	}
	if len(r.Tasks) > 0 {
		add(fmt.Sprintf("Where fewer than %d clips stand behind a number, the clips are counted and no percentage is given.", fewClips))
	}
	return s
}
