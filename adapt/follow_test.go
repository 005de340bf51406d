package adapt

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func writeLog(t *testing.T, dir, run, text string) {
	t.Helper()
	path := EventsFile(dir, run)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString(text); err != nil {
		t.Fatal(err)
	}
}

// A log is read as it grows: whole lines only, what a killed process left half
// is passed over, and a second process begins anew.
func TestFollowerReadsWhatIsWhole(t *testing.T) {
	dir := t.TempDir()
	f := Follow(dir, "r1")
	if _, _, err := f.Look(); err == nil {
		t.Error("a log that is not there is read")
	}
	writeLog(t, dir, "r1", `{"time":"2026-01-02T03:04:05Z","event":"stage","stage":"data","status":"started"}
{"time":"2026-01-02T03:04:05Z","event":"warning","run":"r1","text":"thin"}
{"time":"2026-01-02T03:04:06Z","event":"run","run":"r1","status":"started","text":"run r1"}
{"time":"2026-01-02T03:04:07Z","event":"progress","run":"r1","stage":"embed","done":10,"total":100,"rate":10,"model":0.2,"decoding":0.7,"disk":0.1}
{"time":"2026-01-02T03:04:08Z","event":"failure","run":"r1","text":"a.mp4: no video stream","hint":"export it again"}
{"time":"2026-01-02T03:04:09Z","event":"progr`)
	s, fresh, err := f.Look()
	if err != nil || len(fresh) != 5 {
		t.Fatalf("%d events, %v", len(fresh), err)
	}
	if s.Run != "r1" || s.Status != "running" || s.Now.Done != 10 || s.Bottleneck() != "decoding" || s.Ended() {
		t.Errorf("state %+v", s)
	}
	if len(s.Warned) != 1 || len(s.Failed) != 1 || s.Failed[0].Hint != "export it again" {
		t.Errorf("troubles %v %v", s.Warned, s.Failed)
	}
	writeLog(t, dir, "r1", `
{"time":"2026-01-02T03:05:00Z","event":"run","run":"r1","status":"resumed"}
{"time":"2026-01-02T03:05:01Z","event":"run","run":"r1","status":"paused"}
`)
	if s, fresh, err = f.Look(); err != nil || len(fresh) != 2 || s.Status != EventPaused || len(s.Failed) != 0 {
		t.Errorf("after the second process began: %d events, %+v, %v", len(fresh), s, err)
	}
	logs, err := RunLogs(dir)
	if err != nil || len(logs) != 1 || logs[0].Run != "r1" {
		t.Errorf("logs %v, %v", logs, err)
	}
}

// The time left follows from the speed, its spread from how much that varies.
func TestRemaining(t *testing.T) {
	var s RunState
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

// A paused run waits, says so, and comes to the same numbers.
func TestPauseAndResume(t *testing.T) {
	dir, s := newPilot(t), newSession()
	if err := Pause(dir); err == nil {
		t.Error("nothing runs, and it was paused")
	}
	paused := 0
	s.model.before = func(batch int) error {
		if batch == 1 {
			if o, ok, err := RunningIn(dir); !ok || err != nil || o.PID != os.Getpid() {
				t.Errorf("at work: %+v, %v, %v", o, ok, err)
			}
			return Pause(dir)
		}
		return nil
	}
	var log []Event
	s.opt.Out = func(e Event) {
		log = append(log, e)
		if e.Status == EventPaused {
			paused++
			if err := Resume(dir); err != nil {
				t.Error(err)
			}
		}
	}
	if _, err := s.run(context.Background(), t, dir); err != nil {
		t.Fatal(err)
	}
	if paused != 1 || !slices.ContainsFunc(log, func(e Event) bool { return e.Kind == EventRun && e.Status == "running" }) {
		t.Errorf("paused %d times", paused)
	}
	if _, ok, err := RunningIn(dir); ok || err != nil {
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
	ctx, cancel := context.WithCancel(context.Background())
	var before, after RunState
	s.opt.Out = func(e Event) {
		if before.add(e); e.Kind == EventResult && e.Done == 3 {
			cancel()
		}
	}
	if _, err := s.run(ctx, t, dir); err == nil {
		t.Fatal("it was not stopped")
	}
	s = newSession()
	first := 0
	s.opt.Out = func(e Event) {
		if after.add(e); e.Kind == EventResult && first == 0 {
			first = e.Done
		}
	}
	if _, err := s.run(context.Background(), t, dir); err != nil {
		t.Fatal(err)
	}
	if n := after.Numbers; first <= before.Numbers.Done || n.Total != before.Numbers.Total || n.Done != n.Total || n.Cached < 3 {
		t.Errorf("stopped at number %+v, went on with number %d and ended at %+v", before.Numbers, first, n)
	}
	if n := after.Now; n.Total != before.Now.Total || n.Done != n.Total || n.Cached != n.Total {
		t.Errorf("clips %+v, before %+v", n, before.Now)
	}
}

// What a run says when it goes on is not why it was killed later.
func TestGoingOnExplainsNothing(t *testing.T) {
	var s RunState
	s.add(Event{Kind: EventRun, Status: EventPaused, Text: "waits"})
	if s.Why != "waits" {
		t.Errorf("paused, because %q", s.Why)
	}
	if s.add(Event{Kind: EventRun, Status: "running", Text: "goes on"}); s.Why != "" || !s.Said.IsZero() {
		t.Errorf("at work, because %q", s.Why)
	}
}

// A paused run can be ended.
func TestPausedRunEnds(t *testing.T) {
	dir, s := newPilot(t), newSession()
	ctx, cancel := context.WithCancel(context.Background())
	s.model.before = func(int) error { return Pause(dir) }
	s.opt.Out = func(e Event) {
		if e.Status == EventPaused {
			cancel()
		}
	}
	if _, err := s.run(ctx, t, dir); err == nil || ctx.Err() == nil {
		t.Errorf("ended with %v", err)
	}
	s = newSession() // the pause of a run that is gone holds nobody up
	s.opt.Out = func(e Event) {
		if e.Status == EventPaused {
			t.Error("an old pause holds a new run up")
			_ = Resume(dir)
		}
	}
	if _, err := s.run(context.Background(), t, dir); err != nil {
		t.Fatal(err)
	}
}

func TestHolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state")
	if _, ok, err := Holder(dir); ok || err != nil {
		t.Errorf("no folder: %v, %v", ok, err)
	}
	began := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	unlock, err := Lock(dir, began)
	if err != nil {
		t.Fatal(err)
	}
	host, _ := os.Hostname()
	if o, ok, err := Holder(dir); !ok || err != nil || o.PID != os.Getpid() || o.Host != host || !o.Since.Equal(began) {
		t.Errorf("%+v, %v, %v", o, ok, err)
	}
	unlock()
	if _, ok, err := Holder(dir); ok || err != nil {
		t.Errorf("a lock that was given back is held: %v", err)
	}
	if _, err := Stop(filepath.Dir(dir)); err == nil || !strings.Contains(err.Error(), "nothing is running") {
		t.Errorf("stopped nothing: %v", err)
	}
}
