package probe

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"
)

// A score from kept predictions is the score they were kept from.
func TestRescoreIsTheScore(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 1))
	classes := []string{"a", "b", "c"}
	const n = 60
	test := Features{X: NewMatrix(n, 2), Classes: classes, Labels: make([]int, n), Groups: make([]string, n), IDs: make([]string, n)}
	logits := NewMatrix(n, 3)
	for i := range n {
		test.X.Row(i)[0] = 1
		test.Labels[i] = rng.IntN(3)
		test.Groups[i] = fmt.Sprint("g", i/4)
		test.IDs[i] = fmt.Sprint(i)
		for c := range 3 {
			logits.Row(i)[c] = float32(rng.NormFloat64())
		}
		logits.Row(i)[test.Labels[i]] += 1
	}
	want, err := evaluate(logits, test, Confidence)
	if err != nil {
		t.Fatal(err)
	}
	got, err := Rescore(classes, want.Predictions, Confidence)
	if err != nil {
		t.Fatal(err)
	}
	if got.Top1 != want.Top1 || got.Recall != want.Recall || got.F1 != want.F1 ||
		!reflect.DeepEqual(got.PerClass, want.PerClass) || !reflect.DeepEqual(got.Confusion, want.Confusion) {
		t.Errorf("rescored %+v\nwant %+v", got, want)
	}
	wider, err := Rescore(classes, want.Predictions, 0.99)
	if err != nil {
		t.Fatal(err)
	}
	if !(wider.Top1.Low < want.Top1.Low && wider.Top1.High > want.Top1.High) {
		t.Errorf("at 99 %%: %+v, at 95 %%: %+v", wider.Top1, want.Top1)
	}
	if _, err := Rescore(classes, []Prediction{{Predicted: 3}}, Confidence); err == nil {
		t.Error("a class out of range is taken")
	}
	if _, err := Rescore(classes, nil, Confidence); err == nil {
		t.Error("no predictions are a score")
	}
}
