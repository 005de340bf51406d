package tui

import (
	"context"
	"strings"
	"time"

	"framepilot/internal/lang"
	"framepilot/tui/page"
)

// ran is what a command that was run to its end brings back.
type ran struct {
	args []string
	asks *dialog // that asked for it; nil where none did
	Output
	err error
}

// run runs one of the program's commands, in the pilot's folder.
func (a *App) run(args ...string) []Task { return a.carryOut(nil, a.dir, args...) }

// carryOut runs one of the program's commands in a folder.
func (a *App) carryOut(asks *dialog, dir string, args ...string) []Task {
	if a.o.ReadOnly {
		a.status = a.text("app.readonly")
		return nil
	}
	a.status = a.line(dir, args...)
	language := a.o.Language
	return []Task{func(ctx context.Context) any {
		out, err := a.o.Commands.Run(ctx, language, dir, nil, args...)
		return ran{args, asks, out, err}
	}}
}

// refused says whether the command would not do it. A gate that is held and
// not passed has its own exit code, and says so where results go.
func (r ran) refused() bool {
	return r.err != nil || r.Code != 0 && strings.TrimSpace(r.Out) == ""
}

// summary is the last line of what a command said beside its result.
func (r ran) summary() string {
	lines := strings.Split(strings.TrimSpace(r.Errs), "\n")
	return strings.TrimSpace(lines[len(lines)-1])
}

// say is what a person should read of a command: its result where it printed
// one, and why it failed.
func (r ran) say(l lang.Language) []page.Block {
	var blocks []page.Block
	if r.err != nil {
		return []page.Block{page.Text{Text: l.Error(r.err), Tone: page.Bad}}
	}
	if text := strings.TrimSpace(r.Out); text != "" && !strings.HasPrefix(text, "{") {
		blocks = append(blocks, page.Text{Text: text, Tone: page.Strong})
	}
	if text := strings.TrimSpace(r.Errs); r.Code != 0 && text != "" {
		blocks = append(blocks, page.Text{Text: text, Tone: page.Bad})
	}
	return blocks
}

// began is a command that was started and goes on by itself.
type began struct {
	dir   string
	at    time.Time
	ended <-chan int
	err   error
}

// start starts a command that outlives the UI, in the pilot's folder.
func (a *App) start(args ...string) []Task {
	if a.o.ReadOnly {
		a.status = a.text("app.readonly")
		return nil
	}
	dir, language := a.dir, a.o.Language
	a.runs.begins = true
	a.runs.seen.starting, a.runs.seen.broke, a.runs.seen.printed = true, false, ""
	return []Task{func(context.Context) any {
		at := a.o.Now()
		ended, err := a.o.Commands.Start(language, dir, runLog(dir), args...)
		return began{dir, at, ended, err}
	}}
}

// line is a command as a person would type it where the UI was started.
func (a *App) line(dir string, args ...string) string {
	line := a.o.Commands.Line(args...)
	if dir != "." {
		line = "cd " + Quote(dir) + " && " + line
	}
	return line
}

// Quote is a word as a shell takes it.
func Quote(word string) string {
	if word == "" || strings.ContainsAny(word, " \t\n\"'$&|;<>()*?#~`!{}[]\\") {
		return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
	}
	return word
}
