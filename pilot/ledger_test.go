package pilot

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"framepilot/internal/fault"
)

// clock ticks one second at each reading.
func clock() func() time.Time {
	t := time.Date(2026, 10, 2, 9, 0, 0, 123e6, time.FixedZone("JST", 9*3600))
	return func() time.Time { t = t.Add(time.Second); return t }
}

func mustOpen(t testing.TB, path string) *Ledger {
	t.Helper()
	l, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	l.Now = clock()
	t.Cleanup(func() { l.Close() })
	return l
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func sampleRun(id string) Run {
	return Run{
		ID: id, Pilot: "line3", Question: "Does it see a reach-in?", PlanPath: "plans/line 3.toml",
		PlanText: "schema = 1\n", Key: "k-" + id, Seed: math.MaxUint64,
		Params:      map[string]string{"model.sha256": "41c0", "recipe": "features"},
		Environment: map[string]string{"go": "1.26"},
	}
}

// sampleResult has every field set, n predictions and names no file system
// would refuse.
func sampleResult(key string, n int) Result {
	r := Result{
		Key: key, Task: Classification, Method: "logistic", Label: "linear probe, 2 shots", Prompts: "own words",
		TrainSite: "day", Site: "night", Shots: 2, Draw: 3,
		Params: map[string]string{"C": "0.316", "bias": "yes"},
		Look:   2, Agreed: 5,
		Choices: []Choice{{"C", "0.316", "L2", "grouped 5-fold", "lowest log-loss", `{"say":"lowest log-loss"}`}, {"scale", "20", "", "fixed", "published", ""}},
		Metrics: []Metric{
			{Name: "top1", Value: 2.0 / 3, Low: 0.1, High: math.Nextafter(1, 2), HasInterval: true, Interval: "wilson 95 %", N: n},
			{Name: "median_rank", Unit: "rank", Value: 3.5, N: n},
		},
		Classes:   []string{"reach-in", "lift"},
		PerClass:  []ClassScore{{Class: "reach-in", N: 3, Correct: 2, Recall: 2.0 / 3, Low: 0.2, High: 0.9, Interval: "Wilson 99 %"}, {Class: "lift"}},
		Confusion: [][]int{{2, 1}, {0, 0}},
	}
	names := []string{"a.mp4", "dir/b c.mp4", "<script>\n|'\".mp4", "\xff\x00.mp4", "\u202egnp.mp4"}
	for i := range n {
		r.Predictions = append(r.Predictions, Prediction{
			Clip: fmt.Sprint(names[i%len(names)], i), Truth: "reach-in", Predicted: "lift", P: 1 / float64(i+3), Correct: i%2 == 0,
		})
	}
	return r
}

func TestRoundTrip(t *testing.T) {
	for _, path := range []string{Memory, filepath.Join(t.TempDir(), "new", "ledger.db")} {
		l, ctx := mustOpen(t, path), t.Context()
		run := sampleRun("r1")
		must(t, l.Begin(ctx, run))
		must(t, l.Stage(ctx, "r1", "embed", "k", "done", "12 clips"))
		must(t, l.Stage(ctx, "r1", "embed", "k", "skipped", ""))
		clips := []Clip{{"b.mp4", "day", "train", "lift", "cam1"}, {"a.mp4", "night", "test", "", "cam2"}}
		must(t, l.Clips(ctx, "r1", clips))
		failures := []Failure{{"z.mp4", "day", "lift", "no video stream", "exclude it", `{"say":"no video stream"}`, `{"say":"exclude it"}`}, {Clip: "\xff"}}
		must(t, l.Failures(ctx, "r1", []Failure{{Clip: "forgotten"}}))
		must(t, l.Failures(ctx, "r1", failures))
		a, b := sampleResult("a", 7), sampleResult("b", 0)
		b.Confusion, b.Classes, b.PerClass, b.Params, b.Choices = nil, nil, nil, nil, nil
		must(t, l.Result(ctx, "r1", b)) // recorded first, read second
		must(t, l.Result(ctx, "r1", sampleResult("a", 9)))
		must(t, l.Result(ctx, "r1", a)) // replaces
		c := sampleResult("c", 0)
		c.PerClass, c.Confusion = nil, nil
		c.PerLabel = []LabelScore{{Class: "lift", N: 1, AP: .5, APHigh: 1, HasThreshold: true, Threshold: .25, Said: 2, Correct: 1, F1: 2. / 3, F1High: 1, Interval: "BCa 95 %"}, {Class: "reach-in", N: 2, AP: 1, APLow: 1, APHigh: 1, Interval: "BCa 95 %"}}
		c.Predictions = []Prediction{
			{Clip: "a", Truth: "reach-in|lift", Predicted: "lift", P: .25, Scores: []float32{-0.25, math.MaxFloat32}},
			{Clip: "b", Truth: NoClass, Predicted: NoClass, P: 1, Correct: true, Scores: []float32{math.SmallestNonzeroFloat32, 0}},
			{Clip: "c", Truth: NoClass, Scores: []float32{1, 2}},
		}
		must(t, l.Result(ctx, "r1", c))
		comparisons := []Comparison{
			{Result: "a", Against: "b", Metric: "map", N: 9, OnlyThis: 3, OnlyOther: 1, Difference: -0.25, Low: -1, High: 0.5, Interval: "Tango 95 %",
				Draws: 2, P: .5, MidP: .25, Holm: 1, DrawsP: .75, Verdict: Unclear, Needed: 640},
			{Result: "b", Against: "a", Metric: "top1", Interval: "Tango 95 %", Draws: 1, Verdict: Better},
		}
		forecasts := []Forecast{{Result: "a", Labels: 32, Error: .125, Low: .1, High: .5, Interval: "draws 95 %", A: .1, B: .5, C: 1}}
		must(t, l.Evidence(ctx, "r1", comparisons[1:], nil))
		must(t, l.Evidence(ctx, "r1", comparisons, forecasts)) // replaces
		must(t, l.Finish(ctx, "r1", Done, ""))

		run.Status = Done
		start := time.Date(2026, 10, 2, 0, 0, 1, 123e6, time.UTC)
		run.Started, run.Finished = start, start.Add(7*time.Second)
		want := Record{
			Run: run,
			Stages: []Stage{
				{"embed", "k", "done", "12 clips", start.Add(time.Second)},
				{"embed", "k", "skipped", "", start.Add(2 * time.Second)},
			},
			Clips: clips, Failures: failures, Results: []Result{a, b, c}, Comparisons: comparisons, Forecasts: forecasts,
		}
		got, err := l.Load(ctx, "r1")
		must(t, err)
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: read\n%+v\nwant\n%+v", path, got, want)
		}
	}
}

func TestBeginAgain(t *testing.T) {
	l, ctx := mustOpen(t, Memory), t.Context()
	run := sampleRun("r1")
	must(t, l.Begin(ctx, run))
	must(t, l.Result(ctx, "r1", sampleResult("a", 1)))
	must(t, l.Finish(ctx, "r1", Interrupted, "Ctrl-C"))
	before, err := l.Load(ctx, "r1")
	must(t, err)

	must(t, l.Begin(ctx, sampleRun("r2")))
	run.Environment = map[string]string{"host": "b"}
	must(t, l.Begin(ctx, run))
	after, err := l.Load(ctx, "r1")
	must(t, err)
	if before.Run.Status != Interrupted || before.Run.Message != "Ctrl-C" || before.Run.Finished.IsZero() {
		t.Errorf("interrupted run reads %+v", before.Run)
	}
	if after.Run.Status != Running || after.Run.Message != "" || !after.Run.Finished.IsZero() {
		t.Errorf("resumed run reads %+v", after.Run)
	}
	if !after.Run.Started.Equal(before.Run.Started) || len(after.Results) != 1 {
		t.Error("the run lost its start or its results")
	}
	if !reflect.DeepEqual(after.Run.Environment, run.Environment) {
		t.Errorf("environment %v", after.Run.Environment)
	}
	if latest, err := l.Latest(ctx); err != nil || latest.ID != "r1" {
		t.Errorf("latest run %q, %v: want the one begun last", latest.ID, err)
	}
	runs, err := l.Runs(ctx)
	must(t, err)
	if len(runs) != 2 || runs[0].ID != "r1" || runs[1].ID != "r2" {
		t.Errorf("runs %+v", runs)
	}

	run.Key = "another"
	if err := l.Begin(ctx, run); err == nil || !strings.Contains(err.Error(), "the id is taken") {
		t.Errorf("began a run under another key: %v", err)
	}
}

func TestFind(t *testing.T) {
	l, ctx := mustOpen(t, Memory), t.Context()
	if _, err := l.Latest(ctx); !errors.Is(err, ErrNoRun) || fault.KindOf(err) != fault.Missing {
		t.Errorf("latest of an empty ledger: %v", err)
	}
	for _, id := range []string{"20261002-aa", "20261002-ab", "20261002-a"} {
		run := sampleRun(id)
		run.Key = "same"
		must(t, l.Begin(ctx, run))
	}
	for _, c := range []struct{ ask, want string }{
		{"20261002-ab", "20261002-ab"}, {"20261002-a", "20261002-a"}, // whole ids
		{"20261002-aa", "20261002-aa"}, {"%", ""}, {"2026100_", ""}, {"x", ""},
	} {
		rec, err := l.Load(ctx, c.ask)
		if rec.Run.ID != c.want || (c.want == "") != errors.Is(err, ErrNoRun) {
			t.Errorf("load %q: run %q, %v", c.ask, rec.Run.ID, err)
		}
	}
	if _, err := l.Load(ctx, "2026"); fault.KindOf(err) != fault.Usage || !strings.Contains(err.Error(), "any of 3: 20261002-a, ") {
		t.Errorf("ambiguous id: %v", err)
	}
	if run, err := l.FindByKey(ctx, "same"); err != nil || run.ID != "20261002-a" {
		t.Errorf("run by key: %q, %v", run.ID, err)
	}
	if _, err := l.FindByKey(ctx, "other"); !errors.Is(err, ErrNoRun) {
		t.Errorf("run by unknown key: %v", err)
	}
}

// An unknown run is refused by the database itself, whatever is recorded.
func TestForeignKeys(t *testing.T) {
	l, ctx := mustOpen(t, Memory), t.Context()
	for what, err := range map[string]error{
		"result":   l.Result(ctx, "nobody", sampleResult("a", 1)),
		"stage":    l.Stage(ctx, "nobody", "embed", "", "done", ""),
		"clips":    l.Clips(ctx, "nobody", []Clip{{ID: "a"}}),
		"failures": l.Failures(ctx, "nobody", []Failure{{Clip: "a"}}),
		"finish":   l.Finish(ctx, "nobody", Done, ""),
	} {
		if !errors.Is(err, ErrNoRun) {
			t.Errorf("%s of an unknown run: %v", what, err)
		}
	}
	must(t, l.Begin(ctx, sampleRun("r1")))
	must(t, l.Result(ctx, "r1", sampleResult("a", 3)))
	if _, err := l.db.Exec(`delete from runs`); err != nil {
		t.Fatal(err)
	}
	for _, table := range []string{"parameters", "results", "metrics", "classes", "confusion", "predictions"} {
		var n int
		must(t, l.db.QueryRow(`select count(*) from `+table).Scan(&n))
		if n != 0 {
			t.Errorf("%d rows of %s outlive their run", n, table)
		}
	}
}

func TestRefusedResults(t *testing.T) {
	l, ctx := mustOpen(t, Memory), t.Context()
	must(t, l.Begin(ctx, sampleRun("r1")))
	for want, spoil := range map[string]func(*Result){
		"has no key":                          func(r *Result) { r.Key = "" },
		`task "clustering"`:                   func(r *Result) { r.Task = "clustering" },
		"no metrics":                          func(r *Result) { r.Metrics = nil },
		"NaN is not a finite number":          func(r *Result) { r.Metrics[0].Value = math.NaN() },
		"+Inf is not a finite number":         func(r *Result) { r.Metrics[0].High = math.Inf(1) },
		"3.5 is not a fraction":               func(r *Result) { r.Metrics[1].Unit = "" },
		"wrong way round":                     func(r *Result) { r.Metrics[0].Low, r.Metrics[0].High = 0.9, 0.1 },
		"does not say its kind":               func(r *Result) { r.Metrics[0].Interval = "" },
		`metric "top1" appears twice`:         func(r *Result) { r.Metrics[1].Name = "top1" },
		"-1 clips":                            func(r *Result) { r.Metrics[1].N = -1 },
		"neither may be negative":             func(r *Result) { r.Shots = -1 },
		`class "lift" appears twice`:          func(r *Result) { r.Classes[0] = "lift" },
		`class "jump", which is not`:          func(r *Result) { r.PerClass[1].Class = "jump" },
		`class "lift": 2 of 1 correct`:        func(r *Result) { r.PerClass[1] = ClassScore{Class: "lift", N: 1, Correct: 2} },
		`class "lift": NaN is not a fraction`: func(r *Result) { r.PerClass[1].Recall = math.NaN() },
		"probability NaN":                     func(r *Result) { r.Predictions[0].P = math.NaN() },
		"1 scores of 2 classes":               func(r *Result) { r.Predictions[0].Scores = []float32{1} },
		"0 scores of 2 classes":               func(r *Result) { r.Predictions[0].Scores = []float32{1, 2} },
		"a score is not a finite number": func(r *Result) {
			r.Predictions = r.Predictions[:1]
			r.Predictions[0].Scores = []float32{1, float32(math.NaN())}
		},
		"1 rows for 2 classes":    func(r *Result) { r.Confusion = r.Confusion[:1] },
		"1 columns for 2 classes": func(r *Result) { r.Confusion[1] = []int{0} },
		"holds -1 clips":          func(r *Result) { r.Confusion[1][1] = -1 },
		"counts no clip":          func(r *Result) { r.Confusion = [][]int{{0, 0}, {0, 0}} },
	} {
		r := sampleResult("a", 2)
		spoil(&r)
		if err := l.Result(ctx, "r1", r); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want an error with %q, got %v", want, err)
		}
		if rec, err := l.Load(ctx, "r1"); err != nil || len(rec.Results) > 0 {
			t.Fatalf("%s: the refused result was recorded, %v", want, err)
		}
	}
}

func TestRefusedRuns(t *testing.T) {
	l, ctx := mustOpen(t, Memory), t.Context()
	for _, run := range []Run{{Pilot: "p"}, {ID: "r"}} {
		if err := l.Begin(ctx, run); err == nil {
			t.Errorf("began %+v", run)
		}
	}
	must(t, l.Begin(ctx, sampleRun("r1")))
	if err := l.Finish(ctx, "r1", Running, ""); err == nil {
		t.Error("a run finished as running")
	}
}

func TestCancelled(t *testing.T) {
	l := mustOpen(t, filepath.Join(t.TempDir(), "ledger.db"))
	must(t, l.Begin(t.Context(), sampleRun("r1")))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := l.Result(ctx, "r1", sampleResult("a", 1)); !errors.Is(err, context.Canceled) {
		t.Errorf("result under a cancelled context: %v", err)
	}
	if rec, err := l.Load(t.Context(), "r1"); err != nil || len(rec.Results) > 0 {
		t.Errorf("a cancelled result was recorded: %v, %v", rec.Results, err)
	}
}

// Goroutines share a ledger; what they record does not mix.
func TestConcurrentWriters(t *testing.T) {
	l, ctx := mustOpen(t, filepath.Join(t.TempDir(), "ledger.db")), t.Context()
	l.Now = nil
	must(t, l.Begin(ctx, sampleRun("r1")))
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for j := range 5 {
				if err := l.Result(ctx, "r1", sampleResult(fmt.Sprint(i, "-", j), 20)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	rec, err := l.Load(ctx, "r1")
	must(t, err)
	if len(rec.Results) != 40 {
		t.Fatalf("%d results, want 40", len(rec.Results))
	}
	for _, r := range rec.Results {
		if !reflect.DeepEqual(r, sampleResult(r.Key, 20)) {
			t.Errorf("result %s is not what was recorded", r.Key)
		}
	}
}

func BenchmarkResult(b *testing.B) {
	l := mustOpen(b, filepath.Join(b.TempDir(), "ledger.db"))
	ctx, r := b.Context(), sampleResult("a", 2000)
	must(b, l.Begin(ctx, sampleRun("r1")))
	for b.Loop() {
		must(b, l.Result(ctx, "r1", r))
	}
	b.ReportMetric(float64(b.N*2000)/b.Elapsed().Seconds(), "predictions/s")
}

func BenchmarkLoad(b *testing.B) {
	l := mustOpen(b, filepath.Join(b.TempDir(), "ledger.db"))
	ctx := b.Context()
	must(b, l.Begin(ctx, sampleRun("r1")))
	for i := range 20 {
		must(b, l.Result(ctx, "r1", sampleResult(fmt.Sprint(i), 2000)))
	}
	for b.Loop() {
		if _, err := l.Load(ctx, "r1"); err != nil {
			b.Fatal(err)
		}
	}
}

// exec runs SQL on a file behind the ledger's back.
func exec(t *testing.T, path, query string) {
	t.Helper()
	db, err := sql.Open("sqlite3", path)
	must(t, err)
	defer db.Close()
	_, err = db.Exec(query)
	must(t, err)
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	must(t, err)
	return string(b)
}
