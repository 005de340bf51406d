package adapt

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// CLIP_benchmark draws its few-shot subset after it has computed features, or
// has not, so that a rerun from the cache draws another: here a run from the
// cache alone gives the same numbers.
func TestLeakCLIPBenchmarkCachedRerunDrawsAnotherSubset(t *testing.T) {
	dir := newPilot(t)
	first, _ := mustRun(t, dir)
	want := numbers(t, dir)
	for _, name := range []string{"ledger.db", "ledger.db-wal", "ledger.db-shm"} {
		if err := os.RemoveAll(filepath.Join(dir, ".framepilot", name)); err != nil {
			t.Fatal(err)
		}
	}
	again, s := mustRun(t, dir)
	if s.model.clips.Load() != 0 || again.New != first.New {
		t.Fatalf("%d clips embedded again, %d of %d results measured", s.model.clips.Load(), again.New, first.New)
	}
	if numbers(t, dir) != want {
		t.Error("from cached features the same seed gives other numbers")
	}
}

// TLLib's examples take the test clips for validation and keep the checkpoint
// that is best on them: here a recording that is in both is refused, and no
// setting of a run stands on it.
func TestLeakTLLibValidatesOnTest(t *testing.T) {
	_, err := manifestData(t, "path,label,split,group\na.gif,x,train,r1\nb.gif,y,train,r2\nc.gif,x,val,r3\nd.gif,x,test,r3\ne.gif,y,test,r4\n", "")
	if err == nil || !strings.Contains(err.Error(), "r3: c.gif is val") {
		t.Errorf("got %v", err)
	}
}

// V-JEPA 2 trains twenty heads and reports the best of them on the clips it
// reports on: here what is reported is the classifier that was chosen, whatever
// the others would have scored.
func TestLeakVJEPA2ReportsTheBestHead(t *testing.T) {
	run := func(more string) (c string, nll float64) {
		sum, _ := mustRun(t, namedPilot(t, "[[method]]\nname = \"logistic\"\n"+more, func(string, string) string { return "" }))
		results := load(t, dirOf(sum), sum.Run).Results
		for _, choice := range results[0].Choices {
			if choice.Name == "C" {
				c = choice.Value
			}
		}
		for _, m := range results[0].Metrics {
			if m.Name == "nll" {
				nll = m.Value
			}
		}
		return c, nll
	}
	chosen, reported := run("")
	if _, given := run("C = " + chosen + "\n"); chosen == "" || math.Abs(given-reported) > 1e-6 {
		t.Errorf("log-loss %g is reported, C = %s has %g", reported, chosen, given)
	}
	if _, other := run("C = 1\n"); math.Abs(other-reported) < 1e-4 {
		t.Errorf("C = 1 has log-loss %g too: nothing to tell", other)
	}
}

// dirOf is the folder of a pilot by the report it wrote.
func dirOf(sum Summary) string { return filepath.Dir(sum.Reports[0]) }
