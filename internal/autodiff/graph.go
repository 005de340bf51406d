package autodiff

import (
	"errors"
	"fmt"
	"runtime"
	"sync"

	"gonum.org/v1/gonum/mat"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Graph is an expression under construction. The zero value is not ready; use
// New.
type Graph struct {
	expr    *gorgonia.ExprGraph
	params  []*Param
	batches []*Batch
	err     error // the first mistake
}

// building is held while a graph grows: gorgonia shares nodes of constants, as
// the one that derivatives start from, between all graphs, and hashes a node
// when it is first added to one. Compiled programs share nothing.
var building sync.Mutex

// New returns an empty graph.
func New() *Graph { return &Graph{expr: gorgonia.NewGraph()} }

// Node is a matrix in a graph, or the scalar of a loss.
type Node struct {
	graph *Graph
	node  *gorgonia.Node
}

// Param is a trained matrix.
type Param struct {
	Name     string
	Value    *mat.Dense // changes with every step, in place
	Gradient *mat.Dense // of the loss, at the last Program.Loss

	node *gorgonia.Node
}

// Param adds a trained matrix that starts from a value, which is copied.
func (g *Graph) Param(name string, start mat.Matrix) (Node, *Param) {
	value := mat.DenseCopyOf(start)
	rows, cols := value.Dims()
	p := &Param{Name: name, Value: value, Gradient: mat.NewDense(rows, cols, nil)}
	n := g.matrix(name, value)
	p.node = n.node
	g.params = append(g.params, p)
	return n, p
}

// Const adds a fixed matrix, which is copied.
func (g *Graph) Const(m mat.Matrix) Node {
	return g.matrix(g.constName(), mat.DenseCopyOf(m))
}

func (g *Graph) constName() string { return fmt.Sprintf("const %d", g.expr.AllNodes().Len()) }

func (g *Graph) matrix(name string, m *mat.Dense) Node {
	rows, cols := m.Dims()
	backing := tensor.New(tensor.WithShape(rows, cols), tensor.WithBacking(m.RawMatrix().Data))
	return Node{g, gorgonia.NewMatrix(g.expr, tensor.Float64, gorgonia.WithShape(rows, cols), gorgonia.WithName(name), gorgonia.WithValue(backing))}
}

// apply adds an operation on nodes, unless there is a mistake already.
func (g *Graph) apply(what string, op func() (*gorgonia.Node, error)) Node {
	if g.err != nil {
		return Node{graph: g}
	}
	building.Lock()
	defer building.Unlock()
	n, err := op()
	if err != nil {
		g.err = fmt.Errorf("autodiff: %s: %w", what, err)
	}
	return Node{g, n}
}

func (n Node) binary(what string, m Node, op func(a, b *gorgonia.Node) (*gorgonia.Node, error)) Node {
	return n.graph.apply(what, func() (*gorgonia.Node, error) { return op(n.node, m.node) })
}

func (n Node) unary(what string, op func(*gorgonia.Node) (*gorgonia.Node, error)) Node {
	return n.graph.apply(what, func() (*gorgonia.Node, error) { return op(n.node) })
}

// T is the transpose.
func (n Node) T() Node {
	return n.unary("transpose", func(a *gorgonia.Node) (*gorgonia.Node, error) { return gorgonia.Transpose(a) })
}

// Plus is n + m, of one shape.
func (n Node) Plus(m Node) Node { return n.binary("sum", m, gorgonia.Add) }

// Minus is n - m, of one shape.
func (n Node) Minus(m Node) Node { return n.binary("difference", m, gorgonia.Sub) }

// Hadamard is the product of elements of matrices of one shape.
func (n Node) Hadamard(m Node) Node { return n.binary("element product", m, gorgonia.HadamardProd) }

// Over is the quotient of elements of matrices of one shape.
func (n Node) Over(m Node) Node { return n.binary("element quotient", m, gorgonia.HadamardDiv) }

// Scale is k n, of a matrix or a scalar.
func (n Node) Scale(k float64) Node {
	if n.graph.err == nil && !n.node.IsScalar() {
		return n.Affine(k, 0)
	}
	return n.unary("scale", func(a *gorgonia.Node) (*gorgonia.Node, error) {
		return gorgonia.Mul(a, gorgonia.NewConstant(k))
	})
}

// Exp is the exponential of every element.
func (n Node) Exp() Node { return n.unary("exp", gorgonia.Exp) }

// Log is the natural logarithm of every element.
func (n Node) Log() Node { return n.unary("logarithm", gorgonia.Log) }

// LogSoftmax is the logarithm of the softmax of every row.
func (n Node) LogSoftmax() Node {
	return n.unary("log-softmax", func(a *gorgonia.Node) (*gorgonia.Node, error) { return gorgonia.LogSoftMax(a, 1) })
}

// Sqrt is the root of every element.
func (n Node) Sqrt() Node { return n.unary("root", gorgonia.Sqrt) }

// ReLU is the larger of every element and zero.
func (n Node) ReLU() Node { return n.unary("relu", gorgonia.Rectify) }

// Sum is the sum of all elements, a scalar.
func (n Node) Sum() Node {
	return n.unary("sum", func(a *gorgonia.Node) (*gorgonia.Node, error) { return gorgonia.Sum(a) })
}

// SumSquares is the sum of the squares of all elements, a scalar.
func (n Node) SumSquares() Node { return n.unary("square", gorgonia.Square).Sum() }

// Program is a compiled graph.
type Program struct {
	Params []*Param

	machine gorgonia.VM
	loss    gorgonia.Value
	grads   []gorgonia.Value
}

// Compile turns the graph and its loss, a scalar, into a program; or tells the
// first mistake made in building it. The program must be closed.
func Compile(loss Node) (*Program, error) {
	g := loss.graph
	if g.err != nil {
		return nil, g.err
	}
	if !loss.node.IsScalar() {
		return nil, fmt.Errorf("autodiff: the loss has shape %v, want a scalar", loss.node.Shape())
	}
	if len(g.params) == 0 {
		return nil, errors.New("autodiff: no parameters to train")
	}
	wrt := make([]*gorgonia.Node, len(g.params))
	for i, p := range g.params {
		wrt[i] = p.node
	}
	building.Lock()
	defer building.Unlock()
	grads, err := gorgonia.Grad(loss.node, wrt...)
	if err != nil {
		return nil, fmt.Errorf("autodiff: gradient: %w", err)
	}
	p := &Program{Params: g.params, grads: make([]gorgonia.Value, len(grads))}
	gorgonia.Read(loss.node, &p.loss)
	for i, n := range grads {
		gorgonia.Read(n, &p.grads[i])
	}
	p.machine = gorgonia.NewTapeMachine(g.expr)
	return p, nil
}

// Loss evaluates the loss at the present parameters, and leaves its gradients
// with them.
func (p *Program) Loss() (float64, error) {
	p.machine.Reset()
	if err := p.machine.RunAll(); err != nil {
		return 0, fmt.Errorf("autodiff: %w", err)
	}
	for i, param := range p.Params {
		grad, ok := p.grads[i].Data().([]float64)
		if !ok {
			return 0, fmt.Errorf("autodiff: gradient of %s is %T", param.Name, p.grads[i].Data())
		}
		copy(param.Gradient.RawMatrix().Data, grad)
	}
	loss, ok := p.loss.Data().(float64)
	if !ok {
		return 0, fmt.Errorf("autodiff: the loss is %T", p.loss.Data())
	}
	return loss, nil
}

// Close frees what the program holds. The machine has a finalizer and is part
// of a cycle, which Go never collects.
func (p *Program) Close() error {
	runtime.SetFinalizer(p.machine, nil)
	return p.machine.Close()
}
