package probe

import (
	"cmp"
	"math"
	"slices"
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
	h := HeldOut{Logits: Matrix{Rows: 6, Cols: 2, Data: logits}, Rows: []int{0, 1, 2, 3, 4}}
	got := h.Suspects([]int{0, 0, 0, 1, 1, 1})
	if len(got) != 1 || got[0].Row != 2 || got[0].Likely != 1 || math.Abs(got[0].PLikely-.8) > 1e-6 {
		t.Errorf("suspects %+v, want the third clip", got)
	}
}

// Of clips of several classes, a class that was taken from some and given to
// others is among the
// first.
func TestSuspectTagsFindWrongOnes(t *testing.T) {
	f := multiClips(200, 12)
	type tag struct{ row, class int }
	wrong := map[tag]bool{}
	order := make([]int, f.Len()) // from clips that are surely not of class 1 to those that surely are
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(f.X.Row(a)[1], f.X.Row(b)[1]) })
	for _, r := range []int{order[0], order[198], order[199]} {
		if at := slices.Index(f.Truth[r], 1); at < 0 {
			f.Truth[r] = append(f.Truth[r], 1)
		} else {
			f.Truth[r] = slices.Delete(f.Truth[r], at, at+1)
		}
		wrong[tag{r, 1}] = true
	}
	got := runMethod(t, ridgeMethod(), f).HeldOut.SuspectTags(f.Truth)
	found := 0
	for _, s := range got[:min(len(got), 12)] { // of 600 labels
		if !wrong[tag{s.Row, s.Class}] {
			continue
		}
		found++
		if s.Is != slices.Contains(f.Truth[s.Row], 1) || s.Is == (s.P > 0.5) {
			t.Errorf("suspect %+v", s)
		}
	}
	if found != 3 {
		t.Errorf("%d of three wrong labels among the first of %d suspects", found, len(got))
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
