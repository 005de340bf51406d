package report

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"framepilot/pilot"
)

// maxListed bounds the lists of a page; the JSON holds everything.
const maxListed = 60

func dataSection(r Results) section {
	s := section{ID: "data", Title: "What was piloted"}
	if len(r.Data.Splits) > 0 {
		t := &table{
			Caption: "Clips by site and use",
			Head:    []column{{"Site", false}, {"Use", false}, {"Clips", true}, {"Recordings", true}, {"Classes", true}, {"Clips of the rarest class", true}},
		}
		for _, p := range r.Data.Splits {
			t.Rows = append(t.Rows, row{Head: name(p.Site), Cells: []cell{
				{Text: name(p.Split)}, {Text: known(p.Clips)}, {Text: known(p.Recordings)}, {Text: known(p.Classes)}, {Text: known(p.Smallest)},
			}})
		}
		s.Blocks = append(s.Blocks, block{Table: t})
	}
	if n := len(r.Data.Classes); n > 0 {
		s.Blocks = append(s.Blocks, block{Text: fmt.Sprintf("%s: %s.", sentence(plural(n, "class", "classes")), list(r.Data.Classes))})
	}
	if len(r.Looks) > 0 {
		s.Blocks = append(s.Blocks, block{Text: "The labels of the test clips are sealed: every look at them is counted. " +
			sentence(strings.Join(lookLines(r.Looks), ". ")) + ". Every interval allows for as many looks as were agreed on, or taken."})
	}
	if r.Data.Failed > 0 {
		s.Blocks = append(s.Blocks, block{Text: sentence(plural(r.Data.Failed, "clip", "clips")) +
			" could not be used; the reasons are listed further down."})
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
func list(all []string) string {
	var names []string
	for _, c := range all[:min(len(all), maxListed)] {
		names = append(names, name(c))
	}
	text := strings.Join(names, ", ")
	if left := len(all) - len(names); left > 0 {
		text += fmt.Sprintf(" and %d more", left)
	}
	return text
}

func classificationSection(r Results) section {
	s := section{ID: "methods", Title: "How well each method does"}
	i := slices.IndexFunc(r.Tasks, func(t Task) bool { return t.Name == pilot.Classification })
	if i < 0 {
		return s
	}
	t := r.Tasks[i]
	if t.isFraction() {
		if from := t.trainedOn(); from != "" {
			s.Blocks = append(s.Blocks, block{Text: "All methods with labels were trained on " + name(from) + "."})
		}
		var strips []block
		for i := range t.Sites {
			strips = append(strips, block{Table: stripTable(t, i, r.Headlines)})
		}
		s.Blocks = append(s.Blocks, block{Legend: newLegend(strips)})
		s.Blocks = append(s.Blocks, strips...)
		if curves := buildCurves(t, r.Headlines); len(curves) > 0 {
			s.Blocks = append(s.Blocks, block{Heading: sentence(title(t.Primary())) + " by number of labelled clips", Curves: curves})
		}
	}
	for i, metric := range t.Metrics {
		if slices.Contains(confidenceMetrics, metric) {
			continue // has its own section
		}
		b := block{Table: matrix(t, metric)}
		if i == 0 {
			b.Heading = "The numbers"
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

// note is what a row's label leaves unsaid, and the section too.
func (t Task) note(r Row) string {
	if r.TrainSite == t.trainedOn() {
		return note(r.Label, r.Prompts, "")
	}
	return note(r.Label, r.Prompts, r.TrainSite)
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
func stripTable(t Task, site int, headlines []Headline) *table {
	where := t.Sites[site]
	out := &table{
		Caption: sentence(title(t.Primary())) + ", " + name(where.Name),
		Head:    []column{{"Method", false}, {sentence(title(t.Primary())), true}},
		Plot:    "0 to 100 %", Strips: true,
	}
	if where.Clips > 0 {
		out.Caption += ", " + plural(where.Clips, "test clip", "test clips")
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
			Head: name(r.Label), Note: t.note(r), Strong: best, First: r.Method != method,
			Strip: newStrip(describe(r.Label, r.Prompts, r.TrainSite)+": "+withSpread(m), m, marks, r.Method == pilot.ZeroShot, best),
			Cells: []cell{{Text: m.short()}},
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
func matrix(t Task, metric string) *table {
	out := &table{Caption: sentence(title(metric)), Head: []column{{"Method", false}}}
	for _, s := range t.Sites {
		out.Head = append(out.Head, column{name(s.Name), true})
	}
	for _, r := range t.Rows {
		line := row{Head: name(r.Label), Note: t.note(r)}
		measured := false
		for _, c := range r.Cells {
			m, ok := c.metric(metric)
			if !ok {
				line.Cells = append(line.Cells, cell{Text: "–"})
				continue
			}
			measured = true
			line.Cells = append(line.Cells, cell{m.short(), m.spread()})
		}
		if measured {
			out.Rows = append(out.Rows, line)
		}
	}
	return out
}

// retrievalSection has many figures of few methods: metrics by sites.
func retrievalSection(r Results) section {
	s := section{ID: "retrieval", Title: "Finding clips by words, and words by clips"}
	i := slices.IndexFunc(r.Tasks, func(t Task) bool { return t.Name == pilot.Retrieval })
	if i < 0 {
		return s
	}
	t := r.Tasks[i]
	for _, r := range t.Rows {
		out := &table{Caption: sentence(describe(r.Label, r.Prompts, r.TrainSite)), Head: []column{{"Figure", false}}}
		for _, site := range t.Sites {
			head := name(site.Name)
			if site.Clips > 0 {
				head += ", " + plural(site.Clips, "clip", "clips")
			}
			out.Head = append(out.Head, column{head, true})
		}
		for _, metric := range t.Metrics {
			line, measured := row{Head: sentence(title(metric))}, false
			for _, c := range r.Cells {
				m, ok := c.metric(metric)
				if !ok {
					line.Cells = append(line.Cells, cell{Text: "–"})
					continue
				}
				measured = true
				line.Cells = append(line.Cells, cell{m.short(), m.spread()})
			}
			if measured {
				out.Rows = append(out.Rows, line)
			}
		}
		s.Blocks = append(s.Blocks, block{Table: out})
	}
	return s
}

func failureSection(r Results) section {
	s := section{ID: "failures", Title: "Clips that could not be used"}
	if len(r.Failures) == 0 {
		return s
	}
	t := &table{
		Caption: sentence(plural(len(r.Failures), "clip", "clips")) + " left out",
		Head:    []column{{"Clip", false}, {"Site", false}, {"Class", false}, {"Why", false}, {"What to do", false}},
	}
	for _, f := range r.Failures[:min(len(r.Failures), maxListed)] {
		t.Rows = append(t.Rows, row{Head: name(f.Clip), Cells: []cell{
			{Text: orDash(f.Site)}, {Text: orDash(f.Class)}, {Text: name(f.Message)}, {Text: orDash(f.Hint)},
		}})
	}
	s.Blocks = append(s.Blocks, block{Table: t})
	if left := len(r.Failures) - len(t.Rows); left > 0 {
		s.Blocks = append(s.Blocks, block{Text: fmt.Sprintf("%d more are listed in the JSON report.", left)})
	}
	return s
}

func orDash(s string) string {
	if s == "" {
		return "–"
	}
	return name(s)
}
