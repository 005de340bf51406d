package pilot

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"

	"framepilot/internal/fault"
)

// TestMain lets the test binary play a second process: with FRAMEPILOT_LIFE set
// it lives a pilot's life in the ledger it names until it is killed.
func TestMain(m *testing.M) {
	if path := os.Getenv("FRAMEPILOT_LIFE"); path != "" {
		liveForever(path)
	}
	os.Exit(m.Run())
}

func TestOpenTwice(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	first := mustOpen(t, path)
	must(t, first.Begin(t.Context(), sampleRun("r1")))
	schema := func(l *Ledger) (version int, ddl string) {
		must(t, l.db.QueryRow(`pragma user_version`).Scan(&version))
		must(t, l.db.QueryRow(`select group_concat(sql) from sqlite_schema`).Scan(&ddl))
		return version, ddl
	}
	v1, ddl1 := schema(first)
	second := mustOpen(t, path)
	v2, ddl2 := schema(second)
	if v1 != len(migrations()) || v1 != v2 || ddl1 != ddl2 {
		t.Errorf("schema %d became %d on the second opening", v1, v2)
	}
	must(t, second.Result(t.Context(), "r1", sampleResult("a", 1)))
	if rec, err := first.Load(t.Context(), "r1"); err != nil || len(rec.Results) != 1 {
		t.Errorf("one ledger does not see what the other recorded: %v", err)
	}
	for query, want := range map[string]string{"journal_mode": "wal", "foreign_keys": "1", "synchronous": "2", "busy_timeout": "10000"} {
		var got string
		must(t, first.db.QueryRow(`pragma `+query).Scan(&got))
		if got != want {
			t.Errorf("pragma %s is %s, want %s", query, got, want)
		}
	}
}

// Many openings of a ledger that does not exist yet: one makes it, all use it.
func TestOpenAtOnce(t *testing.T) {
	for range 5 {
		path := filepath.Join(t.TempDir(), "ledger.db")
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				l, err := Open(t.Context(), path)
				if err != nil {
					t.Error(err)
					return
				}
				defer l.Close()
				if err := l.Begin(t.Context(), sampleRun(fmt.Sprint("r", i))); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		runs, err := mustOpen(t, path).Runs(t.Context())
		must(t, err)
		if len(runs) != 8 {
			t.Errorf("%d runs, want 8", len(runs))
		}
	}
}

func TestOddPaths(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a?mode=ro", "b#c", "100%25", "with space", "日本語", "\xff", "q&x=1", "'quote'", "file:x"} {
		path := filepath.Join(dir, name, name+".db")
		l := mustOpen(t, path)
		must(t, l.Begin(t.Context(), sampleRun("r1")))
		must(t, l.Close())
		if _, err := os.Stat(path); err != nil {
			t.Errorf("the ledger is somewhere else: %v", err)
		}
		r, err := OpenReadOnly(t.Context(), path)
		must(t, err)
		if run, err := r.Latest(t.Context()); err != nil || run.ID != "r1" {
			t.Errorf("%q: read run %q, %v", name, run.ID, err)
		}
		must(t, r.Close())
	}
}

func TestReadOnly(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "ledger.db")
	_, err := OpenReadOnly(t.Context(), path)
	if fault.KindOf(err) != fault.Missing || err.Error() != "no ledger at "+path || fault.HintOf(err) != "run `framepilot run PLAN` first" {
		t.Errorf("no ledger: %v (%s)", err, fault.HintOf(err))
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("reading made %v", left)
	}

	w := mustOpen(t, path)
	must(t, w.Begin(t.Context(), sampleRun("r1")))
	r, err := OpenReadOnly(t.Context(), path) // while a writer has it open
	must(t, err)
	if _, err := r.Load(t.Context(), "r1"); err != nil {
		t.Error(err)
	}
	if err := r.Begin(t.Context(), sampleRun("r2")); fault.KindOf(err) != fault.Missing {
		t.Errorf("wrote to a read-only ledger: %v", err)
	}
	must(t, r.Close())

	must(t, os.WriteFile(filepath.Join(dir, "empty.db"), nil, 0o644))
	if _, err := OpenReadOnly(t.Context(), filepath.Join(dir, "empty.db")); fault.KindOf(err) != fault.Missing {
		t.Errorf("an empty file: %v", err)
	}
}

func TestNotALedger(t *testing.T) {
	dir := t.TempDir()
	text := filepath.Join(dir, "notes.txt")
	must(t, os.WriteFile(text, []byte(strings.Repeat("not a database\n", 100)), 0o644))
	other := filepath.Join(dir, "other.db")
	exec(t, other, `create table moz_places (url text)`)
	newer := filepath.Join(dir, "newer.db")
	must(t, mustOpen(t, newer).Close())
	exec(t, newer, `pragma user_version = 99`)
	torn := filepath.Join(dir, "torn.db")
	must(t, mustOpen(t, torn).Close())
	must(t, os.WriteFile(torn, []byte(readFile(t, torn)[:5000]), 0o644))

	for _, c := range []struct {
		path string
		kind fault.Kind
		says string
	}{
		{text, fault.Input, "is not a ledger"},
		{other, fault.Input, "another program"},
		{newer, fault.Missing, "schema 99, this one knows"},
		{torn, fault.Input, "malformed"},
		{dir, fault.Missing, "unable to open"},
		{filepath.Join(text, "ledger.db"), fault.Missing, "not a directory"},
	} {
		before, _ := os.ReadFile(c.path)
		_, err := Open(t.Context(), c.path)
		if fault.KindOf(err) != c.kind || !strings.Contains(fmt.Sprint(err), c.says) || fault.HintOf(err) == "" {
			t.Errorf("open %s: %v (hint %q), want %q", filepath.Base(c.path), err, fault.HintOf(err), c.says)
		}
		if after, _ := os.ReadFile(c.path); string(after) != string(before) {
			t.Errorf("opening %s changed it", filepath.Base(c.path))
		}
		if _, err := OpenReadOnly(t.Context(), c.path); err == nil {
			t.Errorf("read %s", filepath.Base(c.path))
		}
	}
}

// A folder one may not write to, seen with the rights of nobody where the
// test runs as root.
func TestReadOnlyFolder(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "ledger.db")
	w := mustOpen(t, path)
	must(t, w.Begin(t.Context(), sampleRun("r1")))
	must(t, w.Close())
	must(t, os.Chmod(path, 0o644)) // for nobody, whatever the umask
	for d := dir; d != "/" && d != filepath.Clean(os.TempDir()); d = filepath.Dir(d) {
		must(t, os.Chmod(d, 0o555))
		t.Cleanup(func() { os.Chmod(d, 0o755) })
	}
	asNobody(t, dir, func() {
		for _, p := range []string{filepath.Join(dir, "other.db"), filepath.Join(dir, "sub", "ledger.db"), path} {
			_, err := Open(t.Context(), p)
			if fault.KindOf(err) != fault.Missing || fault.HintOf(err) == "" {
				t.Errorf("open %s in a read-only folder: %v", filepath.Base(p), err)
			}
		}
		r, err := OpenReadOnly(t.Context(), path)
		if err != nil {
			t.Errorf("read in a read-only folder: %v", err)
			return
		}
		defer r.Close()
		if run, err := r.Latest(t.Context()); err != nil || run.ID != "r1" {
			t.Errorf("read run %q, %v", run.ID, err)
		}
	})

	must(t, os.Chmod(dir, 0o755))
	must(t, os.WriteFile(path+"-wal", []byte("rows of a killed run"), 0o644))
	must(t, os.Chmod(dir, 0o555))
	asNobody(t, dir, func() {
		if _, err := OpenReadOnly(t.Context(), path); fault.KindOf(err) != fault.Missing || !strings.Contains(fmt.Sprint(err), "-wal") {
			t.Errorf("left out the newest rows without a word: %v", err)
		}
	})
}

// asNobody runs f with nobody's rights on files, which don't reach dir.
func asNobody(t *testing.T, dir string, f func()) {
	t.Helper()
	if os.Geteuid() != 0 {
		f()
		return
	}
	runtime.LockOSThread() // the rights are the thread's; SQLite is called on it
	defer runtime.UnlockOSThread()
	if err := syscall.Setfsuid(65534); err != nil {
		t.Skip(err)
	}
	defer syscall.Setfsuid(0)
	if err := os.WriteFile(filepath.Join(dir, "probe"), nil, 0o644); !errors.Is(err, os.ErrPermission) {
		t.Skip("this system does not limit rights by thread")
	}
	f()
}
