package fewshot

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"framepilot/internal/convex"
	"framepilot/internal/cores"
	"framepilot/internal/fault"
	"framepilot/internal/words"
	"framepilot/probe"
)

// sigmoid are heads for clips that may be of several classes, or of none: one
// logistic regression a class, of its clips against all others, held to the
// class's text. The log odds of class c are
//
//	a q_c(x) + b + v_c·(x - x̄) + δ_c,  q_c(x) = s t_c·(x - x̄),
//
// q the zero-shot logits without what all clips have in common, x̄ the mean
// training clip. a and b, the same for all classes, say what the texts are
// worth here (probe.FitOdds on all clips and classes); then each class solves
//
//	minimise Σ_i CE(…, is clip i of c) + ½ ‖v_c‖²/C + ½ δ_c².
//
// A class that no clip is of, or all, has v = 0, δ = 0: its text speaks for it.
type sigmoid struct {
	x     *mat.Dense // (N, r) clips less their mean, in a basis of their span
	basis *mat.Dense // (r, d) that basis; nil: the columns themselves
	mean  []float64  // d, x̄
	text  *mat.Dense // (C, d)
	scale float64    // s
	base  *mat.Dense // (N, C) a q + b
	y     [][]bool   // (C, N) is the clip of the class
	learn []bool     // C, some clips are of it and some are not

	slope, offset float64     // a and b
	last          [][]float64 // C, where the last fit ended
}

// newSigmoid reads training clips with Truth and texts.
func newSigmoid(train probe.Features) (*sigmoid, error) {
	if train.Text.Rows == 0 {
		return nil, fault.New(fault.Input, "embed the class prompts into the feature file, or use a method without text: logistic, ridge, nearest-mean",
			"the features have no text matrix")
	}
	n, classes, d := train.Len(), len(train.Classes), train.X.Cols
	m := &sigmoid{
		x: train.X.Dense(), mean: make([]float64, d), text: train.Text.Dense(), scale: train.LogitScale(),
		base: mat.NewDense(n, classes, nil), learn: make([]bool, classes), last: make([][]float64, classes),
	}
	for i := range n {
		floats.AddScaled(m.mean, 1/float64(n), m.x.RawRowView(i))
	}
	for i := range n {
		floats.Sub(m.x.RawRowView(i), m.mean)
	}
	m.base.Mul(m.x, m.text.T())
	m.base.Scale(m.scale, m.base)
	var q []float64
	var all []bool
	for c := range classes {
		y := make([]bool, n)
		for i, of := range train.Truth {
			y[i] = slices.Contains(of, c)
		}
		m.y = append(m.y, y)
		m.learn[c] = slices.Contains(y, true) && slices.Contains(y, false)
		q, all = append(q, mat.Col(nil, c, m.base)...), append(all, y...)
	}
	m.slope, m.offset = probe.FitOdds(q, all)
	for i := range n {
		row := m.base.RawRowView(i)
		floats.Scale(m.slope, row)
		floats.AddConst(m.offset, row)
	}
	if n < d { // the minimum is in the span of the clips: r = N columns will do
		m.x, m.basis = span(m.x)
	}
	return m, nil
}

// head fits every class at a strength C, to within a part gain of its
// objective, starting where the last fit ended.
func (m *sigmoid) head(ctx context.Context, strength, gain float64) (*probe.Linear, error) {
	classes, d := m.text.Dims()
	head := &probe.Linear{W: probe.NewMatrix(classes, d), B: make([]float32, classes)}
	errs := make([]error, classes)
	cores.Each(classes, func(c int) {
		w, b := make([]float64, d), m.offset
		if m.learn[c] {
			fit := sigmoidFit{x: m.x, base: mat.Col(nil, c, m.base), y: m.y[c], strength: strength}
			theta, err := fit.solve(ctx, m.last[c], gain)
			if err != nil {
				errs[c] = fmt.Errorf("class #%d: %w", c, err)
				return
			}
			m.last[c] = theta
			r := len(theta) - 1
			b += theta[r]
			if m.basis == nil {
				copy(w, theta[:r])
			} else {
				mat.NewVecDense(d, w).MulVec(m.basis.T(), mat.NewVecDense(r, theta[:r]))
			}
		}
		floats.AddScaled(w, m.slope*m.scale, m.text.RawRowView(c))
		copy(head.W.Row(c), probe.Narrow(w))
		head.B[c] = float32(b - floats.Dot(w, m.mean))
	})
	return head, cmp.Or(errs...)
}

// sigmoidFit is the convex objective of one class, θ = (v, δ), r + 1 values:
//
//	f(θ) = Σ_i CE(base_i + v·x_i + δ, y_i) + ½ ‖v‖²/C + ½ δ².
type sigmoidFit struct {
	x        *mat.Dense // (N, r)
	base     []float64  // N
	y        []bool     // N
	strength float64    // C

	at       []float64 // the last point
	residual []float64 // N there, σ(logit) less 1 where the clip is of the class
}

// solve minimises the objective to within a part gain of it, from a given θ or
// from zero.
func (f *sigmoidFit) solve(ctx context.Context, from []float64, gain float64) ([]float64, error) {
	_, r := f.x.Dims()
	theta := make([]float64, r+1)
	copy(theta, from)
	theta, err := minimise(ctx, convex.Function{Value: f.value, Gradient: f.gradient, Gap: f.gap}, theta, gain)
	if err != nil {
		return nil, fmt.Errorf("sigmoid: C = %g: %w", f.strength, err)
	}
	return theta, nil
}

// value is f(θ). It leaves the residuals behind for the gradient.
func (f *sigmoidFit) value(theta []float64) float64 {
	r := len(theta) - 1
	v, delta := theta[:r], theta[r]
	f.at = append(f.at[:0], theta...)
	f.residual = append(f.residual[:0], f.base...)
	sum := floats.Dot(v, v)/(2*f.strength) + delta*delta/2
	for i, is := range f.y {
		z := f.base[i] + floats.Dot(v, f.x.RawRowView(i)) + delta
		if is {
			z = -z
		}
		e := math.Exp(-math.Abs(z)) // CE is log(1 + e^z), its slope e^z / (1 + e^z)
		sum += max(z, 0) + math.Log1p(e)
		slope := e / (1 + e)
		if z > 0 {
			slope = 1 / (1 + e)
		}
		if is {
			slope = -slope
		}
		f.residual[i] = slope
	}
	return sum
}

// gradient is ∂f/∂θ.
func (f *sigmoidFit) gradient(grad, theta []float64) {
	if !slices.Equal(f.at, theta) {
		f.value(theta)
	}
	r := len(theta) - 1
	floats.ScaleTo(grad[:r], 1/f.strength, theta[:r])
	grad[r] = theta[r]
	for i, away := range f.residual {
		floats.AddScaled(grad[:r], away, f.x.RawRowView(i))
		grad[r] += away
	}
}

// gap is how far f can be above its minimum: the penalties are curvature.
func (f *sigmoidFit) gap(grad []float64) float64 {
	return floats.Dot(grad, grad) / 2 * max(f.strength, 1)
}

// sigmoidGrid holds the strengths tried, the tightest hold first.
var sigmoidGrid = []float64{0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000, 3000}

func sigmoidMethod() probe.Method {
	return probe.Method{
		Name:    "sigmoid",
		Summary: "for clips of several classes, or of none: one logistic regression a class, held to the class's text",
		Page: probe.Page{
			Does: "Says of each class by itself whether a clip is of it: its clips against all others, in a logistic regression that starts at the class's text and is pulled back to it. What the texts are worth is fitted for all classes together. " +
				"Then, on training clips held out with their recordings, each class gets a calibration and the threshold of highest F1, both held to those of all classes where it has few clips.",
			When:   "Clips that may be of several classes at once, or of none. One clip a class is enough; a class without clips is recognised by its text.",
			Cost:   "O(N r C) a step with r = min(N, d), some ten steps for each of ten strengths.",
			Source: "Independent logistic regressions (binary relevance) held to the texts as in CLAP (Silva-Rodríguez et al. 2024), calibrated by Platt 1999.",
		},
		Anchored: true, Multi: true,
		Params: []probe.Param{
			{Name: "C", Doc: "inverse strength of the hold to the text; 0: choose by folds of whole groups of the training clips", Low: 1e-6, High: 1e6},
			{Name: "folds", Doc: "folds of whole groups", Default: 5, Low: 2, High: 100, Whole: true},
			{Name: "seed", Doc: "of the division into folds", High: 1 << 32, Whole: true},
		},
		Tune: func(context.Context, probe.Features, probe.Settings) (probe.Tuning, error) {
			fit := func(gain float64) func(probe.Features) (probe.Fitter, error) {
				return func(f probe.Features) (probe.Fitter, error) {
					m, err := newSigmoid(f)
					if err != nil {
						return nil, err
					}
					return func(ctx context.Context, candidate []float64) (probe.Classifier, error) {
						return m.head(ctx, candidate[0], gain)
					}, nil
				}
			}
			return probe.Tuning{
				Params: []string{"C"}, Source: words.Say("C = 1, which a few clips move little"),
				Grid: candidates(sigmoidGrid, nil), Default: slices.Index(sigmoidGrid, 1), Start: slices.Index(sigmoidGrid, 10),
				Fit: fit(exact), Sweep: fit(rough),
			}, nil
		},
	}
}
