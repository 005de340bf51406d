package probe

import (
	"math/rand/v2"

	"framepilot/internal/stat"
)

// Macro is a mean over classes, with the interval between the quantiles of
// resamples of whole groups, corrected for bias (BCa). A class that loses its
// clips in a resample sits that one out.
type Macro struct {
	Value, Low, High float64
	Method           IntervalMethod // of the interval
}

// macro fills in mean recall and mean F1 over classes with clips.
func (s *Score) macro(number []int, groups int, conf float64) {
	type clip struct{ group, label, predicted int }
	all := make([]clip, len(s.Predictions))
	for i, p := range s.Predictions {
		all[i] = clip{number[i], p.Label, p.Predicted}
	}
	hits, clips, given := make([]float64, len(s.Classes)), make([]float64, len(s.Classes)), make([]float64, len(s.Classes))
	measure := func(times []int, values []float64) {
		clear(hits)
		clear(clips)
		clear(given)
		for _, c := range all {
			k := float64(times[c.group])
			clips[c.label] += k
			given[c.predicted] += k
			if c.predicted == c.label {
				hits[c.label] += k
			}
		}
		var recall, f1, measured float64
		for c, n := range clips {
			if n == 0 {
				continue
			}
			measured++
			recall += hits[c] / n
			f1 += 2 * hits[c] / (n + given[c])
		}
		measured = max(measured, 1) // none where the only group is left out
		values[0], values[1] = recall/measured, f1/measured
	}
	r := stat.Bootstraps(groups, 2, measure, rand.New(rand.NewPCG(bootstrapSeed, 4)))
	s.Recall, s.F1 = newMacro(r[0], conf), newMacro(r[1], conf)
}

func newMacro(r stat.Resampled, conf float64) Macro {
	i := r.BCa(conf)
	return Macro{r.Value, min(i.Low, r.Value), max(i.High, r.Value), IntervalBCa}
}

// orTrials is m where resamples differ. Where none does they tell nothing of
// other recordings, and as many trials as there are recordings take their
// place.
func (m Macro) orTrials(recordings int, conf float64) Macro {
	if m.Low < m.High || recordings == 0 {
		return m
	}
	i := stat.WilsonShare(m.Value, float64(recordings), conf)
	return Macro{m.Value, i.Low, i.High, IntervalGroups}
}
