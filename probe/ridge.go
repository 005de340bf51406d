package probe

import (
	"context"
	"fmt"
	"slices"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/lapack/lapack64"
)

// RidgePath is least-squares classification of the training clips for every
// strength λ of its penalty at once,
//
//	W(λ) = (X'X + λI)⁻¹ X'Y,  Y one-hot, no intercept,
//
// from one decomposition of X'X, or of XX' where there are fewer clips than
// dimensions. What leaving out a group would have predicted follows exactly,
// without fitting again.
type RidgePath struct {
	x       Matrix // (N, d)
	classes int
	labels  []int
	groups  []group

	dual bool        // XX' was decomposed
	t    tridiagonal // T of X'X = QTQ', or of XX'
	q    matrix      // (r, r) Q
	z    matrix      // (N, r) XQ, or Q itself where dual
	zy   matrix      // (C, r) Y'z
}

// NewRidgePath prepares the path for labelled clips.
func NewRidgePath(train Features) (*RidgePath, error) {
	n, d := train.X.Rows, train.X.Cols
	if n == 0 || len(train.labelled()) < n {
		return nil, fmt.Errorf("ridge: %d of %d clips have a label, want all", len(train.labelled()), n)
	}
	p := &RidgePath{
		x: train.X, classes: len(train.Classes), labels: train.Labels,
		groups: gatherGroups(train.Labels, train.Groups), dual: n < d,
	}
	x := wide(train.X)
	gram := newMatrix(min(n, d), min(n, d))
	side := blas.Trans
	if p.dual {
		side = blas.NoTrans
	}
	blas64.Syrk(side, 1, general(x), 0, blas64.Symmetric{N: gram.rows, Stride: gram.rows, Data: gram.data, Uplo: blas.Upper})
	p.q, p.t = tridiagonalise(gram)
	p.z = p.q
	if !p.dual {
		p.z = newMatrix(n, d)
		blas64.Gemm(blas.NoTrans, blas.NoTrans, 1, general(x), general(p.q), 0, general(p.z))
	}
	p.zy = newMatrix(p.classes, p.z.cols)
	for i, y := range p.labels {
		floats.Add(p.zy.row(y), p.z.row(i))
	}
	return p, nil
}

// inside solves for the weights in the coordinates of z: Y'z (T + λI)⁻¹, (C, r).
func (p *RidgePath) inside(s shifted) matrix {
	out := newMatrix(p.classes, p.z.cols)
	for c := range p.classes {
		copy(out.row(c), s.solve(p.zy.row(c)))
	}
	return out
}

// Weights returns the classifier of one λ > 0.
func (p *RidgePath) Weights(lambda float64) *Linear {
	n, d := p.x.Rows, p.x.Cols
	inside := p.inside(p.t.shift(lambda))
	out := &Linear{W: NewMatrix(p.classes, d), B: make([]float32, p.classes)}
	parallel(p.classes, p.classes*d*p.z.cols, func(c int) {
		w := make([]float64, d)
		if p.dual { // W' = X'(XX' + λI)⁻¹Y
			for i := range n {
				along := dot(p.q.row(i), inside.row(c))
				for j, v := range p.x.Row(i) {
					w[j] += along * float64(v)
				}
			}
		} else { // W' = Q(T + λI)⁻¹z'Y
			for j := range d {
				w[j] = dot(p.q.row(j), inside.row(c))
			}
		}
		copy(out.W.Row(c), Narrow(w))
	})
	return out
}

// LOO returns the predictions (N, C) for the training clips of fits without
// their whole group: with H = X(X'X + λI)⁻¹X', predictions Ŷ = HY of the fit
// to all clips and the rows g of a group,
//
//	Y_g - (I - H_gg)⁻¹ (Y_g - Ŷ_g).
func (p *RidgePath) LOO(ctx context.Context, lambda float64) (Matrix, error) {
	out := NewMatrix(p.x.Rows, p.classes)
	s := p.t.shift(lambda)
	inside := p.inside(s)
	solved := make([]bool, len(p.groups))
	parallel(len(p.groups), len(p.z.data)*p.classes, func(g int) {
		if ctx.Err() == nil {
			solved[g] = p.leaveOut(p.groups[g].rows, s, inside, out)
		}
	})
	if err := ctx.Err(); err != nil {
		return Matrix{}, err
	}
	if slices.Contains(solved, false) {
		return Matrix{}, fmt.Errorf("ridge: λ = %g is too small for these clips: a group predicts itself", lambda)
	}
	return out, nil
}

// leaveOut writes the predictions for the rows of one group; false where
// I - H_gg is singular to rounding.
//
// Where dual, I - H = λ(XX' + λI)⁻¹, and λ drops out of the quotient.
func (p *RidgePath) leaveOut(rows []int, s shifted, inside matrix, out Matrix) bool {
	n := len(rows)
	rest := newMatrix(n, n)         // I - H_gg, over λ where dual
	miss := newMatrix(n, p.classes) // Y_g - Ŷ_g, likewise
	for i, r := range rows {
		solved := s.solve(p.z.row(r))
		for j, q := range rows[:i+1] {
			rest.row(i)[j] = dot(solved, p.z.row(q))
		}
		for c := range p.classes {
			miss.row(i)[c] = dot(p.z.row(r), inside.row(c))
		}
		if !p.dual {
			floats.Scale(-1, rest.row(i))
			floats.Scale(-1, miss.row(i))
			rest.row(i)[i]++
			miss.row(i)[p.labels[r]]++
		}
	}
	if n == 1 {
		floats.Scale(1/rest.data[0], miss.data)
	} else {
		factor, ok := lapack64.Potrf(blas64.Symmetric{N: n, Stride: n, Data: rest.data, Uplo: blas.Lower})
		if !ok {
			return false
		}
		lapack64.Potrs(factor, general(miss))
	}
	for i, r := range rows {
		for c := range p.classes {
			out.Row(r)[c] = float32(-miss.row(i)[c])
		}
		out.Row(r)[p.labels[r]]++
	}
	return notFinite(miss.data) < 0
}
