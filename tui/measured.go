package tui

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"framepilot/pilot"
	"framepilot/pilot/report"
	"framepilot/tui/page"
)

// task is the classification of the results; ok is false where there is none.
func (r results) task() (t report.Task, ok bool) {
	for _, t := range r.doc.Results.Tasks {
		if t.Name == pilot.Classification {
			return t, true
		}
	}
	return t, false
}

// measured is a row of a task at a site.
type measured struct {
	row  report.Row
	cell report.Cell
	sum  report.Summary // of the primary metric

	middle pilot.Result // the draw in the middle
	value  float64      // its primary metric
	in     report.Interval
}

// at are the rows measured at a site, the highest first.
func (r results) at(site string) []measured {
	t, ok := r.task()
	i := slices.IndexFunc(t.Sites, func(s report.Site) bool { return s.Name == site })
	if !ok || i < 0 {
		return nil
	}
	var out []measured
	for _, row := range t.Rows {
		for _, m := range row.Cells[i].Metrics {
			if m.Name == t.Primary() {
				middle := r.typical(row.Cells[i])
				x, in := report.Measured(middle, t.Primary())
				out = append(out, measured{row, row.Cells[i], m, middle, x, in})
			}
		}
	}
	slices.SortStableFunc(out, func(a, b measured) int { return cmp.Compare(b.sum.Mean, a.sum.Mean) })
	return out
}

// share is a share with its interval, where it has one.
func share(label string, x float64, in report.Interval) page.Bar {
	b := page.Bar{Label: label, Value: x, Low: x, High: x, Text: fmt.Sprintf("%.1f %%", 100*x)}
	if in != (report.Interval{}) {
		b.Low, b.High = in.Low, in.High
		b.Text += fmt.Sprintf(" [%.1f, %.1f]", 100*b.Low, 100*b.High)
	}
	return b
}

// kinds are what the intervals of rows are called.
func (a *App) kinds(rows []measured) string {
	var all []string
	for _, m := range rows {
		if name := report.IntervalName(a.o.Language, m.in.Kind); name != "" && !slices.Contains(all, name) {
			all = append(all, name)
		}
	}
	return strings.Join(all, "; ")
}

// bar is the number of the draw in the middle with its interval, as the board
// and the report have it, and how far the other draws went.
func (m measured) bar(label string) page.Bar {
	b := share(label, m.value, m.in)
	if len(m.sum.Values) > 1 {
		b.Again = &page.Span{Low: m.sum.Min, High: m.sum.Max}
	}
	return b
}

// rowName names a row in words.
func rowName(r report.Row) string {
	if r.Prompts == "" {
		return r.Label
	}
	return r.Label + " (" + r.Prompts + ")"
}

// typical is the result in the middle of a row's draws.
func (r results) typical(c report.Cell) pilot.Result {
	for i := range r.rec.Results {
		if r.rec.Results[i].Key == c.Typical {
			return r.rec.Results[i]
		}
	}
	panic("tui: a cell of no result") // they were made of these
}
