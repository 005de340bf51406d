package probe

import (
	"fmt"
	"slices"

	"framepilot/internal/fault"
)

// Score is what a classifier is worth on labelled clips.
type Score struct {
	Classes []string
	N       int // clips scored
	Skipped int // clips left out, having no label

	Top1, Top5 Rate
	TopK       int     // what Top5 counts: the truth among the min(5, C) likeliest
	NLL        float64 // mean negative log-likelihood of the truth, in nats

	PerClass    []ClassScore // C
	MacroRecall float64      // mean recall over classes with clips
	WorstClass  int          // class with the least recall, the first of several
	Confusion   [][]int      // (C, C) clips by true class, then by predicted class

	Recall, F1  Macro // over classes with clips; Recall.Value is MacroRecall
	Calibration Calibration
	Video       *VideoScore  // of the videos the clips are windows of; nil where they are none
	Predictions []Prediction // N, in the order of the clips

	Confidence float64 // of every interval here
	Looks      int     // which look at these labels it is, from 1; 0: they were not sealed
	Agreed     int     // readings agreed on beforehand
}

// ClassScore is how one class fared. A class without clips has no recall, one
// never predicted no precision: those rates have N = 0. The intervals take
// clips for independent.
type ClassScore struct {
	Class     string
	Recall    Rate // of the clips of the class, the share recognised
	Precision Rate // of the clips given the class, the share that are of it
}

// Prediction is what became of one clip.
type Prediction struct {
	ID        string
	Group     string
	Label     int     // true class
	Predicted int     // likeliest class
	P         float64 // its posterior, 0 to 1
	Rank      int     // of the true class, from 1; equal logits count as ahead of it
	Next      []Guess // of a mistake: the two likeliest classes after Predicted, as far as there are any
}

// Guess is a class that a clip may be of.
type Guess struct {
	Class int
	P     float64 // its posterior, 0 to 1
}

// evaluate scores logits (N, C) on the labelled clips of test, with intervals at
// conf.
//
// Ties count against the classifier: a class with the logit of the truth
// ranks ahead of it and is the prediction where no logit is higher (the first
// such class), so Predicted is the true class exactly where Rank is 1.
//
// Intervals of Top1 and Top5 allow for clips of one group standing or falling
// together; see IntervalMethod.
func evaluate(logits Matrix, test Features, conf float64) (Score, error) {
	s, posterior, err := judge(logits, test, conf)
	if err != nil {
		return Score{}, err
	}
	top5 := make([]float64, s.N)
	for i, p := range s.Predictions {
		if p.Rank <= s.TopK {
			top5[i] = 1
		}
	}
	number := s.count()
	s.Top5 = groupedRate(top5, number, conf)
	s.calibration(posterior, number, conf)
	s.Video = byVideo(logits, test, conf)
	return s, nil
}

// judge makes the predictions of a score, and their posteriors (N, C).
func judge(logits Matrix, test Features, conf float64) (s Score, posterior [][]float64, err error) {
	classes := len(test.Classes)
	if logits.Rows != test.Len() || logits.Cols != classes {
		return s, nil, fmt.Errorf("score: %d × %d logits for %d clips of %d classes", logits.Rows, logits.Cols, test.Len(), classes)
	}
	rows := test.labelled()
	if len(rows) == 0 {
		return s, nil, fault.New(fault.Input, "label the test clips", "score: none of %d clips has a label", test.Len())
	}
	s = Score{Classes: test.Classes, N: len(rows), Skipped: test.Len() - len(rows), TopK: min(5, classes), Confidence: conf}
	posterior = make([][]float64, s.N)
	for i, r := range rows {
		row := logits.Row(r)
		if c := notFinite(row); c >= 0 {
			return s, nil, fmt.Errorf("score: clip %s: logit of class %q is %g", test.id(r), test.Classes[c], row[c])
		}
		posterior[i] = Softmax(row)
		p := predict(row, test.Labels[r])
		p.P = posterior[i][p.Predicted]
		if p.Rank > 1 {
			p.Next = after(p.Predicted, posterior[i])
		}
		p.ID = test.id(r)
		if len(test.Groups) > 0 {
			p.Group = test.Groups[r]
		}
		s.Predictions = append(s.Predictions, p)
		s.NLL += (logSumExp(row) - float64(row[p.Label])) / float64(s.N)
	}
	return s, posterior, nil
}

// Rescore is the score of predictions that were kept, with intervals at conf,
// in (0, 1). What takes more than the predicted class is zero: Top5, NLL and
// Calibration.
func Rescore(classes []string, predictions []Prediction, conf float64) (Score, error) {
	if len(predictions) == 0 {
		return Score{}, fault.New(fault.Input, "", "score: no predictions")
	}
	for _, p := range predictions {
		if min(p.Label, p.Predicted) < 0 || max(p.Label, p.Predicted) >= len(classes) {
			return Score{}, fmt.Errorf("score: clip %s: class %d predicted as %d, of %d classes", p.ID, p.Label, p.Predicted, len(classes))
		}
	}
	s := Score{Classes: classes, N: len(predictions), Predictions: predictions, Confidence: conf}
	s.count()
	return s, nil
}

// count fills in what follows from Predictions alone and returns the number of
// each clip's group.
func (s *Score) count() []int {
	s.Confusion = make([][]int, len(s.Classes))
	for c := range s.Confusion {
		s.Confusion[c] = make([]int, len(s.Classes))
	}
	hits, names := make([]float64, s.N), make([]string, s.N)
	for i, p := range s.Predictions {
		s.Confusion[p.Label][p.Predicted]++
		names[i] = p.Group
		if p.Rank == 1 {
			hits[i] = 1
		}
	}
	number, groups := NumberGroups(names, s.N)
	s.Top1 = groupedRate(hits, number, s.Confidence)
	s.byClass()
	s.macro(number, groups, s.Confidence)
	return number
}

// predict ranks the classes of one clip; its posterior is still to come.
func predict(logits []float32, label int) Prediction {
	p := Prediction{Label: label, Predicted: label, Rank: 1}
	for c, z := range logits {
		if c != label && z >= logits[label] {
			p.Rank++
			if p.Predicted == label || z > logits[p.Predicted] {
				p.Predicted = c
			}
		}
	}
	return p
}

// after are the two likeliest classes but first.
func after(first int, posterior []float64) []Guess {
	var next []Guess
	for c, p := range posterior {
		if c == first {
			continue
		}
		at := len(next)
		for at > 0 && p > next[at-1].P {
			at--
		}
		if next = slices.Insert(next, at, Guess{c, p}); len(next) > 2 {
			next = next[:2]
		}
	}
	return next
}

// byClass fills in what follows from the confusion counts.
func (s *Score) byClass() {
	s.WorstClass = -1
	var measured int
	for c, class := range s.Classes {
		var given, clips int
		for other := range s.Classes {
			clips += s.Confusion[c][other]
			given += s.Confusion[other][c]
		}
		hits := s.Confusion[c][c]
		score := ClassScore{Class: class, Recall: newRate(hits, clips, s.Confidence), Precision: newRate(hits, given, s.Confidence)}
		s.PerClass = append(s.PerClass, score)
		if clips == 0 {
			continue
		}
		measured++
		s.MacroRecall += score.Recall.Value
		if s.WorstClass < 0 || score.Recall.Value < s.PerClass[s.WorstClass].Recall.Value {
			s.WorstClass = c
		}
	}
	s.MacroRecall /= float64(measured)
}

// notFinite is the index of the first infinity or NaN in x, or -1.
func notFinite[T float32 | float64](x []T) int {
	for i, v := range x {
		if v-v != 0 {
			return i
		}
	}
	return -1
}

// id names clip i, by its place where it has no name.
func (f Features) id(i int) string {
	if len(f.IDs) > 0 {
		return f.IDs[i]
	}
	return fmt.Sprintf("#%d", i)
}
