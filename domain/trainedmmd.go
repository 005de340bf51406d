package domain

import (
	"gonum.org/v1/gonum/mat"

	"framepilot/internal/autodiff"
	"framepilot/probe"
)

// alignMMD is the squared MMD between the sites' moved clips (Long et al.
// 2015), source clips weighted by w:
//
//	Σ_ab v_a v_b k(a, b), v = (w_i/Σw, …, -1/m, …), pairs of a clip with itself left out,
//
// k the mean of the kernels of MMDTest, their bandwidths those of the clips
// before training.
func alignMMD(t *trainee, a alignment, source, target autodiff.Node, _ int, _ uint64) (autodiff.Node, func(int)) {
	h := pooledBandwidth(a)
	kernel := func(x, y autodiff.Node) autodiff.Node {
		// Rows are of unit length: |x-y|² = 2 - 2 cos.
		e := x.TimesT(y).Affine(2/(8*h), -2/(8*h)).Exp()
		square := func(k autodiff.Node) autodiff.Node { return k.Hadamard(k) }
		e4 := square(square(e))
		return e.Plus(e4).Plus(square(square(e4))).Scale(1. / 3)
	}
	n, m := a.source.RawMatrix().Rows, a.target.RawMatrix().Rows
	var total float64
	for _, w := range a.weight {
		total += w
	}
	within, across := mat.NewDense(n, n, nil), mat.NewDense(n, m, nil)
	for i, w := range a.weight {
		for j, v := range a.weight {
			if i != j {
				within.Set(i, j, w*v/(total*total))
			}
		}
		for j := range m {
			across.Set(i, j, -2*w/(total*float64(m)))
		}
	}
	other := constant(m, m, 1/float64(m*m))
	for j := range m {
		other.Set(j, j, 0)
	}
	return kernel(source, source).Hadamard(t.graph.Const(within)).Sum().
		Plus(kernel(target, target).Hadamard(t.graph.Const(other)).Sum()).
		Plus(kernel(source, target).Hadamard(t.graph.Const(across)).Sum()), nil
}

// pooledBandwidth is the square of the median distance of pooled clips.
func pooledBandwidth(a alignment) float64 {
	var pooled mat.Dense
	pooled.Stack(a.source, a.target)
	return max(medianSquare(squaredDistances(probe.MatrixOf(&pooled))), 1e-12)
}

func constant(rows, cols int, v float64) *mat.Dense {
	out := mat.NewDense(rows, cols, nil)
	out.Apply(func(int, int, float64) float64 { return v }, out)
	return out
}

// mmdClips bounds the clips of a site, with whose square a step grows.
const mmdClips = 200

func mmdMethod() Method {
	return trainedMethod("mmd", "an adapter trained until a kernel sees no difference between the sites", mmdClips, 1, alignMMD)
}
