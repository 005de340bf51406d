package adapt

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"framepilot/adapt/live"
	"framepilot/pilot"
)

// dry looks at what the plan in dir would do, with the rates of that file.
func dry(t *testing.T, dir, rates string) (Summary, *session) {
	t.Helper()
	s := newSession()
	s.opt.DryRun, s.opt.Rates = true, rates
	began, looks := time.Now(), atomic.Int64{}
	s.opt.Now = func() time.Time { // a millisecond a look: what is tried takes no longer on a busy machine
		return began.Add(time.Duration(looks.Add(1)) * time.Millisecond)
	}
	sum, err := s.run(context.Background(), t, dir)
	if err != nil {
		t.Fatal(err)
	}
	return sum, s
}

func stageOf(t *testing.T, sum Summary, name string) StageSummary {
	t.Helper()
	for _, s := range sum.Stages {
		if s.Name == name {
			return s
		}
	}
	t.Fatalf("no stage %s in %+v", name, sum.Stages)
	return StageSummary{}
}

func TestDryRunSaysWhatItCosts(t *testing.T) {
	dir, file := newPilot(t), filepath.Join(t.TempDir(), "cache", "rates.json")
	first, s := dry(t, dir, file)
	embed := stageOf(t, first, live.StageEmbed)
	if embed.Status != StatusWillRun || embed.Cost.Seconds == nil || embed.Cost.Basis != live.BasisTry || s.reader.reads != 2 || s.model.clips.Load() != 1 {
		t.Errorf("before anything ran: %+v", embed)
	}
	if want := int64(48 * (4*fakeDim + 400)); embed.Cost.Bytes != want {
		t.Errorf("%d bytes, want %d", embed.Cost.Bytes, want)
	}
	// A fit is tried; how long retrieval takes nobody knows yet, so nobody knows of the whole.
	if fit := stageOf(t, first, live.StageFit); fit.Cost.Seconds == nil || fit.Cost.Basis != live.BasisTry || first.Cost.Seconds != nil || first.Cost.Basis != live.BasisUnknown {
		t.Errorf("fit %+v, total %+v", fit.Cost, first.Cost)
	}

	s = newSession()
	s.opt.Rates = file
	if _, err := s.run(context.Background(), t, dir); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "plan.toml"), strings.Replace(testPlan, "seed = 7", "seed = 8", 1))
	write(t, filepath.Join(dir, "day", "lift", "rec00_0.gif"), readFile(t, filepath.Join(dir, "day", "put", "rec00_0.gif"))+" ")
	after, s := dry(t, dir, file)
	embed = stageOf(t, after, live.StageEmbed)
	if embed.Cost.Basis != live.BasisRuns || s.reader.reads != 0 || after.Computed != 1 || after.Cost.Seconds == nil || after.Cost.Basis != live.BasisRuns {
		t.Errorf("after a run: %+v, total %+v", embed.Cost, after.Cost)
	}
	if embed.Status != StatusStale || len(embed.Because) != 1 || !strings.HasPrefix(embed.Because[0], "data.day.content: ") {
		t.Errorf("embed is %s because of %q", embed.Status, embed.Because)
	}
	fit := stageOf(t, after, live.StageFit)
	if all := strings.Join(fit.Because, " "); fit.Status != StatusStale || !strings.Contains(all, "seeds.plan: 7 → 8") || !strings.Contains(all, "data.day.content") {
		t.Errorf("fit is %s because of %q", fit.Status, fit.Because)
	}
}

// Of clips nobody can read nothing is known, and nothing is made up.
func TestDryRunThatCanTryNothing(t *testing.T) {
	dir := newPilot(t)
	s := newSession()
	s.opt.DryRun = true
	s.reader.after = func(string) error { return errors.New("no") }
	sum, err := s.run(context.Background(), t, dir)
	if embed := stageOf(t, sum, live.StageEmbed); err != nil || embed.Cost.Seconds != nil || embed.Cost.Basis != live.BasisUnknown {
		t.Errorf("%+v, %v", embed.Cost, err)
	}
}

// After a Ctrl-C a dry run says what is left.
func TestDryRunAfterAnInterruption(t *testing.T) {
	dir, file := newPilot(t), filepath.Join(t.TempDir(), "rates.json")
	ctx, cancel := context.WithCancel(context.Background())
	s := newSession()
	s.opt.Rates = file
	s.model.before = func(batch int) error {
		if batch == 6 {
			cancel()
		}
		return ctx.Err()
	}
	if _, err := s.run(ctx, t, dir); !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
	sum, _ := dry(t, dir, file)
	embed := stageOf(t, sum, live.StageEmbed)
	if sum.Before != string(pilot.Interrupted) || sum.Run == "" || sum.Cached != 20 || sum.Computed != 28 || embed.Cost.Basis != live.BasisRuns {
		t.Errorf("%s run %q: %d cached, %d to do, %+v", sum.Before, sum.Run, sum.Cached, sum.Computed, embed.Cost)
	}
	if sum.Lock.Status != LockNew {
		t.Errorf("a run that did not end left a lock: %+v", sum.Lock)
	}
}

// A file of rates that is nonsense is as good as none.
func TestRatesAreForgiving(t *testing.T) {
	for _, text := range []string{"", "null", "[]", "{", `{"embed x": {"n": -1, "seconds": 5}}`, `{"embed x": {"n": 0, "seconds": 1e999}}`} {
		file := filepath.Join(t.TempDir(), "rates.json")
		write(t, file, text)
		if _, ok := openRates(file).seconds("embed x", 3); ok {
			t.Errorf("%q gave a rate", text)
		}
	}
}
