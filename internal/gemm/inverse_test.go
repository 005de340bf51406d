package gemm

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"
)

// spd is XX' + ridge I in rows longer than it, of X with a few columns less
// than rows.
func spd(rng *rand.Rand, n int, ridge float64) blas64.General {
	x := random(rng, n, max(n-3, 1), n)
	a := random(rng, n, n, n+2)
	Mul(blas.NoTrans, blas.Trans, 1, x, x, 0, a)
	for i := range n {
		a.Data[i*a.Stride+i] += ridge
	}
	return a
}

// TestInvert compares inverses with gonum's, at the sizes around which blocks
// are cut.
func TestInvert(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 1))
	for _, n := range []int{1, 2, leaf, leaf + 1, 150, 257} {
		a := spd(rng, n, 1)
		var want mat.Dense
		whole := mat.NewDense(n, n, nil)
		for i := range n {
			whole.SetRow(i, a.Data[i*a.Stride:i*a.Stride+n])
		}
		if err := want.Inverse(whole); err != nil {
			t.Fatal(err)
		}
		if !Invert(a) {
			t.Fatalf("%d x %d: no inverse", n, n)
		}
		for i := range n {
			for j := range n {
				got := a.Data[i*a.Stride+j]
				if off := math.Abs(got - want.At(i, j)); !(off <= 1e-9) {
					t.Fatalf("%d x %d: %g at %d, %d, want %g", n, n, got, i, j, want.At(i, j))
				}
				if got != a.Data[j*a.Stride+i] {
					t.Fatalf("%d x %d: not symmetric at %d, %d", n, n, i, j)
				}
			}
		}
	}
}

// What is not positive definite has none, wherever that shows.
func TestInvertRefuses(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	for _, at := range []int{0, 70, 199} {
		a := spd(rng, 200, 1)
		a.Data[at*a.Stride+at] = -1
		if Invert(a) {
			t.Errorf("an inverse of a matrix with -1 on the diagonal at %d", at)
		}
	}
}
