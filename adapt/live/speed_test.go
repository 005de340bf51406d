package live

import (
	"math"
	"testing"
	"time"
)

// The time left follows from the speed, its spread from how much that varies.
func TestRemaining(t *testing.T) {
	var s State
	took, done := 0.0, 0
	for _, seconds := range []float64{1, 1.25, 1, 1.25, 1, 1.25} { // 10 clips each: 10 and 8 a second
		took += seconds
		done += 10
		s.add(Event{Kind: EventProgress, Done: done + 5, Cached: 5, Total: 1005, Rate: float64(done) / took})
	}
	left, spread, ok := s.Remaining()
	if !ok {
		t.Fatal("not known")
	}
	if want := 940 * 6.75 / 60; math.Abs(left.Seconds()-want) > 1e-6 {
		t.Errorf("%v left, want %.2f s", left, want)
	}
	// 10 clips were 0.125 s faster or slower than the mean, six times.
	if want := 940 * 2 * math.Sqrt(6*0.125*0.125*6/5) / 60; math.Abs(spread.Seconds()-want) > 1e-6 {
		t.Errorf("spread %v, want %.2f s", spread, want)
	}
	// Clips that wait decoded when a pause ends pass at once: they are few.
	s.add(Event{Kind: EventProgress, Done: 67, Cached: 5, Total: 1005, Rate: 62 / (took + 1e-3)})
	if left, _, _ := s.Remaining(); math.Abs(left.Seconds()-938*(took+1e-3)/62) > 1e-6 || s.Recent() > 10 {
		t.Errorf("%v left, %v clips a second of late", left, s.Recent())
	}
	s.add(Event{Kind: EventProgress, Done: 1005, Cached: 5, Total: 1005, Rate: 9})
	if _, _, ok := s.Remaining(); ok {
		t.Error("time is left when all is done")
	}
}

// While clips are embedded the rest is their recent speed and what was forecast
// for later; where that is not known, neither is the whole.
func TestLeftOfEverything(t *testing.T) {
	seconds, low, high := 100.0, 80.0, 140.0
	s := State{Stage: StageEmbed, rates: []Pace{{2, 1}, {2, 1}, {2, 1}}, Now: Event{Done: 80, Total: 100},
		Forecast: &Forecast{After: &Estimate{Seconds: &seconds, Low: &low, High: &high}}}
	if left, spread, ok := s.Left(time.Time{}); !ok || math.Abs(left.Seconds()-110) > 1e-6 || spread != 30*time.Second {
		t.Errorf("%s +-%s %v", left, spread, ok)
	}
	s.Forecast.After = &Estimate{}
	if _, _, ok := s.Left(time.Time{}); ok {
		t.Error("what nobody knows was made up")
	}
}
