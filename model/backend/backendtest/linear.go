package backendtest

import (
	"fmt"
	"math"
	"testing"

	"framepilot/model/backend"
)

func (s *suite) linear(t *testing.T) {
	for _, d := range [][3]int{{1, 1, 1}, {3, 5, 7}, {65, 64, 192}, {17, 130, 33}, {129, 40, 120}, {200, 96, 300}} {
		rows, in, out := d[0], d[1], d[2]
		x, w, b, r := s.random(rows*in), s.random(out*in), s.random(out), s.random(rows*out)
		s.operand(t, x, rows, in)
		for _, act := range []backend.Act{backend.NoAct, backend.QuickGELU, backend.GELU} {
			for mode := range 5 { // no bias; bias; bias and residual; residual in place; no bias, to operands
				bias := b
				if mode == 0 || mode == 4 {
					bias = nil
				}
				want := make([]float64, rows*out)
				for i := range rows {
					for j := range out {
						var sum float64
						for k := range in {
							sum += float64(x[i*in+k]) * float64(w[j*in+k])
						}
						if bias != nil {
							sum += float64(b[j])
						}
						want[i*out+j] = act64(act, sum)
						if mode == 2 || mode == 3 {
							want[i*out+j] += float64(r[i*out+j])
						}
					}
				}
				opt, dst := backend.LinearOpt{Act: act}, s.poisoned(backend.F32, rows, out)
				switch mode {
				case 2:
					opt.Residual = s.up(r, rows, out)
				case 3:
					opt.Residual = s.up(r, rows, out)
					dst = opt.Residual
				case 4:
					dst = s.poisoned(backend.Operand, rows, out)
				}
				s.q.Linear(dst, s.operand(t, x, rows, in), s.pack(t, in, out, w, bias), opt)
				s.check(t, fmt.Sprintf("linear %v act %d mode %d", d, act, mode), dst, want)
			}
		}
	}
}

func act64(a backend.Act, v float64) float64 {
	switch a {
	case backend.QuickGELU:
		return v / (1 + math.Exp(-1.702*v))
	case backend.GELU:
		return v * 0.5 * math.Erfc(-v/math.Sqrt2)
	}
	return v
}

func (s *suite) norm(t *testing.T, D int) (backend.Norm, func(dst []float64)) {
	w, b := s.random(D), s.random(D)
	ln := backend.Norm{Weight: s.weight(t, w, D), Bias: s.weight(t, b, D), Eps: 1e-5}
	return ln, func(x []float64) {
		var mean, sq float64
		for _, v := range x {
			mean += v / float64(D)
		}
		for _, v := range x {
			sq += (v - mean) * (v - mean) / float64(D)
		}
		for j, v := range x {
			x[j] = (v-mean)/math.Sqrt(sq+1e-5)*float64(w[j]) + float64(b[j])
		}
	}
}

func (s *suite) layerNorm(t *testing.T) {
	for _, d := range [][2]int{{1, 8}, {7, 40}, {33, 768}} {
		ln, norm := s.norm(t, d[1])
		x := s.random(d[0] * d[1])
		for i := range x {
			x[i] = x[i]*3 + 50 // a large mean must not cost the variance its digits
		}
		want := wide(x)
		for i := range d[0] {
			norm(want[i*d[1] : (i+1)*d[1]])
		}
		for _, dtype := range []backend.DType{backend.F32, backend.Operand} {
			dst := s.poisoned(dtype, d[0], d[1])
			s.q.LayerNorm(dst, s.up(x, d[0], d[1]), ln)
			s.check(t, fmt.Sprintf("layer norm %v to %d", d, dtype), dst, want)
		}
	}
}

func wide(x []float32) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = float64(v)
	}
	return y
}
