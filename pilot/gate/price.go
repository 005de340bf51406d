package gate

// Rates are what a company pays and how fast things go here. A rate of zero
// is not known.
type Rates struct {
	Currency        string  // JPY, EUR, …
	WagePerHour     float64 // of somebody who labels
	SecondsPerLabel float64
	MachinePerHour  float64
	ClipsPerHour    float64 // measured on this machine
}

// Price is what it takes to label and measure clips. Money is not known where
// a rate is missing.
type Price struct {
	Clips          int     `json:"clips"`
	LabelMinutes   float64 `json:"label_minutes"`
	MachineMinutes float64 `json:"machine_minutes"`
	Money          float64 `json:"money"`
	Known          bool    `json:"money_known"` // Money is all of it
}

// Price of so many more clips.
func (r Rates) Price(clips int) Price {
	p := Price{Clips: clips, LabelMinutes: float64(clips) * r.SecondsPerLabel / 60}
	if r.ClipsPerHour > 0 {
		p.MachineMinutes = 60 * float64(clips) / r.ClipsPerHour
	}
	p.Money = p.LabelMinutes/60*r.WagePerHour + p.MachineMinutes/60*r.MachinePerHour
	p.Known = r.WagePerHour > 0 && r.SecondsPerLabel > 0 && r.MachinePerHour > 0 && r.ClipsPerHour > 0
	return p
}

// Per1000 is the machine's cost of 1,000 clips; ok is false where a rate is
// missing.
func (r Rates) Per1000() (money float64, ok bool) {
	if r.ClipsPerHour <= 0 || r.MachinePerHour <= 0 {
		return 0, false
	}
	return 1000 / r.ClipsPerHour * r.MachinePerHour, true
}
