package probe

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"

	"framepilot/internal/fault"
	"framepilot/internal/stat"
)

// Calibration tells how far posteriors can be taken at their word, and how
// well they sort sure from unsure clips.
type Calibration struct {
	Brier stat.Brier

	ECE               float64    // expected calibration error, 15 bins of equal mass
	ECELow, ECEHigh   float64    // between the quantiles of resamples of whole groups
	ECEBias           float64    // ECE to expect of perfect posteriors on so few clips
	Table             []stat.Bin // reliability: confidence and accuracy, bin by bin
	Confidence        float64    // mean posterior of the predicted class
	AURC              float64    // area under the risk-coverage curve: mean error over coverages
	CoverageAtTenth   float64    // share of clips that can be answered with an error shown to be at most 10 %; 0: none
	ThresholdForTenth float64    // the posterior to ask for
}

// calibration measures posteriors by the predictions made from them.
func (s *Score) calibration(posterior [][]float64, groups []int, conf float64) {
	n := len(s.Predictions)
	confidence, hit, label := make([]float64, n), make([]float64, n), make([]int, n)
	c := &s.Calibration
	for i, p := range s.Predictions {
		confidence[i], label[i] = p.P, p.Label
		if p.Rank == 1 {
			hit[i] = 1
		}
		c.Confidence += p.P / float64(n)
	}
	c.Brier = stat.NewBrier(posterior, label, stat.CalibrationBins)
	c.ECE = stat.ECE(confidence, hit, stat.CalibrationBins)
	c.Table = stat.Reliability(confidence, hit, stat.CalibrationBins)
	c.ECEBias = stat.ECEBias(confidence, stat.CalibrationBins, rand.New(rand.NewPCG(bootstrapSeed, 1)))
	band := eceBand(confidence, hit, groups, conf)
	c.ECELow, c.ECEHigh = band.Low, band.High
	_, c.AURC = stat.RiskCoverage(confidence, hit)
	if at, _, ok := stat.CoverageAtRisk(confidence, hit, 0.1, conf); ok {
		c.CoverageAtTenth, c.ThresholdForTenth = at.Coverage, at.Threshold
	}
}

// eceBand is the interval of ECE over resamples of whole groups. The clips
// are sorted once; a resample only changes how often each counts.
func eceBand(confidence, hit []float64, groups []int, conf float64) stat.Interval {
	order := stat.Ascending(confidence)
	r := stat.Bootstrap(slices.Max(groups)+1, func(times []int) float64 {
		var total int
		for _, g := range groups {
			total += times[g]
		}
		if total == 0 {
			return 0 // the only group, left out
		}
		var sum, gap float64
		var seen, bin int
		for _, i := range order {
			k := times[groups[i]]
			gap += float64(k) * (hit[i] - confidence[i])
			seen += k
			for bin < stat.CalibrationBins-1 && seen*stat.CalibrationBins >= (bin+1)*total {
				sum += math.Abs(gap)
				gap = 0
				bin++
			}
		}
		return (sum + math.Abs(gap)) / float64(total)
	}, rand.New(rand.NewPCG(bootstrapSeed, 2)))
	return r.Percentile(conf)
}

// Calibrated returns the classifier with the temperature that makes the
// labels of the training clips likeliest under its held-out logits. Nothing
// is decided differently; the choice says what the temperature stands on.
func (f Fitted) Calibrated(labels []int) (Fitted, error) {
	if len(f.HeldOut.Rows) == 0 {
		return Fitted{}, fault.New(fault.Input, "label clips from two recordings of two classes at least",
			"temperature: no training clip can be judged by a fit without its recording")
	}
	logits, y := f.HeldOut.judged(labels)
	scale, nll := FitScale(logits, y, 1, 1)
	before := meanNLL(logits, y, 1)

	rung, rule := L2, RuleCV
	for _, c := range f.Choices {
		if c.Rung == L1 {
			rung, rule = L1, RuleLOO
		}
	}
	out := Fitted{Classifier: Scaled{Classifier: f.Classifier, By: scale}, Choices: slices.Clone(f.Choices)}
	choice := Choice{
		Param: "temperature", Value: 1 / scale, Rung: rung, Rule: rule,
		Reason:     "likeliest on the held-out training clips",
		Candidates: []Candidate{{1, before}, {1 / scale, nll}},
	}
	if tied(logits) {
		choice.Reason, choice.Candidates = allTie, nil
	}
	out.Choices = append(out.Choices, choice)
	out.HeldOut = HeldOut{Logits: Matrix{Rows: f.HeldOut.Logits.Rows, Cols: f.HeldOut.Logits.Cols, Data: slices.Clone(f.HeldOut.Logits.Data)}, Rows: f.HeldOut.Rows}
	scaleLogits(out.HeldOut.Logits, scale, nil)
	if f.Refit != nil {
		out.Refit = func(ctx context.Context, train Features) (Classifier, error) {
			c, err := f.Refit(ctx, train)
			return Scaled{Classifier: c, By: scale}, err
		}
	}
	return out, nil
}
