package pilot

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"framepilot/internal/fault"
	"framepilot/pilot/gate"
)

// Unmeasured says what keeps a gate from being held against the latest run that
// is done: a site, a recipe or a class which that run does not have. It is nil
// where nothing does, and where there is no such run yet. A gate may be ahead
// of its data on purpose, so this is a warning, not a refusal.
func (l *Ledger) Unmeasured(ctx context.Context, pilot string, c gate.Criterion) (why error, err error) {
	m, err := gate.Find(c.Metric)
	if err != nil || m.Kind == gate.Measured || c.Metric == signOff {
		return nil, err
	}
	err = l.transact(ctx, "look for what a gate names", func(tx *sql.Tx) error {
		book, _, err := l.readBook(ctx, tx, pilot)
		if err != nil {
			return err
		}
		rec, err := readRecord(ctx, tx, book.Pilot, "")
		if fault.KindOf(err) == fault.Missing {
			return nil
		}
		if err != nil {
			return err
		}
		why = unmeasured(c, m, rec)
		return nil
	})
	return why, err
}

func unmeasured(c gate.Criterion, m gate.Metric, rec Record) error {
	recipe := c.Recipe
	if recipe == "" { // any will do: it is named when the gate is checked
		i := slices.IndexFunc(rec.Results, func(r Result) bool {
			return r.Task == Classification && len(r.Predictions) > 0 && (c.Site == "" || r.Site == c.Site)
		})
		if i >= 0 {
			recipe = rec.Results[i].Recipe()
		}
	}
	r, _, err := choose(c, rec, recipe)
	if err != nil {
		return err
	}
	if err := fits(m, r); err != nil {
		return fmt.Errorf("gate %s: %w", c.Name, err)
	}
	if m.ByClass && !slices.Contains(r.Classes, c.Class) {
		return fault.New(fault.Input, "the classes are "+strings.Join(r.Classes, ", "), "gate %s: run %s has no class %q", c.Name, rec.Run.ID, c.Class)
	}
	return nil
}
