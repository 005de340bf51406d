package tui

import (
	"path/filepath"

	"framepilot/internal/lang"
	"framepilot/pilot/gate"
	"framepilot/pilot/report"
	"framepilot/tui/page"
)

// What stands aside of a page in a large terminal: what the reader would look
// up next, and finds under a key in a small one.

// judged is what each gate of the stage was last judged by, beside what was
// agreed: those of shares.
func (a *App) judged() page.Bars {
	bars := page.Bars{Name: a.text("aside.judged"), Selected: -1}
	for _, g := range a.ofStage() {
		m, err := gate.Find(g.Criterion.Metric)
		if err != nil || m.Unit != "" || len(g.Checks) == 0 {
			continue
		}
		r := g.Checks[len(g.Checks)-1].Check.Reading
		var in report.Interval
		if r.Interval != "" {
			in = report.Interval{Kind: r.Interval, Low: r.Low, High: r.High}
		}
		bar := share(g.Criterion.Name+" "+g.Criterion.Text, r.Value, in)
		bar.Need = &g.Criterion.Threshold
		bar.Text, bar.Tone = a.verdict(g)
		bars.Rows = append(bars.Rows, bar)
	}
	return bars
}

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
		bars.Rows = append(bars.Rows, share(h.Site+": "+h.Best.Label, h.Best.Value, in))
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
