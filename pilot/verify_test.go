package pilot

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	osexec "os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"framepilot/internal/fault"
	"framepilot/pilot/gate"
)

func mustVerify(t *testing.T, l *Ledger) {
	t.Helper()
	wrong, err := l.Verify(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if len(wrong) > 0 {
		t.Fatalf("the ledger is not well: %q", wrong)
	}
}

func TestVerifyFindsWhatWasChanged(t *testing.T) {
	ctx := context.Background()
	l := piloted(t)
	record(t, l)
	mustVerify(t, l)
	for want, change := range map[string]string{
		"top1 is 0.5":             `update metrics set value = 0.5 where name = 'top1'`,
		"refers to a missing row": `pragma foreign_keys = off; delete from runs`,
		"not in [0, 1]":           `update predictions set p = 3 where pos = 7`,
		"confusion counts":        `update confusion set n = n + 1`,
		"changed after":           `drop trigger journal_no_update; update journal set by = 'x'`,
	} {
		copied := filepath.Join(t.TempDir(), "ledger.db")
		if _, err := l.db.ExecContext(ctx, `vacuum into ?`, copied); err != nil {
			t.Fatal(err)
		}
		other, err := Open(ctx, copied)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := other.db.ExecContext(ctx, change); err != nil {
			t.Fatal(err)
		}
		wrong, err := other.Verify(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(strings.Join(wrong, "\n"), want) {
			t.Errorf("%s: found %q, want %q", change, wrong, want)
		}
		if err := other.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// liveForever leads a pilot's life in the ledger at path, over and over, and
// says on standard output what is done, until it is killed.
func liveForever(path string) {
	ctx := context.Background()
	must := func(err error) {
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	l, err := Open(ctx, path)
	must(err)
	name := fmt.Sprint("life ", os.Getpid())
	_, err = l.Create(ctx, name, "?", "Sato")
	must(err)
	_, err = l.Propose(ctx, name, "Sato", gate.Criterion{Name: "G1", Stage: gate.Pilot, Text: "?", Metric: "sign-off"})
	must(err)
	_, err = l.SealGate(ctx, name, "Sato", "G1", "")
	must(err)
	for i := 0; ; i++ {
		_, err := l.Note(ctx, name, "Sato", fmt.Sprint("note ", i))
		must(err)
		fmt.Println("note", i)
		run := sampleRun(fmt.Sprint(name, " run ", i))
		run.Pilot, run.Key = name, fmt.Sprint(name, i)
		must(l.Begin(ctx, run))
		must(l.Result(ctx, run.ID, bigResult(i)))
		must(l.Finish(ctx, run.ID, Done, ""))
		fmt.Println("run", i)
	}
}

// bigResult takes many rows, so that a kill finds it half written.
func bigResult(i int) Result {
	r := Result{Key: fmt.Sprint("k", i), Task: Classification, Method: "m", Label: "m", Site: "s", Classes: []string{"a", "b"}}
	for k := range 100 {
		r.Predictions = append(r.Predictions, Prediction{Clip: fmt.Sprint(k), Truth: "a", Predicted: "a", P: 1, Correct: true})
	}
	r.Metrics = []Metric{{Name: "top1", Value: 1}}
	r.Confusion = [][]int{{100, 0}, {0, 0}}
	return r
}

// A process that lives a pilot's life is killed at random points: the ledger is
// well each time, and everything the process said was done is there.
func TestKilledAtAnyPoint(t *testing.T) {
	kills := 100
	if testing.Short() {
		kills = 10
	}
	ctx := context.Background()
	var path string
	rng := rand.New(rand.NewPCG(9, 9))
	for kill := range kills {
		if kill%10 == 0 { // young and old ledgers
			path = filepath.Join(t.TempDir(), "ledger.db")
		}
		cmd := osexec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), "FRAMEPILOT_LIFE="+path)
		cmd.Stderr = os.Stderr
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		timer := time.AfterFunc(time.Duration(5+rng.IntN(80))*time.Millisecond, func() { _ = cmd.Process.Kill() })
		done := map[string]int{"note": -1, "run": -1}
		for lines := bufio.NewScanner(out); lines.Scan(); {
			if what, number, ok := strings.Cut(lines.Text(), " "); ok {
				if n, err := strconv.Atoi(number); err == nil {
					done[what] = n
				}
			}
		}
		_ = cmd.Wait() // killed, which is an error
		timer.Stop()

		l, err := Open(ctx, path)
		if err != nil {
			t.Fatal(err)
		}
		mustVerify(t, l)
		name := fmt.Sprint("life ", cmd.Process.Pid)
		if done["note"] >= 0 {
			b, err := l.Book(ctx, name)
			if err != nil {
				t.Fatal(err)
			}
			if want := fmt.Sprint("note ", done["note"]); !slices.ContainsFunc(b.Entries, func(e Entry) bool { return e.Text == want }) {
				t.Errorf("%s is lost", want)
			}
		}
		if done["run"] >= 0 {
			rec, err := l.Load(ctx, fmt.Sprint(name, " run ", done["run"]))
			if err != nil || rec.Run.Status != Done || len(rec.Results) != 1 || len(rec.Results[0].Predictions) != 100 {
				t.Errorf("run %d is not whole: %v", done["run"], err)
			}
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// A disk that is full stops a write with words, and loses nothing.
func TestFullDisk(t *testing.T) {
	ctx := context.Background()
	l := piloted(t)
	var pages int
	if err := l.db.QueryRowContext(ctx, `pragma page_count`).Scan(&pages); err != nil {
		t.Fatal(err)
	}
	if _, err := l.db.ExecContext(ctx, fmt.Sprintf(`pragma max_page_count = %d`, pages+20)); err != nil {
		t.Fatal(err)
	}
	run := sampleRun("full")
	run.Pilot = "line 3"
	if err := l.Begin(ctx, run); err != nil {
		t.Fatal(err)
	}
	kept := 0
	var full error
	for i := range 1000 {
		if full = l.Result(ctx, "full", bigResult(i)); full != nil {
			break
		}
		kept++
	}
	if fault.KindOf(full) != fault.Missing || !strings.Contains(fault.HintOf(full), "space") {
		t.Fatalf("a full disk is %v, hint %q", full, fault.HintOf(full))
	}
	if _, err := l.db.ExecContext(ctx, `pragma max_page_count = 1000000`); err != nil {
		t.Fatal(err)
	}
	mustVerify(t, l)
	rec, err := l.Load(ctx, "full")
	if err != nil || len(rec.Results) != kept {
		t.Errorf("%d results of %d: %v", len(rec.Results), kept, err)
	}
	if err := l.Result(ctx, "full", bigResult(2000)); err != nil {
		t.Errorf("once there is space again: %v", err)
	}
}
