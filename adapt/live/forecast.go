package live

// Forecast is what a run, or what is left of it, is expected to take of this
// machine and of the budget. Of memory and disk, zero is not known.
type Forecast struct {
	Estimate
	After   *Estimate `json:"after,omitempty"` // the part of it that comes after the clips; nil where no clip is left
	Clips   int       `json:"clips"`           // to embed
	Results int       `json:"results"`         // to measure

	DiskFree   int64 `json:"disk_free"`
	Memory     int64 `json:"memory"` // bytes at its peak, decoders with it: as before, else roughly
	MemoryFree int64 `json:"memory_free"`

	Spent  float64 `json:"spent_seconds"` // on this run before, by processes that were stopped
	Money  *Money  `json:"money"`         // nil where nobody gave a rate
	Budget Budget  `json:"budget"`
}

// Money is what the machine costs.
type Money struct {
	Currency string  `json:"currency"`
	PerHour  float64 `json:"per_hour"`
}

// Of is what so many seconds cost.
func (m Money) Of(seconds float64) float64 { return seconds / 3600 * m.PerHour }

// Budget is what the plan allows a run; zero is no limit.
type Budget struct {
	Hours     float64 `json:"max_hours"`
	Cost      float64 `json:"max_cost"`
	MaxFailed float64 `json:"max_failed"` // share of clips that may fail
}

// What a forecast can be short of.
const (
	ShortDisk   = "disk"
	ShortMemory = "memory"
	ShortHours  = "hours"
	ShortMoney  = "money"
)

// Short says what the run would run out of.
func (f Forecast) Short() (of []string) {
	add := func(what string, short bool) {
		if short {
			of = append(of, what)
		}
	}
	add(ShortDisk, f.DiskFree > 0 && f.Bytes > f.DiskFree)
	add(ShortMemory, f.MemoryFree > 0 && f.Memory > f.MemoryFree)
	seconds := f.Spent + f.AtLeast
	add(ShortHours, f.Budget.Hours > 0 && seconds > 3600*f.Budget.Hours)
	add(ShortMoney, f.Budget.Cost > 0 && f.Money != nil && f.Money.Of(seconds) > f.Budget.Cost)
	return of
}

// whole says whether f is there and every time in it has its ends.
func (f *Forecast) whole() bool {
	return f != nil && f.Estimate.whole() && (f.After == nil || f.After.whole())
}

// Estimate is what a dry run expects a part of a run, or all of it, to cost.
type Estimate struct {
	Seconds *float64 `json:"seconds"`          // nil where nothing like it was ever measured here
	Low     *float64 `json:"seconds_low"`      // as fast as it ever was; nil with Seconds
	High    *float64 `json:"seconds_high"`     // as slow
	AtLeast float64  `json:"seconds_at_least"` // of what is known, where Seconds is nil
	Bytes   int64    `json:"bytes"`            // of disk, roughly
	Basis   string   `json:"basis"`            // what the seconds rest on
}

func (e Estimate) whole() bool { return e.Seconds == nil || e.Low != nil && e.High != nil }

// What an estimate of time rests on.
const (
	BasisRuns    = "earlier runs on this machine"
	BasisTry     = "two clips and a fit of each method tried now"
	BasisUnknown = "unknown until it was done once"
)
