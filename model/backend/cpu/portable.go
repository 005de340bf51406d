package cpu

import (
	"math"

	"gonum.org/v1/gonum/blas/blas32"

	"framepilot/model/backend"
)

// portable is the definition of the arithmetic, in float32 and plain loops
// around gonum's dot product. It runs everywhere.
type portable struct{}

func (portable) spin(int) float64               { return 0 }
func (portable) linearScratch(*linear, int) int { return 0 }
func (portable) attendScratch(group) int        { return 0 }

func (portable) pack(l *linear, w, b []float32, m *memory) (err error) {
	if l.f32, err = allocate[float32](m, len(w)); err != nil {
		return err
	}
	copy(l.f32, w)
	l.bias = make([]float32, l.out)
	copy(l.bias, b)
	return nil
}

func (portable) linear(y, x *tensor, l *linear, o backend.LinearOpt, rows, cols span, _ []byte) {
	residual, _ := o.Residual.(*tensor)
	for j := cols.from; j < cols.to; j++ {
		w := blas32.Vector{N: l.in, Inc: 1, Data: rowOf(l.f32, j, l.in)}
		for i := rows.from; i < rows.to; i++ {
			v := blas32.Dot(blas32.Vector{N: l.in, Inc: 1, Data: x.row(i)}, w) + l.bias[j]
			v = activate(o.Act, v)
			if residual != nil {
				v += residual.f32[i*l.out+j]
			}
			y.f32[i*l.out+j] = v
		}
	}
}

func activate(a backend.Act, v float32) float32 {
	switch a {
	case backend.QuickGELU:
		return v / (1 + float32(math.Exp(float64(-1.702*v))))
	case backend.GELU:
		return v * float32(0.5*(1+math.Erf(float64(v)/math.Sqrt2)))
	}
	return v
}

// normalise takes mean and variance in float64: with D around a thousand that
// keeps the error at float32 rounding of the result.
func (portable) normalise(y, x *tensor, ln backend.Norm, rows span) {
	w, b := ln.Weight.(*tensor).f32, ln.Bias.(*tensor).f32
	for i := rows.from; i < rows.to; i++ {
		from, to := x.row(i), y.row(i)
		var sum float64
		for _, v := range from {
			sum += float64(v)
		}
		mean := sum / float64(len(from))
		var sq float64
		for _, v := range from {
			d := float64(v) - mean
			sq += d * d
		}
		scale := 1 / math.Sqrt(sq/float64(len(from))+float64(ln.Eps))
		for j, v := range from {
			to[j] = float32((float64(v)-mean)*scale)*w[j] + b[j]
		}
	}
}

func (portable) attend(y, x *tensor, g group, _ []byte) {
	for h := g.heads.from; h < g.heads.to; h++ {
		for i := range g.query.count {
			var keys []int
			if g.cls {
				keys = append(keys, 0)
			}
			for j := range g.key.count {
				if !g.causal || j <= i {
					keys = append(keys, g.key.at(j))
				}
			}
			token := g.query.at(i)
			hd := head{x: x, first: g.first, at: h * g.dim, dim: g.dim}
			hd.attend(y.row(g.out + token)[hd.at:][:hd.dim], token, keys)
		}
	}
}

// head is one attention head over the tokens that start at row first.
type head struct {
	x       *tensor
	first   int // row of token 0
	at, dim int // columns of this head within q, within k and within v
}

func (h head) part(token, which int) []float32 {
	return h.x.row(h.first + token)[which*h.x.width()/3+h.at:][:h.dim]
}

// attend writes softmax(q·k/√dim)·v of one query over the given keys.
func (h head) attend(out []float32, token int, keys []int) {
	query, scores := h.part(token, 0), make([]float32, len(keys))
	scale := float32(1 / math.Sqrt(float64(h.dim)))
	top := float32(math.Inf(-1))
	for i, k := range keys {
		var dot float32
		for j, v := range h.part(k, 1) {
			dot += query[j] * v
		}
		scores[i] = dot * scale
		top = max(top, scores[i])
	}
	var sum float32
	for i, s := range scores {
		scores[i] = float32(math.Exp(float64(s - top)))
		sum += scores[i]
	}
	clear(out)
	for i, k := range keys {
		w := scores[i] / sum
		for j, v := range h.part(k, 2) {
			out[j] += w * v
		}
	}
}
