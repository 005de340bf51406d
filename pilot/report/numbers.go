package report

import (
	"fmt"
	"math"
	"strconv"

	"framepilot/pilot"
)

// fewClips is the number of clips under which a percentage pretends to know
// more than it does; a count is shown instead.
const fewClips = 5

// manyDraws is the number of draws from which their worst tenth is more than
// the worst one.
const manyDraws = 20

// percent shows a fraction with one decimal: "83.3 %".
func percent(v float64) string { return strconv.FormatFloat(100*v, 'f', 1, 64) + " %" }

// number shows a value of a metric with the given unit.
func number(v float64, unit string) string {
	switch unit {
	case "":
		return percent(v)
	case "rank":
		return strconv.FormatFloat(v, 'f', 1, 64)
	case pilot.Score:
		return strconv.FormatFloat(v, 'f', 3, 64)
	}
	return strconv.FormatFloat(v, 'f', 3, 64) + " " + unit
}

// span shows a range in the unit: "70.4–91.3 %".
func span(low, high float64, unit string) string {
	switch unit {
	case "":
		return strconv.FormatFloat(100*low, 'f', 1, 64) + "–" + percent(high)
	case "rank":
		return number(low, unit) + "–" + number(high, unit)
	}
	return strconv.FormatFloat(low, 'f', 3, 64) + "–" + number(high, unit)
}

// few says whether a fraction of n clips is to be shown as a count.
func few(n int, unit string) bool { return unit == "" && n > 0 && n < fewClips }

// share shows a fraction of few clips: "3 of 4". A fraction that is no count
// of clips, as a mean over classes, is shown with n beside it.
func (w words) share(v float64, n int) string {
	k := v * float64(n)
	if math.Abs(k-math.Round(k)) > 1e-9 {
		return fmt.Sprintf("%.2f (n = %d)", v, n)
	}
	return w.of(strconv.FormatFloat(k, 'f', 0, 64), n)
}

// figure shows a number of n clips.
func (w words) figure(v float64, n int, unit string) string {
	if few(n, unit) {
		return w.share(v, n)
	}
	return number(v, unit)
}

// short shows a summary's number alone.
func (w words) short(s Summary) string {
	if few(s.N, s.Unit) && len(s.Values) > 1 {
		return w.of(strconv.FormatFloat(s.Mean*float64(s.N), 'f', 1, 64), s.N)
	}
	return w.figure(s.Mean, s.N, s.Unit)
}

// spread says how sure the number is: its interval with kind and level, or
// its range over draws, which is no interval and is not called one.
func (w words) spread(s Summary) string {
	draws := len(s.Values)
	switch {
	case draws > 1 && few(s.N, s.Unit):
		return w.say("number.draws_counted", args{"Draws": draws, "Min": w.share(s.Min, s.N), "Max": w.share(s.Max, s.N)})
	case draws >= manyDraws && s.Worst > 0:
		return w.say("number.draws_worst", args{"Draws": draws, "Worst": number(s.Worst, s.Unit), "Range": span(s.Min, s.Max, s.Unit)})
	case draws > 1:
		return w.say("number.draws", args{"Draws": draws, "Range": span(s.Min, s.Max, s.Unit)})
	case s.Interval != nil && !few(s.N, s.Unit):
		return w.interval(*s.Interval, s.Unit)
	}
	return ""
}

// interval shows one: "Wilson 95 %: 70.4–91.3 %".
func (w words) interval(i Interval, unit string) string {
	return w.labelled(sentence(w.kind(i.Kind)), span(i.Low, i.High, unit))
}

// of is "3 of 4".
func (w words) of(k string, n int) string { return w.say("number.of", args{"K": k, "N": n}) }
