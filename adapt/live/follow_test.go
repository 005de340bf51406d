package live

import (
	"os"
	"path/filepath"
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
	logs, err := Runs(dir)
	if err != nil || len(logs) != 1 || logs[0].ID != "r1" {
		t.Errorf("logs %v, %v", logs, err)
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

// What a run says when it goes on is not why it was killed later.
func TestGoingOnExplainsNothing(t *testing.T) {
	var s State
	s.add(Event{Kind: EventRun, Status: EventPaused, Text: "waits"})
	if s.Why != "waits" {
		t.Errorf("paused, because %q", s.Why)
	}
	if s.add(Event{Kind: EventRun, Status: "running", Text: "goes on"}); s.Why != "" || !s.Said.IsZero() {
		t.Errorf("at work, because %q", s.Why)
	}
}
