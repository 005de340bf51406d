package domain

import (
	"fmt"
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"framepilot/probe"
)

// gonum's eigenvectors are the oracle: V Λ^±½ Vᵀ.
func TestHalfPower(t *testing.T) {
	diagonal := mat.NewSymDense(4, []float64{3, 0, 0, 0, 0, 1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1})
	cases := map[string]*mat.SymDense{"diagonal": diagonal, "one": mat.NewSymDense(1, []float64{2}), "identity": eye(5)}
	for _, n := range []int{2, 3, 33, 200} {
		cases[fmt.Sprint(n)] = gram(mat.NewDense(2*n, n, probe.Widen(gaussian(2*n, n, uint64(n)).Data)))
	}
	steep := gram(mat.NewDense(5, 40, probe.Widen(gaussian(5, 40, 1).Data))) // condition 10⁸
	for j := range 40 {
		steep.SetSym(j, j, steep.At(j, j)+1e-6)
	}
	cases["steep"] = steep
	for name, a := range cases {
		for _, inverse := range []bool{false, true} {
			t.Run(fmt.Sprint(name, " ", inverse), func(t *testing.T) {
				n := a.SymmetricDim()
				var reference mat.EigenSym
				if !reference.Factorize(a, true) {
					t.Fatal("no reference")
				}
				values := reference.Values(nil)
				condition := values[n-1] / values[0]
				for i, v := range values {
					values[i] = math.Sqrt(v)
					if inverse {
						values[i] = 1 / values[i]
					}
				}
				var vectors, half, want mat.Dense
				reference.VectorsTo(&vectors)
				half.Mul(&vectors, mat.NewDiagDense(n, values))
				want.Mul(&half, vectors.T())
				var away mat.Dense
				away.Sub(halfPower(a, inverse), &want)
				if !(mat.Norm(&away, 2) <= (1e-12+1e-15*condition)*mat.Norm(&want, 2)) {
					t.Errorf("off by %g of %g, condition %g", mat.Norm(&away, 2), mat.Norm(&want, 2), condition)
				}
			})
		}
	}
}

// A root of a singular matrix is as good as rounding lets it.
func TestHalfPowerSingular(t *testing.T) {
	low := gram(mat.NewDense(5, 40, probe.Widen(gaussian(5, 40, 1).Data)))
	root := halfPower(low, false)
	var square, away mat.Dense
	square.Mul(root, root)
	away.Sub(&square, low)
	if !(mat.Norm(&away, 2) <= 1e-6*mat.Norm(low, 2)) {
		t.Errorf("the square is off by %g of %g", mat.Norm(&away, 2), mat.Norm(low, 2))
	}
	if zero := halfPower(mat.NewSymDense(3, nil), false); mat.Norm(zero, 1) != 0 {
		t.Error("the root of zero is not zero")
	}
}

func TestRootPoles(t *testing.T) {
	for _, high := range []float64{1, 1.5, 1e3, 1e9} {
		for _, x := range []float64{1, math.Sqrt(high), high} {
			var got float64
			for _, p := range rootPoles(1, high) {
				got += p.weight / (x + p.shift)
			}
			wantClose(t, fmt.Sprintf("%g^-1/2 on 1 to %g", x, high), got*math.Sqrt(x), 1, 1e-12)
		}
	}
}

func TestTimesTransposed(t *testing.T) {
	for _, c := range [][3]int{{1, 1, 1}, {9, 17, 300}, {20, 20, 5}} {
		a, b := mat.NewDense(c[0], c[2], probe.Widen(gaussian(c[0], c[2], 1).Data)), mat.NewDense(c[1], c[2], probe.Widen(gaussian(c[1], c[2], 2).Data))
		for _, other := range []*mat.Dense{b, a} {
			var want mat.Dense
			want.Mul(a, other.T())
			if !mat.EqualApprox(timesTransposed(a, other), &want, 1e-12) {
				t.Errorf("%v: other product", c)
			}
		}
	}
}

func eye(n int) *mat.SymDense {
	out := mat.NewSymDense(n, nil)
	for i := range n {
		out.SetSym(i, i, 1)
	}
	return out
}

func BenchmarkHalfPower(b *testing.B) {
	for _, d := range []int{512, 1024} {
		a := gram(mat.NewDense(2*d, d, probe.Widen(gaussian(2*d, d, 1).Data)))
		b.Run(fmt.Sprintf("%d/ours", d), func(b *testing.B) {
			for b.Loop() {
				halfPower(a, true)
			}
		})
		b.Run(fmt.Sprintf("%d/gonum", d), func(b *testing.B) {
			for b.Loop() {
				var e mat.EigenSym
				if !e.Factorize(a, true) {
					b.Fatal("no eigenvalues")
				}
			}
		})
	}
}
