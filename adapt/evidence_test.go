package adapt

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"framepilot/internal/words"
	"framepilot/pilot"
	"framepilot/probe"
)

// made is a recorded result of n clips, two a recording, of which the first
// few are right.
func made(key, method, label string, shots, draw, n, right int) pilot.Result {
	r := pilot.Result{
		Key: key, Task: pilot.Classification, Method: method, Label: label, Site: "day", Shots: shots, Draw: draw,
		Look: 1, Agreed: 1, Classes: []string{"x"}, Params: map[string]string{"training clips": "40"},
		Metrics: []pilot.Metric{{Name: "top1", Value: float64(right) / float64(n), N: n}},
	}
	for i := range n {
		r.Predictions = append(r.Predictions, pilot.Prediction{Clip: fmt.Sprint(i), Truth: "x", Predicted: "x", Correct: i < right})
	}
	return r
}

func TestCompareRows(t *testing.T) {
	rec := pilot.Record{Results: []pilot.Result{
		made("1", ZeroShot, "zero-shot", 0, 0, 400, 200), made("2", ZeroShot, "zero-shot, other words", 0, 0, 400, 100),
		made("3", "ridge", "ridge, 4 shots", 4, 1, 400, 300), made("4", "ridge", "ridge, 4 shots", 4, 2, 400, 320),
		made("5", "ridge", "ridge, 4 shots", 4, 3, 400, 340), made("6", "gda", "gda, all clips", 0, 0, 400, 203),
	}}
	recording := map[string]string{}
	for i := range 400 {
		recording[fmt.Sprint(i)] = fmt.Sprint("rec", i/2)
	}
	got, err := compareRows(gatherRows(rec), recording)
	if err != nil {
		t.Fatal(err)
	}
	want := []struct {
		result, verdict string
		difference      float64
		draws, only     int
	}{{"2", pilot.Worse, -0.25, 1, 0}, {"4", pilot.Better, 0.3, 3, 120}, {"6", pilot.Unclear, 0.0075, 1, 3}}
	if len(got) != len(want) {
		t.Fatalf("%d comparisons", len(got))
	}
	for i, w := range want {
		c := got[i]
		if c.Result != w.result || c.Against != "1" || c.Verdict != w.verdict || math.Abs(c.Difference-w.difference) > 1e-12 ||
			c.Draws != w.draws || c.OnlyThis != w.only || c.N != 400 || !(c.Low <= c.Difference && c.Difference <= c.High) {
			t.Errorf("%d: %+v", i, c)
		}
		if (c.Needed > 0) != (w.verdict == pilot.Unclear) || !strings.HasSuffix(c.Interval, "95 %") || c.Holm < c.P {
			t.Errorf("%d: needs %d clips, %s, p %g adjusted to %g", i, c.Needed, c.Interval, c.P, c.Holm)
		}
	}
	if verdicts := []string{string(probe.Better), string(probe.Worse), string(probe.Unclear)}; fmt.Sprint(verdicts) != fmt.Sprint([]string{pilot.Better, pilot.Worse, pilot.Unclear}) {
		t.Errorf("the ledger's words are not %q", verdicts)
	}
}

// A curve is forecast where three numbers of shots follow one, and not where
// they do not.
func TestForecasts(t *testing.T) {
	results := func(right func(shots int) int) (out []pilot.Result) {
		for _, shots := range []int{16, 1, 4} { // in any order
			for draw := range 3 {
				out = append(out, made(fmt.Sprint(shots, draw), "ridge", "ridge, "+words.Count(shots, "shot"), shots, draw+1, 1000, right(shots)+draw-1))
			}
		}
		return append(out, made("all", "ridge", "ridge, all clips", 0, 0, 1000, 999))
	}
	curve := func(shots int) int { return 1000 - int(100+400/math.Sqrt(float64(shots))) }
	got := Plan{}.forecasts(gatherRows(pilot.Record{Results: results(curve)}))
	if len(got) != 2 || got[0].Labels != 32 || got[1].Labels != 64 || got[0].Result != "16 0" {
		t.Fatalf("%+v", got)
	}
	for _, f := range got {
		if want := 0.1 + 0.4/math.Sqrt(float64(f.Labels)); math.Abs(f.Error-want) > 0.01 || !(f.Low <= f.Error && f.Error <= f.High) {
			t.Errorf("at %d labels %+v, want an error of %.3f", f.Labels, f, want)
		}
	}
	for name, list := range map[string][]pilot.Result{
		"two numbers of shots": results(curve)[:6],
		"no curve":             results(func(shots int) int { return map[int]int{1: 400, 4: 990, 16: 999}[shots] }),
	} {
		if got := (Plan{}).forecasts(gatherRows(pilot.Record{Results: list})); len(got) != 0 {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// A run records what its results show together, once; and again where it was
// killed before it could.
func TestRunWeighsItsResults(t *testing.T) {
	dir := newPilot(t)
	sum, _ := mustRun(t, dir)
	rec := load(t, dir, sum.Run)
	// 5 rows beside the highest zero-shot row, at 2 sites.
	if len(rec.Comparisons) != 10 || len(sum.Document.Results.Comparisons) != 10 {
		t.Errorf("%d comparisons, %d in the report", len(rec.Comparisons), len(sum.Document.Results.Comparisons))
	}
	for _, c := range rec.Comparisons {
		if c.Verdict == pilot.Better {
			t.Errorf("%+v: zero-shot in good words can't be beaten here", c)
		}
	}
	want := numbers(t, dir)
	l, err := pilot.Open(t.Context(), LedgerFile(dir))
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Evidence(t.Context(), sum.Run, nil, nil); err != nil {
		t.Fatal(err)
	}
	l.Close()
	if again, _ := mustRun(t, dir); !again.Unchanged() || numbers(t, dir) != want {
		t.Error("the comparisons were not made up for")
	}
}
