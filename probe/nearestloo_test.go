package probe

import (
	"context"
	"math"
	"testing"
)

// Leaving out by dot products is leaving out by fitting again, also where a
// class is left without clips or a clip is there twice.
func TestLeaveOutOfMeans(t *testing.T) {
	train, _ := world(t, 5, 6, 310)
	train.Labels[0] = 4
	for i := range train.Labels {
		if train.Labels[i] == 3 {
			train.Groups[i] = "all of one class"
		}
	}
	copy(train.X.Row(7), train.X.Row(8))
	fit := func(train Features) (Fitter, error) {
		m, err := FitNearestMean(train, 1)
		return func(context.Context, []float64) (Classifier, error) { return m, nil }, err
	}
	want, err := leaveGroupsOut(train, fit)(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err := leaveOutOfMeans(train)(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range want.Data {
		if off := math.Abs(float64(got.Data[i] - v)); !(off < 1e-5) {
			t.Fatalf("clip %d, class %d: %g, by fitting again %g", i/want.Cols, i%want.Cols, got.Data[i], v)
		}
	}
}
