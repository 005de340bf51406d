//go:build linux && (amd64 || arm64) && !nogpu

package kernels_test

import (
	"fmt"
	"math"
	"testing"

	"framepilot/model/backend"
	"framepilot/model/backend/cuda/kernels"
)

var acts = []backend.Act{backend.NoAct, backend.QuickGELU, backend.GELU}

func activate(a backend.Act, v float64) float64 {
	switch a {
	case backend.QuickGELU:
		return v / (1 + math.Exp(-1.702*v))
	case backend.GELU:
		return v * 0.5 * math.Erfc(-v/math.Sqrt2)
	}
	return v
}

func TestLinear(t *testing.T) {
	for _, c := range []struct{ rows, in, out, ldX, ldW int }{
		{1, 1, 1, 1, 1}, {3, 5, 7, 5, 8}, {129, 40, 65, 40, 40}, {17, 588, 33, 592, 592}, {150, 100, 140, 104, 100}, {64, 32, 128, 32, 32},
	} {
		for _, from := range both {
			b := newBench(t)
			x, w, bias, residual := b.random(c.rows*c.ldX), b.random(c.out*c.ldW), b.random(c.out), b.random(c.rows*c.out)
			a := kernels.LinearArgs{X: b.operands(from, x), W: b.operands(from, w), Rows: int32(c.rows), In: int32(c.in), Out: int32(c.out), LdX: int32(c.ldX), LdW: int32(c.ldW)}
			products := make([]float64, c.rows*c.out)
			for i := range products {
				for k := range c.in {
					products[i] += float64(x[i/c.out*c.ldX+k]) * float64(w[i%c.out*c.ldW+k])
				}
			}
			for _, act := range acts {
				a.Act = int32(act)
				for mode := range 4 { // nothing; bias; bias and residual; residual in place
					to := backend.F32
					if from == backend.BF16 && mode == 1 {
						to = backend.BF16
					}
					a.Bias, a.Residual = 0, 0
					dst := b.result(to, len(products))
					want := make([]float64, len(products))
					if mode > 0 {
						a.Bias = put(b, bias)
					}
					switch mode {
					case 2:
						a.Residual = put(b, residual)
					case 3:
						a.Residual = dst.ptr()
						copy(dst.data, b.blockOf(put(b, residual)))
					}
					for i, v := range products {
						if mode > 0 {
							v += float64(bias[i%c.out])
						}
						want[i] = activate(act, v)
						if mode > 1 {
							want[i] += float64(residual[i])
						}
					}
					a.Dst = dst.ptr()
					b.run(dst, kernels.Linear(from, to, a))
					tol := nearFor(to)
					tol.abs *= math.Sqrt(float64(c.in)) / 5
					tol.check(t, fmt.Sprintf("%+v from %d, act %d, mode %d", c, from, act, mode), dst.values(to), want)
				}
			}
		}
	}
}

// blockOf is the memory at p.
func (b *bench) blockOf(p kernels.Ptr) []byte {
	for _, m := range b.blocks {
		if m.ptr() == p {
			return m.data
		}
	}
	panic("no such memory")
}

func TestEpilogue(t *testing.T) {
	const rows, D = 7, 45
	for _, to := range both {
		for _, act := range acts {
			b := newBench(t)
			x, bias, residual := b.random(rows*D), b.random(D), b.random(rows*D)
			want := make([]float64, rows*D)
			for i, v := range x {
				want[i] = activate(act, float64(v)+float64(bias[i%D])) + float64(residual[i])
			}
			dst := b.result(to, rows*D)
			b.run(dst, kernels.Epilogue(to, kernels.EpilogueArgs{Dst: dst.ptr(), X: put(b, x), Bias: put(b, bias), Residual: put(b, residual), Rows: rows, D: D, Act: int32(act)}))
			nearFor(to).check(t, fmt.Sprintf("to %d, act %d", to, act), dst.values(to), want)
		}
	}
}

func TestActivate(t *testing.T) {
	for _, n := range []int{1, 8, 2051} {
		for _, act := range acts[1:] {
			b := newBench(t)
			x := b.random(n)
			want := make([]float64, n)
			for i := range x {
				x[i] *= 5
			}
			copyOf := b.blockOf(b.operands(backend.BF16, x))
			for i, v := range x {
				want[i] = activate(act, float64(v))
			}
			dst := b.result(backend.BF16, n)
			copy(dst.data, copyOf)
			b.run(dst, kernels.Activate(kernels.ActivateArgs{X: dst.ptr(), Count: uint64(n), Act: int32(act)}))
			near{1e-6, 4e-3, 4e-3}.check(t, fmt.Sprintf("%d values, act %d", n, act), dst.values(backend.BF16), want)
		}
	}
}
