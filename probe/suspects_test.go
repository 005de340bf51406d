package probe

import (
	"math"
	"testing"
)

func TestSuspects(t *testing.T) {
	// Posteriors of two classes; thresholds: class 0 (.9+.8+.2)/3 = .633,
	// class 1 (.7+.6)/2 = .65. The third clip is .8 of class 1; the fifth is
	// neither's, and the last was not judged.
	var logits []float32
	for _, p := range []float64{.9, .8, .2, .3, .4, .99} {
		logits = append(logits, float32(math.Log(p)), float32(math.Log(1-p)))
	}
	h := HeldOut{Logits: Matrix{6, 2, logits}, Rows: []int{0, 1, 2, 3, 4}}
	got := h.Suspects([]int{0, 0, 0, 1, 1, 1})
	if len(got) != 1 || got[0].Row != 2 || got[0].Likely != 1 || math.Abs(got[0].PLikely-.8) > 1e-6 {
		t.Errorf("suspects %+v, want the third clip", got)
	}
}

// Labels that were swapped on purpose come first.
func TestSuspectsFindSwappedLabels(t *testing.T) {
	f := synthetic(4, 40, 48, seeded(430))
	swapped := map[int]bool{2: true, 60: true, 101: true}
	for r := range swapped {
		f.Labels[r] = (f.Labels[r] + 1) % 4
	}
	fitted := runMethod(t, ridgeMethod(), f)
	got := fitted.HeldOut.Suspects(f.Labels)
	if len(got) < 3 {
		t.Fatalf("%d suspects, want at least three", len(got))
	}
	for i, s := range got[:3] {
		if !swapped[s.Row] {
			t.Errorf("suspect %d is clip %d, which has its own label", i, s.Row)
		}
	}
}
