package stat

import (
	"fmt"
	"math"
	"slices"
)

// Coverage is a point of a risk-coverage curve: answer where the confidence
// is at least Threshold, and a share Coverage of the clips is answered, of
// which a share Risk wrongly.
type Coverage struct {
	Threshold float64
	N         int // clips answered
	Coverage  float64
	Risk      float64
}

// RiskCoverage returns the curve from the surest clips to all of them, a
// point for every confidence there is, and the area under it: the mean risk
// over coverages, clips of equal confidence answered together (Geifman and
// El-Yaniv 2017).
func RiskCoverage(confidence, hit []float64) (curve []Coverage, area float64) {
	mustPairs(confidence, hit)
	order := Ascending(confidence)
	slices.Reverse(order)
	total := float64(len(order))
	var wrong float64
	for k := 0; k < len(order); {
		first := k
		threshold := confidence[order[k]]
		for ; k < len(order) && confidence[order[k]] == threshold; k++ {
			wrong += 1 - hit[order[k]]
		}
		point := Coverage{threshold, k, float64(k) / total, wrong / float64(k)}
		curve = append(curve, point)
		area += float64(k-first) / total * point.Risk
	}
	return curve, area
}

// CoverageAtRisk finds the largest coverage whose risk is at most risk with
// confidence conf, by a search over thresholds that pays for each look with a
// part of the allowed error (selective guaranteed risk, Geifman and El-Yaniv
// 2017). It returns the point and its upper bound on the risk; ok is false
// where no threshold can be shown to do.
func CoverageAtRisk(confidence, hit []float64, risk, conf float64) (at Coverage, upper float64, ok bool) {
	mustConf(conf)
	if !(risk > 0 && risk < 1) {
		panic(fmt.Sprintf("stat: a risk of %g", risk))
	}
	curve, _ := RiskCoverage(confidence, hit)
	looks := int(math.Ceil(math.Log2(float64(len(curve)) + 1)))
	each := 1 - (1-conf)/float64(looks) // one-sided
	for low, high := 0, len(curve)-1; low <= high; {
		mid := (low + high) / 2
		point := curve[mid]
		wrong := int(math.Round(point.Risk * float64(point.N)))
		bound := ClopperPearson(wrong, point.N, 2*each-1).High
		if bound <= risk {
			at, upper, ok = point, bound, true
			low = mid + 1
		} else {
			high = mid - 1
		}
	}
	return at, upper, ok
}

// AUROC is the chance that a positive scores higher than a negative, ties
// counting half: 1 where the scores tell them apart, 0.5 where they do not.
func AUROC(positive, negative []float64) float64 {
	mustSides(positive, negative)
	neg := slices.Sorted(slices.Values(negative))
	var wins float64
	for _, v := range positive {
		below, upTo := places(neg, v)
		wins += float64(below+upTo) / 2
	}
	return wins / float64(len(positive)) / float64(len(negative))
}

// FalsePositives is the share of negatives that score at least as high as the
// lowest of the best tpr (0.95) of the positives, FPR at 95 % TPR, and that
// score.
func FalsePositives(positive, negative []float64, tpr float64) (rate, threshold float64) {
	mustSides(positive, negative)
	if !(tpr > 0 && tpr <= 1) {
		panic(fmt.Sprintf("stat: a true positive rate of %g", tpr))
	}
	pos := slices.Sorted(slices.Values(positive))
	need := int(math.Ceil(tpr*float64(len(pos)) - 1e-9))
	threshold = pos[len(pos)-need]
	var passed int
	for _, v := range negative {
		if v >= threshold {
			passed++
		}
	}
	return float64(passed) / float64(len(negative)), threshold
}

func mustSides(positive, negative []float64) {
	if len(positive) == 0 || len(negative) == 0 {
		panic(fmt.Sprintf("stat: %d positives and %d negatives", len(positive), len(negative)))
	}
}
