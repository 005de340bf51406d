package tui

import (
	"context"
	"slices"

	"framepilot/internal/lang"
	"framepilot/pilot"
	"framepilot/pilot/report"
	"framepilot/tui/page"
)

// changes is what differs between two runs: the latest and the one before it,
// or two that were marked.
type changes struct {
	shown    bool
	choosing bool        // the list of runs is shown
	runs     []pilot.Run // that are done, the latest first
	marked   marks       // ids of runs: before, after; none = the latest two
	got      *pilot.Changes
	err      error
	list     list // of runs
	rows     list // of numbers
}

// marks are ids that were marked, two at most; the first is A.
type marks []string

// toggle marks something, or takes its mark away. A third mark takes the place
// of the second.
func (m *marks) toggle(id string) {
	switch i := slices.Index(*m, id); {
	case i >= 0:
		*m = slices.Delete(*m, i, i+1)
	case len(*m) == 2:
		(*m)[1] = id
	default:
		*m = append(*m, id)
	}
}

// letter is what something marked is called, with brackets.
func (m marks) letter(id string) string {
	if i := slices.Index(m, id); i >= 0 {
		return "[" + string(rune('A'+i)) + "] "
	}
	return ""
}

// changesRead is what reading from the ledger brings back.
type changesRead struct {
	dir    string
	marked marks
	runs   []pilot.Run
	got    *pilot.Changes
	err    error
}

// read lists the runs and, where two are marked, compares them.
func (c *changes) read(a *App) []Task {
	got := changesRead{dir: a.dir, marked: slices.Clone(c.marked)}
	return []Task{func(ctx context.Context) any {
		got.err = readLedger(ctx, got.dir, func(l *pilot.Ledger) error {
			all, err := l.Runs(ctx)
			if err != nil {
				return err
			}
			got.runs = slices.DeleteFunc(all, func(r pilot.Run) bool { return r.Status != pilot.Done })
			if len(got.marked) < 2 {
				return nil
			}
			found, err := l.Changes(ctx, got.marked[0], got.marked[1])
			got.got = &found
			return err
		})
		return got
	}}
}

// take takes in what was read.
func (c *changes) take(a *App, r changesRead) {
	if r.dir != a.dir || !slices.Equal(r.marked, c.marked) {
		return
	}
	c.runs, c.got, c.err = r.runs, r.got, r.err
}

// now is what is to be shown; nil where there is nothing yet.
func (c *changes) now(a *App) *pilot.Changes {
	if len(c.marked) == 2 {
		return c.got
	}
	return a.results.known.Since
}

// action leads here from the recipes.
func (c *changes) action(a *App) page.Action {
	x := page.Action{Key: "w", Label: a.text("changes.open"), Reads: true, Command: a.o.Commands.Line("pilot", "compare")}
	if a.results.known.Since == nil {
		x.Why = a.text("changes.one_run")
	}
	return x
}

func (c *changes) key(a *App, key string) []Task {
	l := &c.rows
	if c.choosing {
		l = &c.list
	}
	if l.key(key) {
		return nil
	}
	switch key {
	case "u":
		c.choosing = true
		if len(c.marked) == 0 {
			if since := a.results.known.Since; since != nil {
				c.marked = marks{since.Before.Run, since.After.Run}
			}
		}
		return c.read(a)
	case "space":
		if i, ok := c.list.chosen(); ok && c.choosing && i < len(c.runs) {
			c.marked.toggle(c.runs[i].ID)
			c.got, c.err, c.rows = nil, nil, list{}
			return c.read(a)
		}
	case "enter":
		if c.choosing && len(c.marked) < 2 {
			a.status = a.text("changes.mark_two")
			return nil
		}
		c.choosing = false
	case "w", "esc":
		if c.choosing {
			c.choosing = false
			if len(c.marked) < 2 {
				c.marked = nil // the latest two
			}
			return nil
		}
		c.shown = false
	}
	return nil
}

func (c *changes) page(a *App) page.Page {
	if c.choosing {
		return c.choose(a)
	}
	args := append([]string{"pilot", "compare"}, c.marked...)
	p := page.Page{Actions: []page.Action{
		{Key: "u", Label: a.text("changes.choose"), Reads: true, Command: a.o.Commands.Line(append(args, "--flips")...)},
		{Key: "esc", Label: a.text("palette.leave")},
	}}
	found := c.now(a)
	switch {
	case c.err != nil:
		p.Blocks = a.problem(c.err)
		return p
	case found == nil && len(c.marked) == 2:
		p.Blocks = []page.Block{page.Text{Text: a.text("app.reading"), Tone: page.Dim}}
		return p
	case found == nil:
		p.Blocks = []page.Block{page.Text{Text: a.text("changes.one_run")}}
		return p
	}
	said := report.Since(a.o.Language, *found)
	p.Blocks = []page.Block{
		page.Text{Text: a.text("changes.of", lang.Args{"Run": found.After.Run}) + " " + said.Head + " " + said.What, Tone: page.Strong},
		page.Text{Text: said.Said},
	}
	if len(said.Made.Lines) > 0 {
		t := sheet(said.Made, 0, 0, 0)
		t.Selected = -1
		p.Blocks = append(p.Blocks, t)
	}
	t := sheet(said.Rows, 0, 1, 0, 0, 3, 0, 2, 2, 4)
	t.Empty, t.Columns[0].Wrap, t.Columns[0].Least = a.text("changes.no_rows"), true, 40 // names differ at their ends
	for i, r := range found.Rows {
		if r.Paired != nil {
			t.Rows[i].Tone = map[string]page.Tone{pilot.Better: page.Good, pilot.Worse: page.Bad}[r.Paired.Verdict]
		}
	}
	t = c.rows.table(a, t)
	if !c.rows.touched {
		t.Selected = -1 // what it comes to is what people look at first
	}
	p.Blocks = append(p.Blocks, t)
	if i, ok := c.rows.chosen(); ok && i < len(found.Rows) {
		p.Right = append(p.Right, flips(a, said.Rows.Lines[i][0], found.Rows[i].Paired))
	}
	if said.Gone != "" {
		p.Blocks = append(p.Blocks, page.Text{Text: said.Gone, Tone: page.Dim})
	}
	return p
}

// sheet is a table in words as a table of a page; ranks are those of its
// columns.
func sheet(s report.Sheet, ranks ...int) page.Table {
	var t page.Table
	for i, head := range s.Head {
		t.Columns = append(t.Columns, page.Column{Head: head, Right: s.Right[i], Rank: ranks[i]})
	}
	for _, line := range s.Lines {
		t.Rows = append(t.Rows, page.Row{Cells: line})
	}
	return t
}

// flips are the clips of a row that changed sides, those lost first.
func flips(a *App, row string, p *pilot.Paired) page.Block {
	if p == nil {
		return page.Text{Text: a.text("changes.no_pairs", lang.Args{"Row": row}), Tone: page.Dim}
	}
	t := page.Table{Name: a.text("changes.flips", lang.Args{"Row": row, "Lost": p.Lost, "Gained": p.Gained}), Selected: -1, Empty: a.text("changes.no_flips"),
		Columns: []page.Column{{Head: a.text("compare.clip")}, {Head: a.text("changes.now")}, {Head: a.text("compare.is"), Rank: 1}, {Head: a.text("changes.said_before"), Rank: 1}, {Head: a.text("changes.said_now"), Rank: 1}}}
	for _, f := range p.Flips {
		now, tone := a.text("changes.wrong"), page.Bad
		if f.Right {
			now, tone = a.text("changes.right"), page.Good
		}
		t.Rows = append(t.Rows, page.Row{Cells: []string{f.Clip, now, f.Truth, f.Before, f.After}, Tone: tone})
	}
	return t
}

// choose is the list of runs to mark two of.
func (c *changes) choose(a *App) page.Page {
	t := page.Table{Name: a.text("changes.which"), Empty: a.text("compare.none"), Columns: []page.Column{
		{Head: a.text("changes.run")}, {Head: a.text("changes.begun")}, {Head: a.text("changes.model"), Rank: 1}, {Head: a.text("changes.frames"), Right: true, Rank: 2}}}
	for _, r := range c.runs {
		t.Rows = append(t.Rows, page.Row{Cells: []string{c.marked.letter(r.ID) + r.ID, clock(r.Started), r.Params["model"], r.Params["frames"]}})
	}
	mark := page.Action{Key: "space", Label: a.text("pair.mark")}
	show := page.Action{Key: "enter", Label: a.text("changes.show"), Reads: true, Command: a.o.Commands.Line(append([]string{"pilot", "compare"}, c.marked...)...)}
	if len(c.marked) < 2 {
		show.Why = a.text("changes.mark_two")
	}
	p := page.Page{Blocks: []page.Block{c.list.table(a, t)}, Actions: []page.Action{show, mark, {Key: "esc", Label: a.text("palette.leave")}}}
	if i, ok := c.list.chosen(); ok && i < len(c.runs) && c.marked.letter(c.runs[i].ID) != "" {
		p.Actions[1].Label = a.text("pair.unmark")
	}
	return p
}
