package gemm

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
)

func random(rng *rand.Rand, rows, cols, stride int) blas64.General {
	m := blas64.General{Rows: rows, Cols: cols, Stride: stride, Data: make([]float64, rows*stride)}
	for i := range m.Data {
		m.Data[i] = rng.NormFloat64()
	}
	return m
}

func clone(m blas64.General) blas64.General {
	m.Data = slices.Clone(m.Data)
	return m
}

// every calls f with factors of many shapes, of both orders and strides longer
// than rows.
func every(f func(aT, bT blas.Transpose, a, b, c blas64.General)) {
	rng := rand.New(rand.NewPCG(1, 1))
	for _, size := range [][3]int{{1, 1, 1}, {1, 24, 3}, {8, 24, 128}, {7, 25, 129}, {4, 12, 5}, {9, 1, 300}, {97, 49, 2}, {100, 500, 17}, {600, 31, 260}} {
		m, n, k := size[0], size[1], size[2]
		for _, aT := range []blas.Transpose{blas.NoTrans, blas.Trans} {
			for _, bT := range []blas.Transpose{blas.NoTrans, blas.Trans} {
				a, b := random(rng, m, k, k+3), random(rng, k, n, n+1)
				if aT == blas.Trans {
					a = random(rng, k, m, m)
				}
				if bT == blas.Trans {
					b = random(rng, n, k, k+2)
				}
				f(aT, bT, a, b, random(rng, m, n, n+5))
			}
		}
	}
}

// TestKernels compares every kernel with gonum's products, to the rounding of
// sums; what lies between the rows of c must stay. Kernels agree to the bit.
func TestKernels(t *testing.T) {
	names, products := kernels()
	if len(products) == 0 {
		t.Skip("this build has no kernels")
	}
	every(func(aT, bT blas.Transpose, a, b, c blas64.General) {
		for _, scale := range [][2]float64{{1, 0}, {-0.5, 1}, {2, 0.3}} {
			alpha, beta := scale[0], scale[1]
			want := clone(c)
			blas64.Gemm(aT, bT, alpha, a, b, beta, want)
			var first blas64.General
			for i, f := range products {
				got := clone(c)
				mul(f, aT, bT, alpha, a, b, beta, got)
				for j, v := range got.Data {
					if off := math.Abs(v - want.Data[j]); !(off <= 1e-11) {
						t.Fatalf("%s, %d x %d, transposed %c %c, α = %g, β = %g: %g at %d, want %g", names[i], c.Rows, c.Cols, aT, bT, alpha, beta, v, j, want.Data[j])
					}
				}
				if i == 0 {
					first = got
				} else if !slices.Equal(first.Data, got.Data) {
					t.Fatalf("%d x %d: %s and %s differ", c.Rows, c.Cols, names[0], names[i])
				}
			}
		}
	})
}

// TestCores: the bits of a product are those for one core.
func TestCores(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	every(func(aT, bT blas.Transpose, a, b, c blas64.General) {
		one := clone(c)
		Mul(aT, bT, 1, a, b, 0.5, one)
		runtime.GOMAXPROCS(5)
		Mul(aT, bT, 1, a, b, 0.5, c)
		runtime.GOMAXPROCS(1)
		if !slices.Equal(one.Data, c.Data) {
			t.Errorf("%d x %d: other bits on other cores", c.Rows, c.Cols)
		}
	})
}

func TestBetaZeroForgets(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	a, b, c := random(rng, 3, 4, 4), random(rng, 4, 5, 5), random(rng, 3, 5, 5)
	want := clone(c)
	Mul(blas.NoTrans, blas.NoTrans, 1, a, b, 0, want)
	for i := range c.Data {
		c.Data[i] = math.NaN()
	}
	Mul(blas.NoTrans, blas.NoTrans, 1, a, b, 0, c)
	if !slices.Equal(c.Data, want.Data) {
		t.Errorf("%v, want %v", c.Data, want.Data)
	}
}

func TestMulPanics(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("shapes that do not fit went through")
		}
	}()
	rng := rand.New(rand.NewPCG(1, 3))
	Mul(blas.NoTrans, blas.NoTrans, 1, random(rng, 3, 4, 4), random(rng, 3, 5, 5), 0, random(rng, 3, 5, 5))
}

func BenchmarkMul(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 4))
	for _, size := range [][3]int{{1616, 1616, 512}, {1616, 101, 16}, {1616, 32, 512}, {512, 32, 1616}, {1616, 101, 512}} {
		m, n, k := size[0], size[1], size[2]
		x, y, z := random(rng, m, k, k), random(rng, k, n, n), random(rng, m, n, n)
		for name, f := range map[string]func(aT, bT blas.Transpose, alpha float64, a, b blas64.General, beta float64, c blas64.General){"kernel": Mul, "gonum": blas64.Gemm} {
			b.Run(fmt.Sprintf("%dx%dx%d/%s", m, n, k, name), func(b *testing.B) {
				for b.Loop() {
					f(blas.NoTrans, blas.NoTrans, 1, x, y, 0, z)
				}
				b.ReportMetric(2e-9*float64(m*n*k*b.N)/b.Elapsed().Seconds(), "GFLOP/s")
			})
		}
	}
}
