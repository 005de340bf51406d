package probe

import (
	"strings"

	"framepilot/internal/words"
)

// Choice records how one setting of a method came by its value, so that a
// report can show that no test clip had a say in it.
type Choice struct {
	Param      string         // "C"
	Class      string         // whose, where every class has its own
	Value      float64        // what the method was fitted with
	Rung       Rung           // of the ladder the value stands on
	Rule       Rule           // the same in words
	Reason     string         // one sentence for the report
	Said       words.Sentence // the same with its values apart; zero where Reason is one text
	Candidates []Candidate    // what was tried, in order; nil where nothing was
}

// Name is Param and, where every class has its own, whose: "C of lift".
func (c Choice) Name() string {
	if c.Class == "" {
		return c.Param
	}
	return c.Param + " of " + c.Class
}

// Names of the choice by which a method that tries others says which it took:
// one of these, and the methods. Its reason is a whole sentence.
const (
	TookJudged   = "held-out NLL of "         // the value is that, in nats a clip
	TookRanked   = "held-out mAP of "         // the value is that, where clips may be of several classes
	TookUnjudged = "methods taken unjudged, " // the value is their number
)

// Took returns the methods that were taken, where the choice is among methods.
func (c Choice) Took() (methods string, ok bool) {
	for _, prefix := range []string{TookJudged, TookRanked, TookUnjudged} {
		if methods, ok = strings.CutPrefix(c.Param, prefix); ok {
			return methods, true
		}
	}
	return "", false
}

// Candidate is one value that was tried and its mean negative log-likelihood
// on clips held out of the training rows.
type Candidate struct{ Value, NLL float64 }

// Rung says what a value was chosen on. There is no rung for the test clips.
type Rung string

// The ladder; see Tuning for which rung applies when.
const (
	Given Rung = "given" // set by the user: nobody here can say on what
	L0    Rung = "L0"    // a published rule, no data used
	L1    Rung = "L1"    // training clips, each judged by an exact fit without its group
	L2    Rung = "L2"    // training clips, in folds of whole groups
	L3    Rung = "L3"    // a validation split of its own
)

// Rule says by what right a setting has its value.
type Rule string

// The rules, one a rung.
const (
	RuleGiven      Rule = "given"
	RuleFixed      Rule = "fixed"
	RuleLOO        Rule = "exact leave-one-group-out"
	RuleCV         Rule = "grouped cross-validation"
	RuleValidation Rule = "validation split"
)

// setByUser is the reason of a value that is given.
const setByUser = "set by the user"
