package pilot

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"framepilot/internal/fault"
)

// ErrNoRun is in the chain of an error about a run the ledger does not have.
var ErrNoRun = errors.New("no such run in the ledger")

const selectRun = `
	select r.id, p.name, r.question, r.plan_path, r.plan_text, r.key, r.seed, r.status, r.message, r.started, r.finished
	from runs r join pilots p on p.id = r.pilot `

// Runs returns all runs, the one begun last first.
func (l *Ledger) Runs(ctx context.Context) ([]Run, error) {
	var runs []Run
	err := l.transact(ctx, "list runs", func(tx *sql.Tx) (err error) {
		runs, err = readRuns(ctx, tx, `order by r.begun desc`)
		return err
	})
	return runs, err
}

// Latest returns the run begun last, whatever became of it.
func (l *Ledger) Latest(ctx context.Context) (Run, error) {
	return l.first(ctx, "find the latest run", `order by r.begun desc limit 1`)
}

// FindByKey returns the run of this key that was begun last. The error is
// ErrNoRun where there is none.
func (l *Ledger) FindByKey(ctx context.Context, key string) (Run, error) {
	return l.first(ctx, "find a run by key", `where r.key = ? order by r.begun desc limit 1`, key)
}

// Run returns the run with this id. The error is ErrNoRun where there is none.
func (l *Ledger) Run(ctx context.Context, id string) (Run, error) {
	return l.first(ctx, "find a run", `where r.id = ?`, id)
}

func (l *Ledger) first(ctx context.Context, step, where string, args ...any) (Run, error) {
	var run Run
	err := l.transact(ctx, step, func(tx *sql.Tx) error {
		runs, err := readRuns(ctx, tx, where, args...)
		if err != nil {
			return err
		}
		if len(runs) == 0 {
			return fault.New(fault.Missing, "run `framepilot run PLAN` first", "%w", ErrNoRun)
		}
		run = runs[0]
		return nil
	})
	return run, err
}

// Load returns everything about the run with this id, or with the only id
// that begins so.
func (l *Ledger) Load(ctx context.Context, id string) (Record, error) {
	var rec Record
	err := l.transact(ctx, "load run", func(tx *sql.Tx) error {
		run, err := resolve(ctx, tx, id)
		if err != nil {
			return err
		}
		rec = Record{Run: run}
		return readParts(ctx, tx, &rec)
	})
	return rec, err
}

// resolve finds a run by its id or the beginning of it.
func resolve(ctx context.Context, tx *sql.Tx, id string) (Run, error) {
	runs, err := readRuns(ctx, tx, `where r.id = ?1 or substr(r.id, 1, length(?1)) = ?1 order by r.id = ?1 desc, r.id`, id)
	if err != nil {
		return Run{}, err
	}
	switch {
	case len(runs) == 0:
		return Run{}, fault.New(fault.Usage, "leave the run out to get the latest one", "run %q: %w", id, ErrNoRun)
	case len(runs) == 1 || runs[0].ID == id:
		return runs[0], nil
	}
	var ids []string
	for _, r := range runs[:min(len(runs), 5)] {
		ids = append(ids, r.ID)
	}
	return Run{}, fault.New(fault.Usage, "give more of the id",
		"run %q could be any of %d: %s", id, len(runs), strings.Join(ids, ", "))
}

func readRuns(ctx context.Context, tx *sql.Tx, where string, args ...any) ([]Run, error) {
	var runs []Run
	err := each(ctx, tx, selectRun+where, args, func(scan scanner) error {
		var r Run
		var seed, started string
		var finished sql.NullString
		err := scan(&r.ID, &r.Pilot, &r.Question, &r.PlanPath, &r.PlanText, &r.Key, &seed, &r.Status, &r.Message, &started, &finished)
		if err != nil {
			return err
		}
		if r.Seed, err = strconv.ParseUint(seed, 10, 64); err != nil {
			return fmt.Errorf("run %s: seed: %w", r.ID, err)
		}
		if r.Started, err = parseTime(started); err != nil {
			return fmt.Errorf("run %s: %w", r.ID, err)
		}
		if finished.Valid {
			if r.Finished, err = parseTime(finished.String); err != nil {
				return fmt.Errorf("run %s: %w", r.ID, err)
			}
		}
		runs = append(runs, r)
		return nil
	})
	if err != nil {
		return nil, err
	}
	for i := range runs {
		r := &runs[i]
		if r.Params, err = readPairs(ctx, tx, `select name, value from parameters where run = ?`, r.ID); err != nil {
			return nil, err
		}
		if r.Environment, err = readPairs(ctx, tx, `select name, value from environment where run = ?`, r.ID); err != nil {
			return nil, err
		}
	}
	return runs, nil
}

func readPairs(ctx context.Context, tx *sql.Tx, query string, owner any) (map[string]string, error) {
	var pairs map[string]string
	err := each(ctx, tx, query, []any{owner}, func(scan scanner) error {
		var name, value string
		err := scan(&name, &value)
		put(&pairs, name, value)
		return err
	})
	return pairs, err
}

// put sets a value in a map that may still be nil.
func put(pairs *map[string]string, name, value string) {
	if *pairs == nil {
		*pairs = map[string]string{}
	}
	(*pairs)[name] = value
}

func parseTime(text string) (time.Time, error) { return time.Parse(timeLayout, text) }

type scanner func(into ...any) error

// each calls f for every row of a query.
func each(ctx context.Context, tx *sql.Tx, query string, args []any, f func(scanner) error) error {
	rows, err := tx.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := f(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}
