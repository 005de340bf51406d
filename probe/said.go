package probe

import (
	"math/rand/v2"
	"slices"

	"framepilot/internal/fault"
	"framepilot/internal/stat"
)

// say fills in what the thresholds made of the logits: for each class the clips
// said to be of it and F1, between resamples of whole groups.
func (s *MultiScore) say(r *ranking) {
	tallies := make([]said, len(s.Classes)) // of all clips
	byGroup := make([][]tagged, r.groups)   // what counts of each group
	for i, p := range s.Predictions {
		for c := range s.Classes {
			one := said{}
			if slices.Contains(p.Said, c) {
				one.said = 1
			}
			if r.member[c][i] {
				one.of = 1
				one.right = one.said
			}
			if one != (said{}) {
				tallies[c].add(one, 1)
				byGroup[r.number[i]] = append(byGroup[r.number[i]], tagged{c, one})
			}
		}
	}
	mean := len(s.Classes) // where the statistics of the classes end
	resampled := stat.Bootstraps(r.groups, mean+2, func(times []int, values []float64) {
		again := make([]said, len(s.Classes))
		var all said
		for g, n := range times {
			for _, t := range byGroup[g] {
				again[t.class].add(t.said, float64(n))
				all.add(t.said, float64(n))
			}
		}
		values[mean], values[mean+1] = s.meanF1(again), all.f1()
		for c, one := range again {
			if values[c] = one.f1(); one.of == 0 {
				values[c] = tallies[c].f1() // it sits this one out
			}
		}
	}, rand.New(rand.NewPCG(bootstrapSeed, 6)))
	for c := range s.PerClass {
		one := &s.PerClass[c]
		one.Said, one.Right = int(tallies[c].said), int(tallies[c].right)
		one.F1 = newMacro(resampled[c], s.Confidence).orTrials(recordings(r.member[c], r.number), s.Confidence)
	}
	s.F1 = newMacro(resampled[mean], s.Confidence).orTrials(r.groups, s.Confidence)
	s.MicroF1 = newMacro(resampled[mean+1], s.Confidence).orTrials(r.groups, s.Confidence)
}

// meanF1 is over the classes that are measured and some clip is of, or is said
// to be of.
func (s *MultiScore) meanF1(tallies []said) float64 {
	var sum, n float64
	for c, one := range tallies {
		if s.PerClass[c].Measured && one.of+one.said > 0 {
			sum += one.f1()
			n++
		}
	}
	if n == 0 {
		return 0
	}
	return sum / n
}

// said counts the clips said to be of a class, those that are of it, and those
// that are both.
type said struct{ said, of, right float64 }

// tagged is what is said of a clip and one class.
type tagged struct {
	class int
	said
}

func (a *said) add(b said, times float64) {
	a.said += times * b.said
	a.of += times * b.of
	a.right += times * b.right
}

// f1 is the harmonic mean of precision and recall; 0 where no clip is of the
// class and none is said to be.
func (a said) f1() float64 {
	if a.said+a.of == 0 {
		return 0
	}
	return 2 * a.right / (a.said + a.of)
}

// multiByVideo scores videos of which the clips are windows: a video is of
// every class that a window of it is of, and as surely as its surest window is
// said to be. nil where every clip is one of its own.
func multiByVideo(logits Matrix, thresholds []float64, test Features, conf float64) (*MultiScore, error) {
	number, count := NumberGroups(test.Videos, test.Len())
	if len(test.Videos) == 0 || count == test.Len() {
		return nil, nil
	}
	best := NewMatrix(count, logits.Cols)
	videos := Features{Truth: make([][]int, count), Classes: test.Classes, Groups: make([]string, count)}
	windows := make([]int, count)
	for i, v := range number {
		for c, z := range logits.Row(i) {
			if windows[v] == 0 || z > best.Row(v)[c] {
				best.Row(v)[c] = z
			}
		}
		windows[v]++
		videos.Truth[v] = append(videos.Truth[v], test.Truth[i]...) // repeated classes count once
		if len(test.Groups) > 0 {
			videos.Groups[v] = test.Groups[i]
		}
	}
	score, err := evaluateMulti(best, thresholds, videos, conf)
	if fault.KindOf(err) == fault.Input {
		return nil, nil // all videos are of the same classes
	}
	return &score, err
}
