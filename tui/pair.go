package tui

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"framepilot/internal/lang"
	"framepilot/pilot"
	"framepilot/probe"
	"framepilot/tui/page"
)

// pair is two marked rows of a site, set beside each other clip by clip.
type pair struct {
	site   string
	marked marks // ids of rows
	drawn  *probe.Drawn
	err    error
}

// id tells a row from every other one.
func (m measured) id() string {
	return fmt.Sprintf("%q %q %q", m.row.Label, m.row.Prompts, m.row.TrainSite)
}

// mark marks a row, or takes its mark away.
func (p *pair) mark(id string) {
	p.drawn, p.err = nil, nil
	p.marked.toggle(id)
}

// compared is what comparing a pair brings back.
type compared struct {
	dir string
	pair
}

// compare sets the marked rows beside each other, where there are two.
func (p *pair) compare(a *App, site string) []Task {
	p.site, p.drawn, p.err = site, nil, nil
	var sides []measured
	for _, id := range p.marked {
		rows := a.results.at(site)
		if i := slices.IndexFunc(rows, func(m measured) bool { return m.id() == id }); i >= 0 {
			sides = append(sides, rows[i])
		}
	}
	if len(sides) < 2 {
		return nil
	}
	got, rec := compared{a.dir, pair{site: site, marked: slices.Clone(p.marked)}}, a.results.rec
	return []Task{func(context.Context) any {
		d, err := comparePair(rec, site, sides[0], sides[1])
		got.drawn, got.err = &d, err
		return got
	}}
}

// comparePair compares every draw of one row with the draw in the middle of
// another, on the clips both were tested on.
func comparePair(rec pilot.Record, site string, this, other measured) (probe.Drawn, error) {
	var draws []pilot.Result
	var middle pilot.Result
	for _, r := range rec.Results {
		if r.Site != site || r.Task != pilot.Classification {
			continue
		}
		if r.Label == this.row.Label && r.Prompts == this.row.Prompts && r.TrainSite == this.row.TrainSite {
			draws = append(draws, r)
		} else if r.Key == other.cell.Typical {
			middle = r
		}
	}
	train := 0
	if len(draws) > 0 {
		train, _ = strconv.Atoi(draws[0].Params["training clips"]) // none where nothing was learned
	}
	return pilot.CompareResults(draws, slices.Repeat([]pilot.Result{middle}, len(draws)), rec.Recordings(), train)
}

// block says what the comparison of a pair shows; ok is false where nothing is
// marked.
func (p *pair) block(a *App) (block page.Block, ok bool) {
	switch {
	case len(p.marked) == 0:
		return nil, false
	case len(p.marked) == 1:
		return page.Text{Text: a.text("pair.single"), Tone: page.Dim}, true
	case p.err != nil:
		return page.Text{Text: a.o.Language.Error(p.err), Tone: page.Bad}, true
	case p.drawn == nil:
		return page.Text{Text: a.text("app.reading"), Tone: page.Dim}, true
	}
	d := *p.drawn
	verdict, tone := a.text("pair.open"), page.Warn
	switch d.Verdict() {
	case probe.Better:
		verdict, tone = a.text("pair.better"), page.Good
	case probe.Worse:
		verdict, tone = a.text("pair.worse"), page.Good
	case probe.Unclear:
		if n := d.Needed(1); n > 0 {
			verdict += " " + a.text("pair.needed", lang.Args{"Clips": n})
		}
	}
	f := page.Fields{Name: a.text("pair.title", lang.Args{"Clips": d.N}), Items: []page.Field{
		{Label: a.text("compare.means"), Value: verdict, Tone: tone},
		{Label: a.text("compare.difference"), Value: fmt.Sprintf("%+.1f [%+.1f, %+.1f]", 100*d.Mean, 100*d.MeanLow, 100*d.MeanHigh)},
		{Label: a.text("compare.p"), Value: chance(d.P)},
	}}
	if d.OnlyA+d.OnlyB+d.Both+d.Neither > 0 { // else one of them says nothing of a clip
		f.Items = slices.Insert(f.Items, 1, page.Field{Label: a.text("pair.only_a"), Value: fmt.Sprint(d.OnlyA)},
			page.Field{Label: a.text("pair.only_b"), Value: fmt.Sprint(d.OnlyB)}, page.Field{Label: a.text("pair.neither"), Value: fmt.Sprint(d.Neither)})
	}
	if d.Draws > 1 {
		f.Items = append(f.Items, page.Field{Label: a.text("pair.draws"), Value: a.text("pair.draws_text", lang.Args{"Draws": d.Draws})})
	}
	return f, true
}

// chance is a p-value in three decimals.
func chance(p float64) string {
	if p < 0.001 {
		return "< 0.001"
	}
	return fmt.Sprintf("%.3f", p)
}
