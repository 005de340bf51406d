package tui

import (
	"context"
	"errors"
	"os"

	"framepilot/adapt"
	"framepilot/pilot"
)

// boardRead is what readBoard brings back.
type boardRead struct {
	dir   string
	board pilot.Board
	err   error
}

// readBoard reads where the pilot stands.
func (a *App) readBoard() Task {
	dir := a.dir
	return func(ctx context.Context) any {
		var b pilot.Board
		err := readLedger(ctx, dir, func(l *pilot.Ledger) (err error) {
			b, err = l.Board(ctx, "")
			return err
		})
		return boardRead{dir, b, err}
	}
}

// readLedger reads from the ledger of a folder; pilot.ErrNoPilot where there
// is none.
func readLedger(ctx context.Context, dir string, read func(*pilot.Ledger) error) error {
	path := adapt.LedgerFile(dir)
	if _, err := os.Stat(path); err != nil {
		return pilot.ErrNoPilot
	}
	l, err := pilot.OpenReadOnly(ctx, path)
	if err != nil {
		return err
	}
	l.Own = adapt.PilotOf(dir)
	return errors.Join(read(l), l.Close())
}
