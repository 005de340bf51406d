package adapt

// Estimate is what a dry run expects a part of a run, or all of it, to cost.
type Estimate struct {
	Seconds *float64 `json:"seconds"`          // nil where nothing like it was ever measured here
	Low     *float64 `json:"seconds_low"`      // as fast as it ever was; nil with Seconds
	High    *float64 `json:"seconds_high"`     // as slow
	AtLeast float64  `json:"seconds_at_least"` // of what is known, where Seconds is nil
	Bytes   int64    `json:"bytes"`            // of disk, roughly
	Basis   string   `json:"basis"`            // what the seconds rest on
}

// takes sets the seconds.
func (e *Estimate) takes(s stretch, basis string) {
	e.Seconds, e.Low, e.High, e.AtLeast, e.Basis = &s.middle, &s.low, &s.high, s.middle, basis
}

// addUp adds costs up. The seconds are known where all of them are; the slowest
// are expected to come together, and so are the fastest.
func addUp(parts ...*Estimate) Estimate {
	var s stretch
	all, known, basis := Estimate{}, true, BasisRuns
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
		if e.Basis == BasisTry {
			basis = BasisTry
		}
	}
	all.Basis = BasisUnknown
	if known {
		all.takes(s, basis)
	}
	return all
}

// What an estimate of time rests on.
const (
	BasisRuns    = "earlier runs on this machine"
	BasisTry     = "two clips tried now"
	BasisUnknown = "unknown until it was done once"
)
