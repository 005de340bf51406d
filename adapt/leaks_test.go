package adapt

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"framepilot/adapt/bundle"
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

// Multi-label code often chooses the threshold of each class where it reports
// F1, on test clips: here other test labels change no threshold and no answer.
func TestLeakThresholdsOnTest(t *testing.T) {
	run := func(turn int) *bundle.Bundle {
		dir := newPilot(t)
		var table strings.Builder
		table.WriteString("path,labels,group,split\n")
		for i, path := range sceneFiles(t, dir) {
			group := strings.Split(filepath.Base(path), "_")[0]
			split, labels := Train, filepath.Base(filepath.Dir(path))
			if strings.HasSuffix(group, "0") || strings.HasSuffix(group, "2") {
				split = Test
				labels = []string{"lift", "put", "lift|often", ""}[(i+turn)%4]
			} else if i%3 == 0 {
				labels += "|often"
			}
			fmt.Fprintf(&table, "%s,%s,%s,%s\n", path, labels, group, split)
		}
		write(t, filepath.Join(dir, "multi.csv"), table.String())
		write(t, filepath.Join(dir, "plan.toml"), "schema = 1\nname = \"multi\"\nmodel = {id = \"fake\"}\n[data.day]\nmanifest = \"multi.csv\"\n"+
			"[[method]]\nname = \"sigmoid\"\n[report]\nbundles = \"kept\"\n")
		mustRun(t, dir)
		files, err := filepath.Glob(filepath.Join(dir, "kept", "*"))
		if err != nil || len(files) != 1 {
			t.Fatal(files, err)
		}
		b, err := bundle.Read(files[0])
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	a, b := run(0), run(1)
	if !slices.Equal(a.About().Thresholds, b.About().Thresholds) || len(a.About().Thresholds) < 3 {
		t.Errorf("thresholds %v, with other test labels %v", a.About().Thresholds, b.About().Thresholds)
	}
	x := a.Reference.X
	if !slices.Equal(a.Classifier.Logits(x).Data, b.Classifier.Logits(x).Data) {
		t.Error("other test labels change answers")
	}
}
