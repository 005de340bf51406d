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
func (n Node) Times(m Node) Node { return product(blas.NoTrans).to(n, m) }

// TimesT is the matrix product n m', of two nodes with rows of one length.
func (n Node) TimesT(m Node) Node { return product(blas.Trans).to(n, m) }

// product is A op(B). The derivatives are products with that of the result, G.
func product(t blas.Transpose) *rule {
	// Factors of a derivative are known by their places: 0 A, 1 B, 3 G.
	factors := func(name string, aT blas.Transpose, a int, bT blas.Transpose, b, wrt int) *rule {
		return &rule{name: name, shape: like(wrt), apply: func(out *mat.Dense, in []*mat.Dense) {
			gemm.Mul(aT, bT, 1, in[a].RawMatrix(), in[b].RawMatrix(), 0, out.RawMatrix())
		}}
	}
	r := factors("product", blas.NoTrans, 0, t, 1, 0)
	if t == blas.NoTrans { // GB', A'G
		r.back = []*rule{
			factors("product, left", blas.NoTrans, 3, blas.Trans, 1, 0),
			factors("product, right", blas.Trans, 0, blas.NoTrans, 3, 1),
		}
	} else { // GB, G'A
		r.back = []*rule{
			factors("product, left", blas.NoTrans, 3, blas.NoTrans, 1, 0),
			factors("product, right", blas.Trans, 3, blas.NoTrans, 0, 1),
		}
	}
	r.shape = func(in []tensor.Shape) (rows, cols int, err error) {
		a, b := in[0], in[1]
		deep, cols := b[0], b[1]
		if t == blas.Trans {
			deep, cols = cols, deep
		}
		if a[1] != deep {
			return 0, 0, fmt.Errorf("%v and %v do not fit", a, b)
		}
		return a[0], cols, nil
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
		cores.Each(len(y), func(i int) {
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
