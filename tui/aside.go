package tui

import (
	"fmt"
	"path/filepath"

	"framepilot/internal/lang"
	"framepilot/pilot/report"
	"framepilot/tui/page"
)

// What stands aside of a page in a large terminal: what the reader would look
// up next, and finds under a key in a small one.

// aside of the board is what else could be done, and what happened last.
func (s *boardScreen) aside(a *App) []page.Block {
	ways := s.waysTable(a)
	ways.Selected = -1
	return []page.Block{ways, a.lately()}
}

// soFar is the highest number of each site with the interval of its typical
// draw, as the report has it.
func (a *App) soFar() page.Bars {
	bars := page.Bars{Name: a.text("aside.so_far"), Selected: -1}
	for _, h := range a.results.doc.Results.Headlines {
		in := h.Best.Interval
		if in == (report.Interval{}) { // a number without one says less than it seems to
			continue
		}
		text := fmt.Sprintf("%.1f %% [%.1f, %.1f]", 100*h.Best.Value, 100*in.Low, 100*in.High)
		bars.Rows = append(bars.Rows, page.Bar{Label: h.Site + ": " + h.Best.Label, Value: h.Best.Value, Low: in.Low, High: in.High, Text: text})
	}
	return bars
}

// lately is the end of the ledger.
func (a *App) lately() page.Table {
	const most = 6
	t := page.Table{Name: a.text("aside.lately"), Empty: a.text("ledger.empty"), Selected: -1, Columns: []page.Column{{Wrap: true, Least: 30}, {}, {Rank: 1}}}
	n := len(a.board.Entries)
	for i := range min(n, most) {
		e := a.board.Entries[n-1-i]
		t.Rows = append(t.Rows, page.Row{Cells: []string{a.entry(e), e.By, clock(e.At)}})
	}
	return t
}

// steps says how a pilot goes, to who has never seen one.
func (a *App) steps() page.Block {
	return page.Fields{Name: a.text("aside.steps"), Items: []page.Field{
		{Label: "1", Value: a.text("aside.step.make")}, {Label: "2", Value: a.text("aside.step.recipe")}, {Label: "3", Value: a.text("aside.step.run")},
		{Label: "4", Value: a.text("aside.step.gate")}, {Label: "5", Value: a.text("aside.step.report")},
	}}
}

// draft is the plan a recipe would write.
func (a *App) draft(text string) []page.Block {
	if text == "" {
		return nil
	}
	return []page.Block{page.Text{Text: a.text("aside.draft", lang.Args{"File": filepath.Join(a.dir, planFile)}) + "\n\n" + text, Tone: page.Dim}}
}
