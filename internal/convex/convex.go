package convex

import (
	"context"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/optimize"
)

// Function is f, its gradient, which is written to grad, and how far f can be
// above its minimum where its gradient is grad.
type Function struct {
	Value    func(theta []float64) float64
	Gradient func(grad, theta []float64)
	Gap      func(grad []float64) float64
}

// Accuracy is what a minimum may leave to gain.
type Accuracy struct {
	Gain    float64 // aimed at, as a part of f
	Promise float64 // more than that is an error, as a part of f
	Slack   float64 // allowed beside both, for an f that can be zero
}

// maxSteps is far more than any fit takes.
const maxSteps = 10000

// Minimise returns the θ of least f, starting from a given one.
func (f Function) Minimise(ctx context.Context, theta []float64, to Accuracy) ([]float64, error) {
	result, solverErr := optimize.Minimize(
		optimize.Problem{Func: f.Value, Grad: f.Gradient, Status: func() (optimize.Status, error) {
			return optimize.NotTerminated, ctx.Err()
		}},
		theta,
		&optimize.Settings{Converger: stop{f, to}, MajorIterations: maxSteps},
		// On a convex f a sufficient decrease is all L-BFGS needs of a step, and
		// backtracking asks for a third fewer evaluations than Moré-Thuente.
		&optimize.LBFGS{Store: 10, Linesearcher: &optimize.Backtracking{}, GradStopThreshold: math.NaN()},
	)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if result == nil {
		return nil, solverErr
	}
	// Near the minimum the line search can run out of digits before the
	// gradient is small enough; what counts is where it got to.
	value, grad := f.Value(result.X), make([]float64, len(theta))
	f.Gradient(grad, result.X)
	if left := f.Gap(grad); !(left <= to.Promise*value+to.Slack) {
		return nil, fmt.Errorf("no minimum after %d steps, the objective %g may be %g too high (%v)", result.MajorIterations, value, left, solverErr)
	}
	return slices.Clone(result.X), nil
}

// stop is the stopping rule as the optimizer asks for it.
type stop struct {
	f  Function
	to Accuracy
}

// Init implements optimize.Converger.
func (stop) Init(int) {}

// Converged implements optimize.Converger.
func (s stop) Converged(at *optimize.Location) optimize.Status {
	if s.f.Gap(at.Gradient) <= s.to.Gain*at.F+s.to.Slack {
		return optimize.GradientThreshold
	}
	return optimize.NotTerminated
}
