package report

import (
	"strconv"

	"framepilot/pilot"
)

// Charts place everything along x in percent of their width, so that they fit
// any page while text and marks keep their size; y is in pixels.

// at is a share of the width: "41.67%".
func at(share float64) string { return strconv.FormatFloat(100*share, 'f', 2, 64) + "%" }

// strip is one number on a line from 0 to 100 %, or the empty line.
type strip struct {
	Title string // all of it in words
	Grid  []string
	Marks []mark
	Low   string // ends of the interval or of the range over draws; empty for none
	High  string
	Wide  string   // High − Low
	Draws []string // single draws; none where there is one
	Dot   string
	Open  bool // zero-shot
	Best  bool
	Bars  []bar
}

// bar is a stretch of a strip; Class tells low from high ends.
type bar struct{ X, Wide, Class string }

// shares are the ticks of a strip from 0 to 100 %.
func shares() []tick {
	return []tick{{at(0), "0"}, {at(0.25), "25"}, {at(0.5), "50"}, {at(0.75), "75"}, {at(1), "100 %"}}
}

// mark is a level to compare with.
type mark struct{ X, Class string }

func emptyStrip() *strip {
	return &strip{Grid: []string{at(0), at(0.25), at(0.5), at(0.75), at(1)}}
}

func newStrip(title string, m Summary, marks []mark, open, best bool) *strip {
	s := emptyStrip()
	s.Title, s.Marks, s.Dot, s.Open, s.Best = title, marks, at(m.Mean), open, best
	low, high := m.Min, m.Max
	switch {
	case len(m.Values) > 1:
		for _, v := range m.Values {
			s.Draws = append(s.Draws, at(v))
		}
	case m.Interval != nil && !few(m.N, m.Unit):
		low, high = m.Interval.Low, m.Interval.High
	default:
		return s
	}
	s.Low, s.High, s.Wide = at(low), at(high), at(high-low)
	return s
}

// siteMarks are the levels on a site: zero-shot, and a guess among its classes.
func siteMarks(metric string, site Site, headlines []Headline) []mark {
	var marks []mark
	if metric == "top1" && site.Classes > 1 {
		marks = append(marks, mark{at(1 / float64(site.Classes)), "guess"})
	}
	for _, h := range headlines {
		if h.Site == site.Name && h.ZeroShot != nil && h.Best.Method != pilot.ZeroShot {
			marks = append(marks, mark{at(h.ZeroShot.Summary.Mean), "zero"})
		}
	}
	return marks
}

// newLegend looks for what needs explaining.
func newLegend(blocks []block) *legend {
	var l legend
	for _, b := range blocks {
		for _, r := range b.Table.Rows {
			l.Draws = l.Draws || len(r.Strip.Draws) > 0
			l.Interval = l.Interval || r.Strip.Low != "" && len(r.Strip.Draws) == 0
			l.Zero = l.Zero || r.Strip.Open
			for _, m := range r.Strip.Marks {
				l.ZeroLine = l.ZeroLine || m.Class == "zero"
				l.Guess = l.Guess || m.Class == "guess"
			}
		}
	}
	return &l
}
