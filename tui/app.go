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
	"framepilot/internal/words"
	"framepilot/tui/keys"
	"framepilot/tui/page"
)

// Options are what an App works with. Dir and Commands must be set.
type Options struct {
	Dir      string // folder of the pilot, the one that holds plan.toml
	Language lang.Language
	ReadOnly bool // nothing is started or recorded
	Keys     keys.Map
	By       string // who is at the keyboard, proposed where a name is asked for
	Commands Commands
	Doctor   func(ctx context.Context) []Check // what this machine can do
	Models   func() []string                   // that a plan may name, the one to propose first
	// Frames are n frames of a clip, evenly from its first to its last, beside
	// each other. nil = no pictures.
	Frames func(ctx context.Context, clip Clip, n int) (page.Picture, error)
	Player Player
	Now    func() time.Time // nil means time.Now
}

// Check is one line of the doctor.
type Check struct {
	Name, Text words.Sentence
	Fix        words.Sentence // how to mend it; zero where nothing is wrong
	Bad        bool
}

// Commands runs the program's own commands in a folder.
type Commands interface {
	// Run runs one to its end. What it says to people is in the language; data is
	// the same in all. hear, where it is not nil, hears every line it says to
	// people as it says it, from a goroutine of its own.
	Run(ctx context.Context, l lang.Language, dir string, hear func(line string), args ...string) (Output, error)
	// Start starts one that goes on when the terminal closes; what it prints goes
	// to the file log. Its exit code comes through ended, if that is while the UI
	// lives.
	Start(l lang.Language, dir, log string, args ...string) (ended <-chan int, err error)
	// Line is the command as a person would type it.
	Line(args ...string) string
}

// Output is what a command printed, and its exit code.
type Output struct {
	Out, Errs string
	Code      int
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
