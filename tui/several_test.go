package tui

import (
	"math"
	"strings"
	"testing"

	"gonum.org/v1/gonum/stat"

	"framepilot/internal/lang"
	"framepilot/pilot"
	"framepilot/tui/page"
)

// Where a clip may be of several classes, sureness is that of every class, a
// mistake is a class too many or too few, and no class is taken for another.
func TestLooksAtSeveral(t *testing.T) {
	a, _ := newApp(t, t.TempDir(), lang.English)
	even, ninth := float32(0), float32(math.Log(9)) // 50 %, 90 %
	r := pilot.Result{Task: pilot.Classification, Classes: []string{"up", "moves"}, PerLabel: []pilot.LabelScore{{Class: "up", N: 2, AP: .5}}}
	for i := range 20 {
		truth := []string{"moves"}
		if i%2 == 0 {
			truth = []string{"up", "moves"}
		}
		if i == 0 {
			truth = []string{"up"}
		}
		r.Predictions = append(r.Predictions, pilot.Prediction{Clip: string(rune('a' + i)), Truth: pilot.Tagged(truth), Predicted: "up|moves", P: .45,
			Correct: len(truth) == 2, Scores: []float32{even, ninth}})
	}
	curve, ok := a.reliability(r).(page.Curve)
	if !ok || len(curve.X) != 10 {
		t.Fatalf("%+v", curve)
	}
	for k, want := range []struct{ sure, is float64 }{{50, 50}, {90, 95}} { // ten clips are up, nineteen move
		if x, y := stat.Mean(curve.X[5*k:5*k+5], nil), stat.Mean(curve.Y[5*k:5*k+5], nil); math.Abs(x-want.sure) > 1e-4 || math.Abs(y-want.is) > 1e-9 {
			t.Errorf("%g %% sure, %g %% are of the class, want %+v", x, y, want)
		}
	}
	if !strings.Contains(curve.Name, "of a class") {
		t.Errorf("%q", curve.Name)
	}
	wrong, ok := a.mistakes(r).(page.Table)
	if !ok || len(wrong.Rows) != 11 || wrong.Rows[0].Cells[1] != "up" || wrong.Rows[0].Cells[2] != "up|moves" {
		t.Errorf("%+v", wrong)
	}
	if _, ok := a.confusion(r).(page.Text); !ok {
		t.Error("a matrix of what is taken for what")
	}
	for i := range r.Predictions { // words alone rank clips and say nothing
		r.Predictions[i].Predicted, r.Predictions[i].Correct = "", false
	}
	for _, b := range []page.Block{a.mistakes(r), a.reliability(r)} {
		if text, ok := b.(page.Text); !ok || !strings.Contains(text.Text, "no thresholds") {
			t.Errorf("%+v", b)
		}
	}
	if len(mistaken(r)) != 0 {
		t.Error("a mistake where nothing was said")
	}
}
