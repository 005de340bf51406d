package probe

import (
	"context"
	"fmt"

	"framepilot/internal/fault"
	"framepilot/internal/stat"
)

// Unknown tells how well a score keeps clips of known classes from clips of
// none of them.
type Unknown struct {
	Known, Unknown int     // clips
	AUROC          float64 // chance that a known clip scores higher
	FPR95          float64 // unknown clips let in where 95 % of the known ones are
	Threshold      float64 // the score that lets those 95 % in
}

// Confident is the usual score for that, the largest logit of each clip: of
// cosines, how close the closest class is.
func Confident(logits Matrix) []float64 {
	out := make([]float64, logits.Rows)
	for i := range out {
		out[i] = float64(logits.Row(i)[argmax(logits.Row(i))])
	}
	return out
}

// EvaluateUnknown compares the scores of clips of known classes, best those of
// fits that had not seen them, with clips of none. Both must be finite.
func EvaluateUnknown(known, unknown []float64) (Unknown, error) {
	if len(known) == 0 || len(unknown) == 0 {
		return Unknown{}, fault.New(fault.Input, "add clips that show none of the classes",
			"none of the above: %d known clips and %d unknown", len(known), len(unknown))
	}
	for _, side := range [][]float64{known, unknown} {
		if i := notFinite(side); i >= 0 {
			return Unknown{}, fmt.Errorf("none of the above: the score of clip #%d is %g", i, side[i])
		}
	}
	fpr, threshold := stat.FalsePositives(known, unknown, 0.95)
	return Unknown{len(known), len(unknown), stat.AUROC(known, unknown), fpr, threshold}, nil
}

// classFolds is how often Unknown fits again, each time without a part of the
// classes.
const classFolds = 5

// Unknown tells how well the classifier knows what it has never heard of, by
// classes held out: clips of a part of the classes are judged by a fit that
// knows the other classes only, and compared with the held-out logits of all.
// Threshold is what to ask of the largest logit of a clip. train are the
// training clips; it takes three classes with clips, some of two recordings.
func (f Fitted) Unknown(ctx context.Context, train Features) (Unknown, error) {
	var classes []int
	for c, here := range train.present() {
		if here {
			classes = append(classes, c)
		}
	}
	if f.Refit == nil || len(classes) < 3 || len(f.HeldOut.Rows) == 0 {
		return Unknown{}, fault.New(fault.Input, "label clips of three classes from two recordings each",
			"none of the above: %d classes with clips and %d held-out clips to tell by", len(classes), len(f.HeldOut.Rows))
	}
	folds := min(classFolds, len(classes))
	var unknown []float64
	for fold := range folds {
		gone := map[int]bool{}
		for k, c := range classes {
			gone[c] = gone[c] || k%folds == fold
		}
		rest, rows := train.withoutClasses(gone)
		c, err := f.Refit(ctx, rest)
		if err != nil {
			return Unknown{}, fmt.Errorf("none of the above: %w", err)
		}
		unknown = append(unknown, Confident(c.Logits(train.X.Take(rows)))...)
	}
	return EvaluateUnknown(Confident(f.HeldOut.Logits.Take(f.HeldOut.Rows)), unknown)
}
