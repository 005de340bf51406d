package fewshot

import (
	"context"
	"math"
	"math/rand/v2"
	"runtime"
	"testing"

	"gonum.org/v1/gonum/diff/fd"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"framepilot/internal/autodiff"
	"framepilot/probe"
)

// head is a loss to train by, and the classifier that goes with its
// parameters as they are.
type head struct {
	loss       autodiff.Node
	classifier func() probe.Classifier
	penalty    func() float64
}

// heads are the trained heads that start from the embeddings of clips.
func heads(s *support, f probe.Features) map[string]head {
	none := func() float64 { return 0 }
	out := map[string]head{}
	loss, both := lossOfLinearAdapter(s, 0.3, 1)
	out["linear-adapter"] = head{loss, func() probe.Classifier {
		u, v := halves(both.Value)
		return &LinearAdapter{u, v, f.Text, s.scale}
	}, func() float64 {
		var m mat.Dense
		u, v := halves(both.Value)
		m.Mul(u, v.T())
		norm := mat.Norm(&m, 2)
		return 0.3 * norm * norm
	}}
	for name, twice := range map[string]bool{"clip-adapter": false, "clip-adapter compat": true} {
		loss, w1, w2 := lossOfClipAdapter(s, 0.4, twice, 1)
		out[name] = head{loss, func() probe.Classifier { return &ClipAdapter{w1.Value, w2.Value, 0.4, twice, f.Text, s.scale} }, none}
	}
	return out
}

// TestHeadLoss: the loss in the graph is that of the classifier it trains, and
// its gradient that of finite differences.
func TestHeadLoss(t *testing.T) {
	f := newWorld(4, 8, 5).train(3, scenario{imbalance: true})
	s, err := newSupport(f)
	if err != nil {
		t.Fatal(err)
	}
	for name, h := range heads(s, f) {
		p, err := autodiff.Compile(h.loss)
		if err != nil {
			t.Fatal(name, err)
		}
		scatter(p.Params)
		loss, err := p.Loss()
		if err != nil {
			t.Fatal(name, err)
		}
		score, err := evaluateLogits(h.classifier().Logits(f.X), f)
		if err != nil {
			t.Fatal(name, err)
		}
		if want := score.NLL + h.penalty(); math.Abs(loss-want) > 1e-5*want {
			t.Errorf("%s: loss %g, of its classifier %g", name, loss, want)
		}
		checkGradient(t, name, p)
		p.Close()
	}
}

// TestTipLoss: the loss that Tip-Adapter-F starts from is that of Tip-Adapter,
// each clip without the votes of its group, and its gradient that of finite
// differences.
func TestTipLoss(t *testing.T) {
	f := newWorld(4, 8, 5).train(4, scenario{})
	s, err := newSupport(f)
	if err != nil {
		t.Fatal(err)
	}
	for _, sum := range []bool{false, true} {
		loss, _ := lossOfTip(s, 3, 4, sum)
		p, err := autodiff.Compile(loss)
		if err != nil {
			t.Fatal(err)
		}
		got, err := p.Loss()
		if err != nil {
			t.Fatal(err)
		}
		logits := newTip(f, []float64{3, 4}, sum).Logits(f.X)
		if !sum {
			if logits, err = tipLOO(s, f, false)(context.Background(), []float64{3, 4}); err != nil {
				t.Fatal(err)
			}
		}
		score, err := evaluateLogits(logits, f)
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(got-score.NLL) > 1e-5*score.NLL {
			t.Errorf("sum %v: loss %g, want %g", sum, got, score.NLL)
		}
		scatter(p.Params)
		checkGradient(t, "tip-f", p)
		p.Close()
	}
}

// TestHeadsKeepMemory: a thousand steps of a trained head leave the heap as it
// was after the first few.
func TestHeadsKeepMemory(t *testing.T) {
	f := newWorld(4, 8, 5).train(4, scenario{})
	s, err := newSupport(f)
	if err != nil {
		t.Fatal(err)
	}
	losses := map[string]autodiff.Node{}
	for name, h := range heads(s, f) {
		losses[name] = h.loss
	}
	losses["tip-f"], _ = lossOfTip(s, 3, 4, false)
	v, err := newViews(newWorld(4, 6, 5).film(3, 4))
	if err != nil {
		t.Fatal(err)
	}
	losses["attentive"], _ = lossOfAttentive(v, 0.02)
	for name, loss := range losses {
		p, err := autodiff.Compile(loss)
		if err != nil {
			t.Fatal(name, err)
		}
		adam := autodiff.Adam{Rate: 1e-4}
		steps := func(n int) uint64 {
			for range n {
				if _, err := p.Loss(); err != nil {
					t.Fatal(name, err)
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
			t.Errorf("%s: heap grew from %d to %d bytes in 1,000 steps", name, before, after)
		}
		p.Close()
	}
}

// TestLinearAdapterThroughItself: the loss that is trained by is that of the
// map itself, Af, and so is its gradient.
func TestLinearAdapterThroughItself(t *testing.T) {
	s, err := newSupport(newWorld(4, 20, 3).train(4, scenario{imbalance: true, missing: 0.3}))
	if err != nil {
		t.Fatal(err)
	}
	classes := s.classes()
	loss, both := lossOfLinearAdapter(s, 0.3, 1)
	g := autodiff.New()
	u, v := halves(both.Value)
	up, _ := g.Param("U", u)
	down, _ := g.Param("V", v)
	f := g.Const(s.x)
	moved := f.Plus(f.Times(down).TimesT(up))
	logits := moved.TimesT(g.Const(rowsAt(s.text, classes))).OverRows(moved.RowLengths()).Scale(s.scale)
	plain := logits.CrossEntropy(s.numbered(classes)).Plus(up.TimesT(down).SumSquares().Scale(0.3))

	var losses [2]float64
	var gradients [2]mat.Dense // of U and V, side by side
	for i, node := range []autodiff.Node{loss, plain} {
		p, err := autodiff.Compile(node)
		if err != nil {
			t.Fatal(err)
		}
		defer p.Close()
		if i == 0 {
			scatter(p.Params)
			u, v = halves(both.Value)
		} else {
			p.Params[0].Value.Copy(u)
			p.Params[1].Value.Copy(v)
		}
		if losses[i], err = p.Loss(); err != nil {
			t.Fatal(err)
		}
		if gradients[i].CloneFrom(p.Params[0].Gradient); i == 1 {
			gradients[1].Reset()
			gradients[1].Augment(p.Params[0].Gradient, p.Params[1].Gradient)
		}
	}
	if math.Abs(losses[0]-losses[1]) > 1e-10*losses[1] {
		t.Errorf("loss %.12g, through the map %.12g", losses[0], losses[1])
	}
	a, b := gradients[0].RawMatrix().Data, gradients[1].RawMatrix().Data
	if off := floats.Distance(a, b, math.Inf(1)); off > 1e-9*floats.Norm(b, math.Inf(1)) {
		t.Errorf("gradients are %g apart", off)
	}
}

// TestConvexGradientsInGraph compares the analytic gradients of the convex
// methods with those of a graph.
func TestConvexGradientsInGraph(t *testing.T) {
	s, err := newSupport(newWorld(4, 6, 3).train(4, scenario{imbalance: true}))
	if err != nil {
		t.Fatal(err)
	}
	for name, fit := range map[string]*softmaxFit{"clap": newCLAP(s).fit, "lp++": newLPP(s, 50).fit} {
		classes, r := len(fit.ridge), 6
		root := mat.NewDense(classes, r, nil)
		for c := range fit.ridge {
			fit.ridge[c] = 0.1 * float64(c+1)
			for j := range r {
				root.Set(c, j, math.Sqrt(fit.ridge[c]/2))
			}
		}
		g := autodiff.New()
		v, weights := g.Param("V", mat.NewDense(classes, r, nil))
		logits := g.Const(fit.base).Plus(g.Const(fit.x).Times(v.T()))
		loss := v.Hadamard(g.Const(root)).SumSquares()
		params := []*autodiff.Param{weights}
		if fit.q != nil {
			fit.gainRidge = 0.05
			a, gains := g.Param("a", mat.NewDense(1, classes, nil))
			column := mat.NewDense(len(fit.y), 1, nil)
			column.Apply(func(int, int, float64) float64 { return 1 }, column)
			logits = logits.Plus(g.Const(column).Times(a).Hadamard(g.Const(fit.q)))
			loss = loss.Plus(a.SumSquares().Scale(fit.gainRidge / 2))
			params = append(params, gains)
		}
		p, err := autodiff.Compile(logits.CrossEntropy(fit.y).Plus(loss))
		if err != nil {
			t.Fatal(name, err)
		}
		scatter(p.Params)
		want, err := p.Loss()
		if err != nil {
			t.Fatal(name, err)
		}
		var theta, gradient []float64
		for _, param := range params {
			theta = append(theta, param.Value.RawMatrix().Data...)
			gradient = append(gradient, param.Gradient.RawMatrix().Data...)
		}
		if f := fit.value(theta); math.Abs(f-want) > 1e-10*want {
			t.Errorf("%s: objective %g, in the graph %g", name, f, want)
		}
		got := make([]float64, len(theta))
		fit.gradient(got, theta)
		if off := floats.Distance(got, gradient, math.Inf(1)); off > 1e-9*floats.Norm(gradient, math.Inf(1)) {
			t.Errorf("%s: gradients %g apart", name, off)
		}
		p.Close()
	}
}

func scatter(params []*autodiff.Param) {
	rng := rand.New(rand.NewPCG(6, 0))
	for _, p := range params {
		value := p.Value.RawMatrix().Data
		for j := range value {
			value[j] += 0.1 * rng.NormFloat64()
		}
	}
}

func checkGradient(t *testing.T, name string, p *autodiff.Program) {
	t.Helper()
	for _, param := range p.Params {
		if _, err := p.Loss(); err != nil {
			t.Fatal(name, err)
		}
		got := append([]float64(nil), param.Gradient.RawMatrix().Data...)
		value := param.Value.RawMatrix().Data
		here := append([]float64(nil), value...)
		want := fd.Gradient(nil, func(v []float64) float64 {
			copy(value, v)
			loss, err := p.Loss()
			if err != nil {
				t.Fatal(name, err)
			}
			return loss
		}, here, &fd.Settings{Formula: fd.Central})
		copy(value, here)
		if off := floats.Distance(got, want, math.Inf(1)); off > 1e-6*(1+floats.Norm(want, math.Inf(1))) {
			t.Errorf("%s: gradient of %s up to %g from finite differences", name, param.Name, off)
		}
	}
}
