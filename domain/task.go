package domain

import (
	"fmt"

	"framepilot/internal/fault"
	"framepilot/probe"
)

// Task is a classifier made at one site that is to work at another, and all
// that may be used to get it there.
type Task struct {
	Source probe.Features   // labelled clips
	Base   probe.Classifier // made at the source
	// Held are the logits (n, C) of the source's clips by fits that had not
	// seen their group; no rows: Base has seen none of them, as a zero-shot
	// classifier hasn't.
	Held   probe.Matrix
	Judged []int // rows of Held that mean something, ascending; nil: all
	// Plain takes Base's posteriors as they are and EM without a pseudo clip:
	// the estimators as published, for posteriors that are calibrated already.
	Plain  bool
	Target Clips
	Seed   uint64 // of tests and bootstraps
}

// state is what every method starts from.
type state struct {
	task   Task
	source SourceJudged // calibrated
	factor float64      // calibrates Base: its logits times this
	mix    Mix          // before any alignment
}

// start checks the task, calibrates Base on held-out source clips and
// estimates the mix of classes.
func (t Task) start() (state, error) {
	if err := t.Source.Check(); err != nil {
		return state{}, fmt.Errorf("source clips: %w", err)
	}
	if err := checkBoth("domain", Unlabelled(t.Source), t.Target, 2); err != nil {
		return state{}, err
	}
	if len(t.Source.Classes) < 2 {
		return state{}, fault.New(fault.Input, "", "domain: %d classes, want at least two", len(t.Source.Classes))
	}
	if t.Base == nil {
		return state{}, fault.New(fault.Input, "label source clips or add the class prompts", "domain: there is no classifier to adapt")
	}
	held := t.Held
	if held.Rows == 0 {
		held = t.Base.Logits(t.Source.X)
	}
	if held.Rows != t.Source.Len() || held.Cols != len(t.Source.Classes) {
		return state{}, fmt.Errorf("domain: %d × %d held-out logits for %d source clips of %d classes", held.Rows, held.Cols, t.Source.Len(), len(t.Source.Classes))
	}
	judged := SourceJudged{Judged: Judged{Logits: held, Groups: t.Source.Groups}, Labels: t.Source.Labels}
	if len(judged.Labels) == 0 {
		for range t.Source.Len() {
			judged.Labels = append(judged.Labels, probe.Unlabelled)
		}
	}
	if t.Judged != nil {
		judged = judged.take(t.Judged)
	}
	s := state{task: t, factor: 1}
	if known := judged.labelled(); len(known.Labels) > 0 && !t.Plain {
		// Labels count as after one more clip of every class (Platt 1999): that a
		// classifier made no mistake on N clips does not make it certain of the next.
		factor, _ := probe.FitScale(known.Logits, known.Labels, float64(known.Logits.Cols), 1)
		s.factor = min(max(factor, 0.01), 100)
	}
	judged.Logits = scaled(judged.Logits, s.factor)
	s.source = judged
	var err error
	s.mix, err = s.mixAt(t.Target.X)
	return s, err
}

// pseudo is the number of pseudo clips EM starts from.
func (t Task) pseudo() float64 {
	if t.Plain {
		return 0
	}
	return 1
}

// base is the task's classifier with calibrated posteriors.
func (s state) base() probe.Classifier {
	return probe.Scaled{Classifier: s.task.Base, By: s.factor}
}

// judge is what a classifier on Base's scale says of the target.
func (s state) judge(c probe.Classifier) Judged {
	return Judged{Logits: probe.Scaled{Classifier: c, By: s.factor}.Logits(s.task.Target.X), Groups: s.task.Target.Groups}
}

// mixAt is the mix of classes by the answers for target clips moved to x.
func (s state) mixAt(x probe.Matrix) (Mix, error) {
	said := Judged{s.base().Logits(x), s.task.Target.Groups}
	return EstimateMix(s.source, said, s.task.pseudo(), s.task.Seed)
}

// clipWeights weights source clips so that their mix of classes is the
// estimated one of the target.
func (s state) clipWeights() []float64 {
	class := s.mix.ClassWeights()
	out := make([]float64, s.task.Source.Len())
	for i, p := range s.membership() {
		for c, v := range p {
			out[i] += v * class[c]
		}
	}
	return out
}

// membership is the class of every source clip (n, C): its label, or the
// posterior where it has none.
func (s state) membership() [][]float64 {
	out := Posteriors(s.base().Logits(s.task.Source.X))
	for i, y := range s.task.Source.Labels {
		if y != probe.Unlabelled {
			clear(out[i])
			out[i][y] = 1
		}
	}
	return out
}

// prototypes are the centres of the classes at the source: the mean of their
// labelled clips, or the text prototype moved to where the clips are.
func (t Task) prototypes() (probe.Matrix, error) {
	d := t.Source.X.Cols
	out := probe.NewMatrix(len(t.Source.Classes), d)
	centre := weightedMean(t.Source.X, ones(t.Source.Len()))
	var textCentre []float64
	if t.Source.Text.Rows > 0 {
		textCentre = weightedMean(t.Source.Text, ones(t.Source.Text.Rows))
	}
	for c := range out.Rows {
		var n float64
		sum := make([]float64, d)
		for i, y := range t.Source.Labels {
			if y == c {
				n++
				for j, v := range t.Source.X.Row(i) {
					sum[j] += float64(v)
				}
			}
		}
		for j := range sum {
			switch {
			case n > 0:
				sum[j] /= n
			case textCentre != nil:
				sum[j] = centre[j] + float64(t.Source.Text.Row(c)[j]) - textCentre[j]
			default:
				return probe.Matrix{}, fault.New(fault.Input, "label clips of it, or add the class prompts",
					"class %s has neither clips nor a text prototype", className(t.Source.Classes, c))
			}
			out.Row(c)[j] = float32(sum[j])
		}
	}
	out.Normalize()
	return out, nil
}

func (s SourceJudged) take(rows []int) SourceJudged {
	out := SourceJudged{Judged: Judged{Logits: s.Logits.Take(rows)}, Labels: pickRows(s.Labels, rows)}
	if len(s.Groups) > 0 {
		out.Groups = pickRows(s.Groups, rows)
	}
	return out
}
