package adapt

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"framepilot/internal/words"
)

// EventKind says what an event is about.
type EventKind string

// The kinds of event.
const (
	EventRun      EventKind = "run"      // a run begins (Status started or resumed), waits (paused), goes on (running) or ends (done, failed, interrupted)
	EventStage    EventKind = "stage"    // a stage begins (started) or ends (done, skipped)
	EventCheck    EventKind = "check"    // Done of Total clips looked at where that takes long: for changes (StageEmbed), whether they decode (StageData)
	EventProgress EventKind = "progress" // Done of Total clips have a row or a failure
	EventLook     EventKind = "look"     // the test labels of a site (Status) are about to be read
	EventResult   EventKind = "result"   // a number is known (Status new or kept)
	EventForecast EventKind = "forecast" // Forecast says what the rest of the run will take
	EventNote     EventKind = "note"     // Text says what was read and how
	EventWarning  EventKind = "warning"  // Text should be read before trusting the numbers
	EventFailure  EventKind = "failure"  // a clip can't be used: Text says which and why, Hint what to do
)

// EventPaused is the status of a run that waits until it is told to go on.
const EventPaused = "paused"

// The stages of a run, in order.
const (
	StageData      = "data"
	StageEmbed     = "embed"
	StageFit       = "fit"
	StageRetrieval = "retrieval"
	StageBundle    = "bundle"
	StageSites     = "sites" // without labels
	StageReport    = "report"
)

// Event is one thing that happened in a run, as the event log keeps it: one
// JSON object a line.
type Event struct {
	Time   time.Time      `json:"time"`
	Kind   EventKind      `json:"event"`
	Run    string         `json:"run,omitempty"`
	Stage  string         `json:"stage,omitempty"`
	Status string         `json:"status,omitempty"`
	Text   string         `json:"text,omitempty"`
	Hint   string         `json:"hint,omitempty"` // what a person can do
	Said   words.Sentence `json:"said,omitzero"`  // Text as a sentence, to be worded in other languages; zero in older logs
	Fix    words.Sentence `json:"fix,omitzero"`   // Hint likewise
	Clip   string         `json:"clip,omitempty"` // the one that failed

	Done   int     `json:"done,omitempty"` // clips settled, cached ones included; of a result, results measured now
	Total  int     `json:"total,omitempty"`
	Failed int     `json:"failed,omitempty"`
	Cached int     `json:"cached,omitempty"`
	Rate   float64 `json:"rate,omitempty"` // clips a second that were not cached, pauses left out

	// Of progress: where its time goes, as shares of it that add up to one.
	Decoding float64 `json:"decoding,omitempty"` // waiting for frames
	Model    float64 `json:"model,omitempty"`    // computing
	Disk     float64 `json:"disk,omitempty"`     // writing embeddings

	// Of progress: what the run takes and leaves, in bytes; zero where it is not known.
	Memory   int64 `json:"memory,omitempty"` // at most so far, decoders with it
	DiskFree int64 `json:"disk_free,omitempty"`

	Forecast *Forecast `json:"forecast,omitempty"`
}

// saying returns e with its text.
func (e Event) saying(s words.Sentence) Event {
	e.Text, e.Said = s.String(), s
	return e
}

// eventLog stamps events and hands them to a sink and, once the run has an ID,
// to its events.jsonl; what came before is written then.
type eventLog struct {
	now  func() time.Time
	sink func(Event) // nil = nobody
	run  string
	file io.WriteCloser
	held []Event
	err  error // the first that writing met
}

func (l *eventLog) emit(e Event) {
	e.Time, e.Run = l.now().UTC().Truncate(time.Millisecond), l.run
	if l.sink != nil {
		l.sink(e)
	}
	if l.file == nil {
		l.held = append(l.held, e)
		return
	}
	l.write(e)
}

// open names the run and begins to write, behind what an earlier process
// wrote about it.
func (l *eventLog) open(dir, run string) error {
	l.run = run
	path := filepath.Join(dir, "runs", run, "events.jsonl")
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return diskFault("open the event log", err)
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_RDWR, 0o644)
	if err != nil {
		return diskFault("open the event log", err)
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

func (l *eventLog) write(e Event) {
	line, err := json.Marshal(e)
	if err == nil {
		_, err = l.file.Write(append(line, '\n')) // one call a line: readers see whole lines
	}
	if l.err == nil {
		l.err = err
	}
}

// close ends the log and returns the first error writing it met.
func (l *eventLog) close() error {
	if l.file == nil {
		return nil
	}
	err := l.file.Close()
	if l.err != nil {
		err = l.err
	}
	if err != nil {
		return diskFault("write the event log", fmt.Errorf("run %s: %w", l.run, err))
	}
	return nil
}

// begins and ends tell of a stage.
func (r *run) begins(stage string) {
	r.log.emit(Event{Kind: EventStage, Stage: stage, Status: "started"})
}

func (r *run) ends(stage, status string, detail words.Sentence) {
	r.sum.Stages = append(r.sum.Stages, StageSummary{Name: stage, Status: status, Detail: detail.String(), Said: detail})
	r.log.emit(Event{Kind: EventStage, Stage: stage, Status: status}.saying(detail))
}

// judge warns of findings, in a line each, and refuses those that are errors.
func (r *run) judge(stage string, findings []Finding) error {
	for _, f := range findings {
		if f.Severity == SeverityWarning {
			text := f.said()
			if len(f.Where) > mostTold {
				text = words.Say("%s; framepilot data check %s names them", text, r.plan.File)
			}
			r.warn(stage, text)
		}
	}
	return refusal(findings)
}

func (r *run) warn(stage string, s words.Sentence) {
	r.heard(Event{Kind: EventWarning, Stage: stage}.saying(s))
}

// heard passes on what the extractor says.
func (r *run) heard(e Event) {
	if e.Kind == EventWarning {
		r.sum.Warnings = append(r.sum.Warnings, e.Text)
	}
	r.log.emit(e)
}
