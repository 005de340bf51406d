package report

import (
	"fmt"
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
			Against: describe(other.Label, other.Prompts, ""), AgainstKey: c.Against, AgainstPrompts: other.Prompts,
			N: c.N, OnlyThis: c.OnlyThis, OnlyOther: c.OnlyOther,
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
func (c Comparison) text() string {
	text := fmt.Sprintf("Against zero-shot on the same clips: %s (%s points, %s: %s to %s).",
		c.Verdict, points(c.Difference), visible(c.Interval.Kind), points(c.Interval.Low), points(c.Interval.High))
	if c.Needed > 0 {
		text += fmt.Sprintf(" To settle it you need about %s labelled test clips.", thousands(c.Needed))
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
func comparedSection(r Results) section {
	s := section{ID: "compared", Title: "Is it better than no labels?"}
	var sites []string
	for _, c := range r.Comparisons {
		if !slices.Contains(sites, c.Site) {
			sites = append(sites, c.Site)
		}
	}
	for _, site := range sites {
		s.Blocks = append(s.Blocks, block{Table: comparedTable(r.Comparisons, site)})
	}
	if len(sites) > 0 {
		s.Blocks = append(s.Blocks, block{Text: "Interval: " + comparedKinds(r.Comparisons) + ". Better or worse is said where both McNemar's exact test, adjusted for all comparisons at the site (Holm), " +
			"and the interval of the difference leave no doubt; else there is not enough evidence, which is not the same as no difference. " +
			"The last column is about how many labelled test clips it would take, in all, if the difference is what it seems."})
	}
	if len(r.Forecasts) > 0 {
		s.Blocks = append(s.Blocks, block{Heading: "What more labels would bring", Table: forecastTable(r.Forecasts)},
			block{Text: "A curve error = a + b · labels^−c through the numbers measured, with what the luck of the draws makes of it. " +
				"It is not carried further than twice the most labels there are, four times above eight, for such curves promise too much; " +
				"a method whose numbers follow no such curve is left out."})
	}
	return s
}

func comparedTable(all []Comparison, site string) *table {
	t := &table{Head: []column{
		{"Method", false}, {"Points", true}, {"Interval", true}, {"Verdict", false}, {"Only this right", true}, {"Only zero-shot right", true}, {"p (Holm)", true}, {"Clips to settle it", true},
	}}
	for _, c := range all {
		if c.Site != site {
			continue
		}
		t.Caption = fmt.Sprintf("Difference to %s, %s, on the same %s", c.Against, name(site), plural(c.N, "clip", "clips"))
		line := row{Head: name(c.Label), Note: note(c.Label, c.Prompts, ""), Cells: []cell{
			{Text: points(c.Difference)}, {Text: points(c.Interval.Low) + " to " + points(c.Interval.High)},
			{Text: c.Verdict}, {Text: strconv.Itoa(c.OnlyThis)}, {Text: strconv.Itoa(c.OnlyOther)}, {Text: pValue(c.Holm)}, {Text: "–"},
		}}
		if c.Needed > 0 {
			line.Cells[6].Text = thousands(c.Needed)
		}
		t.Rows = append(t.Rows, line)
	}
	return t
}

// comparedKinds names the kinds of interval of comparisons, each once.
func comparedKinds(all []Comparison) string {
	var kinds []string
	for _, c := range all {
		if k := visible(c.Interval.Kind); !slices.Contains(kinds, k) {
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

func forecastTable(list []Forecast) *table {
	t := &table{
		Caption: "Top-1 accuracy to expect",
		Head:    []column{{"Method", false}, {"Site", false}, {"Labelled clips a class", true}, {"Accuracy", true}},
	}
	for _, f := range list {
		family := strings.Replace(f.Label, ", "+plural(f.Measured, "shot", "shots"), "", 1)
		t.Rows = append(t.Rows, row{Head: name(family), Note: note(family, f.Prompts, ""), Cells: []cell{
			{Text: name(f.Site)}, {Text: strconv.Itoa(f.Labels)}, {percent(f.Accuracy), f.Interval.text("")},
		}})
	}
	return t
}

// confidenceMetrics are what the section on confidence shows, and the others
// leave out.
var confidenceMetrics = []string{"ece", "ece_calibrated", "nll", "nll_calibrated", "brier", "brier_calibrated", "aurc", "set_coverage", "set_size"}

// confidenceSection says how far posteriors can be taken at their word.
func confidenceSection(r Results) section {
	s := section{ID: "confidence", Title: "Can its confidence be believed?"}
	i := slices.IndexFunc(r.Tasks, func(t Task) bool { return t.Name == pilot.Classification })
	if i < 0 || !slices.ContainsFunc(r.Tasks[i].Metrics, func(m string) bool { return slices.Contains(confidenceMetrics, m) }) {
		return s
	}
	for site, where := range r.Tasks[i].Sites {
		t := &table{Caption: "Confidence, " + name(where.Name), Head: []column{
			{"Method", false}, {"Calibration error", true}, {"calibrated", true}, {"Log-loss, nats", true}, {"calibrated", true},
			{"Error over coverage", true}, {"Sets right", true}, {"Classes in a set", true},
		}}
		for _, row := range r.Tasks[i].Rows {
			cells, measured := confidenceCells(row.Cells[site])
			if measured {
				t.Rows = append(t.Rows, newRow(r.Tasks[i], row, cells))
			}
		}
		s.Blocks = append(s.Blocks, block{Table: t})
	}
	s.Blocks = append(s.Blocks, block{Text: "Calibration error is the distance between how sure the method says it is and how often it is right. " +
		"The temperature that makes it smaller was fitted on labelled training clips, each judged by a fit without its recording; it decides nothing differently. " +
		"Error over coverage is the mean error if the method answers only where it is surest. " +
		"Sets hold every class that the training clips leave possible; where the sets are right less often than was asked for, the site is unlike the training clips."})
	return s
}

func newRow(t Task, r Row, cells []cell) row {
	return row{Head: name(r.Label), Note: t.note(r), Cells: cells}
}

func confidenceCells(c Cell) (cells []cell, measured bool) {
	for _, metric := range []string{"ece", "ece_calibrated", "nll", "nll_calibrated", "aurc", "set_coverage", "set_size"} {
		m, ok := c.metric(metric)
		if !ok {
			cells = append(cells, cell{Text: "–"})
			continue
		}
		measured = true
		one := cell{Text: strings.TrimSuffix(m.short(), " "+m.Unit)} // the head says it
		if m.Interval != nil && !few(m.N, m.Unit) {
			one.Note = m.Interval.text(m.Unit)
		}
		cells = append(cells, one)
	}
	return cells, measured
}
