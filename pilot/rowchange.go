package pilot

import (
	"fmt"
	"slices"
	"strconv"

	"framepilot/internal/fault"
	"framepilot/probe"
)

// RowChange is a row of results that two runs have: a method, what it learned
// from, and where it was measured.
type RowChange struct {
	Task      string `json:"task"`
	Site      string `json:"site"`
	Method    string `json:"method"`
	Label     string `json:"label"`
	Prompts   string `json:"prompts,omitempty"`
	TrainSite string `json:"train_site,omitempty"`

	Metric string  `json:"metric"`
	Unit   string  `json:"unit,omitempty"` // empty for a fraction
	Before float64 `json:"before"`         // mean over draws, each run on its own clips
	After  float64 `json:"after"`

	Paired *Paired `json:"paired"` // nil where no clip was tested in both, or its answers were not kept
}

// Paired is a row of two runs on the clips both were tested on. Its counts and
// flips are of the draw in the middle, its difference is the mean over draws.
// Where a clip may be of several classes the difference is that of mAP over the
// classes both runs know, and right means all classes of the clip and no other.
type Paired struct {
	Clips      int `json:"clips"`       // tested in both, of the same class
	OnlyBefore int `json:"only_before"` // clips tested before alone
	OnlyAfter  int `json:"only_after"`
	Relabelled int `json:"relabelled"` // clips tested in both as something else: left out
	Draws      int `json:"draws"`

	Lost    int `json:"lost"`   // clips that were right and are wrong
	Gained  int `json:"gained"` // clips that were wrong and are right
	Both    int `json:"both"`   // right in both
	Neither int `json:"neither"`

	Difference float64 `json:"difference"` // after less before, -1 to 1
	Low        float64 `json:"low"`
	High       float64 `json:"high"`
	Interval   string  `json:"interval"` // kind and level
	P          float64 `json:"p"`        // McNemar, exact; of mAP by the bootstrap
	Holm       float64 `json:"holm"`     // P for all rows compared together
	Verdict    string  `json:"verdict"`  // Better, Worse or Unclear
	Needed     int     `json:"needed"`   // clips it would take to settle it; zero where settled, or not to be had

	Flips []Flip `json:"flips"` // clips that changed sides, those lost first
}

// Flip is a clip that was right and is wrong, or the other way round.
type Flip struct {
	Clip   string `json:"clip"`
	Truth  string `json:"truth"`
	Before string `json:"before"` // what was said of it
	After  string `json:"after"`
	Right  bool   `json:"right"` // it is right now
}

// rowOf names the row of a result.
func rowOf(r Result) string {
	return fmt.Sprintf("%q %q %q %q %q", r.Task, r.Site, r.Label, r.Prompts, r.TrainSite)
}

// gatherDraws are the results of a record by row, rows in order of their keys.
func gatherDraws(rec Record) (rows [][]Result) {
	at := map[string]int{}
	for _, r := range rec.Results {
		name := rowOf(r)
		i, ok := at[name]
		if !ok {
			i = len(rows)
			at[name], rows = i, append(rows, nil)
		}
		rows[i] = append(rows[i], r)
	}
	return rows
}

// compareRows fills what became of the numbers.
func (c *Changes) compareRows(before, after Record) error {
	was := map[string][]Result{}
	for _, row := range gatherDraws(before) {
		was[rowOf(row[0])] = row
	}
	recording := after.Recordings()
	title := func(r Result) string {
		r.Draw = 0
		return r.Site + ": " + r.Recipe()
	}
	var drawn []probe.Drawn
	var of []int // rows they are of
	for _, is := range gatherDraws(after) {
		old, ok := was[rowOf(is[0])]
		delete(was, rowOf(is[0]))
		if !ok || old[0].Metrics[0].Name != is[0].Metrics[0].Name {
			c.Added = append(c.Added, title(is[0]))
			continue
		}
		r := is[0]
		row := RowChange{Task: r.Task, Site: r.Site, Method: r.Method, Label: r.Label, Prompts: r.Prompts, TrainSite: r.TrainSite,
			Metric: r.Metrics[0].Name, Unit: r.Metrics[0].Unit, Before: meanOf(old), After: meanOf(is)}
		d, paired, err := pairRow(old, is, recording)
		if err != nil {
			return fmt.Errorf("%s: %w", title(r), err)
		}
		if row.Paired = paired; paired != nil {
			drawn, of = append(drawn, d), append(of, len(c.Rows))
		}
		c.Rows = append(c.Rows, row)
	}
	for _, row := range gatherDraws(before) {
		if _, left := was[rowOf(row[0])]; left {
			c.Dropped = append(c.Dropped, title(row[0]))
		}
	}
	probe.AdjustDrawn(drawn)
	for i, d := range drawn {
		n := Told(d, len(drawn))
		p := c.Rows[of[i]].Paired
		p.Difference, p.Low, p.High, p.Interval, p.P, p.Holm = n.Difference, n.Low, n.High, n.Interval, n.P, n.Holm
		p.Draws, p.Verdict, p.Needed = n.Draws, n.Verdict, n.Needed
	}
	return nil
}

// meanOf is the primary metric of a row, over its draws.
func meanOf(row []Result) float64 {
	sum := 0.0
	for _, r := range row {
		sum += r.Metrics[0].Value
	}
	return sum / float64(len(row))
}

// pairRow compares the draws both runs have on the clips both tested; nil
// where there are none.
func pairRow(before, after []Result, recording map[string]string) (d probe.Drawn, p *Paired, err error) {
	var was, is []Result
	for _, r := range after {
		if i := slices.IndexFunc(before, func(o Result) bool { return o.Draw == r.Draw }); i >= 0 {
			was, is = append(was, before[i]), append(is, r)
		}
	}
	if len(is) == 0 {
		return d, nil, nil
	}
	p = &Paired{Flips: []Flip{}}
	common := p.common(was[0], is[0])
	if p.Clips == 0 || was[0].Several() != is[0].Several() {
		return d, nil, nil
	}
	for i := range is {
		was[i], is[i] = only(was[i], common), only(is[i], common)
	}
	train, _ := strconv.Atoi(is[0].Params["training clips"]) // none where nothing is learned
	if d, err = CompareResults(is, was, recording, train); fault.KindOf(err) == fault.Input {
		return d, nil, nil // the clips both have tell no class from the others
	} else if err != nil {
		return d, nil, err
	}
	p.Gained, p.Lost, p.Both, p.Neither = d.OnlyA, d.OnlyB, d.Both, d.Neither
	p.flips(was[d.Middle], is[d.Middle])
	return d, p, nil
}

// common counts the clips two results were tested on and returns those that
// can be compared: of the same class or, of several, of the same of those that
// both results know.
func (p *Paired) common(before, after Result) map[string]bool {
	is := func(truth string) string { return truth }
	if after.Several() {
		is = func(truth string) string {
			of := slices.DeleteFunc(Tags(truth), func(c string) bool { return !slices.Contains(before.Classes, c) || !slices.Contains(after.Classes, c) })
			slices.Sort(of)
			return Tagged(of)
		}
	}
	truth := make(map[string]string, len(before.Predictions))
	for _, x := range before.Predictions {
		truth[x.Clip] = is(x.Truth)
	}
	both := map[string]bool{}
	for _, x := range after.Predictions {
		switch was, ok := truth[x.Clip]; {
		case !ok:
			p.OnlyAfter++
		case was != is(x.Truth):
			p.Relabelled++
		default:
			both[x.Clip] = true
		}
	}
	p.Clips = len(both)
	p.OnlyBefore = len(truth) - p.Clips - p.Relabelled
	return both
}

// only is a result of these clips alone.
func only(r Result, clips map[string]bool) Result {
	r.Predictions = slices.DeleteFunc(slices.Clone(r.Predictions), func(p Prediction) bool { return !clips[p.Clip] })
	return r
}

// flips lists the clips that changed sides.
func (p *Paired) flips(before, after Result) {
	was := make(map[string]Prediction, len(before.Predictions))
	for _, x := range before.Predictions {
		was[x.Clip] = x
	}
	for _, right := range []bool{false, true} {
		for _, x := range after.Predictions {
			if old := was[x.Clip]; x.Correct == right && old.Correct != right {
				p.Flips = append(p.Flips, Flip{x.Clip, x.Truth, old.Predicted, x.Predicted, right})
			}
		}
	}
}
