package domain

import (
	"math"

	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"

	"framepilot/internal/fault"
	"framepilot/probe"
)

// moments are the mean and the regularised covariance of a site.
type moments struct {
	mean []float64     // d
	cov  *mat.SymDense // (d, d), positive definite
}

// floor is the least eigenvalue a covariance is given, relative to their
// mean.
const floor = 1e-6

// newMoments takes the moments of the rows of x, each counting weights[i]
// times; nil weights count alike. The covariance has divisor n-1, or what
// corresponds to it for weights, and is regularised with
//   - shrinkage > 0: S + shrinkage · tr(S)/d · I
//   - shrinkage = 0: (1-a) S + a tr(S)/d · I with a by Ledoit and Wolf (2004),
//     which takes clips for independent.
func newMoments(x probe.Matrix, weights []float64, shrinkage float64) (moments, error) {
	n, d := x.Rows, x.Cols
	if weights == nil {
		weights = make([]float64, n)
		for i := range weights {
			weights[i] = 1
		}
	}
	mean := weightedMean(x, weights)
	var total, squares float64
	for _, w := range weights {
		total += w
		squares += w * w
	}
	divisor := total - squares/total
	if !(divisor > 1e-9*total) {
		return moments{}, fault.New(fault.Input, "film more clips there", "moments: the weight of %d clips lies on one of them", n)
	}
	rows := mat.NewDense(n, d, nil)
	var fourth float64 // Σ w |x|⁴
	for i := range n {
		row := rows.RawRowView(i)
		var norm float64
		for j, v := range x.Row(i) {
			row[j] = float64(v) - mean[j]
			norm += row[j] * row[j]
		}
		fourth += weights[i] * norm * norm
		blas64.Scal(math.Sqrt(weights[i]/divisor), blas64.Vector{N: d, Inc: 1, Data: row})
	}
	cov := gram(rows)
	trace := mat.Trace(cov)
	if !(trace > 0) {
		return moments{}, fault.New(fault.Input, "", "moments: all %d clips have the same embedding", n)
	}
	average := trace / float64(d)
	keep, add := 1.0, shrinkage*average
	if shrinkage == 0 {
		a := ledoitWolf(cov, trace, fourth/total*(total/divisor)*(total/divisor), total*total/squares)
		keep, add = 1-a, a*average
	}
	add = max(add, floor*average)
	data := cov.RawSymmetric().Data
	if keep != 1 {
		for i := range data {
			data[i] *= keep
		}
	}
	for j := range d {
		data[j*d+j] += add
	}
	return moments{mean, cov}, nil
}

// ledoitWolf is the share of tr(S)/d · I in the covariance of least expected
// squared error; fourth is the mean of |x|⁴ of the centred rows, n their
// number.
func ledoitWolf(s *mat.SymDense, trace, fourth, n float64) float64 {
	d := float64(s.SymmetricDim())
	var square float64
	raw := s.RawSymmetric()
	for i := range raw.N {
		for j := i; j < raw.N; j++ {
			v := raw.Data[i*raw.Stride+j]
			if i == j {
				square += v * v
			} else {
				square += 2 * v * v
			}
		}
	}
	spread := square - trace*trace/d // |S - tr(S)/d I|²
	noise := (fourth - square) / n
	if !(spread > 0) {
		return 1
	}
	return min(1, max(0, noise/spread))
}

// weightedMean is Σ w x / Σ w.
func weightedMean(x probe.Matrix, weights []float64) []float64 {
	mean := make([]float64, x.Cols)
	var total float64
	for i := range x.Rows {
		for j, v := range x.Row(i) {
			mean[j] += weights[i] * float64(v)
		}
		total += weights[i]
	}
	for j := range mean {
		mean[j] /= total
	}
	return mean
}
