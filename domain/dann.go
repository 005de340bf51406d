package domain

import (
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"

	"framepilot/internal/autodiff"
)

// alignDANN is domain-adversarial training (Ganin and Lempitsky 2015): a
// discriminator learns to tell the sites' moved clips apart by
// cross-entropy, and its gradient comes back to the adapter reversed, times
//
//	2/(1 + exp(-10 p)) - 1,
//
// p from 0 to 1 as training goes on. The discriminator is smaller than
// published (64 units in place of two layers of 1024) and takes Adam's steps:
// there are hundreds of clips, not ten thousands. Source clips are weighted by
// w and each site counts half.
func alignDANN(t *trainee, a alignment, source, target autodiff.Node, steps int, seed uint64) (autodiff.Node, func(int)) {
	n, m, d := a.source.RawMatrix().Rows, a.target.RawMatrix().Rows, a.source.RawMatrix().Cols
	rng := rand.New(rand.NewPCG(seed, 6))
	random := func(rows, cols int) *mat.Dense {
		out := mat.NewDense(rows, cols, nil)
		out.Apply(func(int, int, float64) float64 { return rng.NormFloat64() * math.Sqrt(2/float64(rows)) }, out)
		return out
	}
	hidden, _ := t.graph.Param("hidden", random(d, dannUnits))
	out, _ := t.graph.Param("out", random(dannUnits, 2))
	var strength float64
	// Rows of unit length have values of 1/√d: brought back to 1.
	told := func(moved autodiff.Node, of int, side int, weight func(i int) float64) autodiff.Node {
		pick := mat.NewDense(of, 2, nil)
		for i := range of {
			pick.Set(i, side, -weight(i)/2)
		}
		return moved.Reverse(&strength).Scale(math.Sqrt(float64(d))).Times(hidden).ReLU().Times(out).LogSoftmax().
			Hadamard(t.graph.Const(pick)).Sum()
	}
	loss := told(source, n, 0, func(i int) float64 { return a.weight[i] / float64(n) }).
		Plus(told(target, m, 1, func(int) float64 { return 1 / float64(m) }))
	return loss, func(step int) { strength = 2/(1+math.Exp(-10*float64(step)/float64(steps))) - 1 }
}

const (
	dannUnits = 64
	dannClips = 1000 // of a site
)

func dannMethod() Method {
	return trainedMethod("dann", "an adapter trained against a discriminator until that cannot tell the sites apart", dannClips, 0.3, alignDANN)
}
