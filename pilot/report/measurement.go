package report

import "framepilot/pilot"

// Measurement is one result of the ledger.
type Measurement struct {
	Key         string       `json:"key"`
	Task        string       `json:"task"`
	Method      string       `json:"method"`
	Label       string       `json:"label"`
	Prompts     string       `json:"prompts,omitempty"`
	TrainSite   string       `json:"train_site,omitempty"`
	Site        string       `json:"site"`
	Shots       int          `json:"shots"`
	Draw        int          `json:"draw"`
	Params      []Pair       `json:"params,omitempty"`
	Metrics     []Metric     `json:"metrics"`
	Classes     []string     `json:"classes,omitempty"`
	PerClass    []ClassScore `json:"per_class,omitempty"`
	PerLabel    []LabelScore `json:"per_label,omitempty"`
	Confusion   [][]int      `json:"confusion,omitempty"`
	Predictions []Prediction `json:"predictions,omitempty"`
}

// Metric is one number of a measurement.
type Metric struct {
	Name     string    `json:"name"`
	Unit     string    `json:"unit,omitempty"`
	Value    float64   `json:"value"`
	N        int       `json:"n"`
	Interval *Interval `json:"interval,omitempty"`
}

// ClassScore is how many clips of a class were recognised.
type ClassScore struct {
	Class    string  `json:"class"`
	N        int     `json:"n"`
	Correct  int     `json:"correct"`
	Recall   float64 `json:"recall"`
	Low      float64 `json:"low"`
	High     float64 `json:"high"`
	Interval string  `json:"interval"` // kind and level of low and high
}

// LabelScore is how a class fared where a clip may be of several classes, or of
// none.
type LabelScore struct {
	Class    string     `json:"class"`
	N        int        `json:"n"` // clips of it
	AP       float64    `json:"ap"`
	Low      float64    `json:"ap_low"`
	High     float64    `json:"ap_high"`
	Interval string     `json:"interval"`       // kind and level of both intervals
	Said     *LabelSaid `json:"said,omitempty"` // where there was a threshold
}

// LabelSaid is what came of saying that clips are of a class.
type LabelSaid struct {
	Threshold float64 `json:"threshold"` // probability from which on
	Clips     int     `json:"clips"`
	Correct   int     `json:"correct"`
	F1        float64 `json:"f1"`
	Low       float64 `json:"f1_low"`
	High      float64 `json:"f1_high"`
}

// Prediction is what was said about a clip.
type Prediction struct {
	Clip      string  `json:"clip"`
	Truth     string  `json:"truth"`
	Predicted string  `json:"predicted"`
	P         float64 `json:"p"`
	Correct   bool    `json:"correct"`

	Next   []pilot.Guess `json:"next,omitempty"`   // of a mistake: what else it may be, the likeliest first
	Scores []float32     `json:"scores,omitempty"` // where a clip may be of several classes: log odds of each
}
