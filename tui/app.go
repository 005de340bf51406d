// Package tui is the guided pilot in a terminal: screens that show where a
// pilot stands and start what comes next.
//
// It is a viewer. It reads the ledger and the event logs, and everything it
// does it does by starting the program's own commands, which are shown and can
// be typed instead; a run is a process of its own and outlives the window. The
// package knows no terminal: an App takes keys and gives pages. tui/shell puts
// it on a screen, tui/linear reads it out.
package tui

import (
	"context"
	"time"

	"framepilot/internal/lang"
	"framepilot/tui/page"
)

// Options are what an App works with. Dir and Commands must be set.
type Options struct {
	Dir      string // folder of the pilot, the one that holds plan.toml
	Language lang.Language
	ReadOnly bool // nothing is started or recorded
	Commands Commands
	Doctor   func(ctx context.Context) []Check // what this machine can do
	Now      func() time.Time                  // nil means time.Now
}

// Check is one line of the doctor.
type Check struct {
	Name, Text string
	Fix        string // how to mend it; empty where nothing is wrong
	Bad        bool
}

// Commands runs the program's own commands.
type Commands interface {
	// Run runs one to its end and returns what it printed on both streams and
	// its exit code.
	Run(ctx context.Context, args ...string) (output string, code int, err error)
	// Start starts one that goes on when the terminal closes; its output goes to
	// the file log.
	Start(log string, args ...string) error
	// Line is the command as a person would type it.
	Line(args ...string) string
}

// Task is work that may take long. It runs beside the App, and what it returns
// comes back through App.Done.
type Task func(ctx context.Context) any

// screen is one screen of the App. page must be quick: what takes long is
// read by tasks.
type screen interface {
	open(a *App) []Task             // is shown, or should look again
	page(a *App) page.Page          // as it stands
	key(a *App, key string) []Task  // a key that the App itself has no use for
	done(a *App, result any) []Task // one of its tasks is done
}

// typist is a screen that takes text at the moment, so that letters are no
// commands.
type typist interface{ typing() bool }
