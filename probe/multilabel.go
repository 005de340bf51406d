package probe

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"framepilot/internal/fault"
	"framepilot/internal/stat"
)

// MultiScore is what scores are worth where a clip may be of several classes
// or of none.
type MultiScore struct {
	Classes []string
	N       int // clips

	MAP       float64 // mean average precision over classes with clips
	Low, High float64 // of MAP, by resampling whole groups
	PerClass  []MultiClassScore

	Said    bool    // there were thresholds, so that F1 means something
	F1      Macro   // mean F1 over classes with clips
	MicroF1 float64 // F1 of all clips and classes together

	Video *MultiScore // of the videos the clips are windows of; nil where they are none

	Confidence float64 // of the interval
	Looks      int     // readings of these labels so far, this one included; 0: they were not sealed
	Agreed     int     // readings agreed on beforehand
}

// MultiClassScore is how one class fared: a class that no clip is of, or
// every clip, tells nothing.
type MultiClassScore struct {
	Class     string
	Clips     int     // clips that are of it
	Measured  bool    // neither none nor all
	AP        float64 // average precision: mean precision at each clip of the class, surest first
	Low, High float64 // of AP, by resampling whole groups
	AUROC     float64

	Threshold   float64 // the logit from which clips were said to be of it
	Said, Right int     // clips said to be of it, and those that are
	F1          Macro   // 2 Right / (Said + Clips), by resampling whole groups
}

// evaluateMulti scores logits (N, C) of clips that are of the classes in Truth
// of test, with intervals at conf. A clip is said to be of a class from its
// threshold on (C); nil: none were set.
func evaluateMulti(logits Matrix, thresholds []float64, test Features, conf float64) (MultiScore, error) {
	n, truth, classes, groups := logits.Rows, test.Truth, test.Classes, test.Groups
	if len(truth) != n || logits.Cols != len(classes) || len(groups) != 0 && len(groups) != n || thresholds != nil && len(thresholds) != len(classes) {
		return MultiScore{}, fmt.Errorf("multi-label score: %d × %d logits for %d clips of %d classes in %d group entries, %d thresholds", n, logits.Cols, len(truth), len(classes), len(groups), len(thresholds))
	}
	if c := notFinite(logits.Data); c >= 0 {
		return MultiScore{}, fmt.Errorf("multi-label score: clip #%d: a logit is %g", c/logits.Cols, logits.Data[c])
	}
	member, err := membership(truth, len(classes))
	if err != nil {
		return MultiScore{}, fmt.Errorf("multi-label score: %w", err)
	}
	s := MultiScore{Classes: classes, N: n, Confidence: conf, Said: thresholds != nil}
	once := slices.Repeat([]int{1}, n)
	order := make([][]int, len(classes)) // clips, surest first
	score := make([]float64, n)
	var measured int
	for c, class := range classes {
		var in, out []float64
		for i := range n {
			score[i] = float64(logits.Row(i)[c])
			if member[c][i] {
				in = append(in, score[i])
			} else {
				out = append(out, score[i])
			}
		}
		one := MultiClassScore{Class: class, Clips: len(in), Measured: len(in) > 0 && len(out) > 0}
		if one.Measured {
			order[c] = ascending(score)
			slices.Reverse(order[c])
			one.AP = averagePrecision(order[c], score, member[c], once)
			one.AUROC = stat.AUROC(in, out)
			s.MAP += one.AP
			measured++
		}
		s.PerClass = append(s.PerClass, one)
	}
	if measured == 0 {
		return MultiScore{}, fault.New(fault.Input, "label clips that are of a class, and some that are not",
			"multi-label score: none of %d classes has both among %d clips", len(classes), n)
	}
	s.MAP /= float64(measured)
	s.interval(logits, member, order, groups)
	if s.Said {
		s.say(logits, thresholds, member, groups)
	}
	s.Video, err = multiByVideo(logits, thresholds, test, conf)
	return s, err
}

// membership marks the clips of each class.
func membership(truth [][]int, classes int) ([][]bool, error) {
	member := make([][]bool, classes)
	for c := range member {
		member[c] = make([]bool, len(truth))
	}
	for i, list := range truth {
		for _, c := range list {
			if c < 0 || c >= classes {
				return nil, fmt.Errorf("clip #%d has label %d, want 0 to %d", i, c, classes-1)
			}
			member[c][i] = true
		}
	}
	return member, nil
}

// Membership is Truth as a matrix (N, C), 1 where a clip is of a class, else 0.
func (f Features) Membership() Matrix {
	out := NewMatrix(f.Len(), len(f.Classes))
	for i, list := range f.Truth {
		for _, c := range list {
			out.Row(i)[c] = 1
		}
	}
	return out
}

// SetMembership sets Truth from such a matrix, in which anything but 0 counts
// as 1, and takes the labels away.
func (f *Features) SetMembership(m Matrix) {
	f.Truth, f.Labels = make([][]int, m.Rows), make([]int, m.Rows)
	for i := range m.Rows {
		f.Truth[i], f.Labels[i] = []int{}, Unlabelled
		for c, v := range m.Row(i) {
			if v != 0 {
				f.Truth[i] = append(f.Truth[i], c)
			}
		}
	}
}

// averagePrecision goes through clips surest first, each so many times, those
// of equal score together.
func averagePrecision(order []int, score []float64, member []bool, times []int) float64 {
	var seen, hits, sum float64
	for k := 0; k < len(order); {
		at := score[order[k]]
		var more float64
		for ; k < len(order) && score[order[k]] == at; k++ {
			i := order[k]
			seen += float64(times[i])
			if member[i] {
				more += float64(times[i])
			}
		}
		hits += more
		if more > 0 {
			sum += more * hits / seen
		}
	}
	if hits == 0 {
		return math.NaN()
	}
	return sum / hits
}

// interval bounds MAP, and AP of every class, by the same resamples of whole
// groups. Classes that lose all their clips in a resample sit that one out.
func (s *MultiScore) interval(logits Matrix, member [][]bool, order [][]int, groups []string) {
	number, count := NumberGroups(groups, s.N)
	columns := make([][]float64, len(s.Classes))
	for c := range columns {
		for i := range s.N {
			columns[c] = append(columns[c], float64(logits.Row(i)[c]))
		}
	}
	clips := make([]int, s.N)
	mean := len(s.Classes) // where the statistics of the classes end
	r := stat.Bootstraps(count, mean+1, func(times []int, values []float64) {
		for i, g := range number {
			clips[i] = times[g]
		}
		var sum, measured float64
		for c := range s.Classes {
			values[c] = s.PerClass[c].AP
			if order[c] == nil {
				continue
			}
			if ap := averagePrecision(order[c], columns[c], member[c], clips); ap == ap {
				values[c] = ap
				sum += ap
				measured++
			}
		}
		values[mean] = s.MAP
		if measured > 0 {
			values[mean] = sum / measured
		}
	}, rand.New(rand.NewPCG(bootstrapSeed, 3)))
	for c := range s.PerClass {
		i := r[c].Percentile(s.Confidence)
		s.PerClass[c].Low, s.PerClass[c].High = i.Low, i.High
	}
	i := r[mean].Percentile(s.Confidence)
	s.Low, s.High = i.Low, i.High
}
