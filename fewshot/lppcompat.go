package fewshot

import (
	"context"
	"fmt"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"framepilot/probe"
)

// The published schedule of LP++: so many full-batch steps of gradient descent
// with momentum on the weights, and a step on α after so many of them.
const (
	lppSteps    = 300
	lppAlphaGap = 10
	lppMomentum = 0.9
)

// descend trains as the published code does, not as the paper says: the
// gradient of α is never zeroed, so that each of its steps goes along the sum
// of all gradients so far. The biases start from zero, not at random.
func (m *lpp) descend(ctx context.Context) (*probe.Linear, error) {
	n, classes, d := m.dims()
	fit := *m.fit
	fit.basis, fit.x, fit.gainRidge = nil, mat.NewDense(n, d+1, nil), 0
	for i := range n {
		copy(fit.x.RawRowView(i), m.x.RawRowView(i))
		fit.x.Set(i, d, 1) // the bias
	}
	clear(fit.ridge)

	var gram mat.SymDense
	gram.SymOuterK(1, m.x.T())
	var eigen mat.EigenSym
	if !eigen.Factorize(&gram, false) {
		return nil, fmt.Errorf("lp++: no eigenvalues of the clips")
	}
	rate := 4 * float64(n) / floats.Max(eigen.Values(nil))
	var steepest float64
	for k := range fit.ridge {
		column := mat.Col(nil, k, fit.q)
		steepest = max(steepest, floats.Dot(column, column))
	}
	rateAlpha := float64(n) / (4 * steepest)

	theta, gradient := make([]float64, fit.size()), make([]float64, fit.size())
	weights := len(fit.ridge) * (d + 1)
	velocity, sum := make([]float64, weights), make([]float64, len(fit.ridge))
	for step := range lppSteps {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		fit.gradient(gradient, theta)
		floats.AddScaledTo(velocity, gradient[:weights], lppMomentum, velocity)
		floats.AddScaled(theta[:weights], -rate, velocity)
		floats.Add(sum, gradient[weights:])
		if (step+1)%lppAlphaGap == 0 {
			floats.AddScaled(theta[weights:], -rateAlpha, sum)
		}
	}

	w, b := mat.DenseCopyOf(m.start), make([]float64, classes)
	v, alpha := fit.split(theta)
	for k, c := range m.classes() {
		floats.Add(w.RawRowView(c), v.RawRowView(k)[:d])
		floats.AddScaled(w.RawRowView(c), m.alpha+alpha[k], m.text.RawRowView(c))
		b[c] = v.At(k, d)
	}
	return m.linear(w, b), nil
}
