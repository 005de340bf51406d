package tui

import "sync/atomic"

// lastLine is the last line that a command has said so far: its task writes it,
// pages read it.
type lastLine struct{ line atomic.Pointer[string] }

func (l *lastLine) hear(line string) { l.line.Store(&line) }

// last is "" where nothing was said yet.
func (l *lastLine) last() string {
	if line := l.line.Load(); line != nil {
		return *line
	}
	return ""
}
