package autodiff

import (
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	"framepilot/internal/cores"

	"gonum.org/v1/gonum/diff/fd"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

func random(rows, cols int, rng *rand.Rand) *mat.Dense {
	m := mat.NewDense(rows, cols, nil)
	m.Apply(func(int, int, float64) float64 { return rng.NormFloat64() }, m)
	return m
}

// mixture uses every operation once: a loss of two parameters.
func mixture(t testing.TB, rng *rand.Rand) *Program {
	t.Helper()
	g := New()
	x := g.Const(random(5, 4, rng))
	a, _ := g.Param("a", random(4, 3, rng))
	b, _ := g.Param("b", random(3, 3, rng))
	hidden := x.Times(a).ReLU().Plus(x.Times(a).Scale(0.5))
	logits := hidden.Times(b.T()).Hadamard(hidden.Exp().Scale(0.1))
	logits = logits.Plus(b.Exp().Log().T().Times(hidden.LogSoftmax().Exp().T()).T())
	logits = logits.Minus(hidden).OverRows(hidden.RowLengths()).Plus(hidden.TimesT(b).Over(hidden.Affine(0.1, 9))).Scale(20)
	loss := logits.CrossEntropy([]int{0, 1, 2, 1, 0}).Plus(b.SumSquares().Scale(0.3)).Plus(a.TTimes(x.TTimes(logits)).Sum().Scale(0.01))
	p, err := Compile(loss)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p
}

// TestGradient compares gradients with finite differences, at several points
// of one program: nothing of one evaluation may show in the next.
func TestGradient(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	p := mixture(t, rng)
	for range 3 {
		for _, param := range p.Params {
			value := param.Value.RawMatrix().Data
			for j := range value {
				value[j] = rng.NormFloat64()
			}
		}
		if _, err := p.Loss(); err != nil {
			t.Fatal(err)
		}
		got := make([][]float64, len(p.Params))
		for i, param := range p.Params {
			got[i] = append([]float64(nil), param.Gradient.RawMatrix().Data...)
		}
		for i, param := range p.Params {
			value := param.Value.RawMatrix().Data
			here := append([]float64(nil), value...)
			want := fd.Gradient(nil, func(v []float64) float64 {
				copy(value, v)
				loss, err := p.Loss()
				if err != nil {
					t.Fatal(err)
				}
				return loss
			}, here, &fd.Settings{Formula: fd.Central})
			copy(value, here)
			if off := floats.Distance(got[i], want, math.Inf(1)); off > 1e-6*(1+floats.Norm(want, math.Inf(1))) {
				t.Errorf("gradient of %s: %v, by finite differences %v", param.Name, got[i], want)
			}
		}
	}
}

// What is below a reversal gets the gradient times -strength, by finite
// differences of the loss without it; what is above gets its own.
func TestReverse(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	x, start, top := random(5, 4, rng), random(4, 3, rng), random(3, 2, rng)
	labels := []int{0, 1, 1, 0, 1}
	loss := func(strength *float64) (*Program, *Param, *Param) {
		g := New()
		below, a := g.Param("below", start)
		above, b := g.Param("above", top)
		hidden := g.Const(x).Times(below)
		if strength != nil {
			hidden = hidden.Reverse(strength)
		}
		p, err := Compile(hidden.ReLU().Times(above).CrossEntropy(labels))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { p.Close() })
		return p, a, b
	}
	plain, below, above := loss(nil)
	strength := 0.0
	reversed, lower, upper := loss(&strength)
	for _, strength = range []float64{0, 0.5, 2} {
		want, err := plain.Loss()
		if err != nil {
			t.Fatal(err)
		}
		got, err := reversed.Loss()
		if err != nil {
			t.Fatal(err)
		}
		if got != want {
			t.Errorf("the loss is %g, without reversal %g", got, want)
		}
		for j, v := range below.Gradient.RawMatrix().Data {
			if r := lower.Gradient.RawMatrix().Data[j]; math.Abs(r+strength*v) > 1e-12 {
				t.Errorf("strength %g: gradient %g below the reversal, without it %g", strength, r, v)
			}
		}
		if !mat.EqualApprox(upper.Gradient, above.Gradient, 1e-12) {
			t.Errorf("strength %g: another gradient above the reversal", strength)
		}
	}
}

// TestCrossEntropy compares the loss with its definition, with logits that a
// careless exponential would not survive.
func TestCrossEntropy(t *testing.T) {
	g := New()
	logits, _ := g.Param("logits", mat.NewDense(2, 3, []float64{1, 2, 3, 2000, 0, 0}))
	p, err := Compile(logits.CrossEntropy([]int{0, 0}))
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	got, err := p.Loss()
	if err != nil {
		t.Fatal(err)
	}
	want := math.Log(math.Exp(1)+math.Exp(2)+math.Exp(3)) - 1
	if want /= 2; math.Abs(got-want) > 1e-12 {
		t.Errorf("loss %g, want %g", got, want)
	}
}

// TestMemory: a thousand steps leave the heap as it was after the first few.
func TestMemory(t *testing.T) {
	p := mixture(t, rand.New(rand.NewPCG(3, 2)))
	adam := Adam{Rate: 1e-3}
	steps := func(n int) uint64 {
		for range n {
			if _, err := p.Loss(); err != nil {
				t.Fatal(err)
			}
			adam.Step(p.Params, 1)
		}
		runtime.GC()
		runtime.GC() // what is pooled goes with the second
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := steps(50)
	if after := steps(1000); after > before+64<<10 {
		t.Errorf("heap grew from %d to %d bytes in 1,000 steps", before, after)
	}
}

// TestAtOnce: graphs that are built and trained at the same time give what they
// give one after the other; for the race detector.
func TestAtOnce(t *testing.T) {
	const graphs = 8
	losses := func(each func(n int, do func(i int))) []float64 {
		out := make([]float64, graphs)
		each(graphs, func(i int) {
			p := mixture(t, rand.New(rand.NewPCG(uint64(i), 2)))
			defer p.Close()
			adam := Adam{Rate: 1e-3}
			for range 5 {
				loss, err := p.Loss()
				if err != nil {
					t.Error(err)
					return
				}
				out[i] = loss
				adam.Step(p.Params, 1)
			}
		})
		return out
	}
	together := losses(cores.Each)
	if apart := losses(func(n int, do func(i int)) {
		for i := range n {
			do(i)
		}
	}); !slices.Equal(together, apart) {
		t.Errorf("at once %v, one by one %v", together, apart)
	}
}

// TestClose: closed programs leave nothing behind.
func TestClose(t *testing.T) {
	start := random(100, 100, rand.New(rand.NewPCG(5, 2)))
	programs := func(n int) uint64 {
		for range n {
			g := New()
			a, _ := g.Param("a", start)
			p, err := Compile(g.Const(start).Times(a).SumSquares())
			if err != nil {
				t.Fatal(err)
			}
			if _, err := p.Loss(); err != nil {
				t.Fatal(err)
			}
			p.Close()
		}
		runtime.GC()
		runtime.GC() // what is pooled goes with the second
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := programs(3)
	if after := programs(20); after > before+1<<20 {
		t.Errorf("heap grew from %d to %d bytes over 20 programs", before, after)
	}
}

// TestAdam takes the first two steps by hand.
func TestAdam(t *testing.T) {
	p := &Param{Value: mat.NewDense(1, 1, []float64{2}), Gradient: mat.NewDense(1, 1, []float64{4})}
	a := Adam{Rate: 0.1, Decay: 0.5}
	a.Step([]*Param{p}, 1)
	want := 2 - 0.1*(0.5*2+1) // the first step of Adam is the sign of the gradient
	if got := p.Value.At(0, 0); math.Abs(got-want) > 1e-8 {
		t.Errorf("after one step %g, want %g", got, want)
	}
	p.Gradient.Set(0, 0, -1)
	a.Step([]*Param{p}, 0.5)
	first, second := 0.9*0.4-0.1, 0.999*0.016+0.001
	want -= 0.05 * (0.5*want + first/(1-0.81)/math.Sqrt(second/(1-0.998001)))
	if got := p.Value.At(0, 0); math.Abs(got-want) > 1e-8 {
		t.Errorf("after two steps %g, want %g", got, want)
	}
}

func TestMistakes(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 2))
	for want, build := range map[string]func(*Graph) Node{
		"product": func(g *Graph) Node {
			a, _ := g.Param("a", random(2, 3, rng))
			return a.Times(a).SumSquares()
		},
		"labels": func(g *Graph) Node {
			a, _ := g.Param("a", random(2, 3, rng))
			return a.CrossEntropy([]int{1})
		},
		"label 3 of 3": func(g *Graph) Node {
			a, _ := g.Param("a", random(1, 3, rng))
			return a.CrossEntropy([]int{3})
		},
		"want a scalar": func(g *Graph) Node {
			a, _ := g.Param("a", random(2, 3, rng))
			return a
		},
		"no parameters": func(g *Graph) Node { return g.Const(random(2, 3, rng)).SumSquares() },
	} {
		if _, err := Compile(build(New())); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one about %q", err, want)
		}
	}
}
