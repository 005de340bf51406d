package probe

import "gonum.org/v1/gonum/mat"

// Methods compute in float64, by gonum's matrices; embeddings and weights are
// handed over in float32.

// Widen copies numbers of any kind into float64.
func Widen[T ~int | ~float32 | ~float64](x []T) []float64 {
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = float64(v)
	}
	return out
}

// Narrow copies numbers into float32.
func Narrow(x []float64) []float32 {
	out := make([]float32, len(x))
	for i, v := range x {
		out[i] = float32(v)
	}
	return out
}

// Dense copies m, which is not empty, into float64.
func (m Matrix) Dense() *mat.Dense { return mat.NewDense(m.Rows, m.Cols, Widen(m.Data)) }

// MatrixOf copies m into float32.
func MatrixOf(m *mat.Dense) Matrix {
	rows, cols := m.Dims()
	out := NewMatrix(rows, cols)
	for i := range rows {
		for j, v := range m.RawRowView(i) {
			out.Row(i)[j] = float32(v)
		}
	}
	return out
}

// DenseArray copies m.
func DenseArray(m *mat.Dense) Array {
	rows, cols := m.Dims()
	return Array{rows, cols, mat.DenseCopyOf(m).RawMatrix().Data}
}

// Dense is Array as gonum has it; empty for what r has refused.
func (r *PartsReader) Dense(name string, rows, cols int) *mat.Dense {
	a := r.Array(name, rows, cols)
	if len(a.Data) == 0 {
		return new(mat.Dense)
	}
	return mat.NewDense(a.Rows, a.Cols, a.Data)
}
