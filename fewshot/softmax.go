package fewshot

import (
	"context"
	"math"
	"slices"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/lapack/lapack64"
	"gonum.org/v1/gonum/mat"

	"framepilot/internal/convex"
	"framepilot/internal/cores"
	"framepilot/internal/gemm"
)

// softmaxFit is a convex objective: what to add to given logits of N clips,
// for P classes with clips,
//
//	f(V, a) = (1/N) Σ_i CE(base_i + V x_i + a∘q_i, y_i) + ½ Σ_c ridge_c ‖V_c‖² + ½ gainRidge ‖a‖².
//
// θ is V, (P, r) row-major, and then a, P values where there is a q.
type softmaxFit struct {
	x     *mat.Dense // (N, r) clips, in a basis of their span
	basis *mat.Dense // (r, d) that basis; nil: the columns themselves
	base  *mat.Dense // (N, P)
	q     *mat.Dense // (N, P); nil: none
	y     []int      // N classes, 0 … P-1

	ridge     []float64 // P, all positive
	gainRidge float64   // positive where there is a q

	at       []float64  // the last point
	residual *mat.Dense // (N, P) there, (posterior - one-hot)/N
}

// newSoftmaxFit sets up a fit to the classes of s with clips; base and q have
// a column for each class.
func newSoftmaxFit(s *support, base, q *mat.Dense) *softmaxFit {
	n, _, d := s.dims()
	classes := s.classes()
	p := &softmaxFit{x: s.x, y: s.numbered(classes)}
	p.base, p.residual = columns(base, classes), mat.NewDense(n, len(classes), nil)
	if q != nil {
		p.q = columns(q, classes)
	}
	if n < d { // the minimum is in the span of the clips: r = N columns will do
		p.x, p.basis = span(s.x)
	}
	p.ridge = make([]float64, len(classes))
	return p
}

// span returns X = LQ: the rows of X (N, d), N < d, in the orthonormal basis Q
// (N, d) of their span.
func span(x *mat.Dense) (rows, basis *mat.Dense) {
	n, _ := x.Dims()
	basis = mat.DenseCopyOf(x)
	tau := make([]float64, n)
	withWork(func(work []float64, size int) { lapack64.Gelqf(basis.RawMatrix(), tau, work, size) })
	rows = mat.NewDense(n, n, nil)
	for i := range n {
		copy(rows.RawRowView(i)[:i+1], basis.RawRowView(i))
	}
	withWork(func(work []float64, size int) { lapack64.Orglq(basis.RawMatrix(), tau, work, size) })
	return rows, basis
}

// withWork calls a LAPACK routine with the workspace it asks for.
func withWork(f func(work []float64, size int)) {
	size := []float64{0}
	f(size, -1)
	f(make([]float64, int(size[0])), int(size[0]))
}

func (p *softmaxFit) size() int {
	_, r := p.x.Dims()
	if p.q != nil {
		r++
	}
	return len(p.ridge) * r
}

// split views θ as V and a.
func (p *softmaxFit) split(theta []float64) (v *mat.Dense, a []float64) {
	_, r := p.x.Dims()
	n := len(p.ridge) * r
	return mat.NewDense(len(p.ridge), r, theta[:n]), theta[n:]
}

// value is f(θ). It leaves the residuals behind for the gradient.
func (p *softmaxFit) value(theta []float64) float64 {
	p.at = append(p.at[:0], theta...)
	v, a := p.split(theta)
	z := p.residual
	z.Copy(p.base)
	gemm.Mul(blas.NoTrans, blas.Trans, 1, p.x.RawMatrix(), v.RawMatrix(), 1, z.RawMatrix())
	n := float64(len(p.y))
	loss := make([]float64, len(p.y))
	cores.Each(len(p.y), func(i int) {
		row := z.RawRowView(i)
		for c, gain := range a {
			row[c] += gain * p.q.At(i, c)
		}
		top, sum := floats.Max(row), 0.0
		loss[i] = top - row[p.y[i]]
		for c, z := range row {
			row[c] = math.Exp(z - top)
			sum += row[c]
		}
		loss[i] += math.Log(sum)
		floats.Scale(1/(n*sum), row)
		row[p.y[i]] -= 1 / n
	})
	f := floats.Sum(loss) / n
	for c, ridge := range p.ridge {
		f += ridge / 2 * floats.Dot(v.RawRowView(c), v.RawRowView(c))
	}
	return f + p.gainRidge/2*floats.Dot(a, a)
}

// gradient is ∂f/∂θ.
func (p *softmaxFit) gradient(grad, theta []float64) {
	if !slices.Equal(p.at, theta) {
		p.value(theta)
	}
	v, a := p.split(theta)
	dv, da := p.split(grad)
	gemm.Mul(blas.Trans, blas.NoTrans, 1, p.residual.RawMatrix(), p.x.RawMatrix(), 0, dv.RawMatrix())
	for c, ridge := range p.ridge {
		floats.AddScaled(dv.RawRowView(c), ridge, v.RawRowView(c))
	}
	for c := range da {
		da[c] = p.gainRidge * a[c]
		for i := range p.y {
			da[c] += p.residual.At(i, c) * p.q.At(i, c)
		}
	}
}

// gap is how far f can be above its minimum where its gradient is g: f is
// strongly convex, with the ridges for curvature.
func (p *softmaxFit) gap(grad []float64) float64 {
	dv, da := p.split(grad)
	var sum float64
	for c, ridge := range p.ridge {
		sum += floats.Dot(dv.RawRowView(c), dv.RawRowView(c)) / (2 * ridge)
	}
	if len(da) > 0 {
		sum += floats.Dot(da, da) / (2 * p.gainRidge)
	}
	return sum
}

// minimise returns the θ of least f, from a given one or from zero, to within
// a part gain of f.
func (p *softmaxFit) minimise(ctx context.Context, from []float64, gain float64) ([]float64, error) {
	theta := make([]float64, p.size())
	copy(theta, from)
	return minimise(ctx, convex.Function{Value: p.value, Gradient: p.gradient, Gap: p.gap}, theta, gain)
}

// expand returns V and a for all classes, with zeros for those without clips,
// and V for the embeddings themselves: (C, d) and C values.
func (p *softmaxFit) expand(s *support, theta []float64) (*mat.Dense, []float64) {
	_, all, d := s.dims()
	v, a := p.split(theta)
	if p.basis != nil {
		var full mat.Dense
		full.Mul(v, p.basis)
		v = &full
	}
	out, gains := mat.NewDense(all, d, nil), make([]float64, all)
	var k int
	for c, n := range s.counts {
		if n > 0 {
			copy(out.RawRowView(c), v.RawRowView(k))
			if len(a) > 0 {
				gains[c] = a[k]
			}
			k++
		}
	}
	return out, gains
}
