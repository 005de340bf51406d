package autodiff

import (
	"fmt"
	"hash"
	"hash/fnv"

	"github.com/chewxy/hm"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Reverse is n itself, but its gradient comes back times -strength (the
// gradient reversal layer of Ganin and Lempitsky 2015): what is trained below
// it works against what is trained above. strength may change between
// evaluations.
func (n Node) Reverse(strength *float64) Node {
	return n.unary("reversal", func(a *gorgonia.Node) (*gorgonia.Node, error) {
		return gorgonia.ApplyOp(reversal{strength: strength}, a)
	})
}

// reversal is the operation on the way forward, and on the way back that on
// the gradient.
type reversal struct {
	strength *float64
	back     bool
}

func (reversal) Arity() int { return 1 }

func (reversal) Type() hm.Type {
	a := hm.TypeVariable('a')
	return hm.NewFnType(a, a)
}

func (reversal) InferShape(in ...gorgonia.DimSizer) (tensor.Shape, error) {
	shape, ok := in[0].(tensor.Shape)
	if !ok {
		return nil, fmt.Errorf("reversal of %T", in[0])
	}
	return shape, nil
}

func (r reversal) Do(in ...gorgonia.Value) (gorgonia.Value, error) {
	t, ok := in[0].(tensor.Tensor)
	if !ok {
		return nil, fmt.Errorf("reversal of %T", in[0])
	}
	out, ok := t.Clone().(*tensor.Dense)
	if !ok {
		return nil, fmt.Errorf("reversal of %T", in[0])
	}
	if r.back {
		values := out.Float64s()
		for i := range values {
			values[i] *= -*r.strength
		}
	}
	return out, nil
}

func (reversal) ReturnsPtr() bool     { return false }
func (reversal) CallsExtern() bool    { return false }
func (reversal) OverwritesInput() int { return -1 }

// WriteHash tells operations apart; the pointer says which strength is meant.
func (r reversal) WriteHash(h hash.Hash) { fmt.Fprintf(h, "reversal %p %t", r.strength, r.back) }

func (r reversal) Hashcode() uint32 {
	h := fnv.New32a()
	r.WriteHash(h)
	return h.Sum32()
}

func (r reversal) String() string { return fmt.Sprintf("reversal (back: %t)", r.back) }

func (reversal) DiffWRT(int) []bool { return []bool{true} }

func (r reversal) SymDiff(_ gorgonia.Nodes, _, grad *gorgonia.Node) (gorgonia.Nodes, error) {
	back, err := gorgonia.ApplyOp(reversal{r.strength, true}, grad)
	return gorgonia.Nodes{back}, err
}
