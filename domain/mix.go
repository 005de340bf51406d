package domain

import (
	"fmt"
	"math"
	"math/rand/v2"

	"framepilot/internal/cores"
	"framepilot/internal/fault"
	"framepilot/internal/stat"
	"framepilot/probe"
)

// Judged is what a classifier says of clips: all that label shift and
// expected accuracy are estimated from.
type Judged struct {
	Logits probe.Matrix // (N, C), calibrated; of source clips: by fits that had not seen their group
	Groups []string     // N recordings; nil or "": the clip stands alone
}

// SourceJudged are judged clips whose class is known.
type SourceJudged struct {
	Judged
	Labels []int // N, Unlabelled where not known
}

// labelled keeps the clips whose class is known.
func (s SourceJudged) labelled() SourceJudged {
	var rows []int
	for i, y := range s.Labels {
		if y != probe.Unlabelled {
			rows = append(rows, i)
		}
	}
	return s.take(rows)
}

// Mix is the estimated mix of classes at a target site.
type Mix struct {
	Source    []float64       // C, mean posterior at the source
	Prior     []float64       // C, share of every class at the target, by EM
	Intervals []stat.Interval // C, 95 %, bootstrap over recordings of both sites
	BBSE      []float64       // C, target frequency over source frequency; nil without source labels
}

// mixDraws is the number of bootstrap draws; percentiles at 2.5 % need no
// more for one digit.
const mixDraws = 200

// EstimateMix estimates the mix of classes at the target, EM starting from so
// many pseudo clips; see EMOptions. Source clips need labels for BBSE only.
func EstimateMix(source SourceJudged, target Judged, pseudo float64, seed uint64) (Mix, error) {
	if err := checkJudged("label shift", source, target); err != nil {
		return Mix{}, err
	}
	from, to := Posteriors(source.Logits), Posteriors(target.Logits)
	m := Mix{Source: meanPosterior(from)}
	var err error
	if m.Prior, err = EM(to, m.Source, EMOptions{Pseudo: pseudo}); err != nil {
		return Mix{}, err
	}
	if known := source.labelled(); len(known.Labels) > 0 {
		classes := source.Logits.Cols
		confusion, err := Confusion(probe.Predict(known.Logits), known.Labels, classes)
		if err != nil {
			return Mix{}, err
		}
		predicted := make([]float64, classes)
		for _, c := range probe.Predict(target.Logits) {
			predicted[c] += 1 / float64(target.Logits.Rows)
		}
		if m.BBSE, err = BBSE(confusion, predicted); err != nil {
			return Mix{}, err
		}
	}
	if m.Intervals, err = m.bootstrap(from, to, source.Groups, target.Groups, pseudo, seed); err != nil {
		return Mix{}, err
	}
	return m, nil
}

// bootstrap draws recordings of both sites anew.
func (m Mix) bootstrap(from, to [][]float64, sourceGroups, targetGroups []string, pseudo float64, seed uint64) ([]stat.Interval, error) {
	source, target := newResampler(sourceGroups, len(from)), newResampler(targetGroups, len(to))
	draws := make([][]float64, mixDraws)
	errs := make([]error, mixDraws)
	cores.Each(mixDraws, func(k int) {
		rng := rand.New(rand.NewPCG(seed, uint64(k)))
		prior := meanPosterior(pickRows(from, source.draw(rng)))
		draws[k], errs[k] = EM(pickRows(to, target.draw(rng)), prior, EMOptions{Pseudo: pseudo, Tol: 1e-5})
	})
	out := make([]stat.Interval, len(m.Prior))
	for c := range out {
		var shares []float64
		for k, d := range draws {
			if errs[k] != nil {
				return nil, errs[k]
			}
			shares = append(shares, d[c])
		}
		out[c] = stat.Interval{Low: stat.Quantile(shares, 0.025), High: stat.Quantile(shares, 0.975)}
	}
	return out, nil
}

// ClassWeights is by how much each class counts more at the target: Prior
// over Source.
func (m Mix) ClassWeights() []float64 {
	w := make([]float64, len(m.Prior))
	for c, p := range m.Prior {
		if m.Source[c] > 0 {
			w[c] = p / m.Source[c]
		}
	}
	return w
}

// Before returns a classifier whose posteriors are c's times ClassWeights:
// the one for a site with this mix. Its logits are c's, calibrated by
// factor, plus the logarithm of the weights.
func (m Mix) Before(c probe.Classifier, factor float64) probe.Classifier {
	offset := make([]float64, len(m.Prior))
	for k, w := range m.ClassWeights() {
		offset[k] = math.Log(max(w, 1e-9))
	}
	return reweighted{c, factor, offset}
}

type reweighted struct {
	probe.Classifier
	factor float64
	offset []float64
}

func (r reweighted) Logits(x probe.Matrix) probe.Matrix {
	out := probe.Scaled{Classifier: r.Classifier, By: r.factor}.Logits(x)
	for i := range out.Rows {
		row := out.Row(i)
		for c, b := range r.offset {
			row[c] += float32(b)
		}
	}
	return out
}

// resampler draws groups with replacement.
type resampler struct{ rows [][]int }

func newResampler(groups []string, n int) resampler {
	number, count := probe.NumberGroups(groups, n)
	r := resampler{make([][]int, count)}
	for i, g := range number {
		r.rows[g] = append(r.rows[g], i)
	}
	return r
}

func (r resampler) draw(rng *rand.Rand) []int {
	var rows []int
	for range r.rows {
		rows = append(rows, r.rows[rng.IntN(len(r.rows))]...)
	}
	return rows
}

func pickRows[T any](from []T, rows []int) []T {
	out := make([]T, len(rows))
	for i, r := range rows {
		out[i] = from[r]
	}
	return out
}

func checkJudged(step string, source SourceJudged, target Judged) error {
	if err := checkBoth(step, Clips{source.Logits, source.Groups}, Clips{target.Logits, target.Groups}, 1); err != nil {
		return err
	}
	if len(source.Labels) != source.Logits.Rows {
		return fault.New(fault.Input, "", "%s: %d labels for %d source clips", step, len(source.Labels), source.Logits.Rows)
	}
	for i, y := range source.Labels {
		if y != probe.Unlabelled && (y < 0 || y >= source.Logits.Cols) {
			return fault.New(fault.Input, "", "%s: source clip %d has label %d, want 0 to %d", step, i, y, source.Logits.Cols-1)
		}
	}
	return nil
}

// remixed adapts Base to a mix of classes, unless the site also looks
// different or the labels it then gives explain the source worse: clips that
// are mistaken for another class pass for clips of that class, and correcting
// for them makes it worse.
func (s state) remixed(mix Mix) (Adapted, error) {
	base := s.base()
	a := Adapted{Fitted: probe.Fitted{Classifier: mix.Before(s.task.Base, s.factor)}}
	x := s.task.Target.X
	if len(s.source.labelled().Labels) > 0 {
		look, err := s.lookTest(TestOptions{Seed: s.task.Seed})
		if err != nil {
			return a, err
		}
		gate := guardReverse(s.task.Source, Answers{x, base.Logits(x)}, Answers{x, a.Classifier.Logits(x)})
		if gate.Accepted && look.P <= Level {
			gate.Accepted = false
			gate.Reason = fmt.Sprintf("the site also looks different (p = %.3g), which spoils the estimate of its mix", look.P)
		}
		a.Gate = &gate
		if !gate.Accepted {
			a.Classifier = base
		}
	}
	var err error
	a.Expected, err = s.expect(x, Judged{a.Classifier.Logits(x), s.task.Target.Groups}, mix.ClassWeights())
	return a, err
}
