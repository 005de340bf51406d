package pilot

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"framepilot/internal/fault"
	"framepilot/pilot/gate"
	"framepilot/pilot/roi"
)

// Entry is one line of the journal: what a person did, when. Exactly the field
// its kind names is set.
type Entry struct {
	ID   int64
	At   time.Time
	By   string
	Kind EntryKind
	Gate string // its name, where the entry is about one
	Hash string // SHA-256 in hex over the entry before and this one

	Criterion  *gate.Criterion // proposed, sealed
	Seal       *Seal
	Check      *Check
	Decision   *Decision
	Assumption *Assumption
	Doubt      *Doubt
	Stage      gate.Stage // opened
	Text       string     // of signed, waived, noted
}

// EntryKind is what an entry records.
type EntryKind string

// The kinds of entries.
const (
	Created  EntryKind = "created"  // the pilot; Text is its question
	Proposed EntryKind = "proposed" // a gate, or a new wording of one not sealed
	Sealed   EntryKind = "sealed"   // it can't change any more
	Signed   EntryKind = "signed"   // a sign-off
	Checked  EntryKind = "checked"  // a gate against a result
	Waived   EntryKind = "waived"   // a gate, by name and with a reason
	Decided  EntryKind = "decided"  // about a stage
	Promoted EntryKind = "promoted" // the next stage is open
	Noted    EntryKind = "noted"
	Assumed  EntryKind = "assumed" // a rate or an assumption of the return
	Doubted  EntryKind = "doubted" // a test clip whose result was seen
)

// Seal closes a criterion.
type Seal struct {
	Hash   string `json:"hash"`             // of the criterion
	Seen   int    `json:"seen,omitempty"`   // results of its site already in the ledger; 0 = agreed before
	Reason string `json:"reason,omitempty"` // why it was sealed although there were
}

// Check is a gate held against a result.
type Check struct {
	Run     string       `json:"run,omitempty"`
	Result  string       `json:"result,omitempty"` // its key; empty for what is measured on the machine
	Recipe  string       `json:"recipe,omitempty"` // its label
	Reading gate.Reading `json:"reading"`
	Ruling  gate.Ruling  `json:"ruling"`
	Left    int          `json:"left,omitempty"` // test clips of its site that earlier runs judged and this one lacks
}

// Answer is a decision about a stage.
type Answer string

// The answers.
const (
	Go         Answer = "go"
	Conditions Answer = "conditions" // go, with the conditions in the note
	NoGo       Answer = "no-go"
	NotYet     Answer = "undecided" // not enough evidence
)

// Decision is what people concluded.
type Decision struct {
	Stage    gate.Stage `json:"stage"`
	Answer   Answer     `json:"answer"`
	Note     string     `json:"note,omitempty"`
	Approved string     `json:"approved,omitempty"` // who approved what the entry's person proposed
}

// Assumption is a value somebody stands for.
type Assumption struct {
	Name   string    `json:"name"` // of roi.Names, or one of Rates
	Range  roi.Range `json:"range"`
	Text   string    `json:"text,omitempty"`   // where the value is a word: the currency
	Source string    `json:"source,omitempty"` // where it comes from
	// Truth and Predicted are set where it is the cost of one kind of error.
	Truth     string `json:"truth,omitempty"`
	Predicted string `json:"predicted,omitempty"`
}

// content is an entry as the journal keeps it.
type content struct {
	Criterion  *gate.Criterion `json:"criterion,omitempty"`
	Seal       *Seal           `json:"seal,omitempty"`
	Check      *Check          `json:"check,omitempty"`
	Decision   *Decision       `json:"decision,omitempty"`
	Assumption *Assumption     `json:"assumption,omitempty"`
	Doubt      *Doubt          `json:"doubt,omitempty"`
	Stage      gate.Stage      `json:"stage,omitempty"`
	Text       string          `json:"text,omitempty"`
}

// chain is the hash of an entry that follows one with hash before.
func chain(before, at, by string, kind EntryKind, gate, data string) string {
	sum := sha256.Sum256([]byte(strings.Join([]string{before, at, by, string(kind), gate, data}, "\x00")))
	return hex.EncodeToString(sum[:])
}

// append adds the entry that f makes of the journal so far. One transaction
// holds both, so nobody decides on a journal that has moved on.
func (l *Ledger) append(ctx context.Context, pilot, step string, f func(*sql.Tx, Book) (Entry, error)) (Entry, error) {
	var e Entry
	err := l.transact(ctx, step, func(tx *sql.Tx) error {
		book, id, err := l.readBook(ctx, tx, pilot)
		if err != nil {
			return err
		}
		if e, err = f(tx, book); err != nil {
			return err
		}
		e.By = strings.TrimSpace(e.By)
		if e.By == "" {
			return fault.New(fault.Usage, "say who: --by NAME", "an entry needs the name of a person")
		}
		data, err := json.Marshal(content{e.Criterion, e.Seal, e.Check, e.Decision, e.Assumption, e.Doubt, e.Stage, e.Text})
		if err != nil {
			return err
		}
		before := ""
		if n := len(book.Entries); n > 0 {
			before = book.Entries[n-1].Hash
		}
		e.At = l.now()
		at := formatTime(e.At)
		e.Hash = chain(before, at, e.By, e.Kind, e.Gate, string(data))
		row, err := tx.ExecContext(ctx, `insert into journal (pilot, at, by, kind, gate, data, hash) values (?, ?, ?, ?, ?, ?, ?)`,
			id, at, e.By, e.Kind, e.Gate, string(data), e.Hash)
		if err != nil {
			return err
		}
		e.ID, err = row.LastInsertId()
		return err
	})
	return e, err
}

// ErrNoPilot is in the chain of an error about a pilot the ledger lacks.
var ErrNoPilot = errors.New("no such pilot in the ledger")

// findPilot resolves a pilot's name; "" is the only one there is or, of
// several, the ledger's own.
func (l *Ledger) findPilot(ctx context.Context, tx *sql.Tx, name string) (id int64, full string, err error) {
	var names []string
	var ids []int64
	err = each(ctx, tx, `select id, name from pilots where ?1 = '' or name = ?1 order by name`, []any{name}, func(scan scanner) error {
		err := scan(&id, &full)
		names, ids = append(names, full), append(ids, id)
		return err
	})
	switch {
	case err != nil:
		return 0, "", err
	case len(names) == 0 && name == "":
		return 0, "", fault.New(fault.Missing, "make one: framepilot pilot new PILOT --by NAME", "%w", ErrNoPilot)
	case len(names) == 0:
		return 0, "", fault.New(fault.Missing, "framepilot pilot show lists them", "pilot %q: %w", name, ErrNoPilot)
	case len(names) > 1:
		if i := slices.Index(names, l.Own); i >= 0 {
			return ids[i], names[i], nil
		}
		return 0, "", fault.New(fault.Usage, "say which: --name NAME; without it the one is meant that plan.toml names", "the ledger holds %d pilots: %s", len(names), strings.Join(names, ", "))
	}
	return id, full, nil
}

// readEntries reads a pilot's journal and verifies its chain.
func readEntries(ctx context.Context, tx *sql.Tx, pilot int64) ([]Entry, error) {
	var entries []Entry
	before := ""
	err := each(ctx, tx, `select id, at, by, kind, gate, data, hash from journal where pilot = ? order by id`, []any{pilot},
		func(scan scanner) error {
			var e Entry
			var at, data string
			if err := scan(&e.ID, &at, &e.By, &e.Kind, &e.Gate, &data, &e.Hash); err != nil {
				return err
			}
			if chain(before, at, e.By, e.Kind, e.Gate, data) != e.Hash {
				return fault.New(fault.Input, "restore the ledger from a backup", "journal entry %d was changed after it was written", e.ID)
			}
			before = e.Hash
			var err error
			if e.At, err = parseTime(at); err != nil {
				return fmt.Errorf("journal entry %d: %w", e.ID, err)
			}
			var c content
			if err := json.Unmarshal([]byte(data), &c); err != nil {
				return fmt.Errorf("journal entry %d: %w", e.ID, err)
			}
			e.Criterion, e.Seal, e.Check, e.Decision = c.Criterion, c.Seal, c.Check, c.Decision
			e.Assumption, e.Doubt, e.Stage, e.Text = c.Assumption, c.Doubt, c.Stage, c.Text
			entries = append(entries, e)
			return nil
		})
	return entries, err
}
