package fewshot

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// The directions are those of a full eigendecomposition, to their sign, where
// eigenvalues are apart as those of embeddings are; also of more columns than
// there is variance in, and of fewer than it asks for.
func TestLeading(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 0))
	for _, size := range []struct{ n, d, count int }{{300, 60, 8}, {20, 60, 8}, {50, 10, 8}, {9, 3, 3}} {
		x := mat.NewDense(size.n, size.d, nil)
		x.Apply(func(_, j int, _ float64) float64 { return rng.NormFloat64() * math.Pow(0.7, float64(j)) }, x)
		a := mat.NewSymDense(size.d, nil)
		a.SymOuterK(1, x.T())
		got, ok := leading(a, size.count)
		if !ok {
			t.Fatal(size, "not found")
		}
		var eigen mat.EigenSym
		if !eigen.Factorize(a, true) {
			t.Fatal("no eigenvectors")
		}
		var want mat.Dense
		eigen.VectorsTo(&want)
		for j := range size.count {
			if cos := math.Abs(mat.Dot(got.ColView(j), want.ColView(size.d-1-j))); !(cos > 1-1e-6) {
				t.Errorf("%v: direction %d has cosine %g with the eigenvector", size, j, cos)
			}
		}
	}
}

func TestLeadingOfNothing(t *testing.T) {
	got, ok := leading(mat.NewSymDense(5, nil), 2)
	if !ok {
		return
	}
	for _, v := range got.RawMatrix().Data {
		if math.IsNaN(v) {
			t.Fatal("NaN")
		}
	}
}
