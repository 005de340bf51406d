package tui

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"framepilot/adapt/live"
	"framepilot/internal/lang"
)

// What was said of a run at work is not there beside how it ended.
func TestEndOfARunTakesBackItsStatus(t *testing.T) {
	dir, _ := folders(t)
	a, _ := newApp(t, dir, lang.English)
	settle(a, a.Done(looked{dir: dir, run: "x", watch: watch{alive: true, run: "x"}}))
	a.status = "it goes on"
	settle(a, a.Done(looked{dir: dir, run: "x", watch: watch{run: "x", state: live.State{Status: "running"}}}))
	if status := a.Page().Status; status != "" {
		t.Errorf("the run was killed, and below stands %q", status)
	}
}

// What a run does is said once a tenth of a step or a minute, what it came to
// when it ends, and nothing while nothing happens.
func TestNewsOfARun(t *testing.T) {
	dir, _ := folders(t)
	for _, language := range lang.All() {
		a, _ := newApp(t, dir, language)
		now := noon
		a.o.Now = func() time.Time { return now }
		const run = "41c0e7aa-1" // which the ledger says is done
		path := live.EventsFile(dir, run)
		must(t, os.MkdirAll(filepath.Dir(path), 0o755))
		var log strings.Builder
		say := func(format string, args ...any) {
			fmt.Fprintf(&log, `{"time":"2026-11-23T11:50:00Z","run":"`+run+`",`+format+"}\n", args...)
			must(t, os.WriteFile(path, []byte(log.String()), 0o644))
		}
		look := func(alive bool) string {
			s := watch{alive: alive, run: run}
			var err error
			s.state, _, err = live.Follow(dir, run).Look()
			must(t, err)
			settle(a, a.Done(looked{dir: dir, run: run, watch: s}))
			a.runs.follower, a.runs.busy = nil, true
			var all []string
			for _, n := range a.News() {
				all = append(all, fmt.Sprint(n.Ended, " ", n.Text))
			}
			return strings.Join(all, "\n")
		}
		expect := func(got string, parts ...string) {
			t.Helper()
			for _, part := range parts {
				if !strings.Contains(got, part) {
					t.Errorf("%s: said %q, want %q in it", language, got, part)
				}
			}
			if len(parts) == 0 && got != "" {
				t.Errorf("%s: said %q, want nothing", language, got)
			}
		}
		progress := func(done int) {
			say(`"event":"progress","stage":"embed","done":%d,"total":500,"rate":5`, done)
		}
		say(`"event":"run","status":"started"`)
		say(`"event":"stage","stage":"embed","status":"started"`)
		progress(5)
		expect(look(true), "false ", "1 %")
		progress(40)
		expect(look(true)) // not a tenth more, not a minute later
		now = now.Add(time.Minute)
		expect(look(true), "8 %")
		progress(50)
		expect(look(true), "10 %", "500")
		expect(look(true))
		say(`"event":"run","status":"paused"`)
		expect(look(true), run)
		now = now.Add(time.Hour)
		expect(look(true)) // it waits, and has said so
		say(`"event":"run","status":"running"`)
		expect(look(true), "10 %")
		say(`"event":"run","status":"done"`)
		expect(look(false), "true ", run, "gda", "night", "day", "%")
		expect(look(false))
	}
}

// A run that ends otherwise says why.
func TestNewsOfAStop(t *testing.T) {
	dir, _ := folders(t)
	a, _ := newApp(t, dir, lang.English)
	settle(a, a.Done(looked{dir: dir, run: "x", watch: watch{alive: true, run: "x"}}))
	a.News()
	settle(a, a.Done(looked{dir: dir, run: "x", watch: watch{run: "x", state: live.State{Status: "failed", Why: "the disk is full"}}}))
	if got := a.News(); len(got) != 1 || !got[0].Ended || !strings.Contains(got[0].Text, "the disk is full") {
		t.Errorf("said %+v", got)
	}
}
