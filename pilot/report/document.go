package report

import (
	"slices"
	"time"

	"framepilot/pilot"
)

// Schema names the JSON form of a Document. A change that breaks a reader
// changes the number.
const Schema = "framepilot.report/1"

// Document is what a report says, in the order it says it, as numbers.
// Results depends on the plan and its data only: two runs of one plan on one
// kind of machine give the same Results, byte for byte. Run tells them apart.
type Document struct {
	Schema  string         `json:"schema"`
	Source  Source         `json:"source"`
	Case    *Case          `json:"case,omitempty"`   // nil where nothing was agreed or decided
	Doubts  *Doubts        `json:"doubts,omitempty"` // nil where no test clip is in doubt and none was left out
	Results Results        `json:"results"`
	Changes *pilot.Changes `json:"changes,omitempty"` // against the run before; nil where there is none
	Run     Run            `json:"run"`

	pictures map[string][]byte // first frames of the clips of a gallery
}

// Results is what was found, and what it follows from.
type Results struct {
	Pilot        string        `json:"pilot"`
	Question     string        `json:"question"`
	Data         Data          `json:"data"`
	Looks        []Look        `json:"looks"`               // one a site whose looks were counted
	Headlines    []Headline    `json:"headlines"`           // one a site
	Tasks        []Task        `json:"tasks"`               // classification first
	Comparisons  []Comparison  `json:"comparisons"`         // every method beside the highest zero-shot row of its site
	Forecasts    []Forecast    `json:"forecasts"`           // what more labels would bring
	Details      []Detail      `json:"details"`             // one a site: what its headline method gets wrong
	Failures     []Failure     `json:"failures"`            // clips that could not be used
	NewSites     []NewSite     `json:"new_sites,omitempty"` // whose clips have no labels
	Made         Made          `json:"made"`                // what the results depend on
	Measurements []Measurement `json:"measurements"`        // every result in full, by key
}

// Data is what was piloted.
type Data struct {
	Classes []string `json:"classes"` // all that a result knew
	Splits  []Split  `json:"splits"`
	Failed  int      `json:"failed"` // clips that could not be used
}

// Split is the clips of one site used for one purpose. Where the ledger holds
// no list of clips, only the number of test clips is known.
type Split struct {
	Site       string `json:"site"`
	Split      string `json:"split"` // train or test
	Clips      int    `json:"clips"`
	Recordings int    `json:"recordings"` // zero where not known
	Classes    int    `json:"classes"`    // classes among the clips; zero where not known
	Smallest   int    `json:"smallest"`   // clips of the rarest of these; zero where not known
}

// Look says which look at a site's test labels the results there are, and how
// many were agreed on.
type Look struct {
	Site   string `json:"site"`
	Look   int    `json:"look"`
	Agreed int    `json:"agreed"`
}

// Task is one question asked of the data: rows of methods, columns of sites.
type Task struct {
	Name    string   `json:"name"` // pilot.Classification or pilot.Retrieval
	Metrics []string `json:"metrics"`
	Sites   []Site   `json:"sites"`
	Rows    []Row    `json:"rows"`
}

// Primary is the metric methods are compared by.
func (t Task) Primary() string { return t.Metrics[0] }

// task is the one of that name.
func (r Results) task(name string) (t Task, ok bool) {
	i := slices.IndexFunc(r.Tasks, func(t Task) bool { return t.Name == name })
	if i < 0 {
		return t, false
	}
	return r.Tasks[i], true
}

// Site is where a task was measured.
type Site struct {
	Name    string `json:"name"`
	Clips   int    `json:"clips"`   // behind its numbers; zero where not known or not always the same
	Classes int    `json:"classes"` // to choose from; zero where not known or not always the same
}

// Row is one way to do a task.
type Row struct {
	Method    string `json:"method"`
	Label     string `json:"label"`
	Prompts   string `json:"prompts,omitempty"`
	TrainSite string `json:"train_site,omitempty"`
	Shots     int    `json:"shots"` // labelled clips a class; zero where none or all were used
	Cells     []Cell `json:"cells"` // one a site of the task
}

// Cell is a row on one site. It is empty, with no Draws, where that was not
// measured.
type Cell struct {
	Draws   int       `json:"draws"`             // results behind it
	Typical string    `json:"typical,omitempty"` // key of the draw whose primary metric is the (lower) median
	Metrics []Summary `json:"metrics,omitempty"`
}

// Summary is one metric over the draws of a cell. The range over draws says
// how much the sample of labelled clips matters; it is not a confidence
// interval, which is given only where there is a single draw.
type Summary struct {
	Name     string    `json:"name"`
	Unit     string    `json:"unit,omitempty"` // empty for a fraction
	Mean     float64   `json:"mean"`           // the value itself for one draw
	Min      float64   `json:"min"`
	Max      float64   `json:"max"`
	SD       float64   `json:"sd,omitempty"`       // over draws, divisor n-1
	Worst    float64   `json:"worst,omitempty"`    // mean of the worst tenth of the draws, where higher is better: what bad luck costs
	Values   []float64 `json:"values"`             // by draw
	N        int       `json:"n"`                  // clips behind each draw; zero where not known or not the same
	Interval *Interval `json:"interval,omitempty"` // of a single draw
}

// Interval is an interval of one measured number.
type Interval struct {
	Kind string  `json:"kind"` // with its level: "wilson 95 %"
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

// Headline is the highest row of a site beside zero-shot. That it was chosen
// by the clips it is shown on is part of the message, hence Compared.
type Headline struct {
	Site     string  `json:"site"`
	Metric   string  `json:"metric"`
	Compared int     `json:"compared"` // rows measured on the site
	Best     Choice  `json:"best"`
	ZeroShot *Choice `json:"zero_shot,omitempty"` // the highest zero-shot row; nil where none was measured
	Paired   *Paired `json:"paired,omitempty"`    // the typical draws of both, clip by clip; nil where they are the same row
}

// Choice is one cell of a task, named.
type Choice struct {
	Method    string   `json:"method"`
	Label     string   `json:"label"`
	Prompts   string   `json:"prompts,omitempty"`
	TrainSite string   `json:"train_site,omitempty"`
	Summary   Summary  `json:"summary"`
	Typical   string   `json:"typical"` // key of the median draw
	Draw      int      `json:"draw"`    // its number
	Value     float64  `json:"value"`   // its primary metric
	Interval  Interval `json:"interval,omitzero"`
}

// Paired counts the clips two classifiers both judged.
type Paired struct {
	Both     int `json:"both"`      // right in both
	OnlyBest int `json:"only_best"` // right in the headline method only
	OnlyZero int `json:"only_zero"` // right in zero-shot only
	Neither  int `json:"neither"`
}

// Comparison sets a row beside the highest zero-shot row of its site, on the
// same clips. Counts and p-values are of the draw in the middle.
type Comparison struct {
	Site           string   `json:"site"`
	Key            string   `json:"key"` // of the draw in the middle
	Method         string   `json:"method"`
	Label          string   `json:"label"`
	Prompts        string   `json:"prompts,omitempty"`
	TrainSite      string   `json:"train_site,omitempty"`
	Draws          int      `json:"draws"`
	Against        string   `json:"against"` // the zero-shot row, in words
	AgainstPrompts string   `json:"against_prompts,omitempty"`
	AgainstKey     string   `json:"against_key"`
	Metric         string   `json:"metric"` // top1, or map where clips may be of several classes
	N              int      `json:"n"`
	OnlyThis       int      `json:"only_this"`  // clips only this row had right
	OnlyOther      int      `json:"only_other"` // clips only zero-shot had right
	Difference     float64  `json:"difference"` // of the metric, -1 to 1: the mean over draws
	Interval       Interval `json:"interval"`   // of the difference
	P              float64  `json:"p"`          // McNemar, exact; of map by resamples of recordings
	MidP           float64  `json:"mid_p"`
	Holm           float64  `json:"holm"`              // p for all comparisons at the site
	DrawsP         float64  `json:"draws_p,omitempty"` // corrected resampled t over draws
	Verdict        string   `json:"verdict"`           // pilot.Better, Worse or Unclear
	Needed         int      `json:"needed,omitempty"`  // clips that would settle it
}

// Forecast is the accuracy a learning curve promises for more labels.
type Forecast struct {
	Site      string   `json:"site"`
	Key       string   `json:"key"` // of the most labels measured
	Method    string   `json:"method"`
	Label     string   `json:"label"`
	Prompts   string   `json:"prompts,omitempty"`
	TrainSite string   `json:"train_site,omitempty"`
	Measured  int      `json:"measured"` // labels a class, the most there are
	Labels    int      `json:"labels"`   // a class
	Accuracy  float64  `json:"accuracy"`
	Interval  Interval `json:"interval"`
	A         float64  `json:"a"` // error = a + b labels^-c
	B         float64  `json:"b"`
	C         float64  `json:"c"`
}

// Detail looks into the typical draw of a site's headline method.
type Detail struct {
	Site      string       `json:"site"`
	Key       string       `json:"key"`
	Label     string       `json:"label"`
	Draw      int          `json:"draw"`
	Draws     int          `json:"draws"`
	PerClass  []ClassScore `json:"per_class"`           // worst first
	PerLabel  []LabelScore `json:"per_label,omitempty"` // instead, where a clip may be of several classes
	Classes   []string     `json:"classes"`
	Confusion [][]int      `json:"confusion"` // row: truth, column: prediction
	Confused  []Confused   `json:"confused"`  // pairs of classes, most frequent first
	Mistakes  []Prediction `json:"mistakes"`  // wrong predictions, most confident first
	Typical   []Prediction `json:"typical"`   // wrong predictions chosen by rule, see typicalFailures
}

// Confused is how often clips of one class were taken for another.
type Confused struct {
	Truth     string `json:"truth"`
	Predicted string `json:"predicted"`
	N         int    `json:"n"`
	Of        int    `json:"of"` // clips of the class Truth
}

// Failure is a clip that could not be used.
type Failure struct {
	Clip    string `json:"clip"`
	Site    string `json:"site"`
	Class   string `json:"class"`
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"`
	Said    string `json:"-"` // Message and Hint as sentences, to be worded
	Fix     string `json:"-"`
}

// Made is everything the results depend on.
type Made struct {
	Seed    string    `json:"seed"` // decimal: JSON readers lose digits of large integers
	Key     string    `json:"key"`  // hash of all inputs
	Params  []Pair    `json:"params"`
	Choices []Setting `json:"choices"`
	Plan    string    `json:"plan"` // the plan as written
}

// Pair is a name and a value.
type Pair struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Setting is a hyper-parameter of a method and why it has its value.
type Setting struct {
	Label     string `json:"label"`
	Prompts   string `json:"prompts,omitempty"`
	TrainSite string `json:"train_site,omitempty"`
	Draws     []int  `json:"draws,omitempty"` // that came to the same; empty where nothing was drawn
	Name      string `json:"name"`
	Value     string `json:"value"`
	Rung      string `json:"rung,omitempty"` // of the selection ladder: given, L0 to L3
	Rule      string `json:"rule"`
	Reason    string `json:"reason"`
	Said      string `json:"-"` // Reason as a sentence, to be worded
}

// Run is this run of the plan: when, where, how it went.
type Run struct {
	ID          string    `json:"id"`
	Status      string    `json:"status"`
	Message     string    `json:"message,omitempty"`
	Started     time.Time `json:"started"`
	Finished    time.Time `json:"finished,omitzero"`
	PlanPath    string    `json:"plan_path"`
	Commands    []string  `json:"commands"` // that make this report again
	Environment []Pair    `json:"environment"`
	Stages      []Stage   `json:"stages"`
}

// Stage is one thing that happened in the run.
type Stage struct {
	Name   string    `json:"name"`
	Key    string    `json:"key"`
	Status string    `json:"status"`
	Detail string    `json:"detail,omitempty"`
	At     time.Time `json:"at"`
}
