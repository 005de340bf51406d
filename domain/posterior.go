package domain

import "framepilot/probe"

// Posteriors are the class posteriors of rows of logits (N, C).
func Posteriors(logits probe.Matrix) [][]float64 {
	out := make([][]float64, logits.Rows)
	for i := range out {
		out[i] = probe.Softmax(logits.Row(i))
	}
	return out
}

// meanPosterior is the share a classifier gives each class on average.
func meanPosterior(p [][]float64) []float64 {
	mean := make([]float64, len(p[0]))
	for _, row := range p {
		for c, v := range row {
			mean[c] += v / float64(len(p))
		}
	}
	return mean
}

// scaled multiplies logits.
func scaled(logits probe.Matrix, by float64) probe.Matrix {
	out := probe.NewMatrix(logits.Rows, logits.Cols)
	for i, v := range logits.Data {
		out.Data[i] = float32(by * float64(v))
	}
	return out
}
