package probe

import (
	"math"
	"strings"
	"testing"

	"framepilot/internal/fault"
)

func TestFeaturesCheck(t *testing.T) {
	good := func() Features {
		f := synthetic(2, 2, 4, seeded(50))
		f.Text = f.X.Take([]int{0, 2})
		f.Sites = []string{"day", "day", "night", "night"}
		return f
	}
	if err := good().Check(); err != nil {
		t.Fatal(err)
	}
	if err := (Features{Classes: []string{"a"}, Text: Matrix{Rows: 1, Cols: 2, Data: []float32{1, 0}}}).Check(); err != nil {
		t.Errorf("text only: %v", err)
	}
	for says, spoil := range map[string]func(*Features){
		"3 ids for 4 clips":            func(f *Features) { f.IDs = f.IDs[:3] },
		"1 sites for 4 clips":          func(f *Features) { f.Sites = f.Sites[:1] },
		"label 2, want 0 to 1":         func(f *Features) { f.Labels[1] = 2 },
		"label -2, want 0 to 1":        func(f *Features) { f.Labels[1] = -2 },
		`"clip 0" appears twice`:       func(f *Features) { f.IDs[3] = "clip 0" },
		"clip 1 has a value that is":   func(f *Features) { f.X.Row(1)[2] = float32(math.Inf(1)) },
		"clip 2 has length 0":          func(f *Features) { clear(f.X.Row(2)) },
		`class "class 1" has length 2`: func(f *Features) { copy(f.Text.Row(1), []float32{2, 0, 0, 0}) },
		"15 values for 4 rows × 4":     func(f *Features) { f.X.Data = f.X.Data[:15] },
		"text matrix is 1 × 4":         func(f *Features) { f.Text = f.Text.Take([]int{0}) },
		"text matrix is 2 × 2":         func(f *Features) { f.Text = NewMatrix(2, 2) },
		"scale is -1":                  func(f *Features) { f.Scale = -1 },
		"scale is NaN":                 func(f *Features) { f.Scale = math.NaN() },
	} {
		f := good()
		spoil(&f)
		if err := f.Check(); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("error %v, want one that says %q", err, says)
		}
	}
}

// TestFeaturesHints: what is said to do about a row helps with that row.
func TestFeaturesHints(t *testing.T) {
	for says, spoil := range map[string]func(*Features){
		"--normalise":      func(f *Features) { copy(f.X.Row(1), []float32{2, 0, 0, 0}) },
		"leave it out":     func(f *Features) { clear(f.X.Row(1)) },
		"embed it again":   func(f *Features) { f.X.Row(1)[0] = float32(math.NaN()) },
		"length 1.333, wa": func(f *Features) { copy(f.X.Row(1), []float32{4. / 3, 0, 0, 0}) },
	} {
		f := synthetic(2, 2, 4, seeded(50))
		spoil(&f)
		if err := f.Check(); err == nil || !strings.Contains(err.Error()+" "+fault.HintOf(err), says) {
			t.Errorf("%v, %q: want %q", err, fault.HintOf(err), says)
		}
	}
}

func TestCheckSplit(t *testing.T) {
	f := synthetic(2, 4, 4, seeded(51)) // recordings of two clips
	train, test := f.Take([]int{0, 1, 4, 5}), f.Take([]int{2, 3, 6, 7})
	if err := CheckSplit(train, test); err != nil {
		t.Fatal(err)
	}
	for says, c := range map[string][2]Features{
		`clip "clip 0" is in training`: {train, f.Take([]int{0})},
		`group "recording 0.0" is in`:  {f.Take([]int{0}), f.Take([]int{1})},
		"have 4 values, test":          {train, synthetic(2, 2, 5, seeded(52))},
		"training classes are":         {train, synthetic(3, 2, 4, seeded(53))},
	} {
		if err := CheckSplit(c[0], c[1]); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("error %v, want one that says %q", err, says)
		}
	}
	train.Groups, test.Groups = []string{"", "", "", ""}, []string{"", "", "", ""}
	if err := CheckSplit(train, test); err != nil {
		t.Errorf("clips that stand alone: %v", err)
	}
}
