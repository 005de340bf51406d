package fault

import (
	"errors"
	"fmt"
)

// Kind says who can do something about an error.
type Kind int

// The kinds, in the order of the exit codes internal/cli gives them.
const (
	Unexpected Kind = iota // a bug or an environment nobody foresaw
	Usage                  // the command line is wrong
	Config                 // a plan or configuration is wrong
	Input                  // the user's data is wrong: a video, manifest, checkpoint
	Missing                // a model, decoder, GPU or disk space is missing
	Partial                // done, but more clips failed than the plan tolerates
	Failed                 // a gate says no: a valid result
	Undecided              // a gate says not yet: collect more
)

// Error is an error with a kind and, where there is one, the way out.
type Error struct {
	Kind Kind
	Hint string // what the person can do, one sentence without a full stop; may be empty
	Err  error
}

func (e *Error) Error() string { return e.Err.Error() }
func (e *Error) Unwrap() error { return e.Err }

// New returns an error of kind k. The format may hold %w.
func New(k Kind, hint, format string, args ...any) error {
	return &Error{Kind: k, Hint: hint, Err: fmt.Errorf(format, args...)}
}

// KindOf returns the kind of the outermost fault in err's chain, or
// Unexpected where there is none.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Unexpected
}

// HintOf returns the outermost non-empty hint in err's chain.
func HintOf(err error) string {
	for err != nil {
		var e *Error
		if !errors.As(err, &e) {
			return ""
		}
		if e.Hint != "" {
			return e.Hint
		}
		err = e.Err
	}
	return ""
}
