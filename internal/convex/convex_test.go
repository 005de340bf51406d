package convex

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"
)

// bowl is 1 + Σ_i k_i (θ_i - m_i)² / 2, whose least curvature is 1.
func bowl(k, m []float64) Function {
	return Function{
		Value: func(theta []float64) float64 {
			f := 1.0
			for i, v := range theta {
				f += k[i] * (v - m[i]) * (v - m[i]) / 2
			}
			return f
		},
		Gradient: func(grad, theta []float64) {
			for i, v := range theta {
				grad[i] = k[i] * (v - m[i])
			}
		},
		Gap: func(grad []float64) float64 {
			var sum float64
			for _, g := range grad {
				sum += g * g / 2
			}
			return sum
		},
	}
}

func TestMinimise(t *testing.T) {
	want := []float64{3, -2, 0.5}
	f := bowl([]float64{1, 40, 1000}, want)
	start := make([]float64, 3)
	got, err := f.Minimise(context.Background(), start, Accuracy{Gain: 1e-12, Promise: 1e-10})
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range got {
		if math.Abs(v-want[i]) > 1e-5 { // a gap of 1e-12 is 1.4e-6 along the flattest axis
			t.Errorf("θ[%d] is %g, want %g", i, v, want[i])
		}
		if start[i] != 0 {
			t.Error("the start was written to")
		}
	}
}

func TestMinimiseKeepsItsPromiseOrSaysSo(t *testing.T) {
	endless := Function{ // falls for ever, and says how far it may have to go
		Value:    func(theta []float64) float64 { return math.Exp(-theta[0]) },
		Gradient: func(grad, theta []float64) { grad[0] = -math.Exp(-theta[0]) },
		Gap:      func([]float64) float64 { return 1 },
	}
	if _, err := endless.Minimise(context.Background(), []float64{0}, Accuracy{Gain: 1e-6, Promise: 1e-6}); err == nil || !strings.Contains(err.Error(), "no minimum") {
		t.Errorf("a function without a minimum: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := bowl([]float64{1}, []float64{5}).Minimise(ctx, []float64{0}, Accuracy{Gain: 1e-6, Promise: 1e-6}); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled context: %v", err)
	}
}
