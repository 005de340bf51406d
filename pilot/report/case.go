package report

import (
	"time"

	"framepilot/pilot"
	"framepilot/pilot/gate"
	"framepilot/pilot/roi"
)

// Case is what a meeting decides on: where the pilot stands, what was agreed,
// what the evidence says, and what it is worth. It is of one stage: the one
// the pilot has come to or, while nothing was agreed for that, the one before.
type Case struct {
	Stage    gate.Stage    `json:"stage"`
	Stages   []StageState  `json:"stages"`
	Evidence pilot.Answer  `json:"evidence"` // what the gates of the stage say
	Decision *Decision     `json:"decision,omitempty"`
	Figures  []Figure      `json:"figures"` // at most three numbers that count most
	Risk     Risk          `json:"risk"`
	Next     Next          `json:"next"`
	Gates    []Gate        `json:"gates"` // of all stages
	Journal  []JournalLine `json:"journal"`
	Return   *Return       `json:"return,omitempty"`
	Unknown  []string      `json:"unknown,omitempty"`   // assumptions missing for the return
	NoReturn bool          `json:"no_return,omitempty"` // there can be none: clips may be of several classes
	Effort   Effort        `json:"effort"`
	Untested []Untested    `json:"untested"`
}

// Doubts is what was held against test clips after results were seen, and what
// it would make of the numbers: those stay as they are.
type Doubts struct {
	Clips   []Doubted `json:"clips"`          // in doubt, that this run measured
	Effects []Effect  `json:"effects"`        // on the results that gates and headlines rest on
	Left    []LeftOut `json:"left,omitempty"` // one a site that earlier runs judged more clips of
}

// Doubted is a clip in doubt.
type Doubted struct {
	Clip   string    `json:"clip"`
	Site   string    `json:"site"`
	Class  string    `json:"class"`           // as labelled
	Shows  string    `json:"shows,omitempty"` // the class it is of, where its label is wrong
	Reason string    `json:"reason"`
	By     string    `json:"by"`
	At     time.Time `json:"at"`
}

// Effect is a result with the clips in doubt, which is what counts, and without
// them.
type Effect struct {
	Key      string   `json:"key"`
	Site     string   `json:"site"`
	Recipe   string   `json:"recipe"`
	Wrong    int      `json:"wrong"` // clips in doubt that it got wrong
	Right    int      `json:"right"`
	With     float64  `json:"with"` // top-1, or mAP where clips may be of several classes
	N        int      `json:"n"`
	Without  float64  `json:"without"`
	NWithout int      `json:"n_without"`
	Interval Interval `json:"interval"`         // of With
	Other    Interval `json:"interval_without"` // of Without
}

// LeftOut says how many test clips that earlier runs judged a site has none of
// any more, and how low its headline would be had it got them all wrong.
type LeftOut struct {
	Site    string  `json:"site"`
	Clips   int     `json:"clips"`
	Doubted int     `json:"doubted"`           // of these in doubt, with a reason
	N       int     `json:"n"`                 // clips judged now
	Now     float64 `json:"now"`               // top-1 of the headline's typical result
	Least   float64 `json:"least"`             // were those left out counted as mistakes
	Several bool    `json:"several,omitempty"` // clips may be of several classes: neither can be told
}

// StageState is how far a stage is.
type StageState struct {
	Stage    gate.Stage `json:"stage"`
	Open     bool       `json:"open"`
	Settled  int        `json:"settled"` // gates that pass or are waived
	Gates    int        `json:"gates"`
	Decision *Decision  `json:"decision,omitempty"`
}

// Decision is what people concluded about a stage.
type Decision struct {
	Stage    gate.Stage   `json:"stage"`
	Answer   pilot.Answer `json:"answer"`
	By       string       `json:"by"`
	Approved string       `json:"approved,omitempty"`
	Note     string       `json:"note,omitempty"`
	At       time.Time    `json:"at"`
}

// Figure is a number of the summary: of a gate, or of a site.
type Figure struct {
	Gate     string        `json:"gate,omitempty"`
	Site     string        `json:"site,omitempty"`
	Metric   string        `json:"metric"`
	Class    string        `json:"class,omitempty"`
	Value    float64       `json:"value"`
	Interval *Interval     `json:"interval,omitempty"`
	N        int           `json:"n,omitempty"`
	Bound    gate.Bound    `json:"bound,omitempty"` // what was asked for
	Need     *float64      `json:"need,omitempty"`
	Verdict  *gate.Verdict `json:"verdict,omitempty"`
	Best     *BestOf       `json:"best,omitempty"` // of what no gate names
}

// BestOf is the result that is the highest of so many measured at a site.
type BestOf struct {
	Label   string `json:"label"`
	Prompts string `json:"prompts,omitempty"`
	Of      int    `json:"of"`
}

// RiskKind is what the top risk is about.
type RiskKind string

// The risks, in the order they are looked for.
const (
	RiskGate       RiskKind = "gate"       // one that failed, is undecided, or waits
	RiskWaived     RiskKind = "waived"     // one that did not pass and was waived
	RiskAssumption RiskKind = "assumption" // of the return, the one that moves it most
	RiskClass      RiskKind = "class"      // the one recognised least
	RiskNone       RiskKind = "none"
)

// Risk is the top risk, chosen by rule: the first gate of the stage that
// failed, is undecided or blocked; else one that was waived without a pass;
// else the assumption that moves the return most; else the worst class, where
// one is not always recognised.
type Risk struct {
	Kind RiskKind `json:"kind"`
	Name string   `json:"name,omitempty"` // of the gate, the assumption or the class
	Low  float64  `json:"low,omitempty"`  // net of a month at the assumption's ends; of the class, the interval of its share
	High float64  `json:"high,omitempty"`

	Correct int `json:"correct,omitempty"` // clips of the class that were recognised
	Clips   int `json:"clips,omitempty"`   // of so many
}

// Next is what the pilot waits for.
type Next struct {
	Kind    pilot.ActionKind `json:"kind"`
	Gate    string           `json:"gate,omitempty"`
	Late    bool             `json:"late,omitempty"` // the gate to seal is of a site whose results have been seen
	Command string           `json:"command,omitempty"`
	Price   *gate.Price      `json:"price,omitempty"`
}

// Gate is a gate as it was agreed, and what became of it.
type Gate struct {
	Criterion gate.Criterion `json:"criterion"`
	Hash      string         `json:"hash"`
	Sealed    *Signature     `json:"sealed,omitempty"` // nil: it may still change
	Late      int            `json:"sealed_after_results,omitempty"`
	Reason    string         `json:"late_reason,omitempty"`
	Signed    *Signature     `json:"signed,omitempty"`
	Waived    *Signature     `json:"waived,omitempty"`
	Verdict   gate.Verdict   `json:"verdict"`
	Why       gate.Reason    `json:"reason"`
	Check     *pilot.Check   `json:"check,omitempty"` // the last one
	Price     *gate.Price    `json:"price,omitempty"` // of a verdict
	Settled   bool           `json:"settled"`
}

// Signature is who did something, when, and what they said.
type Signature struct {
	By   string    `json:"by"`
	At   time.Time `json:"at"`
	Text string    `json:"text,omitempty"`
}

// JournalLine is a decision, a waiver, a signature, a note or a promotion.
type JournalLine struct {
	Kind   pilot.EntryKind `json:"kind"`
	By     string          `json:"by"`
	At     time.Time       `json:"at"`
	Gate   string          `json:"gate,omitempty"`
	Stage  gate.Stage      `json:"stage,omitempty"`
	Answer pilot.Answer    `json:"answer,omitempty"`
	With   string          `json:"with,omitempty"` // who approved
	Text   string          `json:"text,omitempty"`
}

// Return is what a result is worth, and what that follows from.
type Return struct {
	Run         string        `json:"run"`
	Site        string        `json:"site"`
	Recipe      string        `json:"recipe"`
	Currency    string        `json:"currency"`
	Assumptions []Assumption  `json:"assumptions"`
	Errors      []ErrorKind   `json:"errors"` // every kind of error that was made
	Clips       int           `json:"clips"`  // of the test
	Low         roi.Month     `json:"low"`
	Base        roi.Month     `json:"base"`
	High        roi.Month     `json:"high"`
	Payback     [3]*float64   `json:"payback_months"`      // low, base, high; null = never
	BreakEven   *float64      `json:"break_even_accuracy"` // null where accuracy is not at stake
	Per1000     float64       `json:"machine_cost_per_1000"`
	Bars        []Sensitivity `json:"sensitivity"` // the widest first
}

// Assumption is a value of the return, and who stands for it.
type Assumption struct {
	Name     string    `json:"name"`
	Range    roi.Range `json:"range"`
	Measured bool      `json:"measured,omitempty"` // by the run, not by a person
	Owner    string    `json:"owner,omitempty"`
	Source   string    `json:"source,omitempty"`
	At       time.Time `json:"at,omitzero"`
}

// ErrorKind is clips of one class taken for another. Cost is null where they
// cost what any error costs.
type ErrorKind struct {
	Truth     string   `json:"truth"`
	Predicted string   `json:"predicted"`
	N         int      `json:"n"`
	Cost      *float64 `json:"cost"`
}

// Sensitivity is the net of a month with one assumption at its ends.
type Sensitivity struct {
	Name string  `json:"name"`
	Low  float64 `json:"net_at_low"`
	High float64 `json:"net_at_high"`
}

// Effort is what the pilot took. Zero is not known.
type Effort struct {
	Labelled     int        `json:"labelled"` // clips with a class, training and test
	LabelMinutes float64    `json:"label_minutes,omitempty"`
	Price        gate.Price `json:"price"` // of labelling and embedding all of them
	Currency     string     `json:"currency,omitempty"`
	RunMinutes   float64    `json:"run_minutes,omitempty"`
	ClipsPerHour float64    `json:"clips_per_hour,omitempty"`
}

// Untested is something nobody may take for shown.
type Untested struct {
	Kind  string   `json:"kind"` // thin_site, thin_class, unread, warned, gate, stage
	Names []string `json:"names"`
	N     int      `json:"n,omitempty"` // the number the names stay under, or how many
}
