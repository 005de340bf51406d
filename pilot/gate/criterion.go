package gate

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"framepilot/internal/fault"
)

// Stage is how far a pilot has come. Each opens when the gates of the one
// before pass or are waived by name.
type Stage string

// The stages in their order.
const (
	Pilot       Stage = "pilot"
	OnSite      Stage = "on-site"
	CompanyWide Stage = "company-wide"
)

// Stages returns the stages in their order.
func Stages() []Stage { return []Stage{Pilot, OnSite, CompanyWide} }

// Next is the stage after s; ok is false after the last.
func (s Stage) Next() (next Stage, ok bool) {
	all := Stages()
	i := slices.Index(all, s)
	if i < 0 || i+1 == len(all) {
		return "", false
	}
	return all[i+1], true
}

// Kind is how the number of a metric comes about.
type Kind string

// The kinds of metrics.
const (
	Share    Kind = "share"    // of test clips or answers, in [0, 1], with an interval
	Gain     Kind = "gain"     // difference of two of those on the same clips, in [-1, 1], with an interval
	Measured Kind = "measured" // on the machine, without an interval
	Signed   Kind = "sign-off" // a person's signature
)

// Labels says of what clips a metric is.
type Labels string

// The labels a clip can have.
const (
	Any     Labels = ""        // all clips
	One     Labels = "one"     // of one class each
	Several Labels = "several" // that may be of several classes, or of none
)

// Metric is something a criterion can be about.
type Metric struct {
	Name    string
	Kind    Kind
	Labels  Labels
	Unit    string // of a measured metric
	ByClass bool   // takes a class
	Summary string
}

// Uncounted tells that no formula says how many clips would settle a gate on
// the metric: mean average precision and F1 over all answers hang on which
// classes are rare, not on the number of clips alone.
func (m Metric) Uncounted() bool { return m.Labels == Several }

// Metrics lists what criteria can be about.
func Metrics() []Metric {
	return []Metric{
		{Name: "top1", Kind: Share, Labels: One, Summary: "share of clips whose class was recognised"},
		{Name: "macro_recall", Kind: Share, Labels: One, Summary: "mean over classes of the share recognised"},
		{Name: "macro_f1", Kind: Share, Summary: "mean over classes of F1"},
		{Name: "worst_recall", Kind: Share, Labels: One, Summary: "share recognised of the class that fares worst"},
		{Name: "recall", Kind: Share, ByClass: true, Summary: "share recognised of one class"},
		{Name: "precision", Kind: Share, ByClass: true, Summary: "share that is right of the clips given one class"},
		{Name: "gain", Kind: Gain, Labels: One, Summary: "top-1 above zero-shot on the same clips"},
		{Name: "map", Kind: Share, Labels: Several, Summary: "mean average precision, where clips may be of several classes"},
		{Name: "micro_f1", Kind: Share, Labels: Several, Summary: "F1 of all answers together, likewise"},
		{Name: "map_gain", Kind: Gain, Labels: Several, Summary: "mean average precision above zero-shot on the same clips"},
		{Name: "clips_per_hour", Kind: Measured, Unit: "clips/h", Summary: "clips this machine takes an hour"},
		{Name: "cost_per_1000", Kind: Measured, Unit: "money", Summary: "machine cost of 1,000 clips, at the rates given"},
		{Name: "failed_share", Kind: Measured, Summary: "share of clips that could not be read"},
		{Name: "sign-off", Kind: Signed, Summary: "a person's signature, as for the licence of the weights"},
	}
}

// Bound is the side of the threshold that is wanted.
type Bound string

// The bounds.
const (
	AtLeast Bound = "at least"
	AtMost  Bound = "at most"
)

// By is the end of the interval that decides.
type By string

// What can decide. Lower for "at least" and Upper for "at most" are the
// careful choice and the default: the interval must clear the threshold.
// Point asks the number alone; the lenient end only asks not to have missed.
const (
	Lower By = "lower"
	Point By = "point"
	Upper By = "upper"
)

// Criterion is what a stage must show. Its fields are what is sealed.
type Criterion struct {
	Name   string `json:"name"`             // G1
	Stage  Stage  `json:"stage"`            //
	Text   string `json:"text"`             // in the company's words
	Metric string `json:"metric"`           // one of Metrics
	Class  string `json:"class,omitempty"`  // where the metric takes one
	Site   string `json:"site,omitempty"`   // whose test clips
	Recipe string `json:"recipe,omitempty"` // label of the result that counts; "" = named when it is checked, which costs confidence

	Bound     Bound   `json:"bound,omitempty"`
	Threshold float64 `json:"threshold"`
	By        By      `json:"by,omitempty"`
	Looks     int     `json:"looks,omitempty"` // agreed readings of the test labels; intervals hold for all of them at once
}

// Find returns the metric of this name.
func Find(name string) (Metric, error) {
	var names []string
	for _, m := range Metrics() {
		if m.Name == name {
			return m, nil
		}
		names = append(names, m.Name)
	}
	return Metric{}, fault.New(fault.Usage, "choose "+strings.Join(names, ", "), "gate: no metric %q", name)
}

// Fill sets what was left open: the careful end of the interval, one look.
func (c Criterion) Fill() Criterion {
	m, err := Find(c.Metric)
	if err != nil || m.Kind == Signed {
		return c
	}
	c.Looks = max(c.Looks, 1)
	if c.Bound == "" {
		c.Bound = AtLeast
	}
	if c.By == "" {
		switch {
		case m.Kind == Measured:
			c.By = Point
		case c.Bound == AtMost:
			c.By = Upper
		default:
			c.By = Lower
		}
	}
	return c
}

// Check says what is wrong with a filled criterion.
func (c Criterion) Check() error {
	bad := func(hint, format string, args ...any) error {
		return fault.New(fault.Usage, hint, "gate %s: "+format, append([]any{c.Name}, args...)...)
	}
	if c.Name == "" || strings.ContainsAny(c.Name, " \t\n") {
		return bad("use a short name such as G1", "%q is no name", c.Name)
	}
	if !slices.Contains(Stages(), c.Stage) {
		return bad("choose pilot, on-site or company-wide", "no stage %q", c.Stage)
	}
	if strings.TrimSpace(c.Text) == "" {
		return bad("say in a sentence what must be shown", "it has no text")
	}
	m, err := Find(c.Metric)
	if err != nil {
		return err
	}
	if m.ByClass != (c.Class != "") {
		if m.ByClass {
			return bad("name the class", "%s is of one class", m.Name)
		}
		return bad("use recall or precision for one class", "%s is not of one class", m.Name)
	}
	if m.Kind == Signed {
		if c.Bound != "" || c.By != "" || c.Threshold != 0 || c.Looks != 0 {
			return bad("leave out threshold and looks", "a signature has no threshold")
		}
		return nil
	}
	if c.Bound != AtLeast && c.Bound != AtMost {
		return bad(`choose "at least" or "at most"`, "no bound %q", c.Bound)
	}
	if !slices.Contains([]By{Lower, Point, Upper}, c.By) {
		return bad("choose lower, point or upper", "it can't be decided by %q", c.By)
	}
	if m.Kind == Measured && c.By != Point {
		return bad("decide by point", "%s has no interval", m.Name)
	}
	if c.Looks < 1 || c.Looks > 100 {
		return bad("agree on 1 to 100", "%d looks", c.Looks)
	}
	low, high := 0.0, 1.0
	switch {
	case m.Kind == Gain:
		low = -1
	case m.Kind == Measured && m.Unit != "":
		high = math.MaxFloat64
	}
	if !(c.Threshold >= low && c.Threshold <= high) {
		return bad("write 0.7 for 70 %", "threshold %g of %s is not in [%g, %g]", c.Threshold, m.Name, low, high)
	}
	return nil
}

// OnTest says whether the number is read from test clips.
func (c Criterion) OnTest() bool {
	m, err := Find(c.Metric)
	return err == nil && (m.Kind == Share || m.Kind == Gain)
}

// Amount is a number of the criterion as people read it: shares in percent.
func (c Criterion) Amount(x float64) string {
	if m, err := Find(c.Metric); err == nil && m.Unit == "" {
		return fmt.Sprintf("%.1f %%", 100*x)
	}
	return strconv.FormatFloat(x, 'f', -1, 64)
}

// Hash is the SHA-256, in hex, of the criterion as JSON: what a seal closes.
func (c Criterion) Hash() string {
	text, err := json.Marshal(c)
	if err != nil {
		panic(fmt.Sprintf("gate: %v", err)) // thresholds are checked to be finite
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}
