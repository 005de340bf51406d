package fewshot

import (
	"math/rand/v2"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/mat"

	"framepilot/internal/gemm"
)

// leadingRounds is enough for directions to start from: an eigenvalue a third
// smaller than another is then 10⁵ times weaker in its place.
const leadingRounds = 30

// leading returns the eigenvectors of the largest eigenvalues of a matrix
// (d, d) without negative ones, largest first, as columns (d, count): by
// subspace iteration on twice as many, which takes O(d² count) a round where
// all eigenvectors take some 10 d³. It tells whether it could.
func leading(a *mat.SymDense, count int) (*mat.Dense, bool) {
	d := a.SymmetricDim()
	width := min(2*count, d)
	full := mat.DenseCopyOf(a)
	rng := rand.New(rand.NewPCG(1, 0))
	var basis *mat.Dense
	moved := mat.NewDense(d, width, nil)
	moved.Apply(func(int, int, float64) float64 { return rng.NormFloat64() }, moved)
	for range leadingRounds {
		var qr mat.QR
		var q mat.Dense
		qr.Factorize(moved)
		qr.QTo(&q)
		basis = mat.DenseCopyOf(q.Slice(0, d, 0, width))
		gemm.Mul(blas.NoTrans, blas.NoTrans, 1, full.RawMatrix(), basis.RawMatrix(), 0, moved.RawMatrix())
	}
	// Within the subspace, exactly.
	small := mat.NewSymDense(width, nil)
	for i := range width {
		for j := i; j < width; j++ {
			small.SetSym(i, j, mat.Dot(basis.ColView(i), moved.ColView(j)))
		}
	}
	var eigen mat.EigenSym
	if !eigen.Factorize(small, true) {
		return nil, false
	}
	var turn, out mat.Dense
	eigen.VectorsTo(&turn)
	order := make([]int, count)
	for j := range order {
		order[j] = width - 1 - j
	}
	out.Mul(basis, columns(&turn, order))
	return &out, true
}
