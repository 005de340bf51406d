package fewshot

import (
	"context"

	"framepilot/internal/convex"
)

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
func minimise(ctx context.Context, f convex.Function, theta []float64, gain float64) ([]float64, error) {
	return f.Minimise(ctx, theta, convex.Accuracy{Gain: gain, Promise: max(gain, promised), Slack: tiny})
}
