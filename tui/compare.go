package tui

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"framepilot/internal/lang"
	"framepilot/internal/stat"
	"framepilot/pilot"
	"framepilot/pilot/gate"
	"framepilot/pilot/report"
	"framepilot/probe"
	"framepilot/tui/page"
)

// compareScreen says which recipe is better, and whether that is real.
type compareScreen struct {
	rows list
	two  pair
	past changes
	bad  clips
	site int
	view int // of compareViews
}

// compareViews are what can be looked at beside the bars.
var compareViews = []string{"paired", "confusion", "classes", "curve", "reliability", "mistakes", "sites"}

func (s *compareScreen) typing() bool {
	return s.rows.asking || s.past.list.asking || s.past.rows.asking || s.bad.list.asking
}
func (s *compareScreen) open(a *App) []Task { return []Task{a.readResults()} }

func (s *compareScreen) done(a *App, result any) []Task {
	switch r := result.(type) {
	case changesRead:
		s.past.take(a, r)
	case sheetRead:
		if r.dir == a.dir {
			s.bad.sheet.take(r)
			return s.bad.look(a, s) // the cursor may have moved on
		}
	case played:
		if r.err != nil {
			a.notice = a.problem(r.err)
		}
	case compared:
		if r.dir == a.dir && r.site == s.two.site && slices.Equal(r.marked, s.two.marked) {
			s.two = r.pair
		}
	case resultsRead:
		if a.current() == s {
			return s.two.compare(a, s.at(a))
		}
	}
	return nil
}

// at is the site that is shown, "" where nothing was measured.
func (s *compareScreen) at(a *App) string {
	sites := a.results.sites()
	if len(sites) == 0 {
		return ""
	}
	return sites[s.site%len(sites)]
}

// chosen is the row under the cursor.
func (s *compareScreen) chosen(a *App) (m measured, ok bool) {
	rows := a.results.at(s.at(a))
	if i, ok := s.rows.chosen(); ok && i < len(rows) {
		return rows[i], true
	}
	return m, false
}

func (s *compareScreen) key(a *App, key string) []Task {
	if s.past.shown {
		return s.past.key(a, key)
	}
	if s.bad.shown {
		return s.bad.key(a, s, key)
	}
	if s.rows.asking {
		s.rows.key(key)
		return nil
	}
	switch key {
	case "w":
		if why := s.past.action(a).Why; why != "" {
			a.status = why
			return nil
		}
		s.past.shown = true
	case "v", "right":
		s.view = (s.view + 1) % len(compareViews)
	case "V", "left":
		s.view = (s.view + len(compareViews) - 1) % len(compareViews)
	case "s":
		if n := len(a.results.sites()); n > 0 {
			s.site = (s.site + 1) % n
			return s.two.compare(a, s.at(a))
		}
	case "space":
		if m, ok := s.chosen(a); ok {
			s.two.mark(m.id())
			s.view = 0
			return s.two.compare(a, s.at(a))
		}
	case "r":
		return s.open(a)
	case "enter":
		if _, ok := s.chosen(a); !ok {
			return nil
		}
		s.bad = clips{shown: true, sheet: s.bad.sheet}
		s.bad.page(a, s)
		return s.bad.look(a, s)
	default:
		s.rows.key(key)
	}
	return nil
}

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

// missing is what a screen of results says where there are none.
func (a *App) missing() (page.Page, bool) {
	switch r := a.results; {
	case !r.read:
		return page.Page{Blocks: []page.Block{page.Text{Text: a.text("app.reading"), Tone: page.Dim}}}, true
	case errors.Is(r.err, pilot.ErrNoPilot) || errors.Is(r.err, pilot.ErrNoRun):
		return page.Page{Blocks: []page.Block{page.Text{Text: a.text("compare.none")}}, Actions: []page.Action{{Key: "4", Label: a.text("compare.to_run")}}}, true
	case r.err != nil:
		return page.Page{Blocks: a.problem(r.err), Actions: []page.Action{{Key: "4", Label: a.text("compare.to_run")}}}, true
	}
	return page.Page{}, false
}

func (s *compareScreen) page(a *App) page.Page {
	if p, none := a.missing(); none {
		return p
	}
	if s.past.shown {
		return s.past.page(a)
	}
	if s.bad.shown {
		return s.bad.page(a, s)
	}
	site := s.at(a)
	if site == "" {
		return page.Page{Blocks: []page.Block{page.Text{Text: a.text("compare.none")}}}
	}
	rows := a.results.at(site)
	t := page.Table{}
	for _, m := range rows {
		t.Rows = append(t.Rows, page.Row{Cells: []string{s.two.marked.letter(m.id()) + rowName(m.row)}})
	}
	t = s.rows.table(a, t)
	title := "compare.bars"
	if rows[0].sum.Name == "map" {
		title = "compare.bars_map"
	}
	bars := page.Bars{Name: strings.TrimSpace(a.text(title, lang.Args{"Site": site, "Clips": a.clipsAt(site), "Kinds": a.kinds(rows)}) + " " + t.Name), Selected: t.Selected}
	need := a.threshold(site)
	if need != nil {
		bars.Name += ", " + a.text("compare.gate", lang.Args{"Need": percent(*need)})
	}
	for k, i := range s.rows.visible {
		bar := rows[i].bar(t.Rows[k].Cells[0])
		bar.Need = need
		bars.Rows = append(bars.Rows, bar)
	}
	p := page.Page{Blocks: []page.Block{bars}, Below: []page.Block{page.Text{Text: a.text("compare.legend"), Tone: page.Dim}}}
	mark := page.Action{Key: "space", Label: a.text("pair.mark")}
	if m, ok := s.chosen(a); ok {
		if s.two.marked.letter(m.id()) != "" {
			mark.Label = a.text("pair.unmark")
		}
		if b, pair := s.two.block(a); pair && s.view == 0 {
			p.Right = []page.Block{b}
		} else {
			p.Right = []page.Block{s.look(a, site, m, s.view)}
		}
		for next := range len(compareViews) - 1 {
			switch view := s.look(a, site, m, (s.view+next+1)%len(compareViews)).(type) {
			case page.Text: // there is none
			case page.Curve:
				p.Below = append(p.Below, view)
			default:
				p.Aside = append(p.Aside, view)
			}
		}
	}
	another := page.Action{Key: "s", Label: a.text("compare.site")}
	if len(a.results.sites()) == 1 {
		another.Why = a.text("compare.one_site")
	}
	next := compareViews[(s.view+1)%len(compareViews)]
	p.Actions = []page.Action{
		s.bad.action(a, s), {Key: "v", Label: a.text("compare.view", lang.Args{"View": a.text("compare.to." + next)})}, mark, another, s.past.action(a),
		{Key: "r", Label: a.text("app.again"), Reads: true, Command: a.o.Commands.Line("report")},
	}
	return p
}

// clipsAt is how many clips the numbers of a site are of.
func (a *App) clipsAt(site string) int {
	if t, ok := a.results.task(); ok {
		for _, s := range t.Sites {
			if s.Name == site {
				return s.Clips
			}
		}
	}
	return 0
}

// threshold is what a gate asks of the number that recipes are compared by; nil where none does.
func (a *App) threshold(site string) *float64 {
	for _, g := range a.board.Gates {
		if c := g.Criterion; (c.Metric == "top1" || c.Metric == "map") && c.Bound == gate.AtLeast && (c.Site == "" || c.Site == site) {
			return &c.Threshold
		}
	}
	return nil
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

// look is a view of a row.
func (s *compareScreen) look(a *App, site string, m measured, view int) page.Block {
	r := m.middle
	switch compareViews[view] {
	case "confusion":
		return a.confusion(r)
	case "classes":
		return a.perClass(r)
	case "curve":
		return a.curve(site, m)
	case "reliability":
		return a.reliability(r)
	case "mistakes":
		return a.mistakes(r)
	case "sites":
		return a.slices(m)
	}
	return a.paired(site, m)
}

// paired says whether a row is better than the model's words on the same
// clips.
func (a *App) paired(site string, m measured) page.Block {
	f := page.Fields{Name: a.text("compare.paired")}
	for _, c := range a.results.doc.Results.Comparisons {
		if c.Site != site || c.Label != m.row.Label || c.Prompts != m.row.Prompts || c.TrainSite != m.row.TrainSite {
			continue
		}
		tone := map[string]page.Tone{string(pilot.Better): page.Good, string(pilot.Worse): page.Bad}[c.Verdict]
		f.Items = []page.Field{
			{Label: a.text("compare.means"), Value: a.text("compare.verdict." + verdictID(c.Verdict)), Tone: tone},
			{Label: a.text("compare.against"), Value: rowName(report.Row{Label: c.Against, Prompts: c.AgainstPrompts})},
			{Label: a.text("compare.difference"), Value: fmt.Sprintf("%+.1f [%+.1f, %+.1f]", 100*c.Difference, 100*c.Interval.Low, 100*c.Interval.High)},
			{Label: a.text("compare.p"), Value: chance(c.Holm)},
		}
		if c.Metric != "map" { // else words alone call no clip right or wrong
			f.Items = slices.Insert(f.Items, 2, page.Field{Label: a.text("compare.only_this"), Value: fmt.Sprint(c.OnlyThis)},
				page.Field{Label: a.text("compare.only_other"), Value: fmt.Sprint(c.OnlyOther)})
		}
		if n := len(m.sum.Values); n > 1 {
			f.Items = append(f.Items, page.Field{Label: a.text("compare.draws"), Value: a.text("compare.draws_text", lang.Args{
				"N": n, "Low": hundredths(m.sum.Min), "High": hundredths(m.sum.Max), "Mean": hundredths(m.sum.Mean)})})
		}
		if c.Needed > 0 {
			f.Items = append(f.Items, page.Field{Label: a.text("compare.settle"), Value: a.text("price.clips", lang.Args{"Clips": c.Needed})})
		}
		return f
	}
	if m.row.Method != pilot.ZeroShot {
		return page.Text{Text: a.text("pair.none"), Tone: page.Dim}
	}
	return page.Text{Text: a.text("compare.no_pair"), Tone: page.Dim}
}

// hundredths is a share in percent, without the sign.
func hundredths(share float64) string { return fmt.Sprintf("%.1f", 100*share) }

// verdictID is a verdict of a comparison as part of a message id.
func verdictID(v string) string {
	switch v {
	case string(pilot.Better):
		return "better"
	case string(pilot.Worse):
		return "worse"
	}
	return "open"
}

// confusion is which class is taken for which.
func (a *App) confusion(r pilot.Result) page.Block {
	if len(r.PerLabel) > 0 {
		return page.Text{Text: a.text("compare.no_confusion"), Tone: page.Dim}
	}
	m := page.Matrix{Name: a.text("compare.confusion", lang.Args{"Recipe": r.Recipe()}), Labels: r.Classes, Counts: r.Confusion, Some: a.text("compare.some")}
	type pair struct {
		text string
		n    int
	}
	var pairs []pair
	for t, row := range r.Confusion {
		for p, n := range row {
			if t != p && n > 0 {
				pairs = append(pairs, pair{a.text("compare.taken", lang.Args{"Truth": r.Classes[t], "Said": r.Classes[p], "N": n}), n})
			}
		}
	}
	slices.SortStableFunc(pairs, func(a, b pair) int { return b.n - a.n })
	var said []string
	for _, p := range pairs[:min(5, len(pairs))] {
		said = append(said, p.text)
	}
	m.Text = strings.Join(said, "\n")
	if len(pairs) == 0 {
		m.Text = a.text("compare.no_mistake")
	}
	return m
}

// perClass is how often each class was recognised, the worst first; where a
// clip may be of several, how well each ranks clips.
func (a *App) perClass(r pilot.Result) page.Block {
	if len(r.PerLabel) > 0 {
		return a.perLabel(r)
	}
	b := page.Bars{Name: a.text("compare.classes"), Selected: -1}
	scores := slices.Clone(r.PerClass)
	slices.SortStableFunc(scores, func(a, b pilot.ClassScore) int {
		if a.Recall < b.Recall {
			return -1
		} else if a.Recall > b.Recall {
			return 1
		}
		return 0
	})
	for _, c := range scores {
		if c.N == 0 {
			continue
		}
		b.Rows = append(b.Rows, page.Bar{Label: c.Class, Value: c.Recall, Low: c.Low, High: c.High,
			Text: a.text("compare.of", lang.Args{"Correct": c.Correct, "N": c.N})})
	}
	return b
}

func (a *App) perLabel(r pilot.Result) page.Block {
	b := page.Bars{Name: a.text("compare.labels"), Selected: -1}
	scores := slices.Clone(r.PerLabel)
	slices.SortStableFunc(scores, func(a, b pilot.LabelScore) int { return cmp.Compare(a.AP, b.AP) })
	for _, c := range scores {
		text := a.text("compare.clips", lang.Args{"N": c.N})
		if c.HasThreshold {
			text = a.text("compare.f1", lang.Args{"Share": fmt.Sprintf("%.1f", 100*c.F1), "Correct": c.Correct, "N": c.N})
		}
		b.Rows = append(b.Rows, page.Bar{Label: c.Class, Value: c.AP, Low: c.APLow, High: c.APHigh, Text: text})
	}
	return b
}

// curve is what more labels brought to a method, and are likely to bring.
func (a *App) curve(site string, m measured) page.Block {
	c := page.Curve{Name: a.text("compare.curve", lang.Args{"Method": m.row.Method}), XLabel: a.text("compare.shots"), Log: true}
	var points []measured
	for _, other := range a.results.at(site) {
		if other.row.Method == m.row.Method && other.row.Prompts == m.row.Prompts && other.row.TrainSite == m.row.TrainSite && other.row.Shots > 0 {
			points = append(points, other)
		}
	}
	if len(points) < 2 {
		return page.Text{Text: a.text("compare.no_curve"), Tone: page.Dim}
	}
	slices.SortFunc(points, func(a, b measured) int { return a.row.Shots - b.row.Shots })
	var said []string
	for _, p := range points {
		c.X, c.Y = append(c.X, float64(p.row.Shots)), append(c.Y, 100*p.sum.Mean)
		c.Low, c.High = append(c.Low, 100*p.sum.Min), append(c.High, 100*p.sum.Max)
		said = append(said, a.text("compare.with_shots", lang.Args{"N": p.row.Shots, "Share": fmt.Sprintf("%.1f", 100*p.sum.Mean)}))
	}
	c.Text = strings.Join(said, " ")
	for _, f := range a.results.doc.Results.Forecasts {
		if f.Site == site && f.Method == m.row.Method && f.Prompts == m.row.Prompts && f.TrainSite == m.row.TrainSite {
			c.X, c.Y, c.Ahead = append(c.X, float64(f.Labels)), append(c.Y, 100*f.Accuracy), c.Ahead+1
			c.Low, c.High = append(c.Low, 100*f.Interval.Low), append(c.High, 100*f.Interval.High)
			c.Text += " " + a.text("compare.forecast", lang.Args{"Labels": f.Labels, "Share": fmt.Sprintf("%.1f", 100*f.Accuracy),
				"Low": fmt.Sprintf("%.1f", 100*f.Interval.Low), "High": fmt.Sprintf("%.1f", 100*f.Interval.High)})
		}
	}
	return c
}

// reliability is how often it is right when it says how sure it is; where clips
// may be of several classes, how often a clip is of a class.
func (a *App) reliability(r pilot.Result) page.Block {
	if len(r.Predictions) == 0 {
		return page.Text{Text: a.text("compare.no_curve"), Tone: page.Dim}
	}
	if r.Predictions[0].Predicted == "" {
		return page.Text{Text: a.text("compare.ranks_only"), Tone: page.Dim}
	}
	name, sure, hit := "compare.reliability", []float64{}, []float64{}
	add := func(p float64, is bool) {
		sure, hit = append(sure, p), append(hit, 0)
		if is {
			hit[len(hit)-1] = 1
		}
	}
	for _, p := range r.Predictions {
		if !r.Several() {
			add(p.P, p.Correct)
			continue
		}
		name = "compare.reliability_several"
		of := pilot.Tags(p.Truth)
		for c, z := range p.Scores {
			add(probe.Sigmoid(float64(z)), slices.Contains(of, r.Classes[c]))
		}
	}
	const bins = 10
	c := page.Curve{Name: a.text(name), XLabel: a.text("compare.sure_axis"), Square: true}
	for _, b := range stat.Reliability(sure, hit, bins) {
		in := stat.Wilson(int(math.Round(b.Accuracy*float64(b.N))), b.N, 0.95)
		c.X, c.Y = append(c.X, 100*b.Confidence), append(c.Y, 100*b.Accuracy)
		c.Low, c.High = append(c.Low, 100*in.Low), append(c.High, 100*in.High)
	}
	c.Text = a.text("compare.ece", lang.Args{"Share": fmt.Sprintf("%.1f", 100*stat.ECE(sure, hit, stat.CalibrationBins))})
	return c
}

// mistakes are the clips it got wrong, the surest first.
func (a *App) mistakes(r pilot.Result) page.Block {
	if len(r.Predictions) > 0 && r.Predictions[0].Predicted == "" {
		return page.Text{Text: a.text("compare.ranks_only"), Tone: page.Dim}
	}
	wrong := mistaken(r)
	t := page.Table{Name: a.text("compare.mistakes", lang.Args{"N": len(wrong)}), Selected: -1, Empty: a.text("compare.no_mistake"),
		Columns: []page.Column{{Head: a.text("compare.clip")}, {Head: a.text("compare.is")}, {Head: a.text("compare.said")}, {Head: a.text("compare.sure"), Right: true, Rank: 1}}}
	for _, p := range wrong[:min(20, len(wrong))] {
		t.Rows = append(t.Rows, page.Row{Cells: []string{p.Clip, p.Truth, p.Predicted, percent(p.P)}})
	}
	return t
}

// slices is a row at every site.
func (a *App) slices(m measured) page.Block {
	b := page.Bars{Name: a.text("compare.sites"), Selected: -1}
	for _, site := range a.results.sites() {
		for _, other := range a.results.at(site) {
			if rowName(other.row) == rowName(m.row) && other.row.TrainSite == m.row.TrainSite {
				b.Rows = append(b.Rows, other.bar(site))
			}
		}
	}
	return b
}
