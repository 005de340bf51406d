package report

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"
)

// columnsOfCSV are the heads of the columns, and their ids in the catalogue.
var columnsOfCSV = []string{
	"pilot", "key", "task", "method", "label", "prompts", "train_site", "site", "shots", "draw",
	"metric", "unit", "value", "low", "high", "interval", "n",
}

// writeCSV writes one line a metric of a measurement; then, where there is a
// case, one a gate that was measured and one a figure of the return; at last
// what the file was made from.
func writeCSV(w io.Writer, d Document) error {
	words := words{d.Source.Language}
	out := csv.NewWriter(w)
	var head []string
	for _, id := range columnsOfCSV {
		head = append(head, words.say("csv."+id))
	}
	out.Write(head)
	for _, m := range d.Results.Measurements {
		for _, x := range m.Metrics {
			low, high, kind := "", "", ""
			if x.Interval != nil {
				low, high, kind = exact(x.Interval.Low), exact(x.Interval.High), x.Interval.Kind
			}
			out.Write([]string{
				inert(d.Results.Pilot), inert(m.Key), inert(m.Task), inert(m.Method), inert(m.Label), inert(m.Prompts), inert(m.TrainSite),
				inert(m.Site), strconv.Itoa(m.Shots), strconv.Itoa(m.Draw),
				inert(x.Name), inert(x.Unit), exact(x.Value), low, high, inert(kind), strconv.Itoa(x.N),
			})
		}
	}
	if d.Case != nil {
		writeCaseCSV(out, d.Results.Pilot, *d.Case)
	}
	last := make([]string, len(columnsOfCSV))
	last[0], last[1], last[2] = "framepilot-report", d.Source.json(), "sha256:"+unsealed
	out.Write(last)
	out.Flush()
	return out.Error()
}

func writeCaseCSV(out *csv.Writer, pilot string, c Case) {
	line := func(key, task, recipe, site, metric, unit, value, low, high, interval, n string) {
		out.Write([]string{inert(pilot), inert(key), task, "", inert(recipe), "", "", inert(site), "", "", metric, inert(unit), value, low, high, inert(interval), n})
	}
	for _, g := range c.Gates {
		if g.Check == nil {
			continue
		}
		r, kind := g.Check.Reading, ""
		if r.Interval != "" {
			kind = readingKind(r)
		}
		line(g.Criterion.Name, "gate", g.Check.Recipe, g.Criterion.Site, g.Criterion.Metric, "", exact(r.Value), exact(r.Low), exact(r.High), kind, strconv.Itoa(r.Clips))
		line(g.Criterion.Name, "gate", "", g.Criterion.Site, "threshold", "", exact(g.Criterion.Threshold), "", "", string(g.Verdict), "")
	}
	r := c.Return
	if r == nil {
		return
	}
	figure := func(name, unit string, low, base, high *float64) {
		text := func(x *float64) string {
			if x == nil {
				return ""
			}
			return exact(*x)
		}
		line("", "return", r.Recipe, r.Site, name, unit, text(base), text(low), text(high), "", "")
	}
	for _, a := range r.Assumptions {
		figure(a.Name, "", &a.Range.Low, &a.Range.Base, &a.Range.High)
	}
	figure("net", r.Currency, &r.Low.Net, &r.Base.Net, &r.High.Net)
	figure("payback", "months", r.Payback[0], r.Payback[1], r.Payback[2])
	figure("break_even", "", nil, r.BreakEven, nil)
}

// exact is the shortest text that reads back as the same number.
func exact(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

// inert is text a spreadsheet will not take for a formula.
func inert(s string) string {
	s = visible(s)
	if strings.IndexAny(strings.TrimLeft(s, " "), "=+-@＝＋－＠") == 0 {
		return "'" + s
	}
	return s
}
