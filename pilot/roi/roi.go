// Package roi says what a pilot's result is worth: cost and benefit a month,
// payback, the accuracy at which it breaks even, and which assumption matters
// most.
//
// It is plain arithmetic on assumptions with a low, a base and a high value
// each, and on the counts of a confusion matrix, so that every error has the
// price of its kind. It forecasts nothing: an assumption is as good as its
// source.
package roi

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"

	"framepilot/internal/fault"
)

// The names of the assumptions. Money is in one currency throughout.
const (
	ClipsPerMonth  = "clips_per_month"  // that somebody looks at today
	MinutesPerClip = "minutes_per_clip" // a person takes for one
	WagePerHour    = "wage_per_hour"    // of that person, with overhead
	HandledShare   = "handled_share"    // of the clips the model decides alone; people keep the rest
	MachinePerHour = "machine_per_hour" // of the computer that runs the model
	ClipsPerHour   = "clips_per_hour"   // it takes
	SetupCost      = "setup_cost"       // once: labels, integration, hardware
	RunningCost    = "running_cost"     // a month: care and checking
	ErrorCost      = "error_cost"       // of a wrong clip, where its kind has no cost of its own
	Accuracy       = "accuracy"         // measured; its interval
)

// Names lists the assumptions in the order people read them.
func Names() []string {
	return []string{ClipsPerMonth, MinutesPerClip, WagePerHour, HandledShare, MachinePerHour, ClipsPerHour, SetupCost, RunningCost, ErrorCost, Accuracy}
}

// IsShare says whether the assumption of this name is a share, in [0, 1].
func IsShare(name string) bool { return name == HandledShare || name == Accuracy }

// Range is an assumption's value: as low, as likely and as high as it may be.
type Range struct {
	Low  float64 `json:"low"`
	Base float64 `json:"base"`
	High float64 `json:"high"`
}

// Exactly is a value that is known.
func Exactly(x float64) Range { return Range{x, x, x} }

// Confusion is the test of one recipe: Counts (C, C) by truth, then
// prediction, and what one clip of each wrong cell costs. A cell of Costs that
// is NaN, or Costs that is nil, costs ErrorCost.
type Confusion struct {
	Counts [][]int
	Costs  [][]float64
}

// accuracy is the share on the diagonal, and clips how many there are.
func (c Confusion) accuracy() (share float64, clips int) {
	var hits int
	for t, row := range c.Counts {
		for p, n := range row {
			clips += n
			if p == t {
				hits += n
			}
		}
	}
	if clips == 0 {
		return 0, 0
	}
	return float64(hits) / float64(clips), clips
}

// PerError is the mean cost of a wrong clip, other being the cost where a kind
// of error has none of its own. Without errors it is other.
func (c Confusion) PerError(other float64) float64 {
	var sum float64
	var errors int
	for t, row := range c.Counts {
		for p, n := range row {
			if p == t || n == 0 {
				continue
			}
			cost := other
			if c.Costs != nil && !math.IsNaN(c.Costs[t][p]) {
				cost = c.Costs[t][p]
			}
			sum += float64(n) * cost
			errors += n
		}
	}
	if errors == 0 {
		return other
	}
	return sum / float64(errors)
}

// Month is what the model does to one month, in money.
type Month struct {
	Saved   float64 `json:"saved"`   // work people no longer do
	Machine float64 `json:"machine"` // cost of computing
	Errors  float64 `json:"errors"`  // cost of clips decided wrongly
	Running float64 `json:"running"`
	Net     float64 `json:"net"` // Saved less the rest
}

// Line is a part of a month as it adds to the net: costs are below zero.
type Line struct {
	Name   string // saved, machine, errors, running; net is the last
	Amount float64
}

// Lines are what a month is made of, in the order people read it: costs are
// negative, and one that is nothing is 0, not -0.
func (m Month) Lines() []Line {
	return []Line{{"saved", m.Saved}, {"machine", 0 - m.Machine}, {"errors", 0 - m.Errors}, {"running", 0 - m.Running}, {"net", m.Net}}
}

// Forever is a payback that never comes.
var Forever = math.Inf(1)

// Bar is how far one assumption alone moves the net of a month.
type Bar struct {
	Name      string  `json:"name"`
	Low, High float64 // net with the assumption at its low and its high end
}

// Result is what it all comes to. Low and High are the worst and the best
// month that the ranges allow together.
type Result struct {
	Low, Base, High Month
	Payback         [3]float64 // months until the setup is paid: low, base, high; Forever if never
	BreakEven       float64    // accuracy at which a month nets nothing; above 1: it never pays, below 0: it always does
	Per1000         float64    // machine cost of 1,000 clips
	Bars            []Bar      // the widest first; assumptions that are certain are left out
}

// values are the assumptions at one point.
type values map[string]float64

// Compute needs every assumption but Accuracy, whose base is measured by the
// confusion; its range there, if any, is the interval of the measurement.
func Compute(assumed map[string]Range, c Confusion) (Result, error) {
	measured, clips := c.accuracy()
	if clips == 0 {
		return Result{}, fault.New(fault.Input, "run the plan first", "return: no test clips have been judged")
	}
	ranges := map[string]Range{Accuracy: Exactly(measured)}
	for name, r := range assumed {
		if !slices.Contains(Names(), name) {
			return Result{}, fault.New(fault.Usage, fmt.Sprintf("choose one of %v", Names()), "return: no assumption %q", name)
		}
		ranges[name] = r
	}
	for _, name := range Names() {
		r, ok := ranges[name]
		if !ok {
			return Result{}, fault.New(fault.Usage, fmt.Sprintf("set it: framepilot pilot assume %s=LOW,BASE,HIGH --by NAME", name), "return: %s is not known", name)
		}
		if err := r.Check(name); err != nil {
			return Result{}, fmt.Errorf("return: %w", err)
		}
	}
	at := func(name string, x float64) values {
		v := values{}
		for other, r := range ranges {
			v[other] = r.Base
		}
		if name != "" {
			v[name] = x
		}
		return v
	}
	var bars []Bar
	for _, name := range Names() {
		r := ranges[name]
		bar := Bar{name, month(at(name, r.Low), c).Net, month(at(name, r.High), c).Net}
		if bar.Low != bar.High {
			bars = append(bars, bar)
		}
	}
	slices.SortStableFunc(bars, func(a, b Bar) int {
		return cmp.Compare(math.Abs(b.High-b.Low), math.Abs(a.High-a.Low))
	})
	base := at("", 0)
	worse, better := ends(ranges, c)
	result := Result{
		Low: month(worse, c), Base: month(base, c), High: month(better, c),
		BreakEven: breakEven(base, c), Per1000: 1000 / base[ClipsPerHour] * base[MachinePerHour], Bars: bars,
	}
	for i, v := range []values{worse, base, better} {
		result.Payback[i] = payback(v[SetupCost], month(v, c).Net)
	}
	return result, nil
}

// mostMoney bounds every assumption: far beyond any company, and far from any
// overflow.
const mostMoney = 1e15

// Check says what is wrong with the range of the assumption of this name.
func (r Range) Check(name string) error {
	most := mostMoney
	if IsShare(name) {
		most = 1
	}
	if !(0 <= r.Low && r.Low <= r.Base && r.Base <= r.High && r.High <= most) {
		return fault.New(fault.Usage, "write low, base, high in rising order; shares from 0 to 1",
			"%s can't be %g, %g, %g", name, r.Low, r.Base, r.High)
	}
	if name == ClipsPerHour && r.Low == 0 {
		return fault.New(fault.Usage, "run the plan, which measures it", "%s can't be zero", name)
	}
	return nil
}

// ends are the assumptions of the worst and of the best month. The net is
// monotone in each assumption while the others stand still, so both are
// corners of the ranges, of which there are few enough to try. The setup is
// paid once and is in no month: less is better.
func ends(ranges map[string]Range, c Confusion) (worse, better values) {
	names := Names()
	least, most := math.Inf(1), math.Inf(-1)
	for corner := range 1 << len(names) {
		v := values{}
		for i, name := range names {
			v[name] = ranges[name].Low
			if corner>>i&1 == 1 {
				v[name] = ranges[name].High
			}
		}
		net := month(v, c).Net
		if net < least {
			least, worse = net, v
		}
		if net > most {
			most, better = net, v
		}
	}
	worse, better = maps.Clone(worse), maps.Clone(better)
	worse[SetupCost], better[SetupCost] = ranges[SetupCost].High, ranges[SetupCost].Low
	return worse, better
}

func month(v values, c Confusion) Month {
	handled := v[ClipsPerMonth] * v[HandledShare]
	m := Month{
		Saved:   handled * v[MinutesPerClip] / 60 * v[WagePerHour],
		Machine: v[ClipsPerMonth] / v[ClipsPerHour] * v[MachinePerHour],
		Errors:  handled * (1 - v[Accuracy]) * c.PerError(v[ErrorCost]),
		Running: v[RunningCost],
	}
	m.Net = m.Saved - m.Machine - m.Errors - m.Running
	return m
}

// breakEven solves month().Net = 0 for the accuracy; errors keep their mix.
func breakEven(v values, c Confusion) float64 {
	perfect := maps.Clone(v)
	perfect[Accuracy] = 1
	gain := month(perfect, c).Net
	atStake := v[ClipsPerMonth] * v[HandledShare] * c.PerError(v[ErrorCost])
	if atStake == 0 {
		if gain >= 0 {
			return math.Inf(-1)
		}
		return math.Inf(1)
	}
	return 1 - gain/atStake
}

func payback(setup, net float64) float64 {
	switch {
	case setup == 0 && net >= 0:
		return 0
	case net <= 0:
		return Forever
	}
	return setup / net
}
