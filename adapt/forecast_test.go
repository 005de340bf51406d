package adapt

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"framepilot/adapt/live"
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
		if last.Kind != live.EventRun || last.Status != string(pilot.Interrupted) {
			t.Errorf("%s: the log ends with %+v", limit, last)
		}
		logs, err := live.Runs(dir)
		if err != nil || len(logs) != 1 {
			t.Fatal(logs, err)
		}
		state, _, err := live.Follow(dir, logs[0].ID).Look()
		if err != nil || state.Now.Done != 20 || state.Spent != 50*time.Minute || state.Forecast == nil {
			t.Errorf("%s: %d clips in %s, %v", limit, state.Now.Done, state.Spent, err)
		}

		s, _ = timed(t, dir, limit)
		if _, err := s.run(context.Background(), t, dir); !errors.Is(err, ErrBudget) {
			t.Errorf("%s: the second process forgot the first: %v", limit, err)
		}
		first := slices.IndexFunc(s.events, func(e live.Event) bool { return e.Kind == live.EventForecast })
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
	var embed, fit, unknown live.Estimate
	took, ok := r.seconds("embed", 100)
	if want := (stretch{70, 50, 200}); !ok || took != want {
		t.Errorf("%v, want %v", took, want)
	}
	setTime(&embed, took, live.BasisTry)
	took, _ = r.seconds("fit", 10)
	setTime(&fit, took, live.BasisRuns)
	all := addUp(&embed, nil, &fit)
	if *all.Seconds != 90 || *all.Low != 70 || *all.High != 220 || all.AtLeast != 90 || all.Basis != live.BasisTry {
		t.Errorf("%+v", all)
	}
	if all = addUp(&embed, &unknown); all.Seconds != nil || all.AtLeast != 70 || all.Basis != live.BasisUnknown {
		t.Errorf("%+v", all)
	}
	if took, ok := r.seconds("never", 0); !ok || took != (stretch{}) {
		t.Error("nothing takes no time")
	}
}

// Disk is forecast with what the ledger takes, at its largest: beside its file
// stands a log that is written ahead of it.
func TestForecastHasTheLedger(t *testing.T) {
	dir := newPilot(t)
	forecast, _ := dry(t, dir, "")
	most := int64(0)
	s := newSession()
	size := func() (sum int64) {
		err := filepath.WalkDir(filepath.Join(dir, live.StateDir), func(path string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() {
				return err
			}
			info, err := e.Info()
			sum += info.Size()
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return sum
	}
	s.opt.Out = func(e live.Event) {
		if e.Kind == live.EventResult {
			most = max(most, size())
		}
	}
	if _, err := s.run(context.Background(), t, dir); err != nil {
		t.Fatal(err)
	}
	if said := forecast.Cost.Bytes; most == 0 || said < most || said > 20*most {
		t.Errorf("said %d bytes, it took %d", said, most)
	}
	if after, _ := dry(t, dir, ""); after.Cost.Bytes != 0 {
		t.Errorf("nothing is left to do, and takes %d bytes", after.Cost.Bytes)
	}
}

// What is known of this machine's speed goes by the size of the data: another
// pilot's name does not make it unknown.
func TestForecastUnderAnotherName(t *testing.T) {
	dir, file := newPilot(t), filepath.Join(t.TempDir(), "rates.json")
	s := newSession()
	s.opt.Rates = file
	if _, err := s.run(context.Background(), t, dir); err != nil {
		t.Fatal(err)
	}
	other := newPilot(t)
	write(t, filepath.Join(other, "plan.toml"), strings.Replace(testPlan, `name = "colours"`, `name = "other"`, 1))
	if sum, _ := dry(t, other, file); sum.Cost.Seconds == nil || sum.Cost.Basis != live.BasisRuns {
		t.Errorf("%+v", sum.Cost.Estimate)
	}
}
