package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"framepilot/pilot"
)

// curve is accuracy against labelled clips per class, on one site.
type curve struct {
	ID, Caption, Title, Desc string
	Height                   int // of the plot, in pixels; labels come below
	Y                        []tick
	X                        []tick
	Series                   []series
	Zero                     *tick // the level of zero-shot
	All                      bool  // the last x is all labelled clips, not a number
}

// tick is a labelled position: At is a share of the width for x, pixels for y.
type tick struct{ At, Label string }

// series is one method; Style numbers its marker and dashes.
type series struct {
	Name   string
	Style  int
	Band   string // polygon over x in [0, 100] and y in pixels; empty without draws
	Points []point
	Lines  []segment
}

type point struct{ X, Y, Title string }

type segment struct{ X1, Y1, X2, Y2 string }

const (
	curveHeight = 220
	curveStyles = 6
	curveLeft   = 0.14 // of the width, for the labels of y
	curveRight  = 0.05
)

// buildCurves draws every site where some method was measured with two or
// more numbers of shots, once each.
func (w words) buildCurves(t Task, headlines []Headline) []curve {
	var out []curve
	for i, site := range t.Sites {
		families := w.gatherFamilies(t, i)
		families = slices.DeleteFunc(families, func(f family) bool { return !f.isCurve() })
		if len(families) > 0 {
			out = append(out, w.newCurve(t, i, site, families, headlines))
		}
	}
	return out
}

// family is the rows of one method that differ in shots only.
type family struct {
	name string
	rows []Row // by shots, all last
}

// isCurve says whether the rows are one line: a second row of the same shots
// is another setting of the method, which the label tells and a chart can't.
func (f family) isCurve() bool {
	for i := 1; i < len(f.rows); i++ {
		if f.rows[i].Shots == f.rows[i-1].Shots {
			return false
		}
	}
	return len(f.rows) > 1
}

func (w words) gatherFamilies(t Task, site int) []family {
	var out []family
	for _, r := range t.Rows { // in order of shots within a method
		if _, ok := r.Cells[site].metric(t.Primary()); !ok || r.Method == pilot.ZeroShot {
			continue
		}
		base, _, _ := strings.Cut(r.Label, ", ")
		who := name(base)
		if n := w.rowNote(t, r); n != "" {
			who = w.noted(who, n)
		}
		i := slices.IndexFunc(out, func(f family) bool { return f.name == who && f.rows[0].Method == r.Method })
		if i < 0 {
			i, out = len(out), append(out, family{name: who})
		}
		out[i].rows = append(out[i].rows, r)
	}
	for _, f := range out {
		slices.SortStableFunc(f.rows, func(a, b Row) int { return cmp.Compare(shotRank(a.Shots), shotRank(b.Shots)) })
	}
	return out
}

func (w words) newCurve(t Task, site int, where Site, families []family, headlines []Headline) curve {
	metric := w.title(t.Primary())
	c := curve{
		ID: fmt.Sprintf("curve%d", site), Height: curveHeight,
		Caption: name(where.Name), Title: w.say("curve.title", args{"Site": name(where.Name)}), Desc: w.say("curve.desc", args{"Metric": sentence(metric), "Site": name(where.Name)}),
	}
	for _, v := range []float64{0, 0.25, 0.5, 0.75, 1} {
		c.Y = append(c.Y, tick{pixel(v), strconv.Itoa(int(100*v)) + " %"})
	}
	x := newShotAxis(families)
	c.X, c.All = x.ticks(w.say("curve.all")), x.all
	for _, h := range headlines {
		if h.Site == where.Name && h.ZeroShot != nil {
			c.Zero = &tick{pixel(h.ZeroShot.Summary.Mean), w.say("curve.zero_shot", args{"Value": w.short(h.ZeroShot.Summary)})}
			c.Desc += " " + w.say("mark.sentence", args{"Text": c.Zero.Label})
		}
	}
	for i, f := range families {
		s := series{Name: f.name, Style: i % curveStyles}
		var lower, upper []string
		for _, r := range f.rows {
			m, _ := r.Cells[site].metric(t.Primary())
			p := point{at(x.share(r.Shots)), pixel(m.Mean), w.labelled(name(r.Label), w.withSpread(m))}
			if n := len(s.Points); n > 0 {
				s.Lines = append(s.Lines, segment{s.Points[n-1].X, s.Points[n-1].Y, p.X, p.Y})
			}
			s.Points = append(s.Points, p)
			if len(m.Values) > 1 { // a single result has no range to draw
				at100 := strconv.FormatFloat(100*x.share(r.Shots), 'f', 2, 64)
				lower = append(lower, at100+","+pixel(m.Min))
				upper = append(upper, at100+","+pixel(m.Max))
			}
			c.Desc += " " + w.say("mark.sentence", args{"Text": p.Title})
		}
		if len(upper) > 1 {
			slices.Reverse(lower)
			s.Band = strings.Join(append(upper, lower...), " ")
		}
		c.Series = append(c.Series, s)
	}
	return c
}

// pixel is the height of a share on the plot, from the top.
func pixel(share float64) string { return strconv.FormatFloat(curveHeight*(1-share), 'f', 1, 64) }

// shotAxis places shots on a logarithmic axis, and all clips one step beyond
// the last number: how many that is differs by class.
type shotAxis struct {
	shots     []int
	all       bool
	low, high float64 // log2 of the ends
}

func newShotAxis(families []family) shotAxis {
	var a shotAxis
	for _, f := range families {
		for _, r := range f.rows {
			if r.Shots == 0 {
				a.all = true
			} else if !slices.Contains(a.shots, r.Shots) {
				a.shots = append(a.shots, r.Shots)
			}
		}
	}
	slices.Sort(a.shots)
	a.low = math.Log2(float64(a.shots[0]))
	a.high = math.Log2(float64(a.shots[len(a.shots)-1]))
	if a.all || a.high == a.low {
		a.high++
	}
	return a
}

// share is where on the width a number of shots stands.
func (a shotAxis) share(shots int) float64 {
	v := a.high
	if shots > 0 {
		v = math.Log2(float64(shots))
	}
	return curveLeft + (1-curveLeft-curveRight)*(v-a.low)/(a.high-a.low)
}

func (a shotAxis) ticks(all string) []tick {
	var out []tick
	for _, k := range a.shots {
		out = append(out, tick{at(a.share(k)), strconv.Itoa(k)})
	}
	if a.all {
		out = append(out, tick{at(a.share(0)), all})
	}
	return out
}
