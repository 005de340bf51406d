package domain_test

import (
	"testing"

	"framepilot/domain"
	"framepilot/internal/stat"
	"framepilot/probe"
)

// leaning are the methods that lean on the whole site, and settings that keep
// training short.
var leaning = []struct {
	name  string
	quick map[string]string
}{
	{"stata", nil},
	{"shot", map[string]string{"rounds": "2", "steps": "10"}},
	{"tda", nil},
	{"running-gaussian", nil},
	{"mmd", map[string]string{"steps": "10"}},
	{"dann", map[string]string{"steps": "10"}},
}

// inductive is the answer that an adapted one has to beat: the closed form's
// where the method starts from one, else the classifier's as it was.
func inductive(task domain.Task, a domain.Adapted) probe.Classifier {
	if a.Map != nil {
		return a.Map.Before(task.Base)
	}
	return task.Base
}

// The safety gate never lets transduction end significantly below the
// inductive answer, whatever has changed. The clips scored are others than
// those adapted to.
func TestGateIsSafe(t *testing.T) {
	const draws = 3
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			t.Parallel()
			lost, won := map[string]float64{}, map[string]float64{}
			for draw := range uint64(draws) {
				site := k.clips(600, true, 2*draw+1)
				task := probeTask(t, k.clips(150, false, 2*draw), domain.Unlabelled(site.Take(span(0, 200))))
				test := site.Take(span(200, 600))
				for _, m := range leaning {
					method, err := domain.FindMethod(m.name)
					if err != nil {
						t.Fatal(err)
					}
					a, err := method.Run(t.Context(), task, m.quick)
					if err != nil {
						t.Fatal(err)
					}
					if a.Gate == nil || a.Gate.Reason == "" {
						t.Fatalf("%s: no gate, or one without a reason", m.name)
					}
					only, other := discordant(right(inductive(task, a), test), right(a.Classifier, test))
					lost[m.name] += only
					won[m.name] += other
					if !a.Gate.Accepted && only+other > 0 {
						t.Errorf("%s: refused, and %g answers are not the inductive ones", m.name, only+other)
					}
				}
			}
			for _, m := range leaning {
				i := stat.PairedDifference(won[m.name], lost[m.name], draws*400, probe.Confidence)
				t.Logf("%s: %+.1f points [%.1f, %.1f]", m.name, 100*(won[m.name]-lost[m.name])/(draws*400), 100*i.Low, 100*i.High)
				if i.High < 0 {
					t.Errorf("%s: significantly below the inductive answer, [%.1f, %.1f] points", m.name, 100*i.Low, 100*i.High)
				}
			}
		})
	}
}

// span lists first … last-1.
func span(first, last int) []int {
	var out []int
	for i := first; i < last; i++ {
		out = append(out, i)
	}
	return out
}
