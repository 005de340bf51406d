package report

import (
	"slices"
	"strconv"
	"strings"

	"framepilot/internal/lang"
	"framepilot/pilot"
)

// Changed is what differs between two runs, in words: the same for the report,
// the terminal and the command line.
type Changed struct {
	Head string // since which run
	What string // the parts that differ, and those that do not
	Said string // what became of the numbers, in a sentence
	Made Sheet  // what the numbers follow from
	Rows Sheet  // the numbers; one line for each of pilot.Changes.Rows
	Gone string // rows that one of the runs does not have; may be empty
}

// Sheet is a table in words.
type Sheet struct {
	Head  []string
	Right []bool // columns of numbers
	Lines [][]string
}

// Since puts what differs between two runs into words.
func Since(language lang.Language, c pilot.Changes) Changed {
	w := words{language}
	return Changed{
		Head: w.say("changes.since", args{"Run": name(c.Before.Run), "Date": day(c.Before.Started)}), What: w.changedParts(c), Said: w.changedNumbers(c),
		Made: w.madeSheet(c), Rows: w.rowSheet(c.Rows), Gone: w.changedRows(c),
	}
}

// changedParts names what differs and what is the same.
func (w words) changedParts(c pilot.Changes) string {
	var differ, same []string
	add := func(part string) {
		if text := w.say("changes.part." + part); !slices.Contains(differ, text) {
			differ = append(differ, text)
		}
	}
	for _, x := range c.Made {
		add(x.Part)
	}
	if len(c.Clips) > 0 {
		add(pilot.PartData)
	}
	if len(c.Plan) > 0 {
		add("plan")
	}
	if c.Unnamed {
		add("unnamed")
	}
	for _, part := range c.Same {
		same = append(same, w.say("changes.part."+part))
	}
	text := w.say("changes.nothing")
	if len(differ) > 0 {
		text = w.say("changes.differ", args{"Parts": w.join(differ)})
	}
	if len(same) > 0 {
		text = w.say("mark.then", args{"A": text, "B": w.say("changes.same", args{"Parts": w.join(same)})})
	}
	return text
}

// changedNumbers counts what became of the rows that can be compared clip by
// clip, and names the one that is highest now.
func (w words) changedNumbers(c pilot.Changes) string {
	n := map[string]int{}
	compared := 0
	top := -1
	for i, r := range c.Rows {
		if r.Paired == nil {
			continue
		}
		compared++
		n[r.Paired.Verdict]++
		if top < 0 || r.After > c.Rows[top].After {
			top = i
		}
	}
	if compared == 0 {
		return w.say("changes.none")
	}
	text := w.say("changes.counts", args{"N": compared, "Better": n[pilot.Better], "Worse": n[pilot.Worse], "Unclear": n[pilot.Unclear]})
	r := c.Rows[top]
	return w.say("mark.then", args{"A": text, "B": w.say("changes.highest", args{
		"Row": w.rowName(r), "Before": number(r.Before, r.Unit), "After": number(r.After, r.Unit),
		"Points": points(r.Paired.Difference), "Low": points(r.Paired.Low), "High": points(r.Paired.High), "Verdict": w.verdict(r.Paired.Verdict),
	})})
}

func (w words) rowName(r pilot.RowChange) string {
	return w.labelled(name(r.Site), w.describe(r.Label, r.Prompts, r.TrainSite))
}

// changedRows names rows that only one of the runs has.
func (w words) changedRows(c pilot.Changes) string {
	var parts []string
	for _, x := range []struct {
		id   string
		rows []string
	}{{"dropped", c.Dropped}, {"added", c.Added}} {
		if len(x.rows) > 0 {
			parts = append(parts, w.say("changes."+x.id, args{"Rows": w.list(x.rows)}))
		}
	}
	return strings.Join(parts, " ")
}

// madeSheet lists what the numbers follow from and differs.
func (w words) madeSheet(c pilot.Changes) Sheet {
	s := Sheet{Head: []string{w.say("column.changed"), w.say("column.before"), w.say("column.after")}, Right: []bool{false, false, false}}
	add := func(what, before, after string) {
		s.Lines = append(s.Lines, []string{what, orDash(pilot.ShortHash(before)), orDash(pilot.ShortHash(after))})
	}
	for _, x := range c.Made {
		what := w.say("changes.part." + x.Part)
		if x.Name != "" && x.Name != x.Part {
			what = w.labelled(what, name(x.Name))
		}
		add(what, x.Before, x.After)
	}
	for _, x := range c.Clips {
		add(w.labelled(w.say("changes.part.data"), name(x.Site)), w.count(x.Before, "clips"), w.noted(w.count(x.After, "clips"), w.join(w.clipChanges(x))))
	}
	for _, x := range c.Plan {
		add(w.labelled(w.say("changes.part.plan"), orDash(x.Part)), x.Before, x.After)
	}
	if c.Unnamed {
		add(w.say("changes.part.unnamed"), "", "")
	}
	return s
}

// clipChanges says what became of the clips of a site.
func (w words) clipChanges(x pilot.ClipsChange) (parts []string) {
	for _, p := range []struct {
		id string
		n  int
	}{{"added", x.Added}, {"removed", x.Removed}, {"relabelled", x.Relabelled}, {"moved", x.Moved}, {"regrouped", x.Regrouped}} {
		if p.n > 0 {
			parts = append(parts, w.say("changes.clips."+p.id, args{"N": p.n}))
		}
	}
	return parts
}

// rowSheet lists the numbers both runs have.
func (w words) rowSheet(rows []pilot.RowChange) Sheet {
	s := Sheet{Right: []bool{false, true, true, true, true, false, true, true, true}}
	for _, id := range []string{"method", "before", "after", "points", "interval", "verdict", "gained", "lost", "clips"} {
		s.Head = append(s.Head, w.say("column."+id))
	}
	for _, r := range rows {
		line := []string{w.rowName(r), number(r.Before, r.Unit), number(r.After, r.Unit), "–", "–", "–", "–", "–", "–"}
		if p := r.Paired; p != nil {
			copy(line[3:], []string{points(p.Difference), w.say("number.to", args{"Low": points(p.Low), "High": points(p.High)}),
				w.verdict(p.Verdict), strconv.Itoa(p.Gained), strconv.Itoa(p.Lost), strconv.Itoa(p.Clips)})
		}
		s.Lines = append(s.Lines, line)
	}
	return s
}

// changesSection is the change log against the run before; empty where there
// is none.
func (w words) changesSection(c *pilot.Changes) section {
	s := section{ID: "changes", Title: w.say("changes.title")}
	if c == nil {
		return s
	}
	said := Since(w.language, *c)
	s.Blocks = append(s.Blocks, block{Text: w.say("mark.then", args{"A": said.Head, "B": w.say("mark.then", args{"A": said.What, "B": said.Said})})})
	for _, x := range []struct {
		caption string
		sheet   Sheet
	}{{"changes.made", said.Made}, {"changes.rows", said.Rows}} {
		if len(x.sheet.Lines) > 0 {
			s.Blocks = append(s.Blocks, block{Table: x.sheet.table(w.say(x.caption))})
		}
	}
	if said.Gone != "" {
		s.Blocks = append(s.Blocks, block{Text: said.Gone})
	}
	if slices.ContainsFunc(c.Rows, func(r pilot.RowChange) bool { return r.Paired != nil }) {
		s.Blocks = append(s.Blocks, block{Text: w.say("changes.reading")})
	}
	return s
}

func (s Sheet) table(caption string) *table {
	t := &table{Caption: caption}
	for i, head := range s.Head {
		t.Head = append(t.Head, column{head, s.Right[i]})
	}
	for _, line := range s.Lines {
		r := row{Head: line[0]}
		for _, text := range line[1:] {
			r.Cells = append(r.Cells, cell{Text: text})
		}
		t.Rows = append(t.Rows, r)
	}
	return t
}
