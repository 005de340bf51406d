package live

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"framepilot/internal/fault"
)

// StateDir is the folder beside a plan that holds everything a pilot knows.
const StateDir = ".framepilot"

// EventsFile is where the event log of a run of the pilot in dir is.
func EventsFile(dir, run string) string {
	return filepath.Join(dir, StateDir, "runs", run, "events.jsonl")
}

// Run is a run that has an event log.
type Run struct {
	ID      string    `json:"run"`
	Written time.Time `json:"written"` // when something was last said
}

// Runs lists the runs of the pilot in dir, the one that spoke last first.
func Runs(dir string) ([]Run, error) {
	entries, err := os.ReadDir(filepath.Join(dir, StateDir, "runs"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fault.Disk("list the runs", err)
	}
	var logs []Run
	for _, e := range entries {
		if st, err := os.Stat(EventsFile(dir, e.Name())); err == nil {
			logs = append(logs, Run{e.Name(), st.ModTime()})
		}
	}
	slices.SortFunc(logs, func(a, b Run) int {
		return cmp.Or(b.Written.Compare(a.Written), strings.Compare(a.ID, b.ID))
	})
	return logs, nil
}

// Follower reads an event log as it grows and knows what it comes to.
type Follower struct {
	path  string
	at    int64 // bytes read
	state State
}

// Follow begins to read the log of a run of the pilot in dir.
func Follow(dir, run string) *Follower { return &Follower{path: EventsFile(dir, run)} }

// Look reads what was written since the last look. Half a line, as a killed
// process leaves it, is left for later.
func (f *Follower) Look() (State, []Event, error) {
	file, err := os.Open(f.path)
	if err != nil {
		return f.state, nil, fault.New(fault.Missing, "framepilot runs lists what there is", "event log: %w", err)
	}
	defer file.Close()
	if _, err := file.Seek(f.at, io.SeekStart); err != nil {
		return f.state, nil, fault.Disk("read the event log", err)
	}
	text, err := io.ReadAll(file)
	if err != nil {
		return f.state, nil, fault.Disk("read the event log", err)
	}
	end := bytes.LastIndexByte(text, '\n') + 1
	f.at += int64(end)
	var fresh []Event
	for line := range bytes.Lines(text[:end]) {
		var e Event
		if json.Unmarshal(line, &e) != nil || e.Kind == EventForecast && !e.Forecast.whole() {
			continue // the half line of a killed process, ended by the next one; or damaged
		}
		fresh = append(fresh, e)
		f.state.add(e)
	}
	return f.state, fresh, nil
}
