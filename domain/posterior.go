package domain

import (
	"math"

	"framepilot/probe"
)

// Posteriors are the class posteriors of rows of logits (N, C).
func Posteriors(logits probe.Matrix) [][]float64 {
	out := make([][]float64, logits.Rows)
	for i := range out {
		out[i] = probe.Softmax(logits.Row(i))
	}
	return out
}

// meanPosterior is the share a classifier gives each class on average.
func meanPosterior(p [][]float64) []float64 {
	mean := make([]float64, len(p[0]))
	for _, row := range p {
		for c, v := range row {
			mean[c] += v / float64(len(p))
		}
	}
	return mean
}

// calibrate is the factor, 1/100 to 100, by which to multiply logits (N, C)
// for the labels to be likeliest. The loss is convex in it: golden section on
// its logarithm.
//
// Labels count (N+1)/(N+C) and every other class 1/(N+C), as after one more
// clip of every class (Platt 1999): that a classifier made no mistake on N
// clips does not make it certain of the next.
func calibrate(logits probe.Matrix, labels []int) (factor float64) {
	other := 1 / float64(len(labels)+logits.Cols)
	truth := 1 - float64(logits.Cols)*other
	loss := func(u float64) float64 {
		by := math.Exp(u)
		var sum float64
		for i, y := range labels {
			row := logits.Row(i)
			top := math.Inf(-1)
			for _, z := range row {
				top = max(top, by*float64(z))
			}
			var mass, all float64
			for _, z := range row {
				mass += math.Exp(by*float64(z) - top)
				all += by * float64(z)
			}
			sum += top + math.Log(mass) - truth*by*float64(row[y]) - other*all
		}
		return sum
	}
	const ratio = 0.6180339887498949
	low, high := -math.Log(100), math.Log(100)
	a, b := high-ratio*(high-low), low+ratio*(high-low)
	fa, fb := loss(a), loss(b)
	for high-low > 1e-6 {
		if fa < fb {
			high, b, fb = b, a, fa
			a = high - ratio*(high-low)
			fa = loss(a)
		} else {
			low, a, fa = a, b, fb
			b = low + ratio*(high-low)
			fb = loss(b)
		}
	}
	return math.Exp((low + high) / 2)
}

// scaled multiplies logits.
func scaled(logits probe.Matrix, by float64) probe.Matrix {
	out := probe.NewMatrix(logits.Rows, logits.Cols)
	for i, v := range logits.Data {
		out.Data[i] = float32(by * float64(v))
	}
	return out
}
