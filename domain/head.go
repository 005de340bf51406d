package domain

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"framepilot/internal/fault"
	"framepilot/probe"
)

// head is a classifier as a linear map of embeddings: logits x Wᵀ + b. Trained
// methods keep it as it is and move the embeddings under it.
type head struct {
	w *mat.Dense // (C, d)
	b []float64  // C
}

// newHead reads the map off a classifier's answers to the unit vectors, and
// checks it on x: zero-shot and most probes are linear, others are not.
func newHead(c probe.Classifier, x probe.Matrix) (head, error) {
	d := x.Cols
	units := probe.NewMatrix(d+1, d) // the last row is zero
	for j := range d {
		units.Row(j)[j] = 1
	}
	at := c.Logits(units)
	h := head{mat.NewDense(at.Cols, d, nil), probe.Widen(at.Row(d))}
	for j := range d {
		for k, v := range at.Row(j) {
			h.w.Set(k, j, float64(v)-h.b[k])
		}
	}
	said, want := h.logits(x.Dense()), c.Logits(x)
	var worst, largest float64
	for i := range want.Rows {
		for k, v := range want.Row(i) {
			worst = max(worst, math.Abs(said.At(i, k)-float64(v)))
			largest = max(largest, math.Abs(float64(v)))
		}
	}
	if !(worst <= 1e-3*largest) {
		return head{}, fault.New(fault.Config, "use a linear one, as zero-shot, logistic or ridge", "the classifier is not linear in the embedding")
	}
	return h, nil
}

func (h head) logits(x *mat.Dense) *mat.Dense {
	out := timesTransposed(x, h.w)
	for i := range out.RawMatrix().Rows {
		for c, b := range h.b {
			out.RawRowView(i)[c] += b
		}
	}
	return out
}
