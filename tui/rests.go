package tui

import (
	"cmp"
	"fmt"
	"strconv"

	"framepilot/internal/lang"
	"framepilot/internal/words"
	"framepilot/pilot"
	"framepilot/tui/page"
)

// rests is what the return is computed from: each value, where it comes from
// and who stands for it. What was never given says what it means.
func (s *returnScreen) rests(a *App) page.Table {
	t := page.Table{Name: a.text("return.assume"), Selected: -1, Columns: []page.Column{
		{Head: a.text("rests.what"), Wrap: true, Least: 16}, {Head: a.text("rests.value"), Right: true}, {Head: a.text("rests.source"), Wrap: true, Rank: 2}, {Head: a.text("rests.owner"), Rank: 1}}}
	for _, name := range assumptions() {
		row := page.Row{Cells: []string{a.text("assume." + name), a.text("rests.none"), a.text("assume.hint." + name), ""}, Tone: page.Warn}
		if r, ok := s.worth.Ranges[name]; ok { // measured, where nobody gave it
			row = page.Row{Cells: []string{row.Cells[0], span3(r.Low, r.Base, r.High), a.text("rests.measured"), a.text("rests.run")}}
		}
		for _, e := range a.board.Assumed {
			x := e.Assumption
			if x.Name != name || x.Truth != "" {
				continue
			}
			value := x.Text
			if value == "" {
				value = span3(x.Range.Low, x.Range.Base, x.Range.High)
			}
			row = page.Row{Cells: []string{row.Cells[0], value, cmp.Or(x.Source, a.text("rests.no_source")), e.By}}
		}
		t.Rows = append(t.Rows, row)
	}
	for _, e := range a.board.Assumed { // prices of single kinds of error
		if x := e.Assumption; x.Truth != "" {
			what := a.text("rests.mistake", lang.Args{"Truth": x.Truth, "Said": x.Predicted})
			t.Rows = append(t.Rows, page.Row{Cells: []string{what, span3(x.Range.Low, x.Range.Base, x.Range.High), cmp.Or(x.Source, a.text("rests.no_source")), e.By}})
		}
	}
	return t
}

// lacking are the assumptions nobody gave and nothing measured.
func (a *App) lacking() []string {
	var names []string
	for _, name := range assumptions() {
		if name == pilot.SecondsPerLabel || name == pilot.LabelWage || name == pilot.ClipsPerHourKey || a.assumed(name) != "" {
			continue // of prices, measured, or given
		}
		names = append(names, a.text("assume."+name))
	}
	return names
}

// span3 is a value with its low and its high end, where they differ.
func span3(low, base, high float64) string {
	if low == high {
		return words.Grouped(base)
	}
	return fmt.Sprintf("%s (%s .. %s)", words.Grouped(base), words.Grouped(low), words.Grouped(high))
}

// plain is a number as a person types it.
func plain(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }
