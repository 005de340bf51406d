package domain

import (
	"context"
	"fmt"
	"testing"

	"framepilot/internal/safetensors"
	"framepilot/probe"
)

// demoSite reads a site of the demo world.
func demoSite(t testing.TB, site string) probe.Features {
	t.Helper()
	file, err := safetensors.Open("testdata/demo.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	x, err := file.Floats(site)
	if err != nil {
		t.Fatal(err)
	}
	labels, err := file.Ints(site + "_labels")
	if err != nil {
		t.Fatal(err)
	}
	groups, err := file.Ints(site + "_groups")
	if err != nil {
		t.Fatal(err)
	}
	f := probe.Features{X: probe.Matrix{Rows: len(x) / 128, Cols: 128, Data: x}, Scale: 36.6596}
	for c := range 10 {
		f.Classes = append(f.Classes, fmt.Sprint("event ", c))
	}
	for i := range labels {
		f.IDs = append(f.IDs, fmt.Sprint(site, i))
		f.Labels = append(f.Labels, int(labels[i]))
		f.Groups = append(f.Groups, fmt.Sprint(site, groups[i]))
	}
	return f
}

// demoTask is a linear probe made by day that is to work by night.
func demoTask(t testing.TB) (Task, probe.Features) {
	t.Helper()
	day, night := demoSite(t, "day"), demoSite(t, "night")
	return logisticTask(t, day, Unlabelled(night)), night
}

// logisticTask fits a linear probe and judges its training clips in folds.
func logisticTask(t testing.TB, source probe.Features, target Clips) Task {
	t.Helper()
	m, err := probe.FindMethod(probe.Methods(), "logistic")
	if err != nil {
		t.Fatal(err)
	}
	fit := func(f probe.Features) probe.Classifier {
		fitted, err := m.Run(context.Background(), f, map[string]string{"C": "10"})
		if err != nil {
			t.Fatal(err)
		}
		return fitted.Classifier
	}
	fold, err := probe.Folds(source.Labels, source.Groups, 5, seeded(1))
	if err != nil {
		t.Fatal(err)
	}
	held := probe.NewMatrix(source.Len(), len(source.Classes))
	for f := range 5 {
		var train, test []int
		for i, g := range fold {
			if g == f {
				test = append(test, i)
			} else {
				train = append(train, i)
			}
		}
		logits := fit(source.Take(train)).Logits(source.X.Take(test))
		for i, r := range test {
			copy(held.Row(r), logits.Row(i))
		}
	}
	return Task{Source: source, Base: fit(source), Held: held, Target: target}
}

// By night the probe made by day loses 14 points; a probe trained on labels
// from the night would win back about half of them, and a map without any
// label half of that.
func TestDemoNight(t *testing.T) {
	task, night := demoTask(t)
	plain := accuracy(task.Base.Logits(night.X), night.Labels)
	gain := map[string]float64{"center": 0.005, "coral": 0.02, "linear-ot": 0.03, "em-prior": 0, "bbse": 0, "stata": 0}
	for _, m := range Methods() {
		a, err := m.Run(t.Context(), task, quick(m.Name))
		if err != nil {
			t.Fatal(err)
		}
		got := accuracy(a.Classifier.Logits(night.X), night.Labels)
		t.Logf("%s: %.1f %%, as it is %.1f %%; expected %.1f to %.1f %%; %v %+v", m.Name, 100*got, 100*plain, 100*a.Expected.Low, 100*a.Expected.High, a.Choices, a.Gate)
		if got < plain+gain[m.Name] {
			t.Errorf("%s: %.1f %%, as it is %.1f %%, want %.0f points more", m.Name, 100*got, 100*plain, 100*gain[m.Name])
		}
		if got < a.Expected.Low || got > a.Expected.High {
			t.Errorf("%s: %.1f %%, expected %.1f to %.1f %%", m.Name, 100*got, 100*a.Expected.Low, 100*a.Expected.High)
		}
	}
}
