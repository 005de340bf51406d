package domain

import (
	"context"

	"gonum.org/v1/gonum/mat"

	"framepilot/internal/fault"
	"framepilot/probe"
)

// Confusion is the share of source clips (0 to 1) predicted as class i that
// are of class j: (C, C), all entries adding up to 1. Clips without a label
// do not count.
func Confusion(predictions, labels []int, classes int) (*mat.Dense, error) {
	c := mat.NewDense(classes, classes, nil)
	var n float64
	for i, y := range labels {
		if y != probe.Unlabelled {
			c.Set(predictions[i], y, c.At(predictions[i], y)+1)
			n++
		}
	}
	if n == 0 {
		return nil, fault.New(fault.Input, "label source clips", "bbse: none of %d source clips has a label", len(labels))
	}
	c.Scale(1/n, c)
	return c, nil
}

// BBSE estimates how many times as frequent each class is at the target
// (Lipton, Wang and Smola 2018): the w ≥ 0 with confusion · w = predicted,
// predicted being the share of target clips given each class.
//
// The equation is solved for the departure from no shift, w = 1 + θ with the
// shortest θ, so that what the confusion cannot tell, as of a class without
// source clips, counts as unchanged. Weights below zero, which noise makes,
// become zero, and the rest is scaled to make the shares add up to 1.
func BBSE(confusion *mat.Dense, predicted []float64) ([]float64, error) {
	classes, _ := confusion.Dims()
	var svd mat.SVD
	if !svd.Factorize(confusion, mat.SVDThin) {
		return nil, fault.New(fault.Input, "", "bbse: the confusion matrix has no singular values")
	}
	values := svd.Values(nil)
	rank := 0
	for rank < classes && values[rank] > 1e-8*values[0] {
		rank++
	}
	right := mat.NewDense(classes, 1, nil)
	for i, mu := range predicted {
		right.Set(i, 0, mu)
		for j := range classes {
			right.Set(i, 0, right.At(i, 0)-confusion.At(i, j))
		}
	}
	var theta mat.Dense
	svd.SolveTo(&theta, right, rank)

	w := make([]float64, classes)
	share := make([]float64, classes) // of the source
	var total float64
	for j := range w {
		w[j] = max(0, 1+theta.At(j, 0))
		for i := range classes {
			share[j] += confusion.At(i, j)
		}
		total += w[j] * share[j]
	}
	if !(total > 0) {
		return nil, fault.New(fault.Input, "label more source clips", "bbse: the predictions at the target contradict those at the source")
	}
	for j := range w {
		w[j] /= total
	}
	return w, nil
}

func bbseMethod() Method {
	return Method{
		Name:    "bbse",
		Summary: "the new site's mix of classes, estimated from the confusion matrix",
		fit: func(_ context.Context, s state, _ probe.Settings) (Adapted, error) {
			if s.mix.BBSE == nil {
				return Adapted{}, fault.New(fault.Input, "label source clips", "no source clip has a label")
			}
			mix := s.mix
			mix.Prior = make([]float64, len(mix.BBSE))
			for c, w := range mix.BBSE {
				mix.Prior[c] = w * mix.Source[c]
			}
			return s.remixed(mix)
		},
	}
}
