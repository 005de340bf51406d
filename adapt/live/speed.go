package live

import (
	"math"
	"time"
)

// Pace is one measurement: so many things in so many seconds.
type Pace struct {
	N       int     `json:"n"`
	Seconds float64 `json:"seconds"`
}

// Each is how many seconds one thing took.
func (p Pace) Each() float64 { return p.Seconds / float64(p.N) }

// remembered is how many speeds the spread is taken over.
const remembered = 60

// pace notes the speed since the last progress. It follows from the mean rates
// the run states, which leave out its pauses.
func (s *State) pace(e Event) {
	took := func(e Event) float64 {
		if e.Rate <= 0 {
			return 0
		}
		return float64(e.Done-e.Cached) / e.Rate
	}
	p := Pace{e.Done - e.Cached - (s.Now.Done - s.Now.Cached), took(e) - took(s.Now)}
	if s.Now.Total != e.Total {
		p = Pace{e.Done - e.Cached, took(e)}
	}
	if p.N <= 0 || p.Seconds <= 0 {
		return
	}
	s.rates = append(s.rates, p)
	s.rates = s.rates[max(0, len(s.rates)-remembered):]
}

// Remaining is how long the embedding of the rest takes, and how far it may be
// off either way: two standard errors of the recent seconds a clip, a ratio of
// sums, so that a few clips that were decoded ahead do not count for many
// (Cochran, Sampling Techniques, 1977, 2.11). ok is false as long as too little
// was seen.
func (s State) Remaining() (left, spread time.Duration, ok bool) {
	n := float64(len(s.rates))
	if n < 3 || s.Now.Done >= s.Now.Total {
		return 0, 0, false
	}
	all := total(s.rates)
	var square float64
	for _, p := range s.rates {
		off := p.Seconds - all.Each()*float64(p.N)
		square += off * off
	}
	clips := float64(s.Now.Total - s.Now.Done)
	seconds, off := clips*all.Each(), clips*2*math.Sqrt(square*n/(n-1))/float64(all.N)
	return time.Duration(seconds * float64(time.Second)), time.Duration(off * float64(time.Second)), true
}

// total is several measurements as one.
func total(list []Pace) (all Pace) {
	for _, p := range list {
		all.N, all.Seconds = all.N+p.N, all.Seconds+p.Seconds
	}
	return all
}

// Worked is how long processes worked on the run by now; alive says whether one
// still does.
func (s State) Worked(now time.Time, alive bool) time.Duration {
	if alive && s.working && now.After(s.Last) {
		return s.Spent + now.Sub(s.Last)
	}
	return s.Spent
}

// Left is how long the rest of the run takes, and how far that may be off
// either way: clips at their recent speed, what comes after them as it was
// forecast. ok is false where that is not known.
func (s State) Left(now time.Time) (left, spread time.Duration, ok bool) {
	if s.Forecast == nil {
		return 0, 0, false
	}
	seconds := func(e *Estimate) (middle, off time.Duration) {
		return time.Duration(*e.Seconds * float64(time.Second)), time.Duration((*e.High - *e.Low) / 2 * float64(time.Second))
	}
	switch after := s.Forecast.After; {
	case s.Stage == StageEmbed && after != nil && after.Seconds != nil:
		if left, spread, ok = s.Remaining(); ok {
			middle, off := seconds(after)
			return left + middle, spread + off, true
		}
	case s.Stage != StageEmbed && s.Forecast.After == nil && s.Forecast.Seconds != nil:
		middle, off := seconds(&s.Forecast.Estimate)
		return max(0, middle-(s.Worked(now, true)-s.asOf)), off, true
	}
	return 0, 0, false
}

// Recent is the speed of the last minutes, in clips a second; 0 where it is
// not known.
func (s State) Recent() float64 {
	if len(s.rates) == 0 {
		return 0
	}
	return 1 / total(s.rates[max(0, len(s.rates)-10):]).Each()
}

// Speeds are the speeds the spread is taken over, in clips a second, oldest
// first.
func (s State) Speeds() (all []float64) {
	for _, p := range s.rates {
		all = append(all, 1/p.Each())
	}
	return all
}

// Bottleneck is what the time of embedding mostly goes to: "decoding",
// "model", "disk", or "" where it is not known.
func (s State) Bottleneck() string {
	switch e := s.Now; {
	case e.Decoding+e.Model+e.Disk == 0:
		return ""
	case e.Model >= max(e.Decoding, e.Disk):
		return "model"
	case e.Decoding >= e.Disk:
		return "decoding"
	}
	return "disk"
}
