package gemm

import (
	"runtime"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"

	"framepilot/internal/cores"
)

// Mul is c = α op(a) op(b) + β c, as blas64.Gemm. Shapes that do not fit are a
// panic; c must not overlap a or b.
func Mul(aT, bT blas.Transpose, alpha float64, a, b blas64.General, beta float64, c blas64.General) {
	if best == nil || c.Rows == 0 || c.Cols == 0 || len(a.Data) == 0 {
		blas64.Gemm(aT, bT, alpha, a, b, beta, c)
		return
	}
	mul(best, aT, bT, alpha, a, b, beta, c)
}

// best is the product of the first kernel of this processor; nil: none.
var best = func() product {
	if _, products := kernels(); len(products) > 0 {
		return products[0]
	}
	return nil
}()

// product computes one core's share.
type product func(s *share, a, b, c []float64)

// share is laid out as in gemm.h.
type share struct {
	rows, cols, depth              int
	aRow, aDeep, bDeep, bCol, cRow int
	alpha, beta                    float64
}

const (
	worthSharing = 1 << 18 // multiplications below which starting goroutines costs more than it saves
	leastPiece   = 48      // rows or columns
)

// mul shares out the longer side of c, in pieces worth a call.
func mul(f product, aT, bT blas.Transpose, alpha float64, a, b blas64.General, beta float64, c blas64.General) {
	m, depth, aRow, aDeep := layout(aT, a)
	deep, n, bDeep, bCol := layout(bT, b)
	if m != c.Rows || n != c.Cols || depth != deep {
		panic("gemm: shapes do not fit")
	}
	for _, x := range []blas64.General{a, b, c} {
		if x.Stride < x.Cols || len(x.Data) < (x.Rows-1)*x.Stride+x.Cols {
			panic("gemm: a matrix shorter than its shape")
		}
	}
	side, pieces := max(m, n), 1
	if m*n*depth >= worthSharing {
		pieces = max(1, min(runtime.GOMAXPROCS(0), side/leastPiece))
	}
	cores.Each(pieces, func(p int) {
		first, end := side*p/pieces, side*(p+1)/pieces
		s := share{m, n, depth, aRow, aDeep, bDeep, bCol, c.Stride, alpha, beta}
		if m >= n {
			s.rows = end - first
			f(&s, a.Data[first*aRow:], b.Data, c.Data[first*c.Stride:])
		} else {
			s.cols = end - first
			f(&s, a.Data, b.Data[first*bCol:], c.Data[first:])
		}
	})
}

// layout returns the shape of op(m) and the steps between its rows and columns.
func layout(t blas.Transpose, m blas64.General) (rows, cols, byRow, byCol int) {
	if t == blas.NoTrans {
		return m.Rows, m.Cols, m.Stride, 1
	}
	return m.Cols, m.Rows, 1, m.Stride
}
