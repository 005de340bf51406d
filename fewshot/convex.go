package fewshot

import (
	"context"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/optimize"
)

// convex is an objective with one minimum.
type convex interface {
	value(theta []float64) float64
	gradient(grad, theta []float64)
	gap(grad []float64) float64 // how far f can be above its minimum where its gradient is grad
}

// The part of the objective a fit may leave to gain: for a result, and to
// rank settings by likelihood.
const (
	exact = 1e-8
	rough = 1e-3
)

// promised is the most a fit may leave to gain without being an error.
const promised = 1e-5

// minimise returns the θ of least f, from a given one, to within a part gain
// of f.
func minimise(ctx context.Context, p convex, theta []float64, gain float64) ([]float64, error) {
	result, solverErr := optimize.Minimize(
		optimize.Problem{Func: p.value, Grad: p.gradient, Status: func() (optimize.Status, error) {
			return optimize.NotTerminated, ctx.Err()
		}},
		theta,
		&optimize.Settings{Converger: gapBelow{p, gain}, MajorIterations: 5000},
		&optimize.LBFGS{Store: 10, Linesearcher: &optimize.Backtracking{}, GradStopThreshold: math.NaN()},
	)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if result == nil {
		return nil, solverErr
	}
	// Near the minimum the line search can run out of digits; what counts is
	// where it got to.
	f := p.value(result.X)
	grad := make([]float64, len(theta))
	p.gradient(grad, result.X)
	if left := p.gap(grad); !(left <= max(gain, promised)*f+tiny) {
		return nil, fmt.Errorf("no minimum after %d steps, the objective %g may be %g too high (%v)", result.MajorIterations, f, left, solverErr)
	}
	return slices.Clone(result.X), nil
}

// gapBelow is the stopping rule of minimise, as the optimizer asks for it.
type gapBelow struct {
	convex
	gain float64
}

// Init implements optimize.Converger.
func (gapBelow) Init(int) {}

// Converged implements optimize.Converger.
func (g gapBelow) Converged(at *optimize.Location) optimize.Status {
	if g.gap(at.Gradient) <= g.gain*at.F+tiny {
		return optimize.GradientThreshold
	}
	return optimize.NotTerminated
}
