package probe

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"framepilot/internal/fault"
	"framepilot/internal/stat"
)

// MultiScore is what scores are worth where a clip may be of several classes
// or of none. Intervals are by resampling whole groups (BCa) or, where no
// resample differs, by as many trials as there are groups.
type MultiScore struct {
	Classes []string
	N       int // clips

	MAP       float64 // mean average precision over classes with clips
	Low, High float64 // of MAP
	Method    IntervalMethod
	PerClass  []MultiClassScore

	Said    bool  // there were thresholds, so that F1 means something
	F1      Macro // mean F1 over classes with clips
	MicroF1 Macro // F1 of all clips and classes together

	Predictions []MultiPrediction // N, in the order of the clips

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
	Low, High float64 // of AP
	Method    IntervalMethod
	AUROC     float64

	Threshold   float64 // the logit from which clips were said to be of it
	Said, Right int     // clips said to be of it, and those that are
	F1          Macro   // 2 Right / (Said + Clips)
}

// MultiPrediction is what became of one clip that may be of several classes.
type MultiPrediction struct {
	ID    string
	Group string
	Of    []int     // classes it is of, ascending
	Said  []int     // classes it is said to be of, ascending; none where there were no thresholds
	Z     []float32 // log odds of each class (C); higher is likelier where they are not calibrated
}

// evaluateMulti scores logits (N, C) of clips that are of the classes in Truth
// of test, with intervals at conf. A clip is said to be of a class from its
// threshold on (C); nil: none were set.
func evaluateMulti(logits Matrix, thresholds []float64, test Features, conf float64) (MultiScore, error) {
	n, truth, classes, groups := logits.Rows, test.Truth, test.Classes, test.Groups
	if len(truth) != n || logits.Cols != len(classes) || len(groups) != 0 && len(groups) != n || thresholds != nil && len(thresholds) != len(classes) {
		return MultiScore{}, fmt.Errorf("multi-label score: %d × %d logits for %d clips of %d classes in %d group entries, %d thresholds", n, logits.Cols, len(truth), len(classes), len(groups), len(thresholds))
	}
	list := make([]MultiPrediction, n)
	for i := range list {
		p := MultiPrediction{ID: test.id(i), Of: slices.Compact(slices.Sorted(slices.Values(truth[i]))), Z: logits.Row(i)}
		if len(groups) > 0 {
			p.Group = groups[i]
		}
		for c, at := range thresholds {
			if float64(p.Z[c]) >= at {
				p.Said = append(p.Said, c)
			}
		}
		list[i] = p
	}
	s, err := RescoreMulti(classes, list, thresholds != nil, conf)
	if err != nil {
		return MultiScore{}, err
	}
	for c, at := range thresholds {
		s.PerClass[c].Threshold = at
	}
	s.Video, err = multiByVideo(logits, thresholds, test, conf)
	return s, err
}

// RescoreMulti is the score of predictions that were kept, with intervals at
// conf, in (0, 1); said tells whether there were thresholds. Those and the
// score of videos are left out.
func RescoreMulti(classes []string, list []MultiPrediction, said bool, conf float64) (MultiScore, error) {
	r, err := newRanking(len(classes), list)
	if err != nil {
		return MultiScore{}, fmt.Errorf("multi-label score: %w", err)
	}
	s := MultiScore{Classes: classes, N: len(list), Confidence: conf, Said: said, Predictions: list}
	once := slices.Repeat([]int{1}, len(list))
	var measured int
	for c, class := range classes {
		one := MultiClassScore{Class: class, Clips: countTrue(r.member[c]), Measured: r.order[c] != nil}
		if one.Measured {
			one.AP = r.ap(c, once)
			one.AUROC = r.auroc(c)
			measured++
		}
		s.PerClass = append(s.PerClass, one)
	}
	if measured == 0 {
		return MultiScore{}, fault.New(fault.Input, "label clips that are of a class, and some that are not",
			"multi-label score: none of %d classes has both among %d clips", len(classes), len(list))
	}
	s.rank(r)
	if said {
		s.say(r)
	}
	return s, nil
}

// rank fills in mAP, and the intervals of it and of AP of every class by the
// same resamples of whole groups. Classes that lose all their clips in a
// resample sit that one out.
func (s *MultiScore) rank(r *ranking) {
	all := len(s.Classes) // where the statistics of the classes end
	measured := r.meanAP(slices.Repeat([]int{1}, s.N), make([]float64, all))
	resampled := stat.Bootstraps(r.groups, all+1, func(times []int, values []float64) {
		clips := r.clips(times)
		if values[all] = r.meanAP(clips, values[:all]); values[all] != values[all] {
			values[all] = measured
		}
		for c, one := range s.PerClass {
			if values[c] != values[c] {
				values[c] = one.AP
			}
		}
	}, rand.New(rand.NewPCG(bootstrapSeed, 3)))
	for c := range s.PerClass {
		one := &s.PerClass[c]
		ends := newMacro(resampled[c], s.Confidence).orTrials(recordings(r.member[c], r.number), s.Confidence)
		one.Low, one.High, one.Method = ends.Low, ends.High, ends.Method
	}
	ends := newMacro(resampled[all], s.Confidence).orTrials(r.groups, s.Confidence)
	s.MAP, s.Low, s.High, s.Method = ends.Value, ends.Low, ends.High, ends.Method
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
