package pilot

import (
	"fmt"
	"math"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"testing"
)

func mustLook(t *testing.T, l *Ledger, what string, clips ...string) int {
	t.Helper()
	n, err := l.Look(t.Context(), clips, what)
	must(t, err)
	return n
}

func TestLooks(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	l := mustOpen(t, path)
	for i, c := range []struct {
		what  string
		clips []string
		want  int
	}{
		{"plan 1", []string{"a", "b", "c"}, 1},
		{"plan 1", []string{"a", "b", "c"}, 1}, // goes on: no other look
		{"plan 2", []string{"a", "b", "c"}, 2},
		{"plan 2 by night", []string{"x", "y"}, 1}, // other clips
		{"plan 3", []string{"b", "c", "d"}, 3},     // a clip more or less makes no new test
		{"plan 2", []string{"a", "b", "c"}, 2},     // what came after it could not mislead it
		{"plan 4", []string{"d"}, 2},
	} {
		if got := mustLook(t, l, c.what, c.clips...); got != c.want {
			t.Errorf("%d: %s is look %d, want %d", i, c.what, got, c.want)
		}
	}
	must(t, l.Close())
	if got := mustLook(t, mustOpen(t, path), "plan 5", "a"); got != 3 {
		t.Errorf("in a ledger opened again look %d, want 3", got)
	}
	for _, c := range []struct {
		what  string
		clips []string
	}{{"", []string{"a"}}, {"plan 6", nil}} {
		if _, err := mustOpen(t, Memory).Look(t.Context(), c.clips, c.what); err == nil {
			t.Errorf("a look at %q for %q", c.clips, c.what)
		}
	}
}

// A ledger as the first released schema left it: what it holds is still
// there, what it measured counts as looked at, and a copy of it as it was is
// kept.
func TestOldLedger(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	exec(t, path, readFile(t, "testdata/schema1.sql")+fmt.Sprintf("; pragma application_id = %d; pragma user_version = 1", appID))
	if _, err := OpenReadOnly(t.Context(), path); err == nil {
		t.Error("a reader upgraded it, or read it wrongly")
	}
	l := mustOpen(t, path)
	runs, err := l.Runs(t.Context())
	must(t, err)
	rec, err := l.Load(t.Context(), runs[0].ID)
	must(t, err)
	if len(rec.Clips) != 20 || len(rec.Results) != 2 || rec.Results[1].Label != "nearest-mean, 1 shot" || rec.Comparisons != nil {
		t.Errorf("read %d clips and %d results: %+v", len(rec.Clips), len(rec.Results), rec.Results)
	}
	for _, r := range rec.Results {
		if r.Look != 0 || r.PerClass[0].Interval != "Wilson 95 %" || r.Choices[0].Rung != "" {
			t.Errorf("what nobody recorded is %+v", r)
		}
	}
	var test []string
	for _, c := range rec.Clips {
		if c.Split == "test" {
			test = append(test, c.ID)
		}
	}
	if n := mustLook(t, l, "another plan", test...); n != 2 {
		t.Errorf("look %d after the one of the old run", n)
	}
	must(t, l.Close())

	backup := path + ".schema1"
	old, err := open(backup, url.Values{})
	must(t, err)
	defer old.Close()
	if v, err := old.version(t.Context(), 1); err != nil || v != 1 {
		t.Errorf("the copy has schema %d: %v", v, err)
	}
	var results int
	must(t, old.db.QueryRow(`select count(*) from results`).Scan(&results))
	if results != 2 {
		t.Errorf("the copy has %d results", results)
	}
	names, err := os.ReadDir(filepath.Dir(path))
	must(t, err)
	for _, f := range names {
		if f.IsDir() {
			t.Errorf("left behind: %s", f.Name())
		}
	}
	must(t, mustOpen(t, path).Close()) // once more: nothing to upgrade
}

func TestRefusedEvidence(t *testing.T) {
	l := mustOpen(t, Memory)
	must(t, l.Begin(t.Context(), sampleRun("r1")))
	good := Comparison{Result: "a", Against: "b", Metric: "top1", Interval: "Tango 95 %", Draws: 1, Verdict: Unclear}
	for name, spoil := range map[string]func(*Comparison){
		"not a number":    func(c *Comparison) { c.Difference = math.NaN() },
		"no kind":         func(c *Comparison) { c.Interval = "" },
		"no metric":       func(c *Comparison) { c.Metric = "" },
		"wrong way round": func(c *Comparison) { c.Low = 1 },
		"no verdict":      func(c *Comparison) { c.Verdict = "go" },
	} {
		c := good
		spoil(&c)
		if err := l.Evidence(t.Context(), "r1", []Comparison{c}, nil); err == nil {
			t.Errorf("%s was recorded", name)
		}
	}
	if err := l.Evidence(t.Context(), "r1", nil, []Forecast{{Result: "a", Interval: "draws 95 %", Error: math.Inf(1), Labels: 1}}); err == nil {
		t.Error("an infinite forecast was recorded")
	}
	must(t, l.Evidence(t.Context(), "r1", []Comparison{good}, nil))
	rec, err := l.Load(t.Context(), "r1")
	must(t, err)
	if !reflect.DeepEqual(rec.Comparisons, []Comparison{good}) || rec.Forecasts != nil {
		t.Errorf("recorded %+v", rec.Comparisons)
	}
	if err := l.Evidence(t.Context(), "nobody", []Comparison{good}, nil); err == nil {
		t.Error("evidence of a run there is not")
	}
}
