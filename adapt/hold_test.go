package adapt

import (
	"context"
	"os"
	"slices"
	"testing"

	"framepilot/adapt/live"
)

// A paused run waits, says so, and comes to the same numbers.
func TestPauseAndResume(t *testing.T) {
	dir, s := newPilot(t), newSession()
	if err := live.Pause(dir); err == nil {
		t.Error("nothing runs, and it was paused")
	}
	paused := 0
	s.model.before = func(batch int) error {
		if batch == 1 {
			if o, ok, err := live.Running(dir); !ok || err != nil || o.PID != os.Getpid() {
				t.Errorf("at work: %+v, %v, %v", o, ok, err)
			}
			return live.Pause(dir)
		}
		return nil
	}
	var log []live.Event
	s.opt.Out = func(e live.Event) {
		log = append(log, e)
		if e.Status == live.EventPaused {
			paused++
			if err := live.Resume(dir); err != nil {
				t.Error(err)
			}
		}
	}
	if _, err := s.run(context.Background(), t, dir); err != nil {
		t.Fatal(err)
	}
	if paused != 1 || !slices.ContainsFunc(log, func(e live.Event) bool { return e.Kind == live.EventRun && e.Status == "running" }) {
		t.Errorf("paused %d times", paused)
	}
	if _, ok, err := live.Running(dir); ok || err != nil {
		t.Errorf("somebody is at work after the end: %v", err)
	}
	other := newPilot(t)
	mustRun(t, other)
	if numbers(t, dir) != numbers(t, other) {
		t.Error("a pause changed the numbers")
	}
}

// A run that goes on shows all of its numbers and clips, those it had before
// with them: nothing looks lost.
func TestGoingOnCountsWhatWasKept(t *testing.T) {
	dir, s := newPilot(t), newSession()
	seen := func() live.State {
		t.Helper()
		runs, err := live.Runs(dir)
		if err != nil || len(runs) != 1 {
			t.Fatal(runs, err)
		}
		state, _, err := live.Follow(dir, runs[0].ID).Look()
		if err != nil {
			t.Fatal(err)
		}
		return state
	}
	ctx, cancel := context.WithCancel(context.Background())
	s.opt.Out = func(e live.Event) {
		if e.Kind == live.EventResult && e.Done == 3 {
			cancel()
		}
	}
	if _, err := s.run(ctx, t, dir); err == nil {
		t.Fatal("it was not stopped")
	}
	before := seen()
	s = newSession()
	first := 0
	s.opt.Out = func(e live.Event) {
		if e.Kind == live.EventResult && first == 0 {
			first = e.Done
		}
	}
	if _, err := s.run(context.Background(), t, dir); err != nil {
		t.Fatal(err)
	}
	after := seen()
	if n := after.Numbers; first <= before.Numbers.Done || n.Total != before.Numbers.Total || n.Done != n.Total || n.Cached < 3 {
		t.Errorf("stopped at number %+v, went on with number %d and ended at %+v", before.Numbers, first, n)
	}
	if n := after.Now; n.Total != before.Now.Total || n.Done != n.Total || n.Cached != n.Total {
		t.Errorf("clips %+v, before %+v", n, before.Now)
	}
}

// A paused run can be ended.
func TestPausedRunEnds(t *testing.T) {
	dir, s := newPilot(t), newSession()
	ctx, cancel := context.WithCancel(context.Background())
	s.model.before = func(int) error { return live.Pause(dir) }
	s.opt.Out = func(e live.Event) {
		if e.Status == live.EventPaused {
			cancel()
		}
	}
	if _, err := s.run(ctx, t, dir); err == nil || ctx.Err() == nil {
		t.Errorf("ended with %v", err)
	}
	s = newSession() // the pause of a run that is gone holds nobody up
	s.opt.Out = func(e live.Event) {
		if e.Status == live.EventPaused {
			t.Error("an old pause holds a new run up")
			_ = live.Resume(dir)
		}
	}
	if _, err := s.run(context.Background(), t, dir); err != nil {
		t.Fatal(err)
	}
}
