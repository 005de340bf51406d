package report

import "fmt"

// maxClasses is how many classes a reader can follow in a confusion matrix;
// beyond it the most frequent confusions say more.
const maxClasses = 24

// detailSection shows what the headline method of each site gets wrong.
func detailSection(r Results) section {
	s := section{ID: "wrong", Title: "What it gets right and wrong"}
	for i, d := range r.Details {
		who := name(d.Label)
		if d.Draws > 1 {
			who += fmt.Sprintf(", draw %d (the median of %d)", d.Draw, d.Draws)
		}
		s.Blocks = append(s.Blocks, block{Heading: name(d.Site), Text: "Method: " + who + "."})
		if len(d.PerClass) > 0 {
			s.Blocks = append(s.Blocks, block{Table: classTable(d)})
			if left := len(d.PerClass) - maxListed; left > 0 {
				s.Blocks = append(s.Blocks, block{Text: fmt.Sprintf("%d more classes, all at least as good, are in the JSON report.", left)})
			}
		}
		if n := len(d.Confusion); n > 1 && n <= maxClasses {
			s.Blocks = append(s.Blocks, block{Heat: newHeat(i, d)})
		}
		if len(d.Confused) > 0 {
			s.Blocks = append(s.Blocks, block{Table: confusedTable(d)})
		}
		if len(d.Mistakes) > 0 {
			s.Blocks = append(s.Blocks, block{Table: mistakeTable(d)})
		}
	}
	return s
}

func classTable(d Detail) *table {
	t := &table{
		Caption: "Recall by class, worst first, " + name(d.Site),
		Head:    []column{{"Class", false}, {"Recognised", true}, {"Recall", true}, {kindOf(d.PerClass), true}},
		Plot:    "0 to 100 %",
	}
	for _, c := range d.PerClass[:min(len(d.PerClass), maxListed)] {
		if c.N == 0 {
			t.Rows = append(t.Rows, row{Head: name(c.Class), Strip: emptyStrip(), Cells: []cell{{Text: "no test clips"}, {Text: "–"}, {Text: "–"}}})
			continue
		}
		line := row{Head: name(c.Class), Strip: emptyStrip(), Cells: []cell{{Text: fmt.Sprintf("%d of %d", c.Correct, c.N)}, {Text: "–"}, {Text: "–"}}}
		if c.N >= fewClips {
			in := Interval{c.Interval, c.Low, c.High}
			m := Summary{Mean: c.Recall, Min: c.Recall, Max: c.Recall, Values: []float64{c.Recall}, N: c.N, Interval: &in}
			line.Cells[1].Text, line.Cells[2].Text = percent(c.Recall), span(c.Low, c.High, "")
			line.Strip = newStrip(name(c.Class)+": "+withSpread(m), m, nil, false, false)
		}
		t.Rows = append(t.Rows, line)
	}
	return t
}

// kindOf is the kind of the intervals of a list of classes.
func kindOf(classes []ClassScore) string {
	for _, c := range classes {
		if c.Interval != "" {
			return sentence(visible(c.Interval))
		}
	}
	return "Interval"
}

func confusedTable(d Detail) *table {
	t := &table{
		Caption: "Most frequent confusions, " + name(d.Site),
		Head:    []column{{"Clips of", false}, {"Taken for", false}, {"Clips", true}},
	}
	for _, c := range d.Confused {
		t.Rows = append(t.Rows, row{Head: name(c.Truth), Cells: []cell{
			{Text: name(c.Predicted)}, {Text: fmt.Sprintf("%d of %d", c.N, c.Of)},
		}})
	}
	return t
}

func mistakeTable(d Detail) *table {
	t := &table{
		Caption: "Most confident mistakes, " + name(d.Site),
		Head:    []column{{"Clip", false}, {"Is", false}, {"Taken for", false}, {"Confidence", true}},
	}
	for _, p := range d.Mistakes {
		t.Rows = append(t.Rows, row{Head: name(p.Clip), Cells: []cell{
			{Text: orDash(p.Truth)}, {Text: name(p.Predicted)}, {Text: percent(p.P)},
		}})
	}
	return t
}
