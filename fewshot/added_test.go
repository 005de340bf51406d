package fewshot

import (
	"context"
	"slices"
	"testing"

	"framepilot/probe"
)

// TestAClassAddedLater: with its settings as they are, a closed form says the
// same of the other classes before and after a class joins, to rounding; what
// was said of them need not be fitted, checked or calibrated again.
func TestAClassAddedLater(t *testing.T) {
	w := newWorld(5, 12, 8)
	later, test := w.train(4, scenario{}), w.test(4)
	var old []int
	for i, y := range later.Labels {
		if y < 4 {
			old = append(old, i)
		}
	}
	before := later.Take(old)
	before.Classes, before.Text = later.Classes[:4], later.Text.Take([]int{0, 1, 2, 3})
	for name, given := range map[string]map[string]string{
		"zero-shot": nil,
		"tip":       {"alpha": "3", "beta": "5", "scale": "1"},
		"ss-text":   {"text": "40", "scale": "1"},
	} {
		m, err := probe.FindMethod(append(probe.Methods(), Methods()...), name)
		if err != nil {
			t.Fatal(err)
		}
		four, err := m.Run(context.Background(), before, given)
		if err != nil {
			t.Fatal(err)
		}
		five, err := m.Run(context.Background(), later, given)
		if err != nil {
			t.Fatal(err)
		}
		want, got := four.Classifier.Logits(test.X), five.Classifier.Logits(test.X)
		for i := range want.Rows {
			for c, z := range want.Row(i) {
				if d := got.Row(i)[c] - z; d > 1e-5 || d < -1e-5 {
					t.Fatalf("%s: the logit of class %d moved from %g to %g", name, c, z, got.Row(i)[c])
				}
			}
		}
		if added := probe.Predict(got); !slices.Contains(added, 4) {
			t.Errorf("%s: no clip is taken for the class that joined", name)
		}
	}
}
