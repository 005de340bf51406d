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
}

// EvaluateMulti scores logits (N, C) of clips that are of the classes in
// truth: one list a clip, empty for none of them. groups may be nil.
func EvaluateMulti(logits Matrix, truth [][]int, classes, groups []string) (MultiScore, error) {
	return evaluateMulti(logits, truth, classes, groups, Confidence)
}

func evaluateMulti(logits Matrix, truth [][]int, classes, groups []string, conf float64) (MultiScore, error) {
	n := logits.Rows
	if len(truth) != n || logits.Cols != len(classes) || len(groups) != 0 && len(groups) != n {
		return MultiScore{}, fmt.Errorf("multi-label score: %d × %d logits for %d clips of %d classes in %d group entries", n, logits.Cols, len(truth), len(classes), len(groups))
	}
	if c := notFinite(logits.Data); c >= 0 {
		return MultiScore{}, fmt.Errorf("multi-label score: clip #%d: a logit is %g", c/logits.Cols, logits.Data[c])
	}
	member, err := membership(truth, len(classes))
	if err != nil {
		return MultiScore{}, fmt.Errorf("multi-label score: %w", err)
	}
	s := MultiScore{Classes: classes, N: n, Confidence: conf}
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
	return s, nil
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
