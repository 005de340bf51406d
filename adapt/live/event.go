package live

import (
	"time"

	"framepilot/internal/words"
)

// Kind says what an event is about.
type Kind string

// The kinds of event.
const (
	EventRun      Kind = "run"      // a run begins (Status started or resumed), waits (paused), goes on (running) or ends (done, failed, interrupted)
	EventStage    Kind = "stage"    // a stage begins (started) or ends (done, skipped)
	EventCheck    Kind = "check"    // Done of Total clips looked at where that takes long: for changes (StageEmbed), whether they decode (StageData)
	EventProgress Kind = "progress" // Done of Total clips have a row or a failure
	EventLook     Kind = "look"     // the test labels of a site (Status) are about to be read
	EventResult   Kind = "result"   // a number is known (Status new or kept)
	EventForecast Kind = "forecast" // Forecast says what the rest of the run will take
	EventNote     Kind = "note"     // Text says what was read and how
	EventWarning  Kind = "warning"  // Text should be read before trusting the numbers
	EventFailure  Kind = "failure"  // a clip can't be used: Text says which and why, Hint what to do
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
	Kind   Kind           `json:"event"`
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

// Saying returns e with its text.
func (e Event) Saying(s words.Sentence) Event {
	e.Text, e.Said = s.String(), s
	return e
}
