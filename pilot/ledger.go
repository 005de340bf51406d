package pilot

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"framepilot/internal/fault"

	sqlite "github.com/mattn/go-sqlite3"
)

// Ledger is an open ledger. It may be used by several goroutines, and several
// processes may have the same file open; writers wait for each other.
type Ledger struct {
	Now func() time.Time // the clock; nil means time.Now
	Own string           // the pilot that is meant where none is named and there are several; "" = none

	path string
	db   *sql.DB
}

// Memory is the path of a ledger that lives and ends with its process.
const Memory = ":memory:"

// wait is how long a writer waits for another before it gives up.
const wait = 10 * time.Second

// Open opens the ledger at path and makes it, with its folder, where there is
// none. A ledger of an older program is brought up to date.
func Open(ctx context.Context, path string) (*Ledger, error) {
	if path != Memory {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return nil, fault.New(fault.Missing, "choose a folder you may write to", "pilot: open ledger: %w", err)
		}
	}
	// Writers lock at once: a transaction that reads first and locks later
	// can lose the race without being allowed to wait.
	l, err := open(path, url.Values{"_txlock": {"immediate"}})
	if err != nil {
		return nil, err
	}
	if err := l.migrate(ctx); err != nil {
		l.Close()
		return nil, l.explain("open", err)
	}
	return l, nil
}

// OpenReadOnly opens a ledger to read it. It makes and upgrades nothing.
func OpenReadOnly(ctx context.Context, path string) (*Ledger, error) {
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		return nil, fault.New(fault.Missing, "run `framepilot run PLAN` first", "no ledger at %s", path)
	}
	l, err := open(path, url.Values{"mode": {"ro"}})
	if err != nil {
		return nil, err
	}
	err = l.verify(ctx)
	if isCode(err, sqlite.ErrCantOpen) || isCode(err, sqlite.ErrReadonly) {
		// A WAL file needs a neighbour to be written, which a read-only disk
		// refuses. Nobody can be writing there either: read the file alone.
		l.Close()
		if wal, statErr := os.Stat(path + "-wal"); statErr == nil && wal.Size() > 0 {
			return nil, fault.New(fault.Missing, "copy the folder to a disk you may write to",
				"pilot: open ledger %s: its newest rows are in %s-wal, which can't be read in a read-only folder", path, path)
		}
		if l, err = open(path, url.Values{"mode": {"ro"}, "immutable": {"1"}}); err != nil {
			return nil, err
		}
		err = l.verify(ctx)
	}
	if err != nil {
		l.Close()
		return nil, l.explain("open", err)
	}
	return l, nil
}

func open(path string, options url.Values) (*Ledger, error) {
	name := "file:" + Memory
	if path != Memory {
		abs, err := filepath.Abs(path)
		if err != nil {
			return nil, fmt.Errorf("pilot: open ledger: %w", err)
		}
		// As a URI, so that '?', '#' and '%' in a path are only characters.
		name = (&url.URL{Scheme: "file", Path: filepath.ToSlash(abs)}).String()
	}
	options.Set("_foreign_keys", "on")
	options.Set("_busy_timeout", fmt.Sprint(wait.Milliseconds()))
	options.Set("_synchronous", "full") // what is recorded survives a power cut
	db, err := sql.Open("sqlite3", name+"?"+options.Encode())
	if err != nil {
		return nil, fmt.Errorf("pilot: open ledger %s: %w", path, err)
	}
	db.SetMaxOpenConns(1)
	return &Ledger{path: path, db: db}, nil
}

// Close closes the ledger.
func (l *Ledger) Close() error {
	if err := l.db.Close(); err != nil {
		return fmt.Errorf("pilot: close ledger %s: %w", l.path, err)
	}
	return nil
}

// now is the clock's time as the ledger keeps it.
func (l *Ledger) now() time.Time {
	now := l.Now
	if now == nil {
		now = time.Now
	}
	return now().UTC().Truncate(time.Millisecond)
}

// transact runs f in one transaction: all of it is recorded, or nothing, and
// what is read belongs together.
func (l *Ledger) transact(ctx context.Context, step string, f func(*sql.Tx) error) error {
	tx, err := l.db.BeginTx(ctx, nil)
	if err != nil {
		return l.explain(step, err)
	}
	defer tx.Rollback() // without effect once committed
	if err := f(tx); err != nil {
		return l.explain(step, err)
	}
	return l.explain(step, tx.Commit())
}

// explain gives SQLite's errors the words and the way out a person needs.
func (l *Ledger) explain(step string, err error) error {
	switch fault.KindOf(err) {
	case fault.Usage, fault.Failed, fault.Undecided: // a person asked for what can't be: the file is not the point
		return err
	}
	if err == nil {
		return nil
	}
	err = fmt.Errorf("pilot: %s (ledger %s): %w", step, l.path, err)
	var e sqlite.Error
	if !errors.As(err, &e) {
		return err
	}
	switch e.Code {
	case sqlite.ErrNotADB:
		return fault.New(fault.Input, "choose another file", "pilot: %s is not a ledger: %w", l.path, e)
	case sqlite.ErrCorrupt:
		return fault.New(fault.Input, "restore it from a backup, or move it away and run the plan again", "%w", err)
	case sqlite.ErrCantOpen, sqlite.ErrReadonly, sqlite.ErrPerm, sqlite.ErrAuth:
		return fault.New(fault.Missing, "check that the folder and the file may be read and written", "%w", err)
	case sqlite.ErrFull, sqlite.ErrIoErr:
		return fault.New(fault.Missing, "check the disk and the space left on it", "%w", err)
	case sqlite.ErrBusy, sqlite.ErrLocked:
		return fault.New(fault.Missing, "wait for the other framepilot to finish, or stop it", "%w", err)
	}
	return err
}

func isCode(err error, code sqlite.ErrNo) bool {
	var e sqlite.Error
	return errors.As(err, &e) && e.Code == code
}
