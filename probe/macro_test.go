package probe

import (
	"math"
	"testing"
)

func TestMacro(t *testing.T) {
	// Class a: 3 clips, 2 found; class b: 1 clip, found; class c: none. One
	// clip of a was taken for b, none for c.
	f := Features{X: NewMatrix(4, 1), Labels: []int{0, 0, 0, 1}, Classes: []string{"a", "b", "c"}, Groups: []string{"1", "2", "3", "4"}}
	s, err := evaluate(Matrix{Rows: 4, Cols: 3, Data: []float32{1, 0, 0, 1, 0, 0, 0, 1, 0, 0, 1, 0}}, f, Confidence)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		got  Macro
		want float64
	}{
		"recall": {s.Recall, (2./3 + 1) / 2},
		"F1":     {s.F1, (2*2./(3+2) + 2*1./(1+2)) / 2}, // sklearn's f1_score of classes with clips
	} {
		if math.Abs(c.got.Value-c.want) > 1e-12 || !(c.got.Low <= c.want && c.want <= c.got.High) {
			t.Errorf("macro %s %+v, want %g", name, c.got, c.want)
		}
	}
	if s.Recall.Value != s.MacroRecall {
		t.Errorf("macro recall is %g and %g", s.Recall.Value, s.MacroRecall)
	}
}

// Clips that come in recordings of one fate say less about the mean, too.
func TestMacroAllowsForRecordings(t *testing.T) {
	rng := seeded(420)
	f := Features{X: NewMatrix(400, 1), Classes: []string{"a", "b"}}
	logits := NewMatrix(400, 2)
	for i := range 400 {
		f.Labels = append(f.Labels, i/200)
		f.Groups = append(f.Groups, string(rune(0x4e00+i/8)))
		said := i / 200
		if i%8 == 0 && rng.IntN(3) == 0 {
			said = 1 - said
		} else if i%8 != 0 && logits.Row(i - 1)[i/200] == 0 {
			said = 1 - said
		}
		logits.Row(i)[said] = 1
	}
	together, err := evaluate(logits, f, Confidence)
	if err != nil {
		t.Fatal(err)
	}
	f.Groups = nil
	alone, err := evaluate(logits, f, Confidence)
	if err != nil {
		t.Fatal(err)
	}
	if wide, narrow := together.Recall.High-together.Recall.Low, alone.Recall.High-alone.Recall.Low; !(wide > 2*narrow) {
		t.Errorf("recall within %g by recording, %g by clip", wide, narrow)
	}
}
