package probe

import (
	"math"
	"slices"
)

// Scaled multiplies the logits of a classifier by a factor, which changes
// its posteriors but no decision. A temperature T is a factor of 1/T.
type Scaled struct {
	Classifier
	By float64

	absent []bool // C, classes kept below all others; nil: none
}

// Logits implements Classifier.
func (s Scaled) Logits(x Matrix) Matrix {
	out := s.Classifier.Logits(x)
	scaleLogits(out, s.By, s.absent)
	return out
}

// scaleLogits multiplies logits in place, and puts the classes that are
// absent absentMargin below the others.
func scaleLogits(logits Matrix, by float64, absent []bool) {
	for i := range logits.Rows {
		row := logits.Row(i)
		low := math.Inf(1)
		for c, z := range row {
			row[c] = float32(by * float64(z))
			if absent == nil || !absent[c] {
				low = min(low, float64(row[c]))
			}
		}
		for c, gone := range absent {
			if gone {
				row[c] = float32(low - absentMargin)
			}
		}
	}
}

// The range a fitted factor may have: from posteriors that say nothing to
// ones that are certain.
const minScale, maxScale = 1e-4, 1e4

// FitScale returns the factor on logits (N, C) for which the labels are
// likeliest, and their mean negative log-likelihood at it. It starts from a
// factor that may be close. So many clips more, of no class in particular,
// count as well: with one of them, logits that were right throughout do not
// turn into certainty (as in Platt 1999).
//
// The loss is convex in the factor, so its slope is followed to zero: Newton's
// steps, and halving where they would leave the bracket.
//
// Where every row's logits tie it changes nothing: it is 1.
func FitScale(logits Matrix, labels []int, vague, from float64) (scale, nll float64) {
	if tied(logits) {
		return 1, meanNLL(logits, labels, 1)
	}
	low, high := math.Log(minScale), math.Log(maxScale)
	at := math.Log(from)
	for range 100 {
		slope, curvature := scaleSlope(logits, labels, vague, math.Exp(at))
		if slope > 0 {
			high = at
		} else {
			low = at
		}
		// In the logarithm u of the factor s: s·slope and s²·curvature + s·slope.
		s := math.Exp(at)
		step := -s * slope / (s*s*curvature + math.Abs(s*slope))
		next := at + step
		if !(next > low && next < high) {
			next = (low + high) / 2
		}
		done := math.Abs(next-at) < 1e-6 // the next would be below 1e-10
		at = next
		if done {
			break
		}
	}
	scale = math.Exp(at)
	return scale, meanNLL(logits, labels, scale)
}

// tied tells whether the logits of every row are the same, as those of classes
// with one text are, but for what float32 rounds.
func tied(logits Matrix) bool {
	for i := range logits.Rows {
		row := logits.Row(i)
		low, high := float64(slices.Min(row)), float64(slices.Max(row))
		if high-low > 1e-6*(1+max(math.Abs(low), math.Abs(high))) {
			return false
		}
	}
	return true
}

// allTie is why a factor on the logits is left at 1.
const allTie = "kept at 1, as no likelihood depends on it: all classes have the same logit, clip by clip"

// scaleSlope is the first and second derivative, by the factor, of the mean
// negative log-likelihood of labels, with so many vague ones beside.
func scaleSlope(logits Matrix, labels []int, vague, scale float64) (slope, curvature float64) {
	n := logits.Rows
	trust := float64(n) / (float64(n) + vague)
	slopes, curvatures := make([]float64, n), make([]float64, n)
	parallel(n, 16*len(logits.Data), func(i int) {
		row := logits.Row(i)
		top := float64(slices.Max(row))
		var mass, first, second, sum float64
		for _, z := range row {
			away := float64(z) - top
			sum += away
			e := math.Exp(scale * away)
			mass += e
			first += e * away
			second += e * away * away
		}
		mean := first / mass
		slopes[i] = mean - trust*(float64(row[labels[i]])-top) - (1-trust)*sum/float64(len(row))
		curvatures[i] = second/mass - mean*mean
	})
	for i := range n {
		slope += slopes[i] / float64(n)
		curvature += curvatures[i] / float64(n)
	}
	return slope, curvature
}

// meanNLL is the mean negative log-likelihood of labels under logits times
// scale, in nats.
func meanNLL(logits Matrix, labels []int, scale float64) float64 {
	losses := make([]float64, logits.Rows)
	parallel(logits.Rows, 16*len(logits.Data), func(i int) {
		row := make([]float64, logits.Cols)
		for c, z := range logits.Row(i) {
			row[c] = scale * float64(z)
		}
		losses[i] = logSumExp(row) - row[labels[i]]
	})
	var sum float64
	for _, l := range losses {
		sum += l
	}
	return sum / float64(logits.Rows)
}
