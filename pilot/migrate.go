package pilot

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"framepilot/internal/fault"

	sqlite "github.com/mattn/go-sqlite3"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// appID marks a SQLite file as a ledger (PRAGMA application_id): "fpil".
const appID = 0x6670696c

// migrations are the steps from one schema to the next, in order; a ledger's
// user_version is how many of them it has had. A step that has been released
// is never edited: add another.
func migrations() []string {
	names, err := fs.Glob(migrationFiles, "migrations/*.sql")
	if err != nil || len(names) == 0 {
		panic("pilot: no migrations embedded")
	}
	steps := make([]string, len(names))
	for i, name := range names { // Glob sorts
		text, err := migrationFiles.ReadFile(name)
		if err != nil {
			panic("pilot: " + err.Error())
		}
		steps[i] = string(text)
	}
	return steps
}

// migrate brings the ledger to the newest schema.
func (l *Ledger) migrate(ctx context.Context) error {
	steps := migrations()
	version, err := l.version(ctx, len(steps))
	if err != nil {
		return err
	}
	if err := l.useWAL(ctx); err != nil {
		return err
	}
	if 0 < version && version < len(steps) {
		if err := l.backup(ctx, version); err != nil {
			return fmt.Errorf("copy it before an upgrade: %w", err)
		}
	}
	if version == len(steps) {
		return nil
	}
	return l.upgrade(ctx, steps)
}

// backup copies the ledger, as it is before an upgrade, to a file beside it:
// ledger.db.schema1 is what a program that knows schema 1 can read. A copy that
// is there already is of the same schema and stays.
func (l *Ledger) backup(ctx context.Context, version int) error {
	if l.path == Memory {
		return nil
	}
	to := fmt.Sprintf("%s.schema%d", l.path, version)
	if _, err := os.Stat(to); err == nil {
		return nil
	}
	part, err := os.MkdirTemp(filepath.Dir(l.path), ".backup-*") // on the same disk, for the rename
	if err != nil {
		return err
	}
	defer os.RemoveAll(part)
	copied := filepath.Join(part, "ledger.db")
	if _, err := l.db.ExecContext(ctx, `vacuum into ?`, copied); err != nil {
		return err
	}
	return os.Rename(copied, to)
}

// upgrade applies the migrations that are left, all or none: of processes that
// open a ledger at once one does it, and the others wait for it once.
func (l *Ledger) upgrade(ctx context.Context, steps []string) error {
	tx, err := l.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	var have int
	if err := tx.QueryRowContext(ctx, "pragma user_version").Scan(&have); err != nil {
		return err
	}
	for ; have < len(steps); have++ {
		if _, err := tx.ExecContext(ctx, steps[have]); err != nil {
			return fmt.Errorf("migrate to schema %d: %w", have+1, err)
		}
	}
	mark := fmt.Sprintf("pragma application_id = %d; pragma user_version = %d", appID, have)
	if _, err := tx.ExecContext(ctx, mark); err != nil {
		return err
	}
	return tx.Commit()
}

// useWAL lets readers read while a run writes. The file remembers the mode,
// so it is set here and not in the data source name: there it would change
// somebody else's database before we could see that it is not ours.
func (l *Ledger) useWAL(ctx context.Context) error {
	for deadline := time.Now().Add(wait); ; {
		_, err := l.db.ExecContext(ctx, "pragma journal_mode = wal")
		// Two processes that switch at once do not wait for each other.
		if !isCode(err, sqlite.ErrBusy) || time.Now().After(deadline) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// verify is what a reader needs: a ledger of exactly this schema.
func (l *Ledger) verify(ctx context.Context) error {
	newest := len(migrations())
	version, err := l.version(ctx, newest)
	if err != nil {
		return err
	}
	if version == 0 {
		return fault.New(fault.Missing, "run `framepilot run PLAN` first", "the ledger is empty")
	}
	if version < newest {
		return fault.New(fault.Input, "start `framepilot run` on it once, which upgrades it",
			"the ledger has schema %d, this program reads %d", version, newest)
	}
	return nil
}

// version is the schema of the ledger, 0 for a new file. It is an error if
// the file is somebody else's, or of a newer program.
func (l *Ledger) version(ctx context.Context, newest int) (int, error) {
	tx, err := l.db.BeginTx(ctx, nil)
	if err != nil {
		return 0, err
	}
	defer tx.Rollback()
	var app, version, tables int
	for _, q := range []struct {
		text string
		into *int
	}{
		{"pragma application_id", &app},
		{"pragma user_version", &version},
		{"select count(*) from sqlite_schema", &tables},
	} {
		if err := tx.QueryRowContext(ctx, q.text).Scan(q.into); err != nil {
			return 0, err
		}
	}
	if app != appID && (app != 0 || version != 0 || tables != 0) {
		return 0, fault.New(fault.Input, "choose another file", "it is a SQLite database of another program")
	}
	if version > newest {
		return 0, fault.New(fault.Missing, "update framepilot",
			"the ledger was written by a newer framepilot (schema %d, this one knows %d)", version, newest)
	}
	return version, nil
}
