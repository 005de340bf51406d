package domain

import (
	"fmt"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"

	"framepilot/internal/cores"
	"framepilot/internal/fault"
	"framepilot/probe"
)

// AlignOptions sets up the fit of a Map. The zero value is the good default.
type AlignOptions struct {
	// Shrinkage s makes covariances S + s tr(S)/d I; zero means Ledoit and
	// Wolf's.
	Shrinkage float64
	// KeepLength leaves mapped rows at the length the map gives them.
	KeepLength bool
	// Weights says how many times each source clip counts; nil: alike. With
	// the class weights of a label shift (ClassWeights), matching moments does
	// not take a different mix of classes for a different appearance.
	Weights []float64 // n
}

// Aligner fits a Map from the rows of target (m, d) to those of source
// (n, d).
type Aligner func(source, target probe.Matrix, o AlignOptions) (*Map, error)

// FitCenter moves the mean of the target onto that of the source.
func FitCenter(source, target probe.Matrix, o AlignOptions) (*Map, error) {
	if err := o.check("center", source, target, 1); err != nil {
		return nil, err
	}
	return o.newMap("center", o.sourceMean(source), weightedMean(target, ones(target.Rows)), nil), nil
}

// FitCoral matches means and covariances by whitening the target and
// colouring it as the source (CORAL, Sun, Feng and Saenko 2016, in the
// direction target to source):
//
//	x ↦ (x - m_t) C_t^-½ C_s^½ + m_s
func FitCoral(source, target probe.Matrix, o AlignOptions) (*Map, error) {
	s, t, err := o.moments("coral", source, target)
	if err != nil {
		return nil, err
	}
	// Both are symmetric: a product with the second is one with its transpose.
	linear := timesTransposed(halfPower(t.cov, true), halfPower(s.cov, false))
	return o.newMap("coral", s.mean, t.mean, linear), nil
}

// FitLinearOT matches means and covariances by the map that moves clips the
// least, optimal transport between normal distributions:
//
//	A = C_t^-½ (C_t^½ C_s C_t^½)^½ C_t^-½
//
// A is the only positive definite matrix with A C_t A = C_s, so any square
// root will do for C_t^½; with the Cholesky factor C_t = LLᵀ it is
// L⁻ᵀ (Lᵀ C_s L)^½ L⁻¹.
func FitLinearOT(source, target probe.Matrix, o AlignOptions) (*Map, error) {
	s, t, err := o.moments("linear-ot", source, target)
	if err != nil {
		return nil, err
	}
	var chol mat.Cholesky
	if !chol.Factorize(t.cov) {
		return nil, fault.New(fault.Input, "raise the shrinkage", "linear-ot: the target's covariance is singular")
	}
	upper := chol.RawU().(*mat.TriDense) // C_t = UᵀU = LLᵀ
	root := mat.DenseCopyOf(upper)
	inner := timesTransposed(timesTransposed(root, mat.DenseCopyOf(s.cov)), root)
	linear := divide(upper, divide(upper, halfPower(symmetric(inner), false)))
	return o.newMap("linear-ot", s.mean, t.mean, linear), nil
}

// divide is U⁻¹ A of a symmetric A, transposed: A U⁻ᵀ.
func divide(u *mat.TriDense, a *mat.Dense) *mat.Dense {
	rows, cols := a.Dims()
	const strip = 64
	cores.Each((cols+strip-1)/strip, func(k int) {
		part := a.Slice(0, rows, k*strip, min(cols, (k+1)*strip)).(*mat.Dense)
		blas64.Trsm(blas.Left, blas.NoTrans, 1, u.RawTriangular(), part.RawMatrix())
	})
	return mat.DenseCopyOf(a.T())
}

func (o AlignOptions) newMap(name string, source, target []float64, linear *mat.Dense) *Map {
	return &Map{Name: name, Strength: 1, from: target, to: source, linear: linear, keep: o.KeepLength}
}

func (o AlignOptions) sourceMean(source probe.Matrix) []float64 {
	if o.Weights == nil {
		return weightedMean(source, ones(source.Rows))
	}
	return weightedMean(source, o.Weights)
}

// moments takes those of both sites.
func (o AlignOptions) moments(step string, source, target probe.Matrix) (s, t moments, err error) {
	if err := o.check(step, source, target, 2); err != nil {
		return s, t, err
	}
	if s, err = newMoments(source, o.Weights, o.Shrinkage); err != nil {
		return s, t, fmt.Errorf("%s: source: %w", step, err)
	}
	if t, err = newMoments(target, nil, o.Shrinkage); err != nil {
		return s, t, fmt.Errorf("%s: target: %w", step, err)
	}
	return s, t, nil
}

func (o AlignOptions) check(step string, source, target probe.Matrix, atLeast int) error {
	if err := checkBoth(step, Clips{X: source}, Clips{X: target}, atLeast); err != nil {
		return err
	}
	if !(o.Shrinkage >= 0 && o.Shrinkage <= 1e6) {
		return fault.New(fault.Config, "", "%s: shrinkage is %g, want 0 to 1e6", step, o.Shrinkage)
	}
	if o.Weights != nil && len(o.Weights) != source.Rows {
		panic("domain: weights of other clips")
	}
	var total float64
	for _, w := range o.Weights {
		if !(w >= 0) {
			panic("domain: negative weight")
		}
		total += w
	}
	if o.Weights != nil && !(total > 0) {
		return fault.New(fault.Input, "", "%s: no source clip has any weight", step)
	}
	return nil
}

func ones(n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = 1
	}
	return out
}
