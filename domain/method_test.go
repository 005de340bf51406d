package domain

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"framepilot/probe"
)

// worlds: clips of three classes, two to a recording, at a source and at a
// target that is turned, moved or differently mixed.
type world struct{ move, noise float64 }

func (w world) draw(n int, prior []float64, moved bool, seed uint64) probe.Features {
	const d = 24
	rng := seeded(seed)
	centres, shift := gaussian(len(prior), d, 77), gaussian(1, d, 78)
	f := probe.Features{X: probe.NewMatrix(n, d), Classes: []string{"a", "b", "c"}[:len(prior)]}
	for i := range n {
		u, y := rng.Float64(), 0
		for u > prior[y] && y < len(prior)-1 {
			u -= prior[y]
			y++
		}
		f.Labels = append(f.Labels, y)
		f.IDs = append(f.IDs, strings.Repeat("x", 1+i))
		row := f.X.Row(i)
		for j := range row {
			row[j] = centres.Row(y)[j] + float32(w.noise*rng.NormFloat64()) + 1
			if moved {
				row[j] += float32(w.move) * shift.Row(0)[j]
			}
		}
	}
	f.X.Normalize()
	return f
}

// quick keeps trained methods short: what they reach is for the benchmark.
func quick(name string) map[string]string {
	switch name {
	case "shot":
		return map[string]string{"rounds": "2", "steps": "5"}
	case "mmd", "dann":
		return map[string]string{"steps": "4"}
	}
	return nil
}

var even = []float64{1. / 3, 1. / 3, 1. / 3}

// What each method does to accuracy, over draws: it gains where its kind of
// shift is, and loses next to nothing elsewhere.
func TestMethodsGainAndLoss(t *testing.T) {
	const draws = 3
	for _, c := range []struct {
		name  string
		move  float64
		prior []float64
		gain  map[string]float64 // at least; methods not named must not lose two points
	}{
		{"nothing changed", 0, even, nil},
		{"prior only", 0, []float64{.8, .15, .05}, map[string]float64{"em-prior": 0.005}},
		{"appearance", 4, even, map[string]float64{"center": 0.02, "coral": 0.02, "linear-ot": 0.02}},
		{"both", 4, []float64{.8, .15, .05}, map[string]float64{"center": 0.02, "linear-ot": 0.02}},
	} {
		t.Run(c.name, func(t *testing.T) {
			total := make(map[string]float64)
			for k := range uint64(draws) {
				w := world{c.move, 2.2}
				source, target := w.draw(150, even, false, 2*k), w.draw(200, c.prior, true, 2*k+1)
				task := logisticTask(t, source, Unlabelled(target))
				s, err := task.start()
				if err != nil {
					t.Fatal(err)
				}
				plain := accuracy(task.Base.Logits(target.X), target.Labels)
				total["as it is"] += plain / draws
				for _, m := range Methods() {
					settings, err := m.Settings(quick(m.Name))
					if err != nil {
						t.Fatal(err)
					}
					a, err := m.fit(t.Context(), s, settings)
					if err != nil {
						t.Fatal(err)
					}
					total[m.Name] += (accuracy(a.Classifier.Logits(target.X), target.Labels) - plain) / draws
				}
			}
			t.Logf("as it is %.1f %%", 100*total["as it is"])
			for _, m := range Methods() {
				t.Logf("%s: %+.1f points", m.Name, 100*total[m.Name])
				want := -0.02
				if g, ok := c.gain[m.Name]; ok {
					want = g
				}
				if total[m.Name] < want {
					t.Errorf("%s: %+.1f points, want at least %+.1f", m.Name, 100*total[m.Name], 100*want)
				}
			}
		})
	}
}

// Labels of the target cannot reach a method; shuffling them in the features
// the target was taken from changes nothing.
func TestLeakSkadaFitsOnTargetLabels(t *testing.T) {
	task, night := demoTask(t)
	shuffled := night
	shuffled.Labels = slices.Clone(night.Labels)
	rand.New(rand.NewPCG(1, 1)).Shuffle(len(shuffled.Labels), func(i, j int) {
		shuffled.Labels[i], shuffled.Labels[j] = shuffled.Labels[j], shuffled.Labels[i]
	})
	for _, m := range Methods() {
		var first probe.Matrix
		for k, f := range []probe.Features{night, shuffled} {
			task.Target = Unlabelled(f)
			a, err := m.Run(t.Context(), task, quick(m.Name))
			if err != nil {
				t.Fatal(err)
			}
			logits := a.Classifier.Logits(night.X)
			if k == 0 {
				first = logits
			} else if !slices.Equal(first.Data, logits.Data) {
				t.Errorf("%s: other logits", m.Name)
			}
		}
	}
}

// A class nobody filmed at the source, and a source without any label.
func TestMethodsMissing(t *testing.T) {
	w := world{0.5, 1}
	source, target := w.draw(60, []float64{.5, .5, 0}, false, 1), w.draw(200, even, true, 2)
	source.Text = gaussian(3, 24, 77)
	source.Text.Normalize()
	unlabelled := source
	unlabelled.Labels = nil
	for _, f := range []probe.Features{source, unlabelled} {
		task := Task{Source: f, Base: probe.ZeroShot(source.Text, 20), Target: Unlabelled(target)}
		for _, m := range Methods() {
			a, err := m.Run(t.Context(), task, quick(m.Name))
			if slices.Contains([]string{"bbse", "mmd", "dann"}, m.Name) && len(f.Labels) == 0 {
				if err == nil {
					t.Errorf("%s: no error without labels", m.Name)
				}
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			for _, v := range a.Classifier.Logits(target.X).Data {
				if v-v != 0 {
					t.Fatalf("%s: logit %g", m.Name, v)
				}
			}
		}
	}
}

func TestMethodSettings(t *testing.T) {
	task, night := demoTask(t)
	m, err := FindMethod("coral")
	if err != nil {
		t.Fatal(err)
	}
	a, err := m.Run(t.Context(), task, map[string]string{"strength": "1", "reweight": "0", "shrinkage": "1e-3", "renormalise": "0"})
	if err != nil {
		t.Fatal(err)
	}
	want, err := FitCoral(task.Source.X, night.X, AlignOptions{Shrinkage: 1e-3, KeepLength: true})
	if err != nil {
		t.Fatal(err)
	}
	wantRows(t, a.Map.Apply(night.X), want.Apply(night.X), 0)
	for _, given := range []map[string]string{{"strength": "2"}, {"reweight": "0.5"}, {"C": "1"}} {
		if _, err := m.Run(t.Context(), task, given); err == nil {
			t.Errorf("%v: no error", given)
		}
	}
	if _, err := FindMethod("corral"); err == nil || !strings.Contains(err.Error(), `did you mean "coral"?`) {
		t.Errorf("an unknown method: %v", err)
	}
	without := task
	without.Base = nil
	if _, err := m.Run(t.Context(), without, nil); err == nil {
		t.Error("no error without a classifier")
	}
	task.Target = Clips{X: probe.NewMatrix(3, 5)}
	if _, err := m.Run(t.Context(), task, nil); err == nil {
		t.Error("no error for embeddings of another model")
	}
}
