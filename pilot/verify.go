package pilot

import (
	"context"
	"database/sql"
	"fmt"

	"framepilot/internal/fault"
)

// Verify looks for anything in the ledger that is not as it was written: pages
// and rows SQLite can't account for, a journal that was changed, results that
// are not whole or whose accuracy does not follow from their predictions. It
// returns what is wrong, in words; nothing if all is well.
func (l *Ledger) Verify(ctx context.Context) ([]string, error) {
	var wrong []string
	err := l.transact(ctx, "check the ledger", func(tx *sql.Tx) error {
		for _, q := range []struct{ name, text string }{
			{"file", `select integrity_check from pragma_integrity_check where integrity_check <> 'ok'`},
			{"references", `select "table" || ' row ' || coalesce(rowid, '?') || ' refers to a missing row of ' || parent from pragma_foreign_key_check`},
		} {
			err := each(ctx, tx, q.text, nil, func(scan scanner) error {
				var text string
				err := scan(&text)
				wrong = append(wrong, q.name+": "+text)
				return err
			})
			if err != nil {
				return err
			}
		}
		found, err := verifyJournals(ctx, tx)
		if err != nil {
			return err
		}
		wrong = append(wrong, found...)
		runs, err := readRuns(ctx, tx, ``)
		if err != nil {
			return err
		}
		for _, run := range runs {
			rec := Record{Run: run}
			if err := readParts(ctx, tx, &rec); err != nil {
				wrong = append(wrong, fmt.Sprintf("run %s: %v", run.ID, err))
				continue
			}
			wrong = append(wrong, rec.verify()...)
		}
		return nil
	})
	return wrong, err
}

// verifyJournals follows the chain of hashes of every pilot.
func verifyJournals(ctx context.Context, tx *sql.Tx) ([]string, error) {
	type row struct {
		id   int64
		name string
	}
	var pilots []row
	err := each(ctx, tx, `select id, name from pilots order by id`, nil, func(scan scanner) error {
		var r row
		err := scan(&r.id, &r.name)
		pilots = append(pilots, r)
		return err
	})
	if err != nil {
		return nil, err
	}
	var wrong []string
	for _, p := range pilots {
		_, err := readEntries(ctx, tx, p.id)
		if fault.KindOf(err) == fault.Input {
			wrong = append(wrong, fmt.Sprintf("pilot %s: %v", p.name, err))
		} else if err != nil {
			return nil, err
		}
	}
	return wrong, nil
}

// verify says what in the run does not hold together.
func (rec Record) verify() []string {
	var a audit
	for _, r := range rec.Results {
		if err := r.check(); err != nil {
			a.add("result %s: %v", r.Key, err)
			continue
		}
		a.result(rec, r)
	}
	for _, f := range rec.Sites {
		if err := f.check(); err != nil {
			a.add("site %s: %v", f.Key, err)
		}
	}
	for _, e := range rec.Expectations {
		if err := e.check(); err != nil {
			a.add("expectation %s: %v", e.Key, err)
		}
	}
	for i, text := range a.found {
		a.found[i] = "run " + rec.Run.ID + ", " + text
	}
	return a.found
}
