package pilot

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
)

// Expectation is what can be said of a classifier at a site whose clips have
// no labels: its answers, and the range their accuracy is expected in. It is
// never a score.
type Expectation struct {
	Key       string // unique in its run
	Method    string
	Label     string // what a person reads: the method, a comma, what varies
	Prompts   string // name of the prompt set; may be empty
	TrainSite string // where the labels came from; empty where none were used
	Site      string

	HasRange  bool
	Low, High float64 // accuracy, in [0, 1]; read only where HasRange
	Answers   []ClipAnswer
}

// Name is what a person calls the classifier.
func (e Expectation) Name() string {
	if e.Prompts == "" {
		return e.Label
	}
	return e.Label + " (" + e.Prompts + ")"
}

// ClipAnswer is what a classifier says of a clip nobody has labelled.
type ClipAnswer struct {
	Clip, Class string
	P           float64  // posterior of the class, in [0, 1]
	Possible    []string // classes that can't be ruled out, none where all can; nil where the classifier rules out none
	None        *bool    // whether it is likely none of the classes; nil where the classifier can't tell
}

// check reports the first thing nobody could read.
func (e Expectation) check() error {
	if e.Key == "" {
		return fmt.Errorf("it has no key")
	}
	if e.HasRange && !(0 <= e.Low && e.Low <= e.High && e.High <= 1) {
		return fmt.Errorf("range [%v, %v] is not in [0, 1]", e.Low, e.High)
	}
	for _, a := range e.Answers {
		if !(a.P >= -slack && a.P <= 1+slack) {
			return fmt.Errorf("clip %q: probability %v is not in [0, 1]", a.Clip, a.P)
		}
	}
	return nil
}

// Expect records an expectation with its answers, instead of one of the same
// key.
func (l *Ledger) Expect(ctx context.Context, runID string, e Expectation) error {
	if err := e.check(); err != nil {
		return fmt.Errorf("pilot: record expectation %q: %w", e.Key, err)
	}
	return l.transact(ctx, "record expectation "+e.Key, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `delete from expectations where run = ? and key = ?`, runID, e.Key); err != nil {
			return err
		}
		var low, high any
		if e.HasRange {
			low, high = e.Low, e.High
		}
		row, err := tx.ExecContext(ctx, `
			insert into expectations (run, key, method, label, prompts, train_site, site, low, high, recorded)
			values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			runID, e.Key, e.Method, e.Label, e.Prompts, e.TrainSite, e.Site, low, high, formatTime(l.now()))
		if err != nil {
			return unknownRun(runID, err)
		}
		id, err := row.LastInsertId()
		if err != nil {
			return err
		}
		return insert(ctx, tx, `insert into answers (expectation, pos, clip, class, p, possible, none) values (?, ?, ?, ?, ?, ?, ?)`,
			len(e.Answers), func(i int) []any {
				a := e.Answers[i]
				return []any{id, i, a.Clip, a.Class, a.P, listText(a.Possible), a.None}
			})
	})
}

// listText is a list as JSON; nil for nil.
func listText(list []string) any {
	if list == nil {
		return nil
	}
	text, err := json.Marshal(list)
	if err != nil {
		panic("pilot: " + err.Error()) // strings always encode
	}
	return string(text)
}

// readExpectations reads the expectations of a run by key.
func readExpectations(ctx context.Context, tx *sql.Tx, runID string) ([]Expectation, error) {
	var list []Expectation
	at := map[int64]int{} // row id → index in list
	err := each(ctx, tx, `
		select id, key, method, label, prompts, train_site, site, low, high
		from expectations where run = ? order by key`, []any{runID},
		func(scan scanner) error {
			var e Expectation
			var id int64
			var low, high sql.NullFloat64
			err := scan(&id, &e.Key, &e.Method, &e.Label, &e.Prompts, &e.TrainSite, &e.Site, &low, &high)
			e.HasRange, e.Low, e.High = low.Valid, low.Float64, high.Float64
			at[id] = len(list)
			list = append(list, e)
			return err
		})
	if err != nil {
		return nil, err
	}
	return list, each(ctx, tx, `
		select a.expectation, a.clip, a.class, a.p, a.possible, a.none
		from answers a join expectations e on e.id = a.expectation where e.run = ? order by a.expectation, a.pos`, []any{runID},
		func(scan scanner) error {
			var id int64
			var a ClipAnswer
			var possible sql.NullString
			err := scan(&id, &a.Clip, &a.Class, &a.P, &possible, &a.None)
			if err == nil && possible.Valid {
				err = json.Unmarshal([]byte(possible.String), &a.Possible)
			}
			e := &list[at[id]]
			e.Answers = append(e.Answers, a)
			return err
		})
}
