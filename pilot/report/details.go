package report

import (
	"slices"
	"strconv"
	"strings"
)

// maxClasses is how many classes a reader can follow in a confusion matrix;
// beyond it the most frequent confusions say more.
const maxClasses = 24

// detailSection shows what the headline method of each site gets wrong.
func (w words) detailSection(r Results) section {
	s := section{ID: "wrong", Title: w.say("wrong.title")}
	for i, d := range r.Details {
		who := name(d.Label)
		if d.Draws > 1 {
			who = w.say("wrong.draw", args{"Method": who, "Draw": d.Draw, "Draws": d.Draws})
		}
		s.Blocks = append(s.Blocks, block{Heading: name(d.Site), Text: w.say("wrong.method", args{"Method": who})})
		if len(d.PerClass) > 0 {
			s.Blocks = append(s.Blocks, block{Table: w.classTable(d)})
			if left := len(d.PerClass) - maxListed; left > 0 {
				s.Blocks = append(s.Blocks, block{Text: w.say("wrong.more", args{"Count": left})})
			}
		}
		if len(d.PerLabel) > 0 {
			s.Blocks = append(s.Blocks, block{Table: w.labelTable(d)}, block{Text: w.say("wrong.intervals", args{"Kind": w.labelKinds(d.PerLabel)})})
			if left := len(d.PerLabel) - maxListed; left > 0 {
				s.Blocks = append(s.Blocks, block{Text: w.say("wrong.more", args{"Count": left})})
			}
		}
		if n := len(d.Confusion); n > 1 && n <= maxClasses {
			s.Blocks = append(s.Blocks, block{Heat: w.newHeat(i, d)})
		}
		if len(d.Confused) > 0 {
			s.Blocks = append(s.Blocks, block{Table: w.confusedTable(d)})
		}
	}
	return s
}

func (w words) classTable(d Detail) *table {
	t := &table{
		Caption: w.say("wrong.recall", args{"Site": name(d.Site)}),
		Head:    append(w.columns("class", ">recognised", ">recall"), column{w.kindOf(d.PerClass), true}),
		Plot:    w.say("chart.scale"), Ticks: shares(),
	}
	for _, c := range d.PerClass[:min(len(d.PerClass), maxListed)] {
		if c.N == 0 {
			t.Rows = append(t.Rows, row{Head: name(c.Class), Strip: emptyStrip(), Cells: []cell{{Text: w.say("wrong.none")}, {Text: "–"}, {Text: "–"}}})
			continue
		}
		line := row{Head: name(c.Class), Strip: emptyStrip(), Cells: []cell{{Text: w.of(strconv.Itoa(c.Correct), c.N)}, {Text: "–"}, {Text: "–"}}}
		if c.N >= fewClips {
			in := Interval{c.Interval, c.Low, c.High}
			m := Summary{Mean: c.Recall, Min: c.Recall, Max: c.Recall, Values: []float64{c.Recall}, N: c.N, Interval: &in}
			line.Cells[1].Text, line.Cells[2].Text = percent(c.Recall), span(c.Low, c.High, "")
			line.Strip = newStrip(w.labelled(name(c.Class), w.withSpread(m)), m, nil, false, false)
		}
		t.Rows = append(t.Rows, line)
	}
	return t
}

// labelTable is classTable where a clip may be of several classes.
func (w words) labelTable(d Detail) *table {
	t := &table{
		Caption: w.say("wrong.labels", args{"Site": name(d.Site)}),
		Head:    w.columns("class", ">found", ">false_alarms", ">ap", ">interval", ">f1", ">interval", ">from"),
		Plot:    w.say("chart.scale"), Ticks: shares(),
	}
	for _, c := range d.PerLabel[:min(len(d.PerLabel), maxListed)] {
		line := row{Head: name(c.Class), Strip: emptyStrip(), Cells: []cell{{Text: w.of("–", c.N)}, {Text: "–"}, {Text: "–"}, {Text: "–"}, {Text: "–"}, {Text: "–"}, {Text: "–"}}}
		if c.Said != nil {
			line.Cells[0].Text, line.Cells[1].Text = w.of(strconv.Itoa(c.Said.Correct), c.N), strconv.Itoa(c.Said.Clips-c.Said.Correct)
			line.Cells[6].Text = percent(c.Said.Threshold)
		}
		if c.N >= fewClips {
			in := Interval{c.Interval, c.Low, c.High}
			m := Summary{Mean: c.AP, Min: c.AP, Max: c.AP, Values: []float64{c.AP}, N: c.N, Interval: &in}
			line.Cells[2].Text, line.Cells[3].Text = percent(c.AP), span(c.Low, c.High, "")
			if c.Said != nil {
				line.Cells[4].Text, line.Cells[5].Text = percent(c.Said.F1), span(c.Said.Low, c.Said.High, "")
			}
			line.Strip = newStrip(w.labelled(name(c.Class), w.withSpread(m)), m, nil, false, false)
		}
		t.Rows = append(t.Rows, line)
	}
	return t
}

// labelKinds names the kinds of intervals of a list of classes, each once.
func (w words) labelKinds(classes []LabelScore) string {
	var kinds []string
	for _, c := range classes {
		if k := w.kind(c.Interval); !slices.Contains(kinds, k) {
			kinds = append(kinds, k)
		}
	}
	return strings.Join(kinds, "; ")
}

// kindOf is the kind of the intervals of a list of classes.
func (w words) kindOf(classes []ClassScore) string {
	for _, c := range classes {
		if c.Interval != "" {
			return sentence(w.kind(c.Interval))
		}
	}
	return w.say("column.interval")
}

func (w words) confusedTable(d Detail) *table {
	t := &table{
		Caption: w.say("wrong.confused", args{"Site": name(d.Site)}),
		Head:    w.columns("clips_of", "taken_for", ">clips"),
	}
	for _, c := range d.Confused {
		t.Rows = append(t.Rows, row{Head: name(c.Truth), Cells: []cell{
			{Text: name(c.Predicted)}, {Text: w.of(strconv.Itoa(c.N), c.Of)},
		}})
	}
	return t
}
