package adapt

import (
	"fmt"
	"strings"

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
}

// mostTold is how much of Where a line has room for.
const mostTold = 2

// String is what and the first of where.
func (f Finding) String() string {
	if len(f.Where) == 0 {
		return f.What
	}
	return f.What + ": " + words.FirstFew(f.Where, mostTold, "; ")
}

// refusal is nil where no finding is an error; otherwise one fault that holds
// all that are.
func refusal(findings []Finding) error {
	var texts, fixes []string
	for _, f := range findings {
		if f.Severity != SeverityError {
			continue
		}
		text := f.What
		if len(f.Where) > 0 {
			text += ":\n  " + words.FirstFew(f.Where, 20, "\n  ")
		}
		texts, fixes = append(texts, text), append(fixes, f.Fix)
	}
	switch len(texts) {
	case 0:
		return nil
	case 1:
		return fault.New(fault.Input, fixes[0], "%s", texts[0])
	}
	for i := range texts {
		texts[i] += "\n  → " + fixes[i]
	}
	return fault.New(fault.Input, "framepilot data check says all of it, and why", "%s", strings.Join(texts, "\n"))
}

// finding returns a list of one, none where nothing was found.
func finding(s Severity, check string, where []string, why, fix, format string, args ...any) []Finding {
	if where != nil && len(where) == 0 {
		return nil
	}
	return []Finding{{s, check, fmt.Sprintf(format, args...), append([]string{}, where...), why, fix}}
}
