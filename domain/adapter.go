package domain

import (
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"

	"framepilot/internal/autodiff"
	"framepilot/probe"
)

// adapter moves embeddings a little: x ↦ x + (xV)Uᵀ, then unit length. It
// starts as the identity.
type adapter struct{ u, v *mat.Dense } // (d, r)

// adapterRank bounds what an adapter can learn from clips without labels, and
// what it costs.
const adapterRank = 16

// trainee is an adapter under training in a graph, over the head that stays as
// it is.
type trainee struct {
	graph *autodiff.Graph
	u, v  *autodiff.Param
	up    autodiff.Node
	down  autodiff.Node
	head  head
}

func newTrainee(h head, start adapter) *trainee {
	t := &trainee{graph: autodiff.New(), head: h}
	t.up, t.u = t.graph.Param("U", start.u)
	t.down, t.v = t.graph.Param("V", start.v)
	return t
}

// newAdapter is the identity: V is zero, and U small and random, for else
// neither would have a gradient.
func newAdapter(d int, seed uint64) adapter {
	rng := rand.New(rand.NewPCG(seed, 4))
	rank := min(adapterRank, d)
	u := mat.NewDense(d, rank, nil)
	u.Apply(func(int, int, float64) float64 { return 0.02 * rng.NormFloat64() }, u)
	return adapter{u, mat.NewDense(d, rank, nil)}
}

// moved are rows x (n, d) after the adapter, of unit length.
func (t *trainee) moved(x *mat.Dense) autodiff.Node {
	f := t.graph.Const(x)
	m := f.Plus(f.Times(t.down).TimesT(t.up))
	return m.OverRows(m.RowLengths())
}

// logits are the head's of moved rows.
func (t *trainee) logits(moved autodiff.Node, n int) autodiff.Node {
	bias := mat.NewDense(n, len(t.head.b), nil)
	for i := range n {
		copy(bias.RawRowView(i), t.head.b)
	}
	return moved.TimesT(t.graph.Const(t.head.w)).Plus(t.graph.Const(bias))
}

// distance is |UVᵀ|², how far the adapter is from the identity.
func (t *trainee) distance() autodiff.Node {
	return t.up.TTimes(t.up).Hadamard(t.down.TTimes(t.down)).Sum()
}

func (t *trainee) adapter() adapter { return adapter{t.u.Value, t.v.Value} }

// apply moves rows.
func (a adapter) apply(x probe.Matrix) probe.Matrix {
	rows := x.Dense()
	var down, moved mat.Dense
	down.Mul(rows, a.v)
	moved.Mul(&down, a.u.T())
	moved.Add(&moved, rows)
	for i := range x.Rows {
		normalize(moved.RawRowView(i))
	}
	return probe.MatrixOf(&moved)
}

// moving is a classifier of moved clips.
type moving struct {
	adapter
	then probe.Classifier
}

func (m moving) Logits(x probe.Matrix) probe.Matrix { return m.then.Logits(m.apply(x)) }
