package report

import (
	"math"
	"slices"

	"framepilot/pilot"
	"framepilot/pilot/roi"
)

func buildReturn(d pilot.Dossier) *Return {
	if d.Worth == nil {
		return nil
	}
	w := d.Worth
	out := &Return{
		Run: w.Run, Site: w.Site, Recipe: w.Recipe, Currency: w.Currency, Errors: []ErrorKind{}, Low: w.Low, Base: w.Base, High: w.High,
		BreakEven: finite(w.BreakEven), Per1000: w.Per1000, Bars: []Sensitivity{},
	}
	for i, months := range w.Payback {
		out.Payback[i] = finite(months)
	}
	for _, name := range roi.Names() {
		a := Assumption{Name: name, Range: w.Ranges[name], Measured: true}
		for _, e := range d.Board.Assumed {
			if e.Assumption.Name == name && e.Assumption.Truth == "" && name != roi.Accuracy {
				a.Measured, a.Owner, a.Source, a.At = false, e.By, e.Assumption.Source, e.At
			}
		}
		out.Assumptions = append(out.Assumptions, a)
	}
	for t, row := range w.Confusion.Counts {
		for p, n := range row {
			out.Clips += n
			if t != p && n > 0 {
				out.Errors = append(out.Errors, ErrorKind{w.Classes[t], w.Classes[p], n, finite(w.Confusion.Costs[t][p])})
			}
		}
	}
	slices.SortStableFunc(out.Errors, func(a, b ErrorKind) int { return b.N - a.N })
	for _, b := range w.Bars {
		out.Bars = append(out.Bars, Sensitivity(b))
	}
	return out
}

// finite is x, or nil where JSON has no number for it.
func finite(x float64) *float64 {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return nil
	}
	return &x
}
