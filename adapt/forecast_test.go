package adapt

import (
	"context"
	"errors"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"framepilot/internal/fault"
	"framepilot/pilot"
)

// timed is a session in which embedding four clips takes ten minutes and
// nothing else any time.
func timed(t testing.TB, dir string, limits string) (s *session, plan func()) {
	s = newSession()
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	s.opt.Now = func() time.Time { return now }
	s.model.before = func(int) error { now = now.Add(10 * time.Minute); return nil }
	plan = func() {
		write(t, filepath.Join(dir, "plan.toml"), strings.Replace(testPlan, "batch = 4\n", "batch = 4\n"+limits, 1)+
			"[rates]\ncurrency = \"JPY\"\n[rates.values]\nmachine_per_hour = 120\n")
	}
	return s, plan
}

// A run ends when its budget is spent, in hours or in money, with everything
// done sealed; one that is begun again has what it spent before on its account,
// and comes to the same numbers once it may.
func TestRunKeepsToItsBudget(t *testing.T) {
	for _, limit := range []string{"max_hours = 0.75\n", "max_cost = 90\n", "max_cost = 90\nmax_hours = 9\n"} {
		dir := newPilot(t)
		s, plan := timed(t, dir, limit)
		plan()
		_, err := s.run(context.Background(), t, dir)
		if !errors.Is(err, ErrBudget) || fault.KindOf(err) != fault.Config || !strings.Contains(err.Error(), strings.Fields(limit)[0]) {
			t.Fatalf("%s: ended with %v", limit, err)
		}
		last := s.events[len(s.events)-1]
		if last.Kind != EventRun || last.Status != string(pilot.Interrupted) {
			t.Errorf("%s: the log ends with %+v", limit, last)
		}
		logs, err := RunLogs(dir)
		if err != nil || len(logs) != 1 {
			t.Fatal(logs, err)
		}
		state, _, err := Follow(dir, logs[0].Run).Look()
		if err != nil || state.Now.Done != 20 || state.Spent != 50*time.Minute || state.Forecast == nil {
			t.Errorf("%s: %d clips in %s, %v", limit, state.Now.Done, state.Spent, err)
		}

		s, _ = timed(t, dir, limit)
		if _, err := s.run(context.Background(), t, dir); !errors.Is(err, ErrBudget) {
			t.Errorf("%s: the second process forgot the first: %v", limit, err)
		}
		first := slices.IndexFunc(s.events, func(e Event) bool { return e.Kind == EventForecast })
		if f := s.events[first].Forecast; f.Spent != 3000 || f.Clips != 28 || f.Money == nil || f.Money.PerHour != 120 {
			t.Errorf("%s: forecast of what is left: %+v", limit, f)
		}

		s, plan = timed(t, dir, "")
		plan()
		if _, err := s.run(context.Background(), t, dir); err != nil {
			t.Fatal(err)
		}
		other := newPilot(t)
		_, plan = timed(t, other, "")
		plan()
		mustRun(t, other)
		if numbers(t, dir) != numbers(t, other) {
			t.Errorf("%s: a budget changed the numbers", limit)
		}
	}
}

// A limit in money needs a price.
func TestCostWithoutAPrice(t *testing.T) {
	dir, s := newPilot(t), newSession()
	write(t, filepath.Join(dir, "plan.toml"), strings.Replace(testPlan, "batch = 4\n", "batch = 4\nmax_cost = 1\n", 1))
	sum, err := s.run(context.Background(), t, dir)
	if err != nil || !slices.ContainsFunc(sum.Warnings, func(w string) bool { return strings.Contains(w, "max_cost is not watched") }) {
		t.Errorf("%v, warned %q", err, sum.Warnings)
	}
}

// Limits play no part in results: a plan that gets one keeps its run.
func TestLimitsAreInNoKey(t *testing.T) {
	dir := newPilot(t)
	first, _ := mustRun(t, dir)
	s, plan := timed(t, dir, "max_hours = 100\nmax_cost = 1e6\n")
	plan()
	if sum, err := s.run(context.Background(), t, dir); err != nil || sum.Run != first.Run || !sum.Unchanged() {
		t.Errorf("run %s became %s: %v", first.Run, sum.Run, err)
	}
}

// What was measured several times is expected between the fastest and the
// slowest time, and the ends of parts add up.
func TestForecastHasASpread(t *testing.T) {
	r := openRates(filepath.Join(t.TempDir(), "rates.json"))
	for _, seconds := range []time.Duration{90, 10, 12, 14, 40, 16} { // the first is forgotten
		r.note("embed", 20, seconds*time.Second)
	}
	r.note("embed", 1, time.Hour) // of little
	r.note("fit", 30, 60*time.Second)
	if err := r.save(); err != nil {
		t.Fatal(err)
	}
	r = openRates(r.file)
	var embed, fit, unknown Estimate
	took, ok := r.seconds("embed", 100)
	if want := (stretch{70, 50, 200}); !ok || took != want {
		t.Errorf("%v, want %v", took, want)
	}
	embed.takes(took, BasisTry)
	took, _ = r.seconds("fit", 10)
	fit.takes(took, BasisRuns)
	all := addUp(&embed, nil, &fit)
	if *all.Seconds != 90 || *all.Low != 70 || *all.High != 220 || all.AtLeast != 90 || all.Basis != BasisTry {
		t.Errorf("%+v", all)
	}
	if all = addUp(&embed, &unknown); all.Seconds != nil || all.AtLeast != 70 || all.Basis != BasisUnknown {
		t.Errorf("%+v", all)
	}
	if took, ok := r.seconds("never", 0); !ok || took != (stretch{}) {
		t.Error("nothing takes no time")
	}
}

func TestShortOf(t *testing.T) {
	hour, price := 3600.0, &Money{"JPY", 100}
	for _, c := range []struct {
		f    Forecast
		want []string
	}{
		{Forecast{}, nil},
		{Forecast{Estimate: Estimate{Bytes: 5}, DiskFree: 4, Memory: 3, MemoryFree: 2}, []string{ShortDisk, ShortMemory}},
		{Forecast{Estimate: Estimate{Bytes: 5}, DiskFree: 5, Memory: 3, MemoryFree: 3}, nil},
		{Forecast{Estimate: Estimate{Bytes: 5}, Memory: 3}, nil}, // nobody knows what is free
		{Forecast{Estimate: Estimate{AtLeast: hour}, Budget: Budget{Hours: 1, Cost: 100}, Money: price}, nil},
		{Forecast{Estimate: Estimate{AtLeast: hour}, Spent: 60, Budget: Budget{Hours: 1, Cost: 100}, Money: price}, []string{ShortHours, ShortMoney}},
		{Forecast{Estimate: Estimate{AtLeast: hour}, Spent: 60, Budget: Budget{Cost: 100}}, nil}, // nor what it costs
	} {
		if got := c.f.Short(); !slices.Equal(got, c.want) {
			t.Errorf("%+v is short of %v, want %v", c.f, got, c.want)
		}
	}
}

// Time goes on being spent while a process works: not while it waits, and not
// between two of them.
func TestTimeSpentOnARun(t *testing.T) {
	dir := t.TempDir()
	writeLog(t, dir, "r1", `{"time":"2026-01-02T03:00:00Z","event":"stage","stage":"data","status":"started"}
{"time":"2026-01-02T03:01:00Z","event":"run","run":"r1","status":"started"}
{"time":"2026-01-02T03:02:00Z","event":"stage","stage":"embed","status":"started"}
{"time":"2026-01-02T03:03:00Z","event":"run","run":"r1","status":"paused"}
{"time":"2026-01-02T03:33:00Z","event":"run","run":"r1","status":"running"}
{"time":"2026-01-02T03:34:00Z","event":"progress","run":"r1","stage":"embed","done":10,"total":100}
{"time":"2026-01-02T05:00:00Z","event":"stage","stage":"data","status":"started"}
{"time":"2026-01-02T05:01:00Z","event":"run","run":"r1","status":"resumed"}
{"time":"2026-01-02T05:02:00Z","event":"forecast","run":"r1","forecast":{"seconds":600,"seconds_low":540,"seconds_high":720}}
{"time":"2026-01-02T05:02:00Z","event":"stage","run":"r1","stage":"fit","status":"started","text":"gda"}
{"time":"2026-01-02T05:03:00Z","event":"result","run":"r1","text":"gda: 70 %","done":3,"total":12}
`)
	s, _, err := Follow(dir, "r1").Look()
	if err != nil || s.Spent != 7*time.Minute || s.Numbers.Done != 3 || s.Numbers.Total != 12 {
		t.Fatalf("%s, %+v, %v", s.Spent, s.Numbers, err)
	}
	now := s.Last.Add(2 * time.Minute)
	if a, b := s.Worked(now, true), s.Worked(now, false); a != 9*time.Minute || b != 7*time.Minute {
		t.Errorf("worked %s and %s", a, b)
	}
	if left, spread, ok := s.Left(now); !ok || left != 7*time.Minute || spread != 90*time.Second {
		t.Errorf("%s left, +-%s, %v", left, spread, ok)
	}
	if left, _, ok := s.Left(now.Add(time.Hour)); !ok || left != 0 {
		t.Errorf("%s left where it should have been done", left)
	}
	writeLog(t, dir, "r1", `{"time":"2026-01-02T05:04:00Z","event":"run","run":"r1","status":"done"}`+"\n")
	if s, _, err = Follow(dir, "r1").Look(); err != nil || s.Worked(now.Add(time.Hour), true) != 8*time.Minute {
		t.Errorf("it goes on after its end: %s, %v", s.Spent, err)
	}
	writeLog(t, dir, "r1", `{"time":"2026-01-02T07:00:00Z","event":"stage","stage":"data","status":"started"}
{"time":"2026-01-02T07:01:00Z","event":"run","run":"r1","status":"resumed"}`+"\n")
	if s, _, err = Follow(dir, "r1").Look(); err != nil || s.Spent != time.Minute {
		t.Errorf("a run that was done has %s on its account, %v", s.Spent, err)
	}
}

// While clips are embedded the rest is their recent speed and what was forecast
// for later; where that is not known, neither is the whole.
func TestLeftOfEverything(t *testing.T) {
	seconds, low, high := 100.0, 80.0, 140.0
	s := RunState{Stage: StageEmbed, rates: []pace{{2, 1}, {2, 1}, {2, 1}}, Now: Event{Done: 80, Total: 100},
		Forecast: &Forecast{After: &Estimate{Seconds: &seconds, Low: &low, High: &high}}}
	if left, spread, ok := s.Left(time.Time{}); !ok || math.Abs(left.Seconds()-110) > 1e-6 || spread != 30*time.Second {
		t.Errorf("%s +-%s %v", left, spread, ok)
	}
	s.Forecast.After = &Estimate{}
	if _, _, ok := s.Left(time.Time{}); ok {
		t.Error("what nobody knows was made up")
	}
}
