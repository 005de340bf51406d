package report

import (
	"slices"
	"strconv"

	"framepilot/pilot"
)

// maxListed bounds the lists of a page; the JSON holds everything.
const maxListed = 60

func (w words) dataSection(r Results) section {
	s := section{ID: "data", Title: w.say("data.title")}
	if len(r.Data.Splits) > 0 {
		t := &table{
			Caption: w.say("data.clips"),
			Head:    w.columns("site", "use", ">clips", ">recordings", ">classes", ">rarest"),
		}
		for _, p := range r.Data.Splits {
			t.Rows = append(t.Rows, row{Head: name(p.Site), Cells: []cell{
				{Text: w.known("split", p.Split)}, {Text: known(p.Clips)}, {Text: known(p.Recordings)}, {Text: known(p.Classes)}, {Text: known(p.Smallest)},
			}})
		}
		s.Blocks = append(s.Blocks, block{Table: t})
	}
	if n := len(r.Data.Classes); n > 0 {
		s.Blocks = append(s.Blocks, block{Text: w.say("mark.sentence", args{"Text": w.labelled(sentence(w.count(n, "classes")), w.list(r.Data.Classes))})})
	}
	if len(r.Looks) > 0 {
		s.Blocks = append(s.Blocks, block{Text: w.say("data.looks", args{"Looks": w.sentences(w.lookLines(r.Looks))})})
	}
	if r.Data.Failed > 0 {
		s.Blocks = append(s.Blocks, block{Text: w.say("data.failed", args{"Count": r.Data.Failed})})
	}
	return s
}

// known is a count, or a dash where nobody counted.
func known(n int) string {
	if n == 0 {
		return "–"
	}
	return strconv.Itoa(n)
}

// list joins names, leaving out what is too many to read.
func (w words) list(all []string) string {
	var names []string
	for _, c := range all[:min(len(all), maxListed)] {
		names = append(names, name(c))
	}
	text := w.join(names)
	if left := len(all) - len(names); left > 0 {
		return w.say("mark.more", args{"Text": text, "N": left})
	}
	return text
}

func (w words) classificationSection(r Results) section {
	s := section{ID: "methods", Title: w.say("methods.title")}
	t, ok := r.task(pilot.Classification)
	if !ok {
		return s
	}
	if t.isFraction() {
		if from := t.trainedOn(); from != "" {
			s.Blocks = append(s.Blocks, block{Text: w.say("methods.trained", args{"Site": w.origin(from)})})
		}
		var strips []block
		for i := range t.Sites {
			strips = append(strips, block{Table: w.stripTable(t, i, r.Headlines)})
		}
		s.Blocks = append(s.Blocks, block{Legend: newLegend(strips)})
		s.Blocks = append(s.Blocks, strips...)
		if curves := w.buildCurves(t, r.Headlines); len(curves) > 0 {
			s.Blocks = append(s.Blocks, block{Heading: w.say("methods.curve", args{"Metric": sentence(w.title(t.Primary()))}), Curves: curves})
		}
	}
	for i, metric := range t.Metrics {
		if slices.Contains(confidenceMetrics, metric) {
			continue // has its own section
		}
		b := block{Table: w.matrix(t, metric)}
		if i == 0 {
			b.Heading = w.say("methods.numbers")
		}
		s.Blocks = append(s.Blocks, b)
	}
	return s
}

// trainedOn is the one site all labels come from, empty where there are more
// or none: rows then say it themselves.
func (t Task) trainedOn() string {
	from := ""
	for _, r := range t.Rows {
		if r.TrainSite == "" {
			continue
		}
		if from != "" && r.TrainSite != from {
			return ""
		}
		from = r.TrainSite
	}
	return from
}

// rowNote is what a row's label leaves unsaid, and the section too.
func (w words) rowNote(t Task, r Row) string {
	if r.TrainSite == t.trainedOn() {
		return w.note(r.Label, r.Prompts, "")
	}
	return w.note(r.Label, r.Prompts, r.TrainSite)
}

// isFraction says whether the primary metric can be drawn from 0 to 100 %.
func (t Task) isFraction() bool {
	for _, row := range t.Rows {
		for _, c := range row.Cells {
			if m, ok := c.metric(t.Primary()); ok && m.Unit != "" {
				return false
			}
		}
	}
	return true
}

// stripTable draws every method on one site.
func (w words) stripTable(t Task, site int, headlines []Headline) *table {
	where := t.Sites[site]
	out := &table{
		Caption: w.join([]string{sentence(w.title(t.Primary())), name(where.Name)}),
		Head:    append(w.columns("method"), column{sentence(w.title(t.Primary())), true}),
		Plot:    w.say("chart.scale"), Ticks: shares(), Strips: true,
	}
	if where.Clips > 0 {
		out.Caption = w.join([]string{out.Caption, w.count(where.Clips, "test_clips")})
	}
	marks := siteMarks(t.Primary(), where, headlines)
	method := ""
	for _, r := range t.Rows {
		m, ok := r.Cells[site].metric(t.Primary())
		if !ok {
			continue
		}
		best := isBest(r, where.Name, headlines)
		out.Rows = append(out.Rows, row{
			Head: name(r.Label), Note: w.rowNote(t, r), Strong: best, First: r.Method != method,
			Strip: newStrip(w.labelled(w.describe(r.Label, r.Prompts, r.TrainSite), w.withSpread(m)), m, marks, r.Method == pilot.ZeroShot, best),
			Cells: []cell{{Text: w.short(m)}},
		})
		method = r.Method
	}
	return out
}

func isBest(r Row, site string, headlines []Headline) bool {
	for _, h := range headlines {
		if h.Site == site {
			b := h.Best
			return b.Method == r.Method && b.Label == r.Label && b.Prompts == r.Prompts && b.TrainSite == r.TrainSite
		}
	}
	return false
}

// matrix is one metric, methods by sites.
func (w words) matrix(t Task, metric string) *table {
	out := &table{Caption: sentence(w.title(metric)), Head: w.columns("method")}
	for _, s := range t.Sites {
		out.Head = append(out.Head, column{name(s.Name), true})
	}
	for _, r := range t.Rows {
		if cells, ok := w.cells(r, metric); ok {
			out.Rows = append(out.Rows, w.newRow(t, r, cells))
		}
	}
	return out
}

// cells are one metric at every site; ok is false where it was measured at none.
func (w words) cells(r Row, metric string) (cells []cell, ok bool) {
	for _, c := range r.Cells {
		shown := cell{Text: "–"}
		if m, measured := c.metric(metric); measured {
			shown, ok = cell{w.short(m), w.spread(m)}, true
		}
		cells = append(cells, shown)
	}
	return cells, ok
}

// retrievalSection has many figures of few methods: metrics by sites.
func (w words) retrievalSection(r Results) section {
	s := section{ID: "retrieval", Title: w.say("retrieval.title")}
	t, ok := r.task(pilot.Retrieval)
	if !ok {
		return s
	}
	for _, r := range t.Rows {
		out := &table{Caption: w.describe(r.Label, r.Prompts, r.TrainSite), Head: w.columns("figure")}
		for _, site := range t.Sites {
			head := name(site.Name)
			if site.Clips > 0 {
				head = w.join([]string{head, w.count(site.Clips, "clips")})
			}
			out.Head = append(out.Head, column{head, true})
		}
		for _, metric := range t.Metrics {
			if cells, ok := w.cells(r, metric); ok {
				out.Rows = append(out.Rows, row{Head: sentence(w.title(metric)), Cells: cells})
			}
		}
		s.Blocks = append(s.Blocks, block{Table: out})
	}
	return s
}

func (w words) failureSection(r Results) section {
	s := section{ID: "failures", Title: w.say("failures.title")}
	if len(r.Failures) == 0 {
		return s
	}
	t := &table{
		Caption: w.say("failures.caption", args{"Count": len(r.Failures)}),
		Head:    w.columns("clip", "site", "class", "why", "to_do"),
	}
	for _, f := range r.Failures[:min(len(r.Failures), maxListed)] {
		t.Rows = append(t.Rows, row{Head: name(f.Clip), Cells: []cell{
			{Text: orDash(f.Site)}, {Text: orDash(f.Class)}, {Text: name(w.told(f.Said, f.Message))}, {Text: orDash(w.told(f.Fix, f.Hint))},
		}})
	}
	s.Blocks = append(s.Blocks, block{Table: t})
	if left := len(r.Failures) - len(t.Rows); left > 0 {
		s.Blocks = append(s.Blocks, block{Text: w.say("failures.more", args{"N": left})})
	}
	return s
}

func orDash(s string) string {
	if s == "" {
		return "–"
	}
	return name(s)
}
