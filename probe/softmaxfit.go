package probe

import (
	"context"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/blas/blas32"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/floats"

	"framepilot/internal/convex"
)

// softmaxFit is the objective of multinomial logistic regression,
//
//	f(θ) = Σ_i CE(θ_w x_i + θ_b, y_i) + (1/2C) ‖θ_w‖²,
//
// θ is (C, r+1), row-major: the weights of a class, then its intercept. Every
// sum has a fixed order, so that the result is the same, to the bit, for any
// number of cores. The products with the rows are taken in T: float64, or
// float32 where a rough fit will do in half the time.
type softmaxFit[T real] struct {
	x  matrixOf[T] // (N, r+1) rows, with a last column of unit for the intercept
	xt matrixOf[T] // (r+1, N) the same, transposed
	y  []int       // N classes, all of 0 … classes-1 present

	classes  int
	smallest int     // clips of the smallest class
	spread   float64 // root mean square of the rows along their widest direction

	penalty float64 // 1/C
	unit    float64 // what intercepts are measured in while minimising

	logits   matrix      // (N, C) scratch
	loss     []float64   // N cross-entropies at the last point
	residual matrixOf[T] // (C, N) posterior less one-hot label at the last point
	at       []float64   // the last point
	point    []T         // the same
	dot      func(x, y []T) float64
}

// newSoftmaxFit sets up a fit to rows (N, r), which are best centred.
func newSoftmaxFit[T real](rows matrix, y []int, classes int) *softmaxFit[T] {
	n, r := rows.rows, rows.cols
	p := &softmaxFit[T]{
		x: newMatrixOf[T](n, r+1), xt: newMatrixOf[T](r+1, n), y: y, classes: classes, spread: spread(rows),
		logits: newMatrix(n, classes), loss: make([]float64, n), residual: newMatrixOf[T](classes, n),
		point: make([]T, classes*(r+1)), dot: dotOf[T](),
	}
	for i := range n {
		for j, v := range rows.row(i) {
			p.x.row(i)[j], p.xt.row(j)[i] = T(v), T(v)
		}
	}
	clips := make([]int, classes)
	for _, c := range y {
		clips[c]++
	}
	p.smallest = slices.Min(clips)
	p.setC(1)
	return p
}

// setC sets the inverse strength of the penalty, and the unit of intercepts
// so that f curves along an intercept as it does along the stiffest weight:
// near θ = 0 that is N spread²/C + penalty for the weight and N unit²/C for
// the intercept, C being the number of classes. Without it L-BFGS takes twice
// the steps, and many times as many under a strong penalty.
func (p *softmaxFit[T]) setC(c float64) {
	n, r := p.x.rows, p.x.cols-1
	p.penalty = 1 / c
	p.unit = math.Sqrt(p.spread*p.spread + p.penalty*float64(p.classes)/float64(n))
	for i := range n {
		p.x.row(i)[r], p.xt.row(r)[i] = T(p.unit), T(p.unit)
	}
	p.at = nil
}

// spread estimates the root mean square of the rows along their widest
// direction, by a few power iterations from the longest row.
func spread(rows matrix) float64 {
	longest := rows.row(0)
	for i := range rows.rows {
		if row := rows.row(i); dot(row, row) > dot(longest, longest) {
			longest = row
		}
	}
	direction := slices.Clone(longest)
	var square float64
	for range 8 {
		norm := floats.Norm(direction, 2)
		if norm == 0 {
			return 0
		}
		next := make([]float64, rows.cols)
		square = 0
		for i := range rows.rows {
			along := dot(rows.row(i), direction) / norm
			square += along * along
			floats.AddScaled(next, along, rows.row(i))
		}
		direction = next
	}
	return math.Sqrt(square / float64(rows.rows))
}

// value is f(θ). It leaves the residuals behind for the gradient.
func (p *softmaxFit[T]) value(theta []float64) float64 {
	n, width := p.x.rows, p.x.cols
	p.at = append(p.at[:0], theta...)
	for i, v := range theta {
		p.point[i] = T(v)
	}
	parallel(n, n*len(theta), func(i int) {
		logits := p.logits.row(i)
		for c := range logits {
			logits[c] = p.dot(p.x.row(i), p.point[c*width:(c+1)*width])
		}
		norm := logSumExp(logits)
		p.loss[i] = norm - logits[p.y[i]]
		for c, z := range logits {
			away := math.Exp(z - norm)
			if c == p.y[i] {
				away--
			}
			p.residual.data[c*n+i] = T(away)
		}
	})
	var f float64
	for _, l := range p.loss {
		f += l
	}
	for c := range p.classes {
		w := theta[c*width : (c+1)*width-1]
		f += p.penalty / 2 * dot(w, w)
	}
	return f
}

// gradient is ∂f/∂θ.
func (p *softmaxFit[T]) gradient(grad, theta []float64) {
	if !slices.Equal(p.at, theta) {
		p.value(theta)
	}
	n, width := p.x.rows, p.x.cols
	parallel(width, n*len(theta), func(j int) {
		column := p.xt.row(j)
		for c := range p.classes {
			g := p.dot(p.residual.row(c), column)
			if j < width-1 {
				g += p.penalty * theta[c*width+j]
			}
			grad[c*width+j] = g
		}
	})
}

// Exact fits agree to 1e-5 with the logits at the minimum and keep the promise
// of the method; rough ones rank values of C by their likelihood on held-out
// clips.
var (
	exact = convex.Accuracy{Gain: 1e-10, Promise: promised}
	rough = convex.Accuracy{Gain: 1e-4, Promise: 1e-2}
)

const promised = 1e-6

// weights splits off the intercepts of θ: weights (C, r) and C intercepts.
func (p *softmaxFit[T]) weights(theta matrix) (w matrix, b []float64) {
	r := p.x.cols - 1
	w, b = newMatrix(p.classes, r), make([]float64, p.classes)
	for c := range p.classes {
		copy(w.row(c), theta.row(c))
		b[c] = theta.row(c)[r]
	}
	return w, b
}

// join is the reverse of weights.
func (p *softmaxFit[T]) join(w matrix, b []float64) matrix {
	theta := newMatrix(p.classes, p.x.cols)
	for c := range p.classes {
		copy(theta.row(c), w.row(c))
		theta.row(c)[p.x.cols-1] = b[c]
	}
	return theta
}

// scaleIntercepts multiplies the intercepts of θ.
func (p *softmaxFit[T]) scaleIntercepts(theta matrix, by float64) {
	for c := range p.classes {
		theta.row(c)[p.x.cols-1] *= by
	}
}

// minimise returns the θ of least f for inverse penalty strength c, starting
// from a given θ, or from zero. What may be left to gain is told by gap.
func (p *softmaxFit[T]) minimise(ctx context.Context, c float64, from []float64, to convex.Accuracy) (matrix, error) {
	p.setC(c)
	theta := newMatrix(p.classes, p.x.cols)
	copy(theta.data, from)
	p.scaleIntercepts(theta, 1/p.unit)

	least, err := convex.Function{Value: p.value, Gradient: p.gradient, Gap: p.gap}.Minimise(ctx, theta.data, to)
	if err != nil {
		return matrix{}, fmt.Errorf("logistic: C = %g: %w", c, err)
	}
	copy(theta.data, least)
	p.scaleIntercepts(theta, p.unit)
	return theta, nil
}

// gap is how far f can be above its minimum where its gradient is g:
// ‖g‖²/2 over the least curvature. Along the weights that is at least the
// penalty, 1/C. Along the intercepts, which have none, it is taken to be that
// of the smallest class while nothing is separated yet.
func (p *softmaxFit[T]) gap(grad []float64) float64 {
	curvature := min(p.penalty, p.unit*p.unit*float64(p.smallest)/2)
	return dot(grad, grad) / (2 * curvature)
}

func dot(x, y []float64) float64 {
	return blas64.Dot(blas64.Vector{N: len(x), Inc: 1, Data: x}, blas64.Vector{N: len(y), Inc: 1, Data: y})
}

// dotOf is the dot product in the arithmetic of T.
func dotOf[T real]() func(x, y []T) float64 {
	var f any = dot
	if _, single := any(T(0)).(float32); single {
		blas := blas32.Implementation()
		f = func(x, y []float32) float64 { return float64(blas.Sdot(len(x), x, 1, y, 1)) }
	}
	return f.(func(x, y []T) float64)
}
