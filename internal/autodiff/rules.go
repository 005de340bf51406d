package autodiff

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
	"gorgonia.org/tensor"

	"framepilot/internal/cores"
	"framepilot/internal/gemm"
)

// Times is the matrix product n m.
func (n Node) Times(m Node) Node { return product(blas.NoTrans, blas.NoTrans).to(n, m) }

// TimesT is the matrix product n m', of two nodes with rows of one length.
func (n Node) TimesT(m Node) Node { return product(blas.NoTrans, blas.Trans).to(n, m) }

// TTimes is the matrix product n' m, of two nodes with as many rows.
func (n Node) TTimes(m Node) Node { return product(blas.Trans, blas.NoTrans).to(n, m) }

// product is op(A) op(B), one of them transposed at most. The derivatives are
// products with that of the result, G.
func product(aT, bT blas.Transpose) *rule {
	// Factors of a derivative are known by their places: 0 A, 1 B, 3 G.
	of := func(xT blas.Transpose, x int, yT blas.Transpose, y, wrt int) *rule {
		return &rule{name: "product, back", shape: like(wrt), apply: func(out *mat.Dense, in []*mat.Dense) {
			gemm.Mul(xT, yT, 1, in[x].RawMatrix(), in[y].RawMatrix(), 0, out.RawMatrix())
		}}
	}
	const plain, trans = blas.NoTrans, blas.Trans
	r := of(aT, 0, bT, 1, 0)
	r.name = "product"
	r.shape = func(in []tensor.Shape) (rows, cols int, err error) {
		turned := func(t blas.Transpose, s tensor.Shape) (rows, cols int) {
			if t == trans {
				return s[1], s[0]
			}
			return s[0], s[1]
		}
		rows, deep := turned(aT, in[0])
		deepB, cols := turned(bT, in[1])
		if deep != deepB {
			return 0, 0, fmt.Errorf("%v and %v do not fit", in[0], in[1])
		}
		return rows, cols, nil
	}
	switch {
	case aT == trans: // BG', AG
		r.back = []*rule{of(plain, 1, trans, 3, 0), of(plain, 0, plain, 3, 1)}
	case bT == trans: // GB, G'A
		r.back = []*rule{of(plain, 3, plain, 1, 0), of(trans, 3, plain, 0, 1)}
	default: // GB', A'G
		r.back = []*rule{of(plain, 3, trans, 1, 0), of(trans, 0, plain, 3, 1)}
	}
	return r
}

// Affine is k n + shift, of every element.
func (n Node) Affine(k, shift float64) Node {
	each := func(to, from []float64, shift float64) {
		for i, v := range from {
			to[i] = k*v + shift
		}
	}
	r := &rule{name: "affine", shape: like(0), apply: func(out *mat.Dense, in []*mat.Dense) {
		each(out.RawMatrix().Data, in[0].RawMatrix().Data, shift)
	}}
	r.back = []*rule{{name: "affine, back", shape: like(0), apply: func(out *mat.Dense, in []*mat.Dense) {
		each(out.RawMatrix().Data, in[2].RawMatrix().Data, 0)
	}}}
	return r.to(n)
}

// column is the shape of one value for every row of the first input.
func column(in []tensor.Shape) (rows, cols int, err error) { return in[0][0], 1, nil }

// RowLengths is the Euclidean length of every row: (N, 1). Its gradient is
// not defined at rows of zeros.
func (n Node) RowLengths() Node {
	r := &rule{name: "row lengths", shape: column, apply: func(out *mat.Dense, in []*mat.Dense) {
		for i := range out.RawMatrix().Rows {
			row := in[0].RawRowView(i)
			out.Set(i, 0, math.Sqrt(floats.Dot(row, row)))
		}
	}}
	r.back = []*rule{{name: "row lengths, back", shape: like(0), apply: func(out *mat.Dense, in []*mat.Dense) {
		for i := range out.RawMatrix().Rows {
			floats.ScaleTo(out.RawRowView(i), in[2].At(i, 0)/in[1].At(i, 0), in[0].RawRowView(i))
		}
	}}}
	return r.to(n)
}

// OverRows divides every row by its element of a column m (N, 1).
func (n Node) OverRows(m Node) Node {
	r := &rule{name: "row quotient", apply: func(out *mat.Dense, in []*mat.Dense) {
		for i := range out.RawMatrix().Rows {
			floats.ScaleTo(out.RawRowView(i), 1/in[1].At(i, 0), in[0].RawRowView(i))
		}
	}}
	r.shape = func(in []tensor.Shape) (rows, cols int, err error) {
		if in[1][0] != in[0][0] || in[1][1] != 1 {
			return 0, 0, fmt.Errorf("%v over the column %v", in[0], in[1])
		}
		return in[0][0], in[0][1], nil
	}
	r.back = []*rule{
		{name: "row quotient, above", shape: like(0), apply: func(out *mat.Dense, in []*mat.Dense) {
			for i := range out.RawMatrix().Rows {
				floats.ScaleTo(out.RawRowView(i), 1/in[1].At(i, 0), in[3].RawRowView(i))
			}
		}},
		{name: "row quotient, below", shape: like(1), apply: func(out *mat.Dense, in []*mat.Dense) {
			for i := range out.RawMatrix().Rows {
				out.Set(i, 0, -floats.Dot(in[2].RawRowView(i), in[3].RawRowView(i))/in[1].At(i, 0))
			}
		}},
	}
	return r.to(n, m)
}

// CrossEntropy is the mean over rows of the negative log-likelihood, in nats,
// of classes y (N) under logits n (N, C): a scalar. y is not copied: a caller
// may change it between evaluations.
func (n Node) CrossEntropy(y []int) Node {
	if n.graph.err != nil {
		return n
	}
	shape := n.node.Shape()
	if len(shape) != 2 || shape[0] != len(y) {
		n.graph.err = fmt.Errorf("autodiff: %d labels for logits of shape %v", len(y), shape)
		return n
	}
	for _, c := range y {
		if c < 0 || c >= shape[1] {
			n.graph.err = fmt.Errorf("autodiff: label %d of %d classes", c, shape[1])
			return n
		}
	}
	share := 1 / float64(len(y))
	posteriors := mat.NewDense(shape[0], shape[1], nil) // kept from the way forward
	r := &rule{name: "cross-entropy", shape: column, apply: func(out *mat.Dense, in []*mat.Dense) {
		cores.EachIf(shape.TotalSize() >= 1<<14, len(y), func(i int) {
			logits, p := in[0].RawRowView(i), posteriors.RawRowView(i)
			top, sum := floats.Max(logits), 0.0
			for c, z := range logits {
				p[c] = math.Exp(z - top)
				sum += p[c]
			}
			floats.Scale(1/sum, p)
			out.Set(i, 0, share*(top+math.Log(sum)-logits[y[i]]))
		})
	}}
	r.back = []*rule{{name: "cross-entropy, back", shape: like(0), apply: func(out *mat.Dense, in []*mat.Dense) {
		for i := range out.RawMatrix().Rows {
			g := share * in[2].At(i, 0)
			floats.ScaleTo(out.RawRowView(i), g, posteriors.RawRowView(i))
			out.RawRowView(i)[y[i]] -= g
		}
	}}}
	return r.to(n).Sum()
}

// Reverse is n itself, but its gradient comes back times -strength (the
// gradient reversal layer of Ganin and Lempitsky 2015): what is trained below
// it works against what is trained above. strength may change between
// evaluations.
func (n Node) Reverse(strength *float64) Node {
	r := &rule{name: "reversal", shape: like(0), apply: func(out *mat.Dense, in []*mat.Dense) { out.Copy(in[0]) }}
	r.back = []*rule{{name: "reversal, back", shape: like(0), apply: func(out *mat.Dense, in []*mat.Dense) {
		out.Scale(-*strength, in[2])
	}}}
	return r.to(n)
}
