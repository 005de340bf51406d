package pilot

import (
	"context"
	"database/sql"
	"slices"

	"framepilot/pilot/gate"
	"framepilot/pilot/roi"
)

// Book is what the journal of a pilot comes to.
type Book struct {
	Pilot    string
	Question string
	Gates    []GateState // in the order they were first proposed
	Open     []gate.Stage
	Decided  map[gate.Stage]Entry // the last decision about each stage
	Assumed  []Entry              // the last value of each assumption, in the order they were first made
	Doubts   []Entry              // the last about each clip that is in doubt, in the order they were first made
	Entries  []Entry              // everything, oldest first
}

// GateState is a gate and what became of it.
type GateState struct {
	Criterion gate.Criterion
	Proposed  Entry
	Sealed    *Entry // nil: it may still change
	Signed    *Entry
	Waived    *Entry
	Checks    []Entry // oldest first
}

// Ruling is the verdict as it stands: of the last check.
func (g GateState) Ruling() gate.Ruling {
	switch {
	case g.Criterion.Metric == signOff && g.Signed != nil:
		return gate.Ruling{Verdict: gate.Pass, Reason: gate.SignedOff}
	case g.Criterion.Metric == signOff:
		return gate.Ruling{Verdict: gate.Blocked, Reason: gate.Unsigned}
	case len(g.Checks) == 0:
		return gate.Ruling{Verdict: gate.Undecided, Reason: gate.Unmeasured}
	}
	return g.Checks[len(g.Checks)-1].Check.Ruling
}

// Settled says whether the gate no longer stands in the way.
func (g GateState) Settled() bool {
	return g.Waived != nil || g.Sealed != nil && g.Ruling().Verdict == gate.Pass
}

// Late says whether results had been seen when the gate was sealed.
func (g GateState) Late() bool { return g.Sealed != nil && g.Sealed.Seal.Seen > 0 }

// signOff is the metric that a person's name settles.
const signOff = "sign-off"

// Of returns the gates of a stage.
func (b Book) Of(s gate.Stage) []GateState {
	var of []GateState
	for _, g := range b.Gates {
		if g.Criterion.Stage == s {
			of = append(of, g)
		}
	}
	return of
}

// Blocking returns the gates of a stage that stand in the way.
func (b Book) Blocking(s gate.Stage) []GateState {
	return slices.DeleteFunc(b.Of(s), GateState.Settled)
}

// Current is the stage the pilot has come to.
func (b Book) Current() gate.Stage { return b.Open[len(b.Open)-1] }

// find returns the gate of this name, or nil.
func (b Book) find(name string) *GateState {
	for i := range b.Gates {
		if b.Gates[i].Criterion.Name == name {
			return &b.Gates[i]
		}
	}
	return nil
}

// Book reads the journal of a pilot; "" is the only pilot of the ledger
// or, of several, its own. It is
// an error if an entry was changed after it was written.
func (l *Ledger) Book(ctx context.Context, pilot string) (Book, error) {
	var b Book
	err := l.transact(ctx, "read the journal", func(tx *sql.Tx) (err error) {
		b, _, err = l.readBook(ctx, tx, pilot)
		return err
	})
	return b, err
}

func (l *Ledger) readBook(ctx context.Context, tx *sql.Tx, pilot string) (Book, int64, error) {
	id, name, err := l.findPilot(ctx, tx, pilot)
	if err != nil {
		return Book{}, 0, err
	}
	entries, err := readEntries(ctx, tx, id)
	if err != nil {
		return Book{}, 0, err
	}
	return fold(name, entries), id, nil
}

// fold is what entries come to.
func fold(pilot string, entries []Entry) Book {
	b := Book{Pilot: pilot, Open: []gate.Stage{gate.Pilot}, Decided: map[gate.Stage]Entry{}}
	for _, e := range entries {
		b.add(e)
	}
	return b
}

// add takes one more entry in.
func (b *Book) add(e Entry) {
	b.Entries = append(b.Entries, e)
	switch e.Kind {
	case Created:
		b.Question = e.Text
	case Proposed:
		if g := b.find(e.Gate); g != nil {
			g.Criterion, g.Proposed = *e.Criterion, e
			return
		}
		b.Gates = append(b.Gates, GateState{Criterion: *e.Criterion, Proposed: e})
	case Sealed:
		b.find(e.Gate).Sealed = &e
	case Signed:
		b.find(e.Gate).Signed = &e
	case Waived:
		b.find(e.Gate).Waived = &e
	case Checked:
		g := b.find(e.Gate)
		g.Checks = append(g.Checks, e)
	case Decided:
		b.Decided[e.Decision.Stage] = e
	case Promoted:
		b.Open = append(b.Open, e.Stage)
	case Doubted:
		b.doubted(e)
	case Assumed:
		i := slices.IndexFunc(b.Assumed, func(old Entry) bool { return old.Assumption.same(*e.Assumption) })
		if i < 0 {
			b.Assumed = append(b.Assumed, e)
		} else {
			b.Assumed[i] = e
		}
	}
}

func (a Assumption) same(b Assumption) bool {
	return a.Name == b.Name && a.Truth == b.Truth && a.Predicted == b.Predicted
}

// The assumptions a price needs beside those of the return.
const (
	SecondsPerLabel = "seconds_per_label"
	LabelWage       = "label_wage_per_hour"
	Currency        = "currency"
)

// Rates are the assumptions that prices are made of.
func (b Book) Rates() gate.Rates {
	var r gate.Rates
	for _, e := range b.Assumed {
		a := e.Assumption
		switch a.Name {
		case Currency:
			r.Currency = a.Text
		case SecondsPerLabel:
			r.SecondsPerLabel = a.Range.Base
		case LabelWage:
			r.WagePerHour = a.Range.Base
		case roi.MachinePerHour:
			r.MachinePerHour = a.Range.Base
		case roi.ClipsPerHour:
			r.ClipsPerHour = a.Range.Base
		}
	}
	return r
}

// Ranges are the assumptions of the return, by name.
func (b Book) Ranges() map[string]roi.Range {
	ranges := map[string]roi.Range{}
	for _, e := range b.Assumed {
		if a := e.Assumption; a.Truth == "" && slices.Contains(roi.Names(), a.Name) {
			ranges[a.Name] = a.Range
		}
	}
	return ranges
}
