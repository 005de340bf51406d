package tui

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"framepilot/adapt/live"
	"framepilot/internal/lang"
	"framepilot/tui/page"
)

// watch is what can be seen of the pilot's runs from outside: who is at work,
// and what the run that spoke last has said.
type watch struct {
	alive bool
	owner live.Owner
	run   string // that spoke last; "" = none yet
	state live.State
	err   error

	starting bool   // what the UI started has no event log yet
	printed  string // its last words, while it is starting or where it broke
	broke    bool   // it ended without one
}

// watcher looks at the runs of one folder. One look at a time is under way.
type watcher struct {
	dir      string
	follower *live.Follower
	run      string
	busy     bool
	at       time.Time  // of the latest look
	ended    <-chan int // exit code of what the UI started; nil = nothing
	since    time.Time  // when it did
	begins   bool       // it is about to, and has no ended and since yet
	seen     watch
}

// runLog is where a run that the UI starts prints to.
func runLog(dir string) string { return filepath.Join(dir, ".framepilot", "run.log") }

// watchEvery is how often the runs are looked at.
const watchEvery = time.Second

// look is the task of looking once, or none while another look is under way.
func (w *watcher) look(now time.Time) []Task {
	if w.busy {
		return nil
	}
	w.busy, w.at = true, now
	got := looked{dir: w.dir, follower: w.follower, run: w.run, ended: w.ended, since: w.since}
	return []Task{func(context.Context) any {
		got.read()
		return got
	}}
}

// looked is what a look brings back.
type looked struct {
	dir      string
	follower *live.Follower
	run      string
	ended    <-chan int
	since    time.Time
	watch
}

func (l *looked) read() {
	if l.owner, l.alive, l.err = live.Running(l.dir); l.err != nil {
		return
	}
	logs, err := live.Runs(l.dir)
	if err != nil {
		l.err = err
		return
	}
	if l.ended != nil {
		// What was started reads data and opens the model before it has a lock and
		// a log of its own; until then it has only its printed words.
		spoke := len(logs) > 0 && !logs[0].Written.Before(l.since)
		select {
		case code := <-l.ended:
			l.ended = nil
			l.broke = code != 0 && !spoke
		default:
			l.starting = !spoke
		}
		if l.broke || l.starting {
			l.printed = lastWords(runLog(l.dir))
		}
	}
	if len(logs) == 0 {
		return
	}
	if l.follower == nil || l.run != logs[0].ID {
		l.run, l.follower = logs[0].ID, live.Follow(l.dir, logs[0].ID)
	}
	l.watch.run = l.run
	l.watch.state, _, l.err = l.follower.Look()
}

// lastWords are the last lines of what a command printed.
func lastWords(path string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	return strings.Join(lines[max(0, len(lines)-12):], "\n")
}

// take takes in what a look brought; ended says whether a run ended since the
// look before.
func (w *watcher) take(l looked) (ended bool) {
	w.busy = false
	if l.dir != w.dir {
		return false
	}
	if w.begins || l.since != w.since { // looked before what was started could be seen
		l.ended, l.starting, l.broke, l.printed = w.ended, true, false, ""
	}
	ended = (w.seen.alive || w.seen.starting) && !l.alive && !l.starting
	if w.seen.broke && w.ended == nil && l.run == w.run {
		l.broke, l.printed = true, w.seen.printed // until something else is started
	}
	w.follower, w.run, w.ended, w.seen = l.follower, l.run, l.ended, l.watch
	return ended
}

// standing is how the run that spoke last stands, as a message id below
// "run.is": a process that is gone without a word was killed.
func (s watch) standing() string {
	switch {
	case s.starting:
		return "starting"
	case s.broke:
		return "broke"
	case s.alive && s.state.Status == live.EventPaused:
		return "paused"
	case s.alive:
		return "running"
	case s.run == "":
		return "none"
	case !s.state.Ended():
		return "killed"
	}
	return s.state.Status
}

// gauge is how far the run at work is.
func (a *App) gauge() page.Gauge {
	s := a.runs.seen
	g := page.Gauge{Label: a.stageName(s.state.Stage)}
	now := s.state.Now
	if n := s.state.Numbers; s.state.Stage != live.StageEmbed && n.Total > 0 {
		g.Share = float64(n.Done) / float64(n.Total)
		g.Text = a.text("forecast.numbers", lang.Args{"Done": n.Done, "Total": n.Total}) + a.untilEnd(s.state)
		return g
	}
	if s.state.Stage != live.StageEmbed || now.Total == 0 {
		g.Share = stageShare(s.state.Stage)
		g.Text = s.state.Row
		return g
	}
	g.Share = float64(now.Done) / float64(now.Total)
	g.Text = a.text("run.clips", lang.Args{"Done": now.Done, "Total": now.Total})
	if now.Rate > 0 {
		g.Text += ", " + a.text("run.rate", lang.Args{"Rate": fmt.Sprintf("%.1f", now.Rate)})
	}
	if left, spread, ok := s.state.Remaining(); ok {
		g.Text += ", " + a.text("run.left", lang.Args{"Left": a.span(left), "Spread": a.span(spread)})
	}
	return g
}

// stages of a run in their order.
var stageOrder = []string{live.StageData, live.StageEmbed, live.StageFit, live.StageRetrieval, live.StageBundle, live.StageSites, live.StageReport}

// stageShare is how far a run is that has come to a stage, where nothing
// better is known.
func stageShare(stage string) float64 {
	for i, s := range stageOrder {
		if s == stage {
			return float64(i) / float64(len(stageOrder))
		}
	}
	return 0
}

// stageName is a stage in words; one that is not known by its own name.
func (a *App) stageName(stage string) string {
	if id := "runstage." + stage; stage != "" && a.o.Language.Has(id) {
		return a.text(id)
	}
	return stage
}

// span is a length of time in the coarsest unit that says enough.
func (a *App) span(d time.Duration) string {
	switch {
	case d < 90*time.Second:
		return a.text("time.seconds", lang.Args{"N": fmt.Sprintf("%.0f", d.Seconds())})
	case d < 90*time.Minute:
		return a.text("time.minutes", lang.Args{"N": fmt.Sprintf("%.0f", d.Minutes())})
	}
	return a.text("time.hours", lang.Args{"N": fmt.Sprintf("%.1f", d.Hours())})
}
