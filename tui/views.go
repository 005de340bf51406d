package tui

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"framepilot/internal/lang"
	"framepilot/internal/stat"
	"framepilot/pilot"
	"framepilot/pilot/report"
	"framepilot/probe"
	"framepilot/tui/page"
)

// What Compare shows of a row beside its number.

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
