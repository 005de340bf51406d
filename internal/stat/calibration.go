package stat

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// CalibrationBins is how many bins of equal mass ECE is taken over.
const CalibrationBins = 15

// Bin is a row of a reliability table: so many predictions of about the same
// confidence.
type Bin struct {
	N          int
	Low, High  float64 // confidences, the least and the greatest
	Confidence float64 // mean
	Accuracy   float64 // share of hits
}

// Reliability divides predictions by their confidence into bins of equal
// mass, ascending, as numpy's array_split does: the first bins have one more
// where it does not come out even. Fewer predictions than bins give fewer
// bins.
func Reliability(confidence, hit []float64, bins int) []Bin {
	mustPairs(confidence, hit)
	order := Ascending(confidence)
	bins = min(bins, len(order))
	var table []Bin
	for b := range bins {
		low, high := split(len(order), bins, b)
		part := order[low:high]
		row := Bin{N: len(part), Low: confidence[part[0]], High: confidence[part[len(part)-1]]}
		for _, i := range part {
			row.Confidence += confidence[i] / float64(len(part))
			row.Accuracy += hit[i] / float64(len(part))
		}
		table = append(table, row)
	}
	return table
}

// split returns where part b of n things in so many parts begins and ends,
// the first n mod parts having one more.
func split(n, parts, b int) (low, high int) {
	size, more := n/parts, n%parts
	low = b*size + min(b, more)
	high = low + size
	if b < more {
		high++
	}
	return low, high
}

// Ascending returns the order that sorts x, equal values in the order given.
func Ascending(x []float64) []int {
	order := make([]int, len(x))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(x[a], x[b]) })
	return order
}

func mustPairs(a, b []float64) {
	if len(a) == 0 || len(a) != len(b) {
		panic(fmt.Sprintf("stat: %d predictions with %d outcomes", len(a), len(b)))
	}
}

// ECE is the expected calibration error: the mean distance between confidence
// and accuracy over bins of equal mass. It is above zero even for perfect
// calibration; see ECEBias.
func ECE(confidence, hit []float64, bins int) float64 {
	var sum float64
	for _, b := range Reliability(confidence, hit, bins) {
		sum += float64(b.N) * math.Abs(b.Accuracy-b.Confidence)
	}
	return sum / float64(len(confidence))
}

// eceTrials is the number of times ECEBias plays the outcomes.
const eceTrials = 200

// ECEBias is the ECE to expect of these confidences if each were exactly the
// chance of a hit: what part of an ECE is the luck of few clips.
func ECEBias(confidence []float64, bins int, rng *rand.Rand) float64 {
	if len(confidence) == 0 {
		panic("stat: calibration of no predictions")
	}
	order, sum := Ascending(confidence), 0.
	bins = min(bins, len(order))
	for range eceTrials {
		for b := range bins {
			low, high := split(len(order), bins, b)
			var gap float64
			for _, i := range order[low:high] {
				gap -= confidence[i]
				if rng.Float64() < confidence[i] {
					gap++
				}
			}
			sum += math.Abs(gap)
		}
	}
	return sum / eceTrials / float64(len(order))
}

// Brier is the mean squared distance between posteriors and the truth, and
// what it is made of:
//
//	Score = Reliability - Resolution + Uncertainty + Within
//
// summed over classes, each with its posteriors in bins of equal mass (Murphy
// 1973; Within is the spread inside bins, Stephenson et al. 2008).
type Brier struct {
	Score       float64 // 0 to 2, lower is better
	Reliability float64 // how far posteriors are from the frequencies they claim; lower is better
	Resolution  float64 // how far the frequencies of the bins are apart; higher is better
	Uncertainty float64 // of the classes themselves, whatever the classifier
	Within      float64
}

// NewBrier scores posteriors (N, C), a row a clip, by labels 0 … C-1.
func NewBrier(posterior [][]float64, label []int, bins int) Brier {
	if len(posterior) == 0 || len(posterior) != len(label) {
		panic(fmt.Sprintf("stat: %d posteriors with %d labels", len(posterior), len(label)))
	}
	var s Brier
	n := float64(len(label))
	p, y := make([]float64, len(label)), make([]float64, len(label))
	for c := range posterior[0] {
		var base float64
		for i, row := range posterior {
			p[i], y[i] = row[c], 0
			if label[i] == c {
				y[i] = 1
			}
			base += y[i] / n
			s.Score += (p[i] - y[i]) * (p[i] - y[i]) / n
		}
		s.Uncertainty += base * (1 - base)
		for _, b := range Reliability(p, y, bins) {
			share := float64(b.N) / n
			s.Reliability += share * (b.Confidence - b.Accuracy) * (b.Confidence - b.Accuracy)
			s.Resolution += share * (b.Accuracy - base) * (b.Accuracy - base)
		}
	}
	s.Within = s.Score - s.Reliability + s.Resolution - s.Uncertainty
	return s
}
