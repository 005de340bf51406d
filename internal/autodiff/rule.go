package autodiff

import (
	"fmt"
	"hash"
	"hash/fnv"

	"github.com/chewxy/hm"
	"gonum.org/v1/gonum/mat"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// rule is an operation of our own in the graph, for what gorgonia does not
// have, or takes several passes and copies for. It keeps the place of its
// result, which gorgonia would make anew in every step: a rule is for one node.
type rule struct {
	name  string
	shape func(in []tensor.Shape) (rows, cols int, err error)
	apply func(out *mat.Dense, in []*mat.Dense)

	// back is a rule for the derivative in every input; each is given the
	// inputs, the output and the derivative in that. nil: there is none.
	back []*rule

	arity int // set by to
	out   *tensor.Dense
}

// like is the shape of input i.
func like(i int) func(in []tensor.Shape) (rows, cols int, err error) {
	return func(in []tensor.Shape) (rows, cols int, err error) { return in[i][0], in[i][1], nil }
}

// to applies the rule to nodes of one graph.
func (r *rule) to(in ...Node) Node {
	return in[0].graph.apply(r.name, func() (*gorgonia.Node, error) {
		var nodes gorgonia.Nodes
		for _, n := range in {
			nodes = append(nodes, n.node)
		}
		return r.toNodes(nodes)
	})
}

func (r *rule) toNodes(in gorgonia.Nodes) (*gorgonia.Node, error) {
	r.arity = len(in)
	return gorgonia.ApplyOp(r, in...)
}

func (r *rule) Arity() int { return r.arity }

func (r *rule) Type() hm.Type {
	types := make([]hm.Type, r.arity+1)
	for i := range types {
		types[i] = gorgonia.TensorType{Dims: 2, Of: tensor.Float64}
	}
	return hm.NewFnType(types...)
}

func (r *rule) InferShape(in ...gorgonia.DimSizer) (tensor.Shape, error) {
	shapes := make([]tensor.Shape, len(in))
	for i, s := range in {
		shape, ok := s.(tensor.Shape)
		if !ok || shape.Dims() != 2 {
			return nil, fmt.Errorf("%s of %v", r.name, s)
		}
		shapes[i] = shape
	}
	rows, cols, err := r.shape(shapes)
	return tensor.Shape{rows, cols}, err
}

func (r *rule) Do(in ...gorgonia.Value) (gorgonia.Value, error) {
	inputs := make([]*mat.Dense, len(in))
	shapes := make([]tensor.Shape, len(in))
	for i, v := range in {
		var err error
		if inputs[i], err = matrixIn(v); err != nil {
			return nil, fmt.Errorf("%s: %w", r.name, err)
		}
		shapes[i] = v.Shape()
	}
	if r.out == nil {
		rows, cols, err := r.shape(shapes)
		if err != nil {
			return nil, err
		}
		r.out = tensor.New(tensor.Of(tensor.Float64), tensor.WithShape(rows, cols))
	}
	out, err := matrixIn(r.out)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", r.name, err)
	}
	r.apply(out, inputs)
	return r.out, nil
}

// matrixIn views the matrix that a value is.
func matrixIn(v gorgonia.Value) (*mat.Dense, error) {
	data, ok := v.Data().([]float64)
	shape := v.Shape()
	if !ok || shape.Dims() != 2 || len(data) != shape.TotalSize() {
		return nil, fmt.Errorf("%T of shape %v where a matrix should be", v.Data(), shape)
	}
	return mat.NewDense(shape[0], shape[1], data), nil
}

func (r *rule) ReturnsPtr() bool     { return true }
func (r *rule) CallsExtern() bool    { return false }
func (r *rule) OverwritesInput() int { return -1 }

// WriteHash tells operations apart: every rule is one of its own.
func (r *rule) WriteHash(h hash.Hash) { fmt.Fprintf(h, "%s %p", r.name, r) }

func (r *rule) Hashcode() uint32 {
	h := fnv.New32a()
	r.WriteHash(h)
	return h.Sum32()
}

func (r *rule) String() string { return r.name }

func (r *rule) DiffWRT(inputs int) []bool {
	out := make([]bool, inputs)
	for i := range out {
		out[i] = i < len(r.back)
	}
	return out
}

func (r *rule) SymDiff(in gorgonia.Nodes, out, grad *gorgonia.Node) (gorgonia.Nodes, error) {
	known := append(append(gorgonia.Nodes{}, in...), out, grad)
	var nodes gorgonia.Nodes
	for _, back := range r.back {
		n, err := back.toNodes(known)
		if err != nil {
			return nil, err
		}
		nodes = append(nodes, n)
	}
	return nodes, nil
}
