package pilot

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
)

// Result records a result and everything in it in one transaction, instead of
// a result of the same key. It is refused if a number in it is not finite, a
// fraction leaves [0, 1] or an interval does not say its kind.
func (l *Ledger) Result(ctx context.Context, runID string, r Result) error {
	if err := r.check(); err != nil {
		return fmt.Errorf("pilot: record result %q: %w", r.Key, err)
	}
	return l.transact(ctx, "record result "+r.Key, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `delete from results where run = ? and key = ?`, runID, r.Key); err != nil {
			return err
		}
		row, err := tx.ExecContext(ctx, `
			insert into results (run, key, task, method, label, prompts, train_site, site, shots, draw, look, agreed, recorded)
			values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			runID, r.Key, r.Task, r.Method, r.Label, r.Prompts, r.TrainSite, r.Site, r.Shots, r.Draw, r.Look, r.Agreed, formatTime(l.now()))
		if err != nil {
			return unknownRun(runID, err)
		}
		id, err := row.LastInsertId()
		if err != nil {
			return err
		}
		return insertParts(ctx, tx, id, r)
	})
}

// insertParts writes the lists of a result.
func insertParts(ctx context.Context, tx *sql.Tx, id int64, r Result) error {
	for _, part := range []struct {
		query string
		n     int
		row   func(i int) []any
	}{
		{`insert into result_parameters (result, name, value) values (?, ?, ?)`,
			len(r.Params), pairRows(id, r.Params)},
		{`insert into choices (result, pos, name, value, rung, rule, reason, said) values (?, ?, ?, ?, ?, ?, ?, ?)`,
			len(r.Choices), func(i int) []any {
				c := r.Choices[i]
				return []any{id, i, c.Name, c.Value, c.Rung, c.Rule, c.Reason, c.Said}
			}},
		{`insert into metrics (result, pos, name, unit, value, low, high, interval, n) values (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			len(r.Metrics), func(i int) []any {
				m := r.Metrics[i]
				row := []any{id, i, m.Name, m.Unit, m.Value, nil, nil, nil, m.N}
				if m.HasInterval {
					row[5], row[6], row[7] = m.Low, m.High, m.Interval
				}
				return row
			}},
		{`insert into classes (result, pos, name) values (?, ?, ?)`,
			len(r.Classes), func(i int) []any { return []any{id, i, r.Classes[i]} }},
		{`insert into class_scores (result, pos, class, n, correct, recall, low, high, interval) values (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			len(r.PerClass), func(i int) []any {
				c := r.PerClass[i]
				return []any{id, i, c.Class, c.N, c.Correct, c.Recall, c.Low, c.High, c.Interval}
			}},
		{`insert into label_scores (result, pos, class, n, ap, ap_low, ap_high, threshold, said, correct, f1, f1_low, f1_high, interval)
			values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			len(r.PerLabel), func(i int) []any {
				c := r.PerLabel[i]
				row := []any{id, i, c.Class, c.N, c.AP, c.APLow, c.APHigh, nil, nil, nil, nil, nil, nil, c.Interval}
				if c.HasThreshold {
					copy(row[7:], []any{c.Threshold, c.Said, c.Correct, c.F1, c.F1Low, c.F1High})
				}
				return row
			}},
		{`insert into predictions (result, pos, clip, truth, predicted, p, correct, next, scores) values (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			len(r.Predictions), func(i int) []any {
				p := r.Predictions[i]
				return []any{id, i, p.Clip, p.Truth, p.Predicted, p.P, p.Correct, guesses(p.Next), scoreBytes(p.Scores)}
			}},
	} {
		if err := insert(ctx, tx, part.query, part.n, part.row); err != nil {
			return err
		}
	}
	return insertConfusion(ctx, tx, id, r.Confusion)
}

func insertConfusion(ctx context.Context, tx *sql.Tx, id int64, m [][]int) error {
	var cells [][]any
	for truth, row := range m {
		for predicted, n := range row {
			if n > 0 {
				cells = append(cells, []any{id, truth, predicted, n})
			}
		}
	}
	return insert(ctx, tx, `insert into confusion (result, truth, predicted, n) values (?, ?, ?, ?)`,
		len(cells), func(i int) []any { return cells[i] })
}

// guesses are a list of guesses as its column holds it: null where there are
// none.
func guesses(list []Guess) any {
	if len(list) == 0 {
		return nil
	}
	text, err := json.Marshal(list)
	if err != nil {
		panic("pilot: " + err.Error()) // numbers are finite, as they were checked
	}
	return string(text)
}
