package probe

import (
	"context"
	"strings"
	"testing"

	"framepilot/internal/fault"
)

func TestMethods(t *testing.T) {
	train := synthetic(3, 6, 12, seeded(60))
	text, err := Prototypes([]Matrix{train.X.Take([]int{0, 1}), train.X.Take([]int{6, 7}), train.X.Take([]int{12, 13})})
	if err != nil {
		t.Fatal(err)
	}
	train.Text = text
	for _, m := range Methods() {
		fitted, err := m.Run(context.Background(), train, nil)
		if err != nil {
			t.Fatal(err)
		}
		s, err := evaluate(fitted.Classifier.Logits(train.X), train, Confidence)
		if err != nil {
			t.Fatal(err)
		}
		if s.Top1.Value < 0.7 {
			t.Errorf("%s: %d of %d right on its own training clips", m.Name, s.Top1.K, s.Top1.N)
		}
		if m.Summary == "" {
			t.Errorf("%s has no summary", m.Name)
		}
		for _, p := range m.Params {
			if p.Doc == "" || p.Low >= p.High {
				t.Errorf("%s: setting %+v", m.Name, p)
			}
		}
	}
}

func TestZeroShotNeedsNoClips(t *testing.T) {
	m, err := FindMethod(Methods(), "zero-shot")
	if err != nil {
		t.Fatal(err)
	}
	only := Features{Classes: []string{"a", "b"}, Text: Matrix{Rows: 2, Cols: 2, Data: []float32{1, 0, 0, 1}}}
	fitted, err := m.Run(context.Background(), only, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := fitted.Classifier.Logits(Matrix{Rows: 1, Cols: 2, Data: []float32{0.6, 0.8}}); got.Data[0] != 12 || got.Data[1] != 16 {
		t.Errorf("logits %v, want 20 times the cosines", got.Data)
	}
	if _, err := m.Run(context.Background(), synthetic(2, 2, 4, seeded(61)), nil); fault.KindOf(err) != fault.Input {
		t.Errorf("without text: %v", err)
	}
}

func TestSettings(t *testing.T) {
	m, err := FindMethod(Methods(), "logistic")
	if err != nil {
		t.Fatal(err)
	}
	got, err := m.Settings(map[string]string{"C": "0.316", "folds": "3"})
	if err != nil {
		t.Fatal(err)
	}
	if got["C"] != 0.316 || got["folds"] != 3 || got["seed"] != 0 {
		t.Errorf("settings %v", got)
	}
	if got, err := m.Settings(map[string]string{"C": "0"}); err != nil || got["C"] != 0 {
		t.Errorf("the default, given: %v, %v", got, err)
	}
	for key, value := range map[string]string{"C": "-1", "folds": "2.5", "seed": "x", "c": "1"} {
		_, err := m.Settings(map[string]string{key: value})
		if fault.KindOf(err) != fault.Usage || !strings.Contains(err.Error(), key) {
			t.Errorf("%s=%s: %v", key, value, err)
		}
	}
	for key, want := range map[string]string{
		"lambda": `logistic: no setting "lambda"; there is "C", "folds" or "seed"`,
		"sede":   `logistic: no setting "sede"; did you mean "seed"?`,
	} {
		if _, err := m.Settings(map[string]string{key: "1"}); err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
	none := Method{Name: "none"}
	if _, err := none.Settings(map[string]string{"seed": "1"}); err == nil || err.Error() != `none: no setting "seed"; it has none` {
		t.Errorf("a setting of a method without: %v", err)
	}
	for name, want := range map[string]string{
		"svm":     `no method "svm"; there is "zero-shot", "nearest-mean", "logistic" or "ridge"`,
		"logistc": `no method "logistc"; did you mean "logistic"?`,
	} {
		if _, err := FindMethod(Methods(), name); err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// TestGivenSettingsAreKept: what a user sets is in the account of the fit, also
// where the method had nothing to choose of it, once; what was left alone is not.
func TestGivenSettingsAreKept(t *testing.T) {
	several := synthetic(3, 6, 12, seeded(62))
	for _, y := range several.Labels {
		several.Truth = append(several.Truth, []int{y})
	}
	several.Labels = nil
	for name, train := range map[string]Features{"one class a clip": synthetic(3, 6, 12, seeded(62)), "several": several} {
		m, err := FindMethod(Methods(), "logistic")
		if err != nil {
			t.Fatal(err)
		}
		fitted, err := m.Run(context.Background(), train, map[string]string{"folds": "3", "seed": "0"})
		if err != nil {
			t.Fatal(err)
		}
		var folds []Choice
		for _, c := range fitted.Choices {
			if c.Param == "seed" {
				t.Errorf("%s: an account of seed, which is at its default", name)
			}
			if c.Param == "folds" {
				folds = append(folds, c)
			}
		}
		if len(folds) != 1 || folds[0].Value != 3 || folds[0].Rung != Given || folds[0].Rule != RuleGiven || folds[0].Reason != "set by the user" {
			t.Errorf("%s: the account of folds is %+v", name, folds)
		}
	}
	if m, err := FindMethod(Methods(), "nearest-mean"); err != nil {
		t.Fatal(err)
	} else if fitted, err := m.Run(context.Background(), synthetic(3, 6, 12, seeded(62)), map[string]string{"scale": "3"}); err != nil || len(fitted.Choices) != 1 || fitted.Choices[0].Rung != Given {
		t.Errorf("%+v, %v: want one account of scale", fitted.Choices, err)
	}
}
