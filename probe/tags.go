package probe

import "math"

// Tags is a classifier of clips that may be of several classes, or of none:
// each class is judged by itself. Its logits are log odds, calibrated by
// slope_c z_c + offset_c from the logits z of the classifier inside, and a clip
// is said to be of class c where they are Threshold_c or more.
type Tags struct {
	Classifier
	Slope, Offset []float64 // C, slopes positive
	Threshold     []float64 // C, log odds
	Common        TagOdds   // of a class nothing is known of beyond its logits
}

// TagOdds turn a logit into log odds, and say from which on a clip is of the
// class.
type TagOdds struct{ Slope, Offset, Threshold float64 }

// Logits implements Classifier.
func (t *Tags) Logits(x Matrix) Matrix {
	out := t.Classifier.Logits(x)
	t.calibrate(out)
	return out
}

// calibrate turns logits of the classifier inside into log odds, in place.
func (t *Tags) calibrate(logits Matrix) {
	for i := range logits.Rows {
		row := logits.Row(i)
		for c, z := range row {
			row[c] = float32(t.Slope[c]*float64(z) + t.Offset[c])
		}
	}
}

// Thresholds are the log odds from which a classifier says that a clip is of a
// class, C of them; nil where it is none of clips of several classes, or none
// could be set.
func Thresholds(c Classifier) []float64 {
	switch c := c.(type) {
	case *Tags:
		return c.Threshold
	case onPooled:
		return Thresholds(c.Classifier)
	}
	return nil
}

// Sigmoid is the probability of log odds z.
func Sigmoid(z float64) float64 { return 1 / (1 + math.Exp(-z)) }

// logOdds is its inverse.
func logOdds(p float64) float64 { return math.Log(p) - math.Log1p(-p) }

// softplus is log(1 + e^z), the cross-entropy of log odds z where the answer
// is no.
func softplus(z float64) float64 { return max(z, 0) + math.Log1p(math.Exp(-math.Abs(z))) }
