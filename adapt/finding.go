package adapt

import (
	"framepilot/internal/fault"
	"framepilot/internal/words"
)

// Severity says what a run does about a finding.
type Severity string

// The severities.
const (
	SeverityError   Severity = "error"   // a run refuses: its numbers would be wrong
	SeverityWarning Severity = "warning" // a run warns: its numbers may be worth less than they seem
)

// Finding is something about the data that a person should know before
// trusting numbers made of it. A run and the check of data share them.
type Finding struct {
	Severity Severity `json:"severity"`
	Check    string   `json:"check"` // which check found it, e.g. group-crosses-splits
	What     string   `json:"what"`
	Where    []string `json:"where"` // file:line, clips or classes; all of them
	Why      string   `json:"why"`   // what it does to numbers
	Fix      string   `json:"fix"`

	Said Saying `json:"said,omitzero"` // to be worded in other languages
}

// Saying is a Finding in sentences.
type Saying struct {
	What  words.Sentence   `json:"what"`
	Where []words.Sentence `json:"where,omitempty"`
	Why   words.Sentence   `json:"why"`
	Fix   words.Sentence   `json:"fix"`
}

// mostTold is how much of Where a line has room for.
const mostTold = 2

// String is what and the first of where.
func (f Finding) String() string { return f.said().String() }

func (f Finding) said() words.Sentence {
	if len(f.Said.Where) == 0 {
		return f.Said.What
	}
	return words.Say("%s: %s", f.Said.What, words.Few(f.Said.Where, mostTold, "; "))
}

// refusal is nil where no finding is an error; otherwise one fault that holds
// all that are.
func refusal(findings []Finding) error {
	var texts, fixes []words.Sentence
	for _, f := range findings {
		if f.Severity != SeverityError {
			continue
		}
		text := f.Said.What
		if len(f.Where) > 0 {
			text = words.Say("%s:\n  %s", text, words.Few(f.Said.Where, 20, "\n  "))
		}
		texts, fixes = append(texts, text), append(fixes, f.Said.Fix)
	}
	switch len(texts) {
	case 0:
		return nil
	case 1:
		return fault.Say(fault.Input, fixes[0], "%s", texts[0])
	}
	for i := range texts {
		texts[i] = words.Say("%s\n  → %s", texts[i], fixes[i])
	}
	return fault.New(fault.Input, "framepilot data check PLAN says all of it, and why", "%s", words.Join(texts, "\n"))
}

// finding returns a list of one, none where nothing was found.
func finding(s Severity, check string, where []words.Sentence, why, fix, what words.Sentence) []Finding {
	if where != nil && len(where) == 0 {
		return nil
	}
	places := []string{}
	for _, w := range where {
		places = append(places, w.String())
	}
	return []Finding{{s, check, what.String(), places, why.String(), fix.String(), Saying{what, where, why, fix}}}
}
