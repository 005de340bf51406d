package probe

import (
	"slices"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/lapack/lapack64"
)

// matrixOf is a dense row-major matrix, for solvers.
type matrixOf[T real] struct {
	rows, cols int
	data       []T
}

type real interface{ float32 | float64 }

// matrix is in float64, as all matrices of solvers but those of rough fits.
type matrix = matrixOf[float64]

func newMatrix(rows, cols int) matrix { return newMatrixOf[float64](rows, cols) }

func newMatrixOf[T real](rows, cols int) matrixOf[T] {
	return matrixOf[T]{rows, cols, make([]T, rows*cols)}
}

// wide copies m into float64.
func wide(m Matrix) matrix { return matrix{m.Rows, m.Cols, Widen(m.Data)} }

func (m matrixOf[T]) row(i int) []T { return m.data[i*m.cols : (i+1)*m.cols] }

// general is how BLAS and LAPACK see m.
func general(m matrix) blas64.General {
	return blas64.General{Rows: m.rows, Cols: m.cols, Stride: m.cols, Data: m.data}
}

// subspace is the coordinates in which a linear head is fitted: the training
// rows less their mean and, where there are fewer rows than columns, in an
// orthonormal basis of the space they span.
//
// Neither changes the optimum of a head whose weights are penalised by their
// norm and whose intercept is free: a shift of the rows moves into the
// intercept, and weights outside the span only add to the penalty. Both make
// it cheaper: the shift takes away the direction all embeddings share, which
// halves the iterations, and the basis leaves r of d columns.
type subspace struct {
	rows matrix    // (N, r) the training rows
	mean []float64 // d

	// LQ factors of the centred rows (d ≥ N), whose Q is the basis; empty
	// where the rows kept their own columns.
	factor matrix
	tau    []float64
}

func reduce(x Matrix) subspace {
	n, d := x.Rows, x.Cols
	rows := wide(x)
	mean := make([]float64, d)
	for i := range n {
		floats.Add(mean, rows.row(i))
	}
	floats.Scale(1/float64(n), mean)
	for i := range n {
		floats.Sub(rows.row(i), mean)
	}
	if n >= d {
		return subspace{rows: rows, mean: mean}
	}

	tau := make([]float64, n)
	work := make([]float64, 1)
	lapack64.Gelqf(general(rows), tau, work, -1)
	work = make([]float64, int(work[0]))
	lapack64.Gelqf(general(rows), tau, work, len(work))
	lower := newMatrix(n, n) // X = LQ: L holds the rows in the basis Q
	for i := range n {
		copy(lower.row(i)[:i+1], rows.row(i))
	}
	return subspace{rows: lower, mean: mean, factor: rows, tau: tau}
}

// expand turns weights (C, r) and intercepts in the subspace into weights
// (C, d) and intercepts for the embeddings themselves. The intercepts add up
// to zero.
func (s subspace) expand(inside matrix, intercepts []float64) (w matrix, b []float64) {
	w, b = newMatrix(inside.rows, len(s.mean)), slices.Clone(intercepts)
	for c := range inside.rows {
		copy(w.row(c), inside.row(c))
	}
	if s.tau != nil {
		work := make([]float64, 1)
		lapack64.Ormlq(blas.Right, blas.NoTrans, general(s.factor), s.tau, general(w), work, -1)
		work = make([]float64, int(work[0]))
		lapack64.Ormlq(blas.Right, blas.NoTrans, general(s.factor), s.tau, general(w), work, len(work))
	}
	for c := range b {
		b[c] -= dot(w.row(c), s.mean)
	}
	floats.AddConst(-floats.Sum(b)/float64(len(b)), b)
	return w, b
}

// contract is the reverse of expand for the given classes of a head: what is
// outside the subspace is lost.
func (s subspace) contract(head *Linear, classes []int) (inside matrix, intercepts []float64) {
	full := newMatrix(len(classes), len(s.mean))
	intercepts = make([]float64, len(classes))
	for i, c := range classes {
		copy(full.row(i), Widen(head.W.Row(c)))
		intercepts[i] = float64(head.B[c]) + dot(full.row(i), s.mean)
	}
	if s.tau == nil {
		return full, intercepts
	}
	work := make([]float64, 1)
	lapack64.Ormlq(blas.Right, blas.Trans, general(s.factor), s.tau, general(full), work, -1)
	work = make([]float64, int(work[0]))
	lapack64.Ormlq(blas.Right, blas.Trans, general(s.factor), s.tau, general(full), work, len(work))
	inside = newMatrix(len(classes), s.rows.cols)
	for i := range classes {
		copy(inside.row(i), full.row(i))
	}
	return inside, intercepts
}
