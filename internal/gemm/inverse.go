package gemm

import (
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/lapack/lapack64"
)

// leaf is the order below which LAPACK inverts.
const leaf = 64

// Invert replaces a symmetric positive definite matrix (n, n), all of it
// given, by its inverse, and tells whether it could: not where a block turns
// out not to be positive definite. By halves,
//
//	[A B']⁻¹   [A⁻¹ + W'SW  -W'S]
//	[B D ]   = [-SW            S], W = BA⁻¹, S = (D - WB')⁻¹,
//
// it is all products but for the last blocks.
func Invert(a blas64.General) bool {
	n := a.Rows
	if n != a.Cols {
		panic("gemm: the inverse of a matrix that is not square")
	}
	if n <= leaf {
		return invertLeaf(a)
	}
	half := n / 2
	block := func(i, j, rows, cols int) blas64.General {
		return blas64.General{Rows: rows, Cols: cols, Stride: a.Stride, Data: a.Data[i*a.Stride+j:]}
	}
	first, last := block(0, 0, half, half), block(half, half, n-half, n-half)
	lower, upper := block(half, 0, n-half, half), block(0, half, half, n-half)
	if !Invert(first) {
		return false
	}
	w := blas64.General{Rows: n - half, Cols: half, Stride: half, Data: make([]float64, (n-half)*half)}
	Mul(blas.NoTrans, blas.NoTrans, 1, lower, first, 0, w)
	Mul(blas.NoTrans, blas.Trans, -1, w, lower, 1, last)
	if !Invert(last) {
		return false
	}
	Mul(blas.NoTrans, blas.NoTrans, -1, last, w, 0, lower)
	Mul(blas.Trans, blas.NoTrans, -1, w, lower, 1, first)
	for i := range half {
		for j := range n - half {
			upper.Data[i*a.Stride+j] = lower.Data[j*a.Stride+i]
		}
	}
	mirror(first)
	return true
}

func invertLeaf(a blas64.General) bool {
	factor, ok := lapack64.Potrf(blas64.Symmetric{N: a.Rows, Stride: a.Stride, Data: a.Data, Uplo: blas.Upper})
	if !ok {
		return false
	}
	lapack64.Potri(factor)
	mirror(a)
	return true
}

// mirror copies the upper triangle to the lower, from which it may differ in
// the last digits.
func mirror(a blas64.General) {
	for i := range a.Rows {
		for j := range i {
			a.Data[i*a.Stride+j] = a.Data[j*a.Stride+i]
		}
	}
}
