package bundle

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"framepilot/internal/fault"
	"framepilot/internal/safetensors"
	"framepilot/probe"
)

// Format is the version of the file; what it says is in docs/bundle.md.
const Format = "framepilot.bundle/1"

// The keys of the file's metadata.
const (
	formatKey = "format"
	aboutKey  = "bundle"
)

// About is the JSON text of a bundle: all but the tensors.
type About struct {
	Classes     []string        `json:"classes"`
	Width       int             `json:"width"`
	Scale       float64         `json:"scale"`
	Temperature float64         `json:"temperature"`
	Multi       bool            `json:"multi_label,omitempty"` // a clip may be of several classes: logits are log odds, one class at a time
	Thresholds  []float64       `json:"thresholds,omitempty"`  // then: probabilities from which a clip is of each class, as the classifier holds them
	Classifier  node            `json:"classifier"`
	Conformal   *conformal      `json:"conformal,omitempty"`
	Unknown     *NoneOfTheAbove `json:"none_of_the_above,omitempty"`
	Origin      Origin          `json:"origin"`
	Method      string          `json:"method"`
	Choices     []choice        `json:"settings"`
	Training    Training        `json:"training"`
	Key         string          `json:"key,omitempty"`
	By          string          `json:"by,omitempty"`
	Added       []Addition      `json:"added,omitempty"` // classes that joined later
}

type conformal struct {
	Score      string    `json:"score"`
	Alpha      float64   `json:"alpha"`
	Thresholds []float64 `json:"thresholds"` // C
	Clips      []int     `json:"clips"`      // C
	Groups     int       `json:"groups"`
	Unseen     []int     `json:"not_promised_for,omitempty"` // classes
}

// NoneOfTheAbove is how well clips of none of the classes are told, by classes
// that were held out.
type NoneOfTheAbove struct {
	Threshold float64  `json:"threshold"` // on the largest logit / temperature
	AUROC     float64  `json:"auroc"`
	FPR95     float64  `json:"fpr95"`
	Between   struct { // 95 % intervals
		AUROC [2]float64 `json:"auroc"`
		FPR95 [2]float64 `json:"fpr95"`
	} `json:"intervals"`
	Known   int `json:"known_clips"`
	Unknown int `json:"held_out_class_clips"`
}

type choice struct {
	Name   string  `json:"name"`
	Class  string  `json:"class,omitempty"` // whose, where every class has its own
	Value  float64 `json:"value"`
	Rung   string  `json:"rung"`
	Rule   string  `json:"rule"`
	Reason string  `json:"reason"`
}

// Write writes the bundle to path, whole or not at all.
func (b *Bundle) Write(path string) error {
	a := b.About()
	var s shelf
	var err error
	if a.Classifier, err = s.takeApart(b.Classifier, "classifier"); err != nil {
		return fmt.Errorf("bundle: %w", err)
	}
	if err := s.refer(b); err != nil {
		return fmt.Errorf("bundle: %w", err)
	}
	text, err := json.Marshal(a)
	if err != nil {
		return fmt.Errorf("bundle: %w", err)
	}
	if err := safetensors.Write(path, map[string]string{formatKey: Format, aboutKey: string(text)}, s.entries, nil); err != nil {
		return fmt.Errorf("bundle: %w", err)
	}
	return nil
}

// About is what the file says in words and numbers; the classifier is left
// out.
func (b *Bundle) About() About {
	a := About{
		Classes: b.Classes, Width: b.Width, Scale: b.Scale, Temperature: b.Temperature, Multi: b.Multi(),
		Origin: b.Origin, Method: b.Method, Training: b.Training, Key: b.Key, By: b.By, Added: b.Added,
	}
	if b.Multi() {
		for _, z := range b.from() {
			a.Thresholds = append(a.Thresholds, probe.Sigmoid(z))
		}
	}
	for _, c := range b.Choices {
		a.Choices = append(a.Choices, choice{c.Param, c.Class, c.Value, string(c.Rung), string(c.Rule), c.Reason})
	}
	if c := b.Conformal; c != nil {
		a.Conformal = &conformal{string(c.Score), c.Alpha, c.Thresholds, c.Clips, c.Groups, c.Unseen}
	}
	if u := b.Unknown; u != nil {
		a.Unknown = &NoneOfTheAbove{Threshold: u.Threshold, AUROC: u.AUROC, FPR95: u.FPR95, Known: u.Known, Unknown: u.Unknown}
		a.Unknown.Between.AUROC, a.Unknown.Between.FPR95 = u.AUROCBetween, u.FPR95Between
	}
	return a
}

// Read reads what Write wrote.
func Read(path string) (*Bundle, error) {
	f, err := safetensors.Open(path)
	if err != nil {
		return nil, fmt.Errorf("bundle: %w", err)
	}
	defer f.Close()
	b, err := read(f)
	if err != nil {
		return nil, fault.New(fault.Input, "name a file that `framepilot fit --bundle` or a run wrote, with this version or an older one", "bundle %s: %w", path, err)
	}
	return b, nil
}

func read(f *safetensors.File) (*Bundle, error) {
	if got := f.Metadata[formatKey]; got != Format {
		return nil, fmt.Errorf("its format is %q, want %q", got, Format)
	}
	var a About
	d := json.NewDecoder(bytes.NewReader([]byte(f.Metadata[aboutKey])))
	d.DisallowUnknownFields()
	if err := d.Decode(&a); err != nil {
		return nil, fmt.Errorf("its description: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("its description goes on after its end")
	}
	if err := a.check(); err != nil {
		return nil, err
	}
	b := &Bundle{
		Classes: a.Classes, Width: a.Width, Scale: a.Scale, Temperature: a.Temperature,
		Origin: a.Origin, Method: a.Method, Training: a.Training, Key: a.Key, By: a.By, Added: a.Added,
	}
	s := shelf{file: f, used: map[string]bool{}}
	var err error
	if b.Classifier, err = s.putTogether(a.Classifier, "classifier", a.Width, len(a.Classes), 0); err != nil {
		return nil, err
	}
	if a.Multi != b.Multi() {
		return nil, errors.New("its description and its classifier do not agree whether a clip may be of several classes")
	}
	for _, c := range a.Choices {
		b.Choices = append(b.Choices, probe.Choice{Param: c.Name, Class: c.Class, Value: c.Value, Rung: probe.Rung(c.Rung), Rule: probe.Rule(c.Rule), Reason: c.Reason})
	}
	if c := a.Conformal; c != nil {
		b.Conformal = &probe.Conformal{Score: probe.Conformity(c.Score), Alpha: c.Alpha, Thresholds: c.Thresholds, Clips: c.Clips, Groups: c.Groups, Unseen: c.Unseen}
	}
	if u := a.Unknown; u != nil {
		b.Unknown = &probe.Unknown{Known: u.Known, Unknown: u.Unknown, AUROC: u.AUROC, FPR95: u.FPR95, Threshold: u.Threshold, AUROCBetween: u.Between.AUROC, FPR95Between: u.Between.FPR95}
	}
	if err := s.reference(b); err != nil {
		return nil, err
	}
	b.Reference.Frames = b.Origin.Tokens
	for _, name := range f.Names() {
		if !s.used[name] {
			return nil, fmt.Errorf("tensor %q is not one of a bundle's", name)
		}
	}
	return b, b.sane()
}

// check holds the description against itself.
func (a *About) check() error {
	switch {
	case len(a.Classes) < 2:
		return fmt.Errorf("%d classes, want two or more", len(a.Classes))
	case len(distinct(a.Classes)) < len(a.Classes):
		return errors.New("a class is named twice")
	case a.Width < 1:
		return fmt.Errorf("embeddings of width %d", a.Width)
	case !(a.Scale > 0):
		return fmt.Errorf("scale is %g, want a positive number", a.Scale)
	case !(a.Temperature > 0) || 1/a.Temperature > 1e300:
		return fmt.Errorf("temperature is %g, want a positive number", a.Temperature)
	case len(a.Training.Shots) != len(a.Classes):
		return fmt.Errorf("shots of %d classes, want %d", len(a.Training.Shots), len(a.Classes))
	}
	for _, added := range a.Added {
		if !slices.Contains(a.Classes, added.Class) {
			return fmt.Errorf("class %q was added, and is not there", added.Class)
		}
	}
	if c := a.Conformal; c != nil {
		if len(c.Thresholds) != len(a.Classes) || len(c.Clips) != len(a.Classes) || !(c.Alpha > 0 && c.Alpha < 1) ||
			c.Score != string(probe.LAC) && c.Score != string(probe.APS) {
			return fmt.Errorf("its conformal sets are not of %d classes", len(a.Classes))
		}
		if slices.ContainsFunc(c.Unseen, func(class int) bool { return class < 0 || class >= len(a.Classes) }) {
			return fmt.Errorf("its conformal sets promise nothing for classes %v of %d", c.Unseen, len(a.Classes))
		}
	}
	return nil
}

func distinct(names []string) map[string]bool {
	seen := map[string]bool{}
	for _, n := range names {
		seen[n] = true
	}
	return seen
}
