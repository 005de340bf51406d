package adapt

import "framepilot/adapt/live"

// setTime says how long what e is of takes, and how that is known.
func setTime(e *live.Estimate, s stretch, basis string) {
	e.Seconds, e.Low, e.High, e.AtLeast, e.Basis = &s.middle, &s.low, &s.high, s.middle, basis
}

// addUp adds costs up. The seconds are known where all of them are; the slowest
// are expected to come together, and so are the fastest.
func addUp(parts ...*live.Estimate) live.Estimate {
	var s stretch
	all, known, basis := live.Estimate{}, true, live.BasisRuns
	for _, e := range parts {
		if e == nil {
			continue
		}
		all.Bytes += e.Bytes
		all.AtLeast += e.AtLeast
		if e.Seconds == nil {
			known = false
			continue
		}
		s.middle, s.low, s.high = s.middle+*e.Seconds, s.low+*e.Low, s.high+*e.High
		if e.Basis == live.BasisTry {
			basis = live.BasisTry
		}
	}
	all.Basis = live.BasisUnknown
	if known {
		setTime(&all, s, basis)
	}
	return all
}
