package live

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"framepilot/internal/fault"
)

// Log stamps events and hands them to a sink and, once the run has an ID, to
// its event log; what came before is written then.
type Log struct {
	Now  func() time.Time
	Sink func(Event) // nil = nobody

	run  string
	file io.WriteCloser
	held []Event
	err  error // the first that writing met
}

// Emit tells of an event; its time and run are the log's to say.
func (l *Log) Emit(e Event) {
	e.Time, e.Run = l.Now().UTC().Truncate(time.Millisecond), l.run
	if l.Sink != nil {
		l.Sink(e)
	}
	if l.file == nil {
		l.held = append(l.held, e)
		return
	}
	l.write(e)
}

// Open names the run, one of the pilot in dir, and begins to write, behind what
// an earlier process wrote about it.
func (l *Log) Open(dir, run string) error {
	l.run = run
	path := EventsFile(dir, run)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fault.Disk("open the event log", err)
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_RDWR, 0o644)
	if err != nil {
		return fault.Disk("open the event log", err)
	}
	l.file = f
	if st, err := f.Stat(); err == nil && st.Size() > 0 {
		last := make([]byte, 1)
		if _, err := f.ReadAt(last, st.Size()-1); err == nil && last[0] != '\n' {
			_, l.err = io.WriteString(f, "\n") // a killed process left half a line
		}
	}
	for _, e := range l.held {
		e.Run = run
		l.write(e)
	}
	l.held = nil
	return nil
}

func (l *Log) write(e Event) {
	line, err := json.Marshal(e)
	if err == nil {
		_, err = l.file.Write(append(line, '\n')) // one call a line: readers see whole lines
	}
	if l.err == nil {
		l.err = err
	}
}

// Close ends the log and returns the first error writing it met.
func (l *Log) Close() error {
	if l.file == nil {
		return nil
	}
	err := l.file.Close()
	if l.err != nil {
		err = l.err
	}
	if err != nil {
		return fault.Disk("write the event log", fmt.Errorf("run %s: %w", l.run, err))
	}
	return nil
}
