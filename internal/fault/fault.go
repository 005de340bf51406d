package fault

import (
	"errors"
	"fmt"
	"strings"

	"framepilot/internal/words"
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

	what, fix words.Sentence // Err and Hint before they were worded
	causes    []error        // in what, by the order of its values; nil where a value is none
}

func (e *Error) Error() string { return e.Err.Error() }
func (e *Error) Unwrap() error { return e.Err }

// New returns an error of kind k. The format may hold %w.
func New(k Kind, hint, format string, args ...any) error {
	return Say(k, words.Say(hint), format, args...)
}

// Say is New with a hint that holds values.
func Say(k Kind, hint words.Sentence, format string, args ...any) error {
	e := &Error{Kind: k, Hint: hint.String(), Err: fmt.Errorf(format, args...), fix: hint, causes: make([]error, len(args))}
	for i, arg := range args {
		e.causes[i], _ = arg.(error)
	}
	e.what = words.Say(format, args...)
	return e
}

// Disk is the error of a step that could not read or write a file of a pilot.
func Disk(step string, err error) error {
	return Say(Missing, words.Say("check that the folder of the plan may be written and the disk has space left"), "%s: %w", step, err)
}

// Said is an error as a sentence, to be worded in another language: as the
// faults in its chain say it, with the text around them as it is.
func Said(err error) words.Sentence {
	if err == nil {
		return words.Sentence{}
	}
	text := err.Error()
	if e, ok := err.(interface{ Said() words.Sentence }); ok {
		return e.Said()
	}
	switch e := err.(type) {
	case interface{ Unwrap() error }:
		inner := e.Unwrap()
		if inner == nil {
			break
		}
		if around, ok := strings.CutSuffix(text, inner.Error()); ok {
			return words.Say("%s%s", around, Said(inner))
		}
	case interface{ Unwrap() []error }:
		var all []words.Sentence
		for _, one := range e.Unwrap() {
			all = append(all, Said(one))
		}
		if all := words.Join(all, "\n"); all.String() == text {
			return all
		}
	}
	return words.Say(text) // as a whole
}

// Said is the error as a sentence.
func (e *Error) Said() words.Sentence {
	if e.what.IsZero() {
		return Said(e.Err)
	}
	return e.what.With(func(i int) (words.Sentence, bool) {
		if e.causes[i] == nil {
			return words.Sentence{}, false
		}
		return Said(e.causes[i]), true
	})
}

// Fix is the outermost hint in err's chain that is not empty, as a sentence.
func Fix(err error) words.Sentence {
	for err != nil {
		var e *Error
		if !errors.As(err, &e) {
			break
		}
		if e.Hint != "" {
			if e.fix.IsZero() {
				return words.Say(e.Hint)
			}
			return e.fix
		}
		err = e.Err
	}
	return words.Sentence{}
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
