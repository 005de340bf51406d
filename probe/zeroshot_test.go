package probe

import (
	"math"
	"slices"
	"strings"
	"testing"

	"framepilot/internal/fault"
)

func TestPrompts(t *testing.T) {
	got, err := Prompts(nil, []string{"diving", "ride a bike"})
	if err != nil {
		t.Fatal(err)
	}
	if want := "a person diving|a person ride a bike"; got[0][0]+"|"+got[1][0] != want {
		t.Errorf("default prompts %q, want %q", got, want)
	}
	got, err = Prompts([]string{"{} at night", "{}: a video of {}"}, []string{"diving"})
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"diving at night", "diving: a video of diving"}; !slices.Equal(got[0], want) {
		t.Errorf("prompts %q, want %q", got[0], want)
	}
	if _, err := Prompts([]string{"a person"}, []string{"diving"}); fault.KindOf(err) != fault.Config || !strings.Contains(err.Error(), `"a person" has no {}`) {
		t.Errorf("template without {}: %v", err)
	}
}

func TestPrototypesAverageDirections(t *testing.T) {
	// The second prompt of the first class is ten times as long and must not
	// count for more.
	got, err := Prototypes([]Matrix{
		{Rows: 2, Cols: 2, Data: []float32{1, 0, 0, 10}},
		{Rows: 1, Cols: 2, Data: []float32{-3, 4}},
	})
	if err != nil {
		t.Fatal(err)
	}
	h := float32(math.Sqrt(0.5))
	for i, want := range []float32{h, h, -0.6, 0.8} {
		if math.Abs(float64(got.Data[i]-want)) > 1e-6 {
			t.Errorf("prototypes %v, want [[%g %g] [-0.6 0.8]]", got.Data, h, h)
			break
		}
	}
	for name, bad := range map[string][]Matrix{
		"no prompt":     {{Rows: 0, Cols: 2, Data: nil}},
		"a zero vector": {{Rows: 1, Cols: 2, Data: []float32{0, 0}}},
		"NaN":           {{Rows: 1, Cols: 2, Data: []float32{float32(math.NaN()), 0}}},
		"opposites":     {{Rows: 2, Cols: 2, Data: []float32{1, 0, -1, 0}}},
		"another width": {{Rows: 1, Cols: 2, Data: []float32{1, 0}}, {Rows: 1, Cols: 3, Data: []float32{1, 0, 0}}},
	} {
		if _, err := Prototypes(bad); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestNearestMeanWithoutClipsOfAClass(t *testing.T) {
	f := synthetic(3, 4, 8, seeded(20))
	f.Classes = append(f.Classes, "never filmed")
	m, err := FitNearestMean(f, 20)
	if err != nil {
		t.Fatal(err)
	}
	logits := m.Logits(f.X)
	for i := range logits.Rows {
		row := logits.Row(i)
		if notFinite(row) >= 0 || row[3] > slices.Min(row[:3])-absentMargin {
			t.Fatalf("logits %v, want the last one finite and far below", row)
		}
	}
	if _, err := FitNearestMean(f.Take([]int{0, 1}), 0); fault.KindOf(err) != fault.Input {
		t.Errorf("one class: %v", err)
	}
}

// A clip in the centre has no direction; it is no nearer to any class.
func TestNearestMeanOfTheCentre(t *testing.T) {
	f := synthetic(2, 2, 4, seeded(21))
	m, err := FitNearestMean(f, 0)
	if err != nil {
		t.Fatal(err)
	}
	logits := m.Logits(Matrix{Rows: 1, Cols: 4, Data: m.Centre})
	if logits.Data[0] != 0 || logits.Data[1] != 0 {
		t.Errorf("logits %v, want zeros", logits.Data)
	}
}

func TestSimilarityDoesNotDependOnTheCompany(t *testing.T) {
	f := synthetic(20, 50, 64, seeded(22))
	all := Similarity(f.X, f.X)
	alone := Similarity(f.X.Take([]int{7}), f.X)
	if !slices.Equal(all.Row(7), alone.Row(0)) {
		t.Error("a clip scores differently alone")
	}
}
