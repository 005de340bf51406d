package adapt

import (
	"framepilot/adapt/live"
	"framepilot/internal/words"
	"framepilot/pilot/report"
)

// StageSummary is what became of a part of a run, or would.
type StageSummary struct {
	Name   string         `json:"stage"`         // one of the stages
	Status string         `json:"status"`        // StatusDone, StatusCached, StatusWillRun or StatusStale
	Detail string         `json:"detail"`        // e.g. "embedded 12 clips, 88 cached"
	Said   words.Sentence `json:"said,omitzero"` // Detail, to be worded in other languages

	// Of a dry run only.
	Because []string       `json:"because,omitempty"` // what changed since it was last done, where it is stale
	Cost    *live.Estimate `json:"cost,omitempty"`    // of what is to do
	results int            // to measure, where they were not counted one by one
}

// What became of a part of a run.
const (
	StatusDone    = "done"
	StatusCached  = "cached"   // done before, from the same inputs
	StatusWillRun = "will run" // a dry run's word
	StatusStale   = "stale"    // a dry run's word: will run, and did run before its inputs changed
)

// Summary is what a run did.
type Summary struct {
	Pilot    string         `json:"pilot"`
	Run      string         `json:"run,omitempty"` // its ID; empty for a dry run of something new
	Stages   []StageSummary `json:"stages"`
	Read     []Account      `json:"read"` // what the lists of clips held; class folders have none
	Clips    int            `json:"clips"`
	Computed int            `json:"computed"` // clips embedded now
	Cached   int            `json:"cached"`   // clips embedded before
	New      int            `json:"new"`      // results measured now
	Kept     int            `json:"kept"`     // results measured before
	Failures []Failure      `json:"failures"`
	Warnings []string       `json:"warnings"`
	Bundles  []string       `json:"bundles"`          // files of classifiers, written now or before
	Reports  []string       `json:"reports"`          // files written
	Before   string         `json:"before,omitempty"` // of a dry run: what became of this run the last time, e.g. interrupted
	Cost     *live.Forecast `json:"cost,omitempty"`   // of a dry run: of all stages together
	Sites    []SiteFinding  `json:"sites,omitempty"`  // one a site without labels

	Predictions string `json:"predictions,omitempty"` // file with what every classifier answers at those sites

	Variances []Variance `json:"variances,omitempty"` // of methods drawn more than once

	Lock *LockSummary `json:"lock"` // nil where the run ended before it was looked at

	Document report.Document `json:"-"` // what the reports say
}

// Unchanged says whether everything had been computed before.
func (s Summary) Unchanged() bool { return s.Computed == 0 && s.New == 0 }
