package pilot

import "time"

// Status is where a run stands.
type Status string

// The states of a run. Running is also what a killed run says until it is
// begun again or finished.
const (
	Running     Status = "running"
	Done        Status = "done"
	Failed      Status = "failed"
	Interrupted Status = "interrupted"
)

// The tasks a result can be about.
const (
	Classification = "classification" // which class is this clip?
	Retrieval      = "retrieval"      // which clip fits this text, which text this clip?
)

// Score is the unit of a number that has none and is not a fraction.
const Score = "score"

// ZeroShot is the method that uses no labels: what everything else is
// compared with.
const ZeroShot = "zero-shot"

// Run is one execution of a plan.
type Run struct {
	ID       string // unique, chosen by the caller
	Pilot    string // the pilot it belongs to; made on first use
	Question string // what the pilot wants to know, in the company's words
	PlanPath string
	PlanText string
	Key      string // hash of everything the results depend on
	Seed     uint64

	Status   Status
	Message  string // why it failed or stopped; empty otherwise
	Started  time.Time
	Finished time.Time // zero while it runs

	Params      map[string]string // what the results depend on: model hash, recipe, split, …
	Environment map[string]string // what they should not depend on: machine, versions, …
}

// Warned is the status of a Stage whose detail is to be read before the numbers
// of the run are trusted.
const Warned = "warning"

// Stage is one thing that happened in a run.
type Stage struct {
	Name   string // e.g. embed, fit
	Key    string // hash of the stage's inputs
	Status string // e.g. done, skipped; Warned
	Detail string
	At     time.Time
}

// Clip is one clip of the data of a run, and how it was used.
type Clip struct {
	ID        string
	Site      string
	Split     string // train or test
	Class     string // empty where not known
	Recording string // what is never split between train and test
}

// Failure is a clip that could not be used, and why.
type Failure struct {
	Clip, Site, Class string
	Message           string
	Hint              string // what a person can do; may be empty
	Said, Fix         string // Message and Hint as a words.Sentence is kept; "" in older ledgers
}

// AllSites stands for the sites of a plan that learns from every one of them.
const AllSites = "all sites"

// Result is one classifier or one retrieval, measured once on one site.
// Results that differ in nothing but Key, Draw, Params, Choices and numbers
// are draws of the same thing and are summarised together.
type Result struct {
	Key       string // unique in its run
	Task      string // Classification or Retrieval
	Method    string // e.g. ZeroShot, logistic
	Label     string // what a person reads: the method, a comma, what varies: "linear probe, 16 shots"
	Prompts   string // name of the prompt set; may be empty
	TrainSite string // where the labels came from, AllSites where the plan leaves none out; empty where none were used
	Site      string // where it was measured
	Shots     int    // labelled clips per class; zero where none or all were used
	Draw      int    // which sample of shots, from 1; zero where nothing was drawn

	Look   int // which look at its test labels it is, from 1; zero where nobody counted
	Agreed int // looks agreed on beforehand; see LookText

	Params  map[string]string
	Choices []Choice
	Metrics []Metric // names are unique; the first is the one results are compared by

	Classes     []string     // C names
	PerClass    []ClassScore // at most C, of names in Classes
	PerLabel    []LabelScore // instead of them where a clip may be of several classes
	Confusion   [][]int      // (C, C) counts: row is the truth, column the prediction; nil where none
	Predictions []Prediction
}

// Choice is a hyper-parameter and how it came to its value.
type Choice struct {
	Name, Value string
	Rung        string // of the selection ladder: given, L0 to L3; empty where not known
	Rule        string // the same in words: "grouped cross-validation"
	Reason      string // e.g. "lowest log-loss of 7 values: 0.412"
	Said        string // Reason as a words.Sentence is kept; "" where it is one text, and in older ledgers
}

// Metric is a number with its uncertainty.
type Metric struct {
	Name string // e.g. top1, macro_recall, text_to_video_r1
	// Unit is empty for a fraction in [0, 1], which is shown as a percentage.
	// Anything else is named, and shown as a number: "rank", "nats", "s".
	Unit        string
	Value       float64
	Low, High   float64 // ends of the interval; read only where HasInterval
	HasInterval bool
	Interval    string // kind and level, required with an interval: "wilson 95 %"
	N           int    // clips behind the number; zero where not known
}

// ClassScore is how often clips of one class were recognised.
type ClassScore struct {
	Class      string
	N, Correct int     // clips of the class, and how many were right
	Recall     float64 // Correct / N; zero where N is zero
	Low, High  float64 // ends of the interval; both zero where N is zero
	Interval   string  // its kind and level: "Wilson 95 %"
}

// LabelScore is how one class fared where a clip may be of several classes, or
// of none.
type LabelScore struct {
	Class         string
	N             int     // clips that are of it
	AP            float64 // average precision
	APLow, APHigh float64
	HasThreshold  bool    // the rest is read only then
	Threshold     float64 // probability from which clips were said to be of it
	Said, Correct int     // clips said to be of it, and those of them that are
	F1            float64 // 2 Correct / (Said + N)
	F1Low, F1High float64
	Interval      string // kind and level of AP's, that of F1 is made alike: "BCa bootstrap over recordings 95 %"
}

// Prediction is what a classifier said about one clip. Where a clip may be of
// several classes, Truth and Predicted are Tagged, Correct means all of them
// and no other, and Predicted is "" where there were no thresholds, so that the
// classifier ranks clips and says nothing.
type Prediction struct {
	Clip, Truth, Predicted string
	P                      float64 // posterior of what is predicted, in [0, 1]; of several classes, were they independent
	Correct                bool
	Next                   []Guess   // of a mistake: what else it may be, the likeliest first; nil where nobody asked
	Scores                 []float32 // where a clip may be of several classes: log odds of each (C); nil elsewhere
}

// Guess is a class that a clip may be of.
type Guess struct {
	Class string  `json:"class"`
	P     float64 `json:"p"` // its posterior, in [0, 1]
}

// Record is everything the ledger knows of a run. Results, sites and
// expectations are in order of their keys, everything else in the order it was
// given.
type Record struct {
	Run         Run
	Stages      []Stage
	Clips       []Clip
	Failures    []Failure
	Results     []Result
	Comparisons []Comparison
	Forecasts   []Forecast

	Sites        []SiteFinding // of sites without labels
	Expectations []Expectation // of classifiers there
}

// Recordings names the recording of every clip, by its id.
func (rec Record) Recordings() map[string]string {
	of := make(map[string]string, len(rec.Clips))
	for _, c := range rec.Clips {
		of[c.ID] = c.Recording
	}
	return of
}
