package probe

import (
	"context"
	"fmt"
	"math/rand/v2"

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

	AUROCBetween, FPR95Between [2]float64 // 95 % intervals over whole groups
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

// evaluateUnknown compares the scores of clips of known classes, best those of
// fits that had not seen them, with clips of none. Both must be finite. Groups
// may be nil; a name means the same recording on both sides.
func evaluateUnknown(known, unknown []float64, knownGroups, unknownGroups []string) (Unknown, error) {
	if len(known) == 0 || len(unknown) == 0 {
		return Unknown{}, fault.New(fault.Input, "add clips that show none of the classes",
			"none of the above: %d known clips and %d unknown", len(known), len(unknown))
	}
	for _, side := range [][]float64{known, unknown} {
		if i := notFinite(side); i >= 0 {
			return Unknown{}, fmt.Errorf("none of the above: the score of clip #%d is %g", i, side[i])
		}
	}
	u := Unknown{Known: len(known), Unknown: len(unknown), AUROC: stat.AUROC(known, unknown)}
	u.FPR95, u.Threshold = stat.FalsePositives(known, unknown, 0.95)

	groups := append(alone(knownGroups, len(known)), alone(unknownGroups, len(unknown))...)
	number, count := NumberGroups(groups, len(groups))
	between := func(stream uint64, plain float64, of func(known, unknown []float64) float64) [2]float64 {
		r := stat.Bootstrap(count, func(times []int) float64 {
			k, u := repeated(known, number[:len(known)], times), repeated(unknown, number[len(known):], times)
			if len(k) == 0 || len(u) == 0 {
				return plain
			}
			return of(k, u)
		}, rand.New(rand.NewPCG(bootstrapSeed, stream)))
		i := r.Percentile(Confidence)
		return [2]float64{i.Low, i.High}
	}
	u.AUROCBetween = between(4, u.AUROC, stat.AUROC)
	u.FPR95Between = between(5, u.FPR95, func(known, unknown []float64) float64 {
		rate, _ := stat.FalsePositives(known, unknown, 0.95)
		return rate
	})
	return u, nil
}

// alone is groups, or as many clips that stand alone.
func alone(groups []string, n int) []string {
	if len(groups) == 0 {
		return make([]string, n)
	}
	return groups
}

// repeated lists every value as often as its group was drawn.
func repeated(values []float64, group, times []int) []float64 {
	var out []float64
	for i, v := range values {
		for range times[group[i]] {
			out = append(out, v)
		}
	}
	return out
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
	var groups []string
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
		groups = append(groups, pick(train.Groups, rows)...)
	}
	return evaluateUnknown(Confident(f.HeldOut.Logits.Take(f.HeldOut.Rows)), unknown, pick(train.Groups, f.HeldOut.Rows), groups)
}
