package probe

import "math"

// logSumExp is log Σ exp(x), safe for any finite x.
func logSumExp[T float32 | float64](x []T) float64 {
	top := math.Inf(-1)
	for _, v := range x {
		top = max(top, float64(v))
	}
	var sum float64
	for _, v := range x {
		sum += math.Exp(float64(v) - top)
	}
	return top + math.Log(sum)
}

// Softmax returns the class posteriors of a row of logits.
func Softmax[T float32 | float64](logits []T) []float64 {
	norm := logSumExp(logits)
	p := make([]float64, len(logits))
	for i, v := range logits {
		p[i] = math.Exp(float64(v) - norm)
	}
	return p
}

// Predict returns the class with the highest logit for every row, the first
// of them where several are equal.
func Predict(logits Matrix) []int {
	out := make([]int, logits.Rows)
	for i := range out {
		out[i] = argmax(logits.Row(i))
	}
	return out
}

func argmax(x []float32) int {
	best := 0
	for i, v := range x {
		if v > x[best] {
			best = i
		}
	}
	return best
}
