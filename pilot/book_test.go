package pilot

import (
	"context"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"framepilot/internal/fault"
	"framepilot/pilot/gate"
	"framepilot/pilot/roi"
	"framepilot/probe"
)

// piloted is a ledger with a run of 200 clips of 40 recordings: logistic is
// right on 180, zero-shot on 120; of the 20 wrong ones 15 are "b" taken for
// "a".
func piloted(t *testing.T) *Ledger {
	t.Helper()
	ctx := context.Background()
	l, err := Open(ctx, filepath.Join(t.TempDir(), "ledger.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	l.Now = func() time.Time { return time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC) }
	if _, err := l.Create(ctx, "line 3", "does it work?", "Sato"); err != nil {
		t.Fatal(err)
	}
	return l
}

func record(t *testing.T, l *Ledger) {
	t.Helper()
	ctx := context.Background()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(l.Begin(ctx, Run{ID: "r1", Pilot: "line 3", Key: "k", Environment: map[string]string{ClipsPerHourKey: "400"}}))
	var clips []Clip
	probed := Result{Key: "logistic", Task: Classification, Method: "logistic", Label: "linear probe", Site: "night", Classes: []string{"a", "b"}}
	zero := Result{Key: "zero", Task: Classification, Method: ZeroShot, Label: "zero-shot", Site: "night", Classes: []string{"a", "b"}}
	for i := range 200 {
		id, truth, other := fmt.Sprint("c", i), "a", "b"
		if i%2 == 1 {
			truth, other = "b", "a"
		}
		clips = append(clips, Clip{ID: id, Site: "night", Split: "test", Class: truth, Recording: fmt.Sprint("rec", i/5)})
		says := func(right bool) Prediction {
			if right {
				return Prediction{Clip: id, Truth: truth, Predicted: truth, P: 0.9, Correct: true}
			}
			return Prediction{Clip: id, Truth: truth, Predicted: other, P: 0.6}
		}
		wrong := i%2 == 1 && i < 30 || i%2 == 0 && i < 10
		probed.Predictions = append(probed.Predictions, says(!wrong))
		zero.Predictions = append(zero.Predictions, says(i%5 < 3))
	}
	probed.Metrics, zero.Metrics = []Metric{{Name: "top1", Value: 0.9}}, []Metric{{Name: "top1", Value: 0.6}}
	for _, r := range []*Result{&probed, &zero} {
		r.Confusion = [][]int{{0, 0}, {0, 0}}
		for _, p := range r.Predictions {
			r.Confusion[slices.Index(r.Classes, p.Truth)][slices.Index(r.Classes, p.Predicted)]++
		}
	}
	must(l.Clips(ctx, "r1", clips))
	must(l.Result(ctx, "r1", probed))
	must(l.Result(ctx, "r1", zero))
	must(l.Finish(ctx, "r1", Done, ""))
}

func TestPilotThroughItsStages(t *testing.T) {
	ctx := context.Background()
	l := piloted(t)
	ok := func(e Entry, err error) Entry {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	refused := func(kind fault.Kind, words string, _ Entry, err error) {
		t.Helper()
		if err == nil || fault.KindOf(err) != kind || !strings.Contains(err.Error(), words) {
			t.Fatalf("got %v (kind %d), want kind %d with %q", err, fault.KindOf(err), kind, words)
		}
	}
	next := func(want ActionKind) Board {
		t.Helper()
		b, err := l.Board(ctx, "")
		if err != nil {
			t.Fatal(err)
		}
		if b.Next.Kind != want {
			t.Fatalf("next is %+v, want %s", b.Next, want)
		}
		return b
	}
	try := func(e Entry, err error) (Entry, error) { return e, err }

	next(DoPropose)
	e, err := try(l.Decide(ctx, "", "Sato", Decision{Answer: Go}))
	refused(fault.Undecided, "no gate was agreed", e, err)
	ok(l.Propose(ctx, "", "Sato", gate.Criterion{Name: "G1", Stage: gate.Pilot, Text: "night", Metric: "top1", Site: "night", Recipe: "linear probe", Threshold: 0.5}))
	ok(l.Propose(ctx, "", "Sato", gate.Criterion{Name: "G1", Stage: gate.Pilot, Text: "night", Metric: "top1", Site: "night", Recipe: "linear probe", Threshold: 0.8}))
	ok(l.Propose(ctx, "", "Sato", gate.Criterion{Name: "G2", Stage: gate.Pilot, Text: "licence", Metric: "sign-off"}))
	next(DoSeal)
	e, err = try(l.CheckGate(ctx, "", "Sato", "G1", "", ""))
	refused(fault.Usage, "not sealed", e, err)
	if e := ok(l.SealGate(ctx, "", "Sato", "G1", "")); e.Seal.Seen != 0 {
		t.Errorf("sealed before any run, and %d results had been seen", e.Seal.Seen)
	}
	ok(l.SealGate(ctx, "", "Sato", "G2", ""))
	e, err = try(l.Propose(ctx, "", "Sato", gate.Criterion{Name: "G1", Stage: gate.Pilot, Text: "lower", Metric: "top1", Threshold: 0.1}))
	refused(fault.Usage, "can't change", e, err)
	next(DoRun)
	record(t, l)
	next(DoCheck)

	// A gate of a site that has been measured is late.
	ok(l.Propose(ctx, "", "Sato", gate.Criterion{Name: "G3", Stage: gate.OnSite, Text: "late", Metric: "top1", Site: "night", Threshold: 0.8}))
	e, err = try(l.SealGate(ctx, "", "Sato", "G3", " "))
	refused(fault.Usage, "2 results", e, err)

	check := ok(l.CheckGate(ctx, "", "Sato", "G1", "", ""))
	want := probe.ShareOf(hits(200, 20), groupsOf(200), 0.95) // the same share; groups differ
	if r := check.Check.Reading; r.Value != want.Value || r.Clips != 200 || r.Recordings != 40 || r.Candidates != 1 || r.Looks != 1 {
		t.Errorf("reading %+v", r)
	}
	if check.Check.Ruling.Verdict != gate.Pass {
		t.Errorf("90 %% of 200 against 80 %%: %+v", check.Check)
	}
	if again := ok(l.CheckGate(ctx, "", "Tanaka", "G1", "", "")); again.ID != check.ID {
		t.Error("the same check is entered twice")
	}
	next(DoSign)
	e, err = try(l.Decide(ctx, "", "Sato", Decision{Answer: Conditions, Note: "later"}))
	refused(fault.Undecided, "G2 BLOCKED", e, err)
	ok(l.Sign(ctx, "", "Legal", "G2", "by contract"))
	next(DoDecide)
	e, err = try(l.Promote(ctx, "", "Sato"))
	refused(fault.Undecided, "not decided", e, err)
	e, err = try(l.Decide(ctx, "", "Sato", Decision{Answer: Go, Approved: " sato"}))
	refused(fault.Usage, "can't approve", e, err)
	ok(l.Decide(ctx, "", "Sato", Decision{Answer: Go, Approved: "Tanaka"}))
	next(DoPromote)
	ok(l.Promote(ctx, "", "Tanaka"))

	next(DoSeal) // G3 of the stage on-site
	ok(l.SealGate(ctx, "", "Sato", "G3", "agreed by mail before"))
	e, err = try(l.CheckGate(ctx, "", "Sato", "G3", "", ""))
	refused(fault.Usage, "names no recipe", e, err)
	late := ok(l.CheckGate(ctx, "", "Sato", "G3", "", "zero-shot"))
	if r := late.Check; r.Reading.Candidates != 2 || r.Ruling.Verdict != gate.Fail {
		t.Errorf("zero-shot, picked from two: %+v", r)
	}
	if b := next(DoRethink); !b.Gates[2].Late() {
		t.Error("G3 does not say that it was sealed late")
	}
	e, err = try(l.Decide(ctx, "", "Sato", Decision{Answer: Go}))
	refused(fault.Failed, "G3 FAIL", e, err)
	ok(l.Waive(ctx, "", "Tanaka", "G3", "zero-shot is not what we will use"))
	next(DoDecide)
}

func hits(n, wrong int) []bool {
	h := make([]bool, n)
	for i := range h {
		h[i] = i >= wrong
	}
	return h
}

func groupsOf(n int) []string {
	g := make([]string, n)
	for i := range g {
		g[i] = fmt.Sprint(i / 5)
	}
	return g
}

func TestReadings(t *testing.T) {
	ctx := context.Background()
	l := piloted(t)
	record(t, l)
	if _, err := l.Assume(ctx, "", "Sato", Assumption{Name: roi.MachinePerHour, Range: roi.Exactly(100)}); err != nil {
		t.Fatal(err)
	}
	for i, c := range []struct {
		metric, class string
		value         float64
		clips         int
	}{
		{"top1", "", 0.9, 200},
		{"recall", "b", 0.85, 100},
		{"precision", "a", 95.0 / 110, 110},
		{"worst_recall", "", 0.85, 100},
		{"macro_recall", "", 0.9, 200},
		{"gain", "", 0.3, 200},
		{"clips_per_hour", "", 400, 0},
		{"cost_per_1000", "", 250, 0},
		{"failed_share", "", 0, 0},
	} {
		name := fmt.Sprint("G", i)
		g := gate.Criterion{Name: name, Stage: gate.Pilot, Text: c.metric, Metric: c.metric, Class: c.class}
		if _, err := l.Propose(ctx, "", "Sato", g); err != nil {
			t.Fatal(err)
		}
		if _, err := l.SealGate(ctx, "", "Sato", name, "a test"); err != nil {
			t.Fatal(err)
		}
		recipe := "linear probe"
		e, err := l.CheckGate(ctx, "", "Sato", name, "r1", recipe)
		if err != nil {
			t.Fatal(err)
		}
		r := e.Check.Reading
		if diff := r.Value - c.value; diff > 1e-12 || diff < -1e-12 || r.Clips != c.clips || r.Low > r.Value || r.High < r.Value {
			t.Errorf("%s: %+v, want %g of %d clips", c.metric, r, c.value, c.clips)
		}
		// The intervals of two classes, each for two recipes, hold at once.
		if c.metric == "worst_recall" && (r.Class != "b" || math.Abs(r.Confidence-(1-0.05/4)) > 1e-12) {
			t.Errorf("the worst class: %+v", r)
		}
	}
}

func TestJournalTellsWhatWasChanged(t *testing.T) {
	ctx := context.Background()
	l := piloted(t)
	for i := range 3 {
		if _, err := l.Note(ctx, "", "Sato", fmt.Sprint("note ", i)); err != nil {
			t.Fatal(err)
		}
	}
	for _, change := range []string{`update journal set by = 'Tanaka'`, `delete from journal`} {
		if _, err := l.db.ExecContext(ctx, change); err == nil || !strings.Contains(err.Error(), "append-only") {
			t.Errorf("%s: %v", change, err)
		}
	}
	for _, change := range []string{
		`update journal set by = 'Tanaka' where id = 2`,
		`update journal set data = '{"text":"note 9"}' where id = 3`,
		`delete from journal where id = 2`,
	} {
		tx, err := l.db.BeginTx(ctx, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, q := range []string{`drop trigger journal_no_update`, `drop trigger journal_no_delete`, change} {
			if _, err := tx.ExecContext(ctx, q); err != nil {
				t.Fatal(err)
			}
		}
		if _, _, err := l.readBook(ctx, tx, ""); err == nil || !strings.Contains(err.Error(), "changed after it was written") {
			t.Errorf("%s: %v", change, err)
		}
		if err := tx.Rollback(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestManyPeopleWriteTheJournal(t *testing.T) {
	ctx := context.Background()
	l := piloted(t)
	other, err := Open(ctx, l.path)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	var wg sync.WaitGroup
	errs := make(chan error, 40)
	for i := range 40 {
		to := []*Ledger{l, other}[i%2]
		wg.Go(func() {
			_, err := to.Note(ctx, "", "Sato", fmt.Sprint(i))
			errs <- err
		})
	}
	wg.Wait()
	close(errs)
	for err := range errs {
		if err != nil {
			t.Error(err)
		}
	}
	b, err := l.Book(ctx, "")
	if err != nil {
		t.Fatal(err)
	}
	if len(b.Entries) != 41 {
		t.Errorf("%d entries, want 41", len(b.Entries))
	}
}

func TestWorth(t *testing.T) {
	ctx := context.Background()
	l := piloted(t)
	record(t, l)
	for name, x := range map[string]float64{
		roi.ClipsPerMonth: 1000, roi.MinutesPerClip: 1, roi.WagePerHour: 60, roi.HandledShare: 1,
		roi.MachinePerHour: 4, roi.SetupCost: 900, roi.RunningCost: 0, roi.ErrorCost: 1,
	} {
		if _, err := l.Assume(ctx, "", "Sato", Assumption{Name: name, Range: roi.Exactly(x)}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := l.Assume(ctx, "", "Sato", Assumption{Name: roi.ErrorCost, Truth: "b", Predicted: "a", Range: roi.Exactly(3)}); err != nil {
		t.Fatal(err)
	}
	w, err := l.Worth(ctx, "", "", "night", "linear probe")
	if err != nil {
		t.Fatal(err)
	}
	d, err := l.Dossier(ctx, w.Run, "")
	if err != nil {
		t.Fatal(err)
	}
	if told, err := l.Worth(ctx, "", "", "", ""); err != nil || d.Worth == nil || told.Site != d.Worth.Site || told.Recipe != d.Worth.Recipe || told.Base != d.Worth.Base {
		t.Errorf("%v: the return of %s at %s, the report has %+v", err, told.Recipe, told.Site, d.Worth)
	}
	// 100 of 1,000 wrong, three quarters of them at 3 and the rest at 1.
	near := func(a, b float64) bool { return math.Abs(a-b) < 1e-9*b }
	if !near(w.Base.Saved, 1000) || !near(w.Base.Machine, 10) || !near(w.Base.Errors, 250) {
		t.Errorf("%+v", w.Base)
	}
	if len(w.Bars) != 1 || w.Bars[0].Name != roi.Accuracy {
		t.Errorf("only the accuracy is uncertain: %+v", w.Bars)
	}
}

func TestNoPilotYet(t *testing.T) {
	ctx := context.Background()
	l, err := Open(ctx, Memory)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if _, err := l.Book(ctx, ""); !errors.Is(err, ErrNoPilot) {
		t.Error(err)
	}
	if _, err := l.Create(ctx, "a", "", ""); fault.KindOf(err) != fault.Usage {
		t.Errorf("a pilot made by nobody: %v", err)
	}
}

// Where a ledger holds several pilots, its own is meant by no name, and no
// other one is guessed at.
func TestOwnPilotOfSeveral(t *testing.T) {
	ctx := context.Background()
	l := piloted(t)
	if _, err := l.Create(ctx, "another", "and this?", "Sato"); err != nil {
		t.Fatal(err)
	}
	for own, want := range map[string]string{"another": "another", "": "holds 2 pilots", "gone": "holds 2 pilots"} {
		l.Own = own
		b, err := l.Book(ctx, "")
		if got := b.Pilot + fmt.Sprint(err); !strings.Contains(got, want) {
			t.Errorf("own %q: %s", own, got)
		}
	}
	l.Own = "another"
	if _, err := l.Book(ctx, "nobody's"); !errors.Is(err, ErrNoPilot) {
		t.Errorf("a name that is wrong became the ledger's own: %v", err)
	}
}
