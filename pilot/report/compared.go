package report

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"framepilot/pilot"
)

// buildComparisons names what was compared, in the order it was recorded.
func buildComparisons(list []pilot.Comparison, byKey map[string]pilot.Result) []Comparison {
	out := []Comparison{}
	for _, c := range list {
		r, other := byKey[c.Result], byKey[c.Against]
		out = append(out, Comparison{
			Site: r.Site, Key: c.Result, Method: r.Method, Label: r.Label, Prompts: r.Prompts, TrainSite: r.TrainSite, Draws: c.Draws,
			Against: other.Label, AgainstKey: c.Against, AgainstPrompts: other.Prompts,
			Metric: c.Metric, N: c.N, OnlyThis: c.OnlyThis, OnlyOther: c.OnlyOther,
			Difference: c.Difference, Interval: Interval{c.Interval, c.Low, c.High},
			P: c.P, MidP: c.MidP, Holm: c.Holm, DrawsP: c.DrawsP, Verdict: c.Verdict, Needed: c.Needed,
		})
	}
	return out
}

// buildForecasts names the methods of forecasts.
func buildForecasts(list []pilot.Forecast, byKey map[string]pilot.Result) []Forecast {
	out := []Forecast{}
	for _, f := range list {
		r := byKey[f.Result]
		out = append(out, Forecast{
			Site: r.Site, Key: f.Result, Method: r.Method, Label: r.Label, Prompts: r.Prompts, TrainSite: r.TrainSite,
			Measured: r.Shots, Labels: f.Labels, Accuracy: 1 - f.Error, Interval: Interval{f.Interval, 1 - f.High, 1 - f.Low},
			A: f.A, B: f.B, C: f.C,
		})
	}
	return out
}

// tagged says whether it is of clips that may be of several classes: words
// alone say nothing of such a clip, so that none is right or wrong by them.
func (c Comparison) tagged() bool { return c.Metric == "map" }

// of says whether the comparison is of a row.
func (c Comparison) of(r Row, site string) bool {
	return c.Site == site && c.Method == r.Method && c.Label == r.Label && c.Prompts == r.Prompts && c.TrainSite == r.TrainSite
}

// points is a difference of shares in percentage points: "−3.1".
func points(v float64) string {
	text := strconv.FormatFloat(100*math.Abs(v), 'f', 1, 64)
	switch {
	case text == "0.0":
		return text
	case v < 0:
		return "−" + text
	}
	return "+" + text
}

// text says in words what a comparison shows.
func (w words) compared(c Comparison) string {
	text := w.say("compared.text", args{
		"Verdict": w.verdict(c.Verdict), "Points": points(c.Difference), "Kind": w.kind(c.Interval.Kind),
		"Low": points(c.Interval.Low), "High": points(c.Interval.High),
	})
	if c.Needed > 0 {
		text += w.say("compared.needed", args{"N": thousands(c.Needed)})
	}
	return text
}

// thousands is a whole number with its thousands apart: "12,345".
func thousands(n int) string {
	text := strconv.Itoa(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// comparedSection sets every method beside zero-shot, and tells what more
// labels would bring.
func (w words) comparedSection(r Results) section {
	s := section{ID: "compared", Title: w.say("compared.title")}
	var sites []string
	for _, c := range r.Comparisons {
		if !slices.Contains(sites, c.Site) {
			sites = append(sites, c.Site)
		}
	}
	for _, site := range sites {
		s.Blocks = append(s.Blocks, block{Table: w.comparedTable(r.Comparisons, site)})
	}
	if len(sites) > 0 {
		id := "compared.reading"
		if r.Comparisons[0].tagged() {
			id = "compared.reading_map"
		}
		s.Blocks = append(s.Blocks, block{Text: w.say(id, args{"Kinds": w.comparedKinds(r.Comparisons)})})
	}
	if len(r.Forecasts) > 0 {
		s.Blocks = append(s.Blocks, block{Heading: w.say("compared.forecast"), Table: w.forecastTable(r)},
			block{Text: w.say("compared.curve")})
	}
	return s
}

func (w words) comparedTable(all []Comparison, site string) *table {
	t := &table{Head: w.columns("method", ">points", ">interval", "verdict", ">only_this", ">only_zero", ">p", ">settle")}
	for _, c := range all {
		if c.Site != site {
			continue
		}
		t.Caption = w.say("compared.caption", args{"Other": w.describe(c.Against, c.AgainstPrompts, ""), "Site": name(site), "Clips": w.count(c.N, "clips")})
		line := row{Head: name(c.Label), Note: w.note(c.Label, c.Prompts, ""), Cells: []cell{
			{Text: points(c.Difference)}, {Text: w.say("number.to", args{"Low": points(c.Interval.Low), "High": points(c.Interval.High)})},
			{Text: w.verdict(c.Verdict)}, {Text: strconv.Itoa(c.OnlyThis)}, {Text: strconv.Itoa(c.OnlyOther)}, {Text: pValue(c.Holm)}, {Text: "–"},
		}}
		if c.Needed > 0 {
			line.Cells[6].Text = thousands(c.Needed)
		}
		if c.tagged() {
			line.Cells[3].Text, line.Cells[4].Text = "–", "–"
		}
		t.Rows = append(t.Rows, line)
	}
	return t
}

// comparedKinds names the kinds of interval of comparisons, each once.
func (w words) comparedKinds(all []Comparison) string {
	var kinds []string
	for _, c := range all {
		if k := w.kind(c.Interval.Kind); !slices.Contains(kinds, k) {
			kinds = append(kinds, k)
		}
	}
	return strings.Join(kinds, "; ")
}

// pValue shows a p-value with three decimals.
func pValue(p float64) string {
	if p < 0.001 {
		return "< 0.001"
	}
	return strconv.FormatFloat(p, 'f', 3, 64)
}

func (w words) forecastTable(r Results) *table {
	caption, value := "compared.expect", ">accuracy"
	if r.Tasks[0].Primary() == "map" {
		caption, value = "compared.expect_map", ">map"
	}
	t := &table{Caption: w.say(caption), Head: w.columns("method", "site", ">labels", value)}
	for _, f := range r.Forecasts {
		family := strings.Replace(f.Label, ", "+english.count(f.Measured, "shots"), "", 1)
		t.Rows = append(t.Rows, row{Head: name(family), Note: w.note(family, f.Prompts, ""), Cells: []cell{
			{Text: name(f.Site)}, {Text: strconv.Itoa(f.Labels)}, {percent(f.Accuracy), w.interval(f.Interval, "")},
		}})
	}
	return t
}

// confidenceMetrics are what the section on confidence shows, and the others
// leave out.
var confidenceMetrics = []string{"ece", "ece_calibrated", "nll", "nll_calibrated", "brier", "brier_calibrated", "aurc", "set_coverage", "set_size"}

// confidenceSection says how far posteriors can be taken at their word.
func (w words) confidenceSection(r Results) section {
	s := section{ID: "confidence", Title: w.say("confidence.title")}
	task, ok := r.task(pilot.Classification)
	if !ok || !slices.ContainsFunc(task.Metrics, func(m string) bool { return slices.Contains(confidenceMetrics, m) }) {
		return s
	}
	for site, where := range task.Sites {
		t := &table{Caption: w.say("confidence.caption", args{"Site": name(where.Name)}), Head: w.columns("method", ">ece", ">calibrated", ">nll", ">calibrated", ">aurc", ">sets_right", ">set_size")}
		for _, row := range task.Rows {
			cells, measured := w.confidenceCells(row.Cells[site])
			if measured {
				t.Rows = append(t.Rows, w.newRow(task, row, cells))
			}
		}
		s.Blocks = append(s.Blocks, block{Table: t})
	}
	s.Blocks = append(s.Blocks, block{Text: w.say("confidence.reading")})
	return s
}

func (w words) newRow(t Task, r Row, cells []cell) row {
	return row{Head: name(r.Label), Note: w.rowNote(t, r), Cells: cells}
}

func (w words) confidenceCells(c Cell) (cells []cell, measured bool) {
	for _, metric := range []string{"ece", "ece_calibrated", "nll", "nll_calibrated", "aurc", "set_coverage", "set_size"} {
		m, ok := c.metric(metric)
		if !ok {
			cells = append(cells, cell{Text: "–"})
			continue
		}
		measured = true
		one := cell{Text: strings.TrimSuffix(w.short(m), " "+m.Unit)} // the head says it
		if m.Interval != nil && !few(m.N, m.Unit) {
			one.Note = w.interval(*m.Interval, m.Unit)
		}
		cells = append(cells, one)
	}
	return cells, measured
}
