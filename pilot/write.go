package pilot

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	sqlite "github.com/mattn/go-sqlite3"
)

// timeLayout is RFC 3339 at a fixed width, so that text order is time order.
const timeLayout = "2006-01-02T15:04:05.000Z"

func formatTime(t time.Time) string { return t.UTC().Format(timeLayout) }

// Begin records that a run begins, and makes its pilot where it is new. A run
// that was begun before runs again: it keeps its results and when it first
// started. Status, Message, Started and Finished of r are not read.
func (l *Ledger) Begin(ctx context.Context, r Run) error {
	if r.ID == "" || r.Pilot == "" {
		return fmt.Errorf("pilot: begin run %q: a run needs an id and the name of its pilot", r.ID)
	}
	return l.transact(ctx, "begin run "+r.ID, func(tx *sql.Tx) error {
		now := formatTime(l.now())
		_, err := tx.ExecContext(ctx, `insert into pilots (name, created) values (?, ?) on conflict do nothing`, r.Pilot, now)
		if err != nil {
			return err
		}
		if err := sameRun(ctx, tx, r); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `
			insert into runs (id, pilot, question, plan_path, plan_text, key, seed, status, started, begun)
			values (?, (select id from pilots where name = ?), ?, ?, ?, ?, ?, 'running', ?,
			        (select coalesce(max(begun), 0) + 1 from runs))
			on conflict (id) do update set
				question = excluded.question, plan_path = excluded.plan_path, plan_text = excluded.plan_text,
				seed = excluded.seed, status = 'running', message = '', finished = null, begun = excluded.begun`,
			r.ID, r.Pilot, r.Question, r.PlanPath, r.PlanText, r.Key, strconv.FormatUint(r.Seed, 10), now)
		if err != nil {
			return err
		}
		if err := replacePairs(ctx, tx, "parameters", r.ID, r.Params); err != nil {
			return err
		}
		return replacePairs(ctx, tx, "environment", r.ID, r.Environment)
	})
}

// sameRun refuses to go on with a run under another key or pilot: its results
// would be of two plans.
func sameRun(ctx context.Context, tx *sql.Tx, r Run) error {
	var pilot, key string
	err := tx.QueryRowContext(ctx, `
		select p.name, r.key from runs r join pilots p on p.id = r.pilot where r.id = ?`, r.ID).Scan(&pilot, &key)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	if pilot != r.Pilot || key != r.Key {
		return fmt.Errorf("the id is taken by a run of pilot %q with key %q, this one is of %q with %q", pilot, key, r.Pilot, r.Key)
	}
	return nil
}

// replacePairs writes names and values of a run; table is parameters or environment.
func replacePairs(ctx context.Context, tx *sql.Tx, table, runID string, pairs map[string]string) error {
	if _, err := tx.ExecContext(ctx, `delete from `+table+` where run = ?`, runID); err != nil {
		return err
	}
	return insert(ctx, tx, `insert into `+table+` (run, name, value) values (?, ?, ?)`, len(pairs), pairRows(runID, pairs))
}

// pairRows gives the rows (owner, name, value) of a map, by name.
func pairRows(owner any, pairs map[string]string) func(int) []any {
	names := slices.Sorted(maps.Keys(pairs))
	return func(i int) []any { return []any{owner, names[i], pairs[names[i]]} }
}

// Measured records a value of the run's environment that is known only once it
// is under way, as a speed.
func (l *Ledger) Measured(ctx context.Context, runID, name, value string) error {
	return l.transact(ctx, "record "+name, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `insert into environment (run, name, value) values (?, ?, ?)
			on conflict do update set value = excluded.value`, runID, name, value)
		return unknownRun(runID, err)
	})
}

// insert executes one statement n times; row gives the arguments.
func insert(ctx context.Context, tx *sql.Tx, query string, n int, row func(i int) []any) error {
	if n == 0 {
		return nil
	}
	stmt, err := tx.PrepareContext(ctx, query)
	if err != nil {
		return err
	}
	defer stmt.Close()
	for i := range n {
		if _, err := stmt.ExecContext(ctx, row(i)...); err != nil {
			return err
		}
	}
	return nil
}

// Stage adds that a stage of the run ended with a status, e.g. done or
// skipped; key is the hash of its inputs.
func (l *Ledger) Stage(ctx context.Context, runID, name, key, status, detail string) error {
	return l.transact(ctx, "record stage "+name, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `insert into stages (run, name, key, status, detail, at) values (?, ?, ?, ?, ?, ?)`,
			runID, name, key, status, detail, formatTime(l.now()))
		return unknownRun(runID, err)
	})
}

// Clips records the data of the run, instead of what was recorded before.
func (l *Ledger) Clips(ctx context.Context, runID string, clips []Clip) error {
	return l.transact(ctx, "record clips", func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `delete from clips where run = ?`, runID); err != nil {
			return err
		}
		return unknownRun(runID, insert(ctx, tx,
			`insert into clips (run, pos, id, site, split, class, recording) values (?, ?, ?, ?, ?, ?, ?)`,
			len(clips), func(i int) []any {
				c := clips[i]
				return []any{runID, i, c.ID, c.Site, c.Split, c.Class, c.Recording}
			}))
	})
}

// Failures records the clips that could not be used, instead of what was
// recorded before.
func (l *Ledger) Failures(ctx context.Context, runID string, failures []Failure) error {
	return l.transact(ctx, "record failures", func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `delete from failures where run = ?`, runID); err != nil {
			return err
		}
		return unknownRun(runID, insert(ctx, tx,
			`insert into failures (run, pos, clip, site, class, message, hint, said, fix) values (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			len(failures), func(i int) []any {
				f := failures[i]
				return []any{runID, i, f.Clip, f.Site, f.Class, f.Message, f.Hint, f.Said, f.Fix}
			}))
	})
}

// Finish records how a run ended: Done, Failed or Interrupted, and why.
func (l *Ledger) Finish(ctx context.Context, runID string, status Status, message string) error {
	if status != Done && status != Failed && status != Interrupted {
		return fmt.Errorf("pilot: finish run %s: a run can't end as %q", runID, status)
	}
	return l.transact(ctx, "finish run "+runID, func(tx *sql.Tx) error {
		res, err := tx.ExecContext(ctx, `update runs set status = ?, message = ?, finished = ? where id = ?`,
			status, message, formatTime(l.now()), runID)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 1 {
			return err
		}
		return fmt.Errorf("run %q: %w", runID, ErrNoRun)
	})
}

// unknownRun says in words what a foreign key means here.
func unknownRun(runID string, err error) error {
	var e sqlite.Error
	if errors.As(err, &e) && e.ExtendedCode == sqlite.ErrConstraintForeignKey {
		return fmt.Errorf("run %q: %w", runID, ErrNoRun)
	}
	return err
}
