package domain

import (
	"math"
	"strings"
	"testing"

	"gonum.org/v1/gonum/diff/fd"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"framepilot/internal/autodiff"
	"framepilot/probe"
)

// checkLoss compares a loss with its value in plain loops, and its gradients
// with finite differences.
func checkLoss(t *testing.T, loss autodiff.Node, want, tol float64) {
	t.Helper()
	p, err := autodiff.Compile(loss)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	at := func() float64 {
		v, err := p.Loss()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	wantClose(t, "loss", at(), want, tol*math.Abs(want))
	for _, param := range p.Params {
		got := append([]float64(nil), param.Gradient.RawMatrix().Data...)
		numeric := differences(param, at)
		at()
		if off := floats.Distance(got, numeric, math.Inf(1)); off > 1e-6*(1+floats.Norm(numeric, math.Inf(1))) {
			t.Errorf("gradient of %s is off by %g", param.Name, off)
		}
	}
}

// differences is the gradient of a loss for a parameter, by finite differences.
func differences(param *autodiff.Param, loss func() float64) []float64 {
	value := param.Value.RawMatrix().Data
	here := append([]float64(nil), value...)
	out := fd.Gradient(nil, func(v []float64) float64 {
		copy(value, v)
		return loss()
	}, here, &fd.Settings{Formula: fd.Central})
	copy(value, here)
	return out
}

func smallAlignment() (alignment, adapter) {
	source, target := gaussian(5, 4, 1), gaussian(6, 4, 2)
	source.Normalize()
	target.Normalize()
	a := newAdapter(4, 1)
	a.v.Apply(func(i, j int, _ float64) float64 { return 0.3 * math.Sin(float64(3*i+j)) }, a.v)
	return alignment{
		head:   head{mat.NewDense(3, 4, probe.Widen(gaussian(3, 4, 3).Data)), []float64{0.1, -0.2, 0.3}},
		source: source.Dense(), labels: []int{0, 1, 2, 0, 1}, weight: []float64{1.5, 0.5, 1, 1.5, 0.5}, target: target.Dense(),
	}, a
}

func TestAlignMMD(t *testing.T) {
	a, start := smallAlignment()
	train := newTrainee(a.head, start)
	loss, before := alignMMD(train, a, train.moved(a.source), train.moved(a.target), 0, 0)
	if before != nil {
		t.Error("MMD has something to do before a step")
	}
	moved := append(rowsOf(start.apply(probe.MatrixOf(a.source))), rowsOf(start.apply(probe.MatrixOf(a.target)))...)
	weight := make([]float64, len(moved))
	for i := range weight {
		if i < 5 {
			weight[i] = a.weight[i] / 5
		} else {
			weight[i] = -1. / 6
		}
	}
	h := pooledBandwidth(a)
	var want float64
	for i, x := range moved {
		for j, y := range moved {
			if i == j {
				continue
			}
			var square float64
			for k := range x {
				square += (x[k] - y[k]) * (x[k] - y[k])
			}
			for _, b := range []float64{h / 4, h, 4 * h} {
				want += weight[i] * weight[j] * math.Exp(-square/(2*b)) / 3
			}
		}
	}
	checkLoss(t, loss, want, 1e-5)
}

// The discriminator descends the loss of telling the sites apart; the adapter
// gets the gradient of that loss times -strength.
func TestAlignDANN(t *testing.T) {
	a, start := smallAlignment()
	const steps = 10
	train := newTrainee(a.head, start)
	loss, before := alignDANN(train, a, train.moved(a.source), train.moved(a.target), steps, 1)
	p, err := autodiff.Compile(loss)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	at := func() float64 {
		v, err := p.Loss()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for step, strength := range map[int]float64{0: 0, 5: 2/(1+math.Exp(-5)) - 1} {
		before(step)
		at()
		for _, param := range p.Params {
			got := append([]float64(nil), param.Gradient.RawMatrix().Data...)
			numeric := differences(param, at)
			at()
			if param == train.u || param == train.v {
				floats.Scale(-strength, numeric)
			}
			if off := floats.Distance(got, numeric, math.Inf(1)); off > 1e-6*(1+floats.Norm(numeric, math.Inf(1))) {
				t.Errorf("step %d: gradient of %s is off by %g", step, param.Name, off)
			}
		}
	}
}

// Training on what the closed form leaves brings the sites nearer.
func TestTrainedAligns(t *testing.T) {
	w := world{3, 1.5}
	source, target := w.draw(120, even, false, 1), w.draw(220, even, true, 2)
	s, err := logisticTask(t, source, Unlabelled(target)).start()
	if err != nil {
		t.Fatal(err)
	}
	h, err := newHead(s.base(), target.X)
	if err != nil {
		t.Fatal(err)
	}
	apart := func(a adapter) float64 {
		m, err := MMDTest(Clips{X: a.apply(source.X)}, Clips{X: a.apply(target.X)}, TestOptions{Draws: 1})
		if err != nil {
			t.Fatal(err)
		}
		return m.Squared
	}
	before := apart(newAdapter(24, 1))
	for _, c := range []struct {
		method Method
		align  aligner
	}{{mmdMethod(), alignMMD}, {dannMethod(), alignDANN}} {
		settings, err := c.method.Settings(nil)
		if err != nil {
			t.Fatal(err)
		}
		a, err := s.alignment(h, target.X, 100).fit(t.Context(), c.align, settings, 1)
		if err != nil {
			t.Fatal(err)
		}
		after := apart(a)
		t.Log(c.method.Name, before, after)
		if after > before*0.8 {
			t.Errorf("%s: MMD² is %g, before %g", c.method.Name, after, before)
		}
	}
}

func TestTrainedRefuses(t *testing.T) {
	w := world{1, 1}
	source := w.draw(60, even, false, 1)
	few := Unlabelled(w.draw(trainedClips-1, even, true, 2))
	enough := Unlabelled(w.draw(trainedClips, even, true, 2))
	text := probe.ZeroShot(gaussian(3, 24, 77), 1)
	unlabelled := source
	unlabelled.Labels = nil
	for name, c := range map[string]struct {
		task Task
		want string
	}{
		"few clips": {Task{Source: source, Base: text, Target: few}, "want at least 200"},
		"no labels": {Task{Source: unlabelled, Base: text, Target: enough}, "has a label"},
		"no head":   {Task{Source: source, Base: squared{text}, Target: enough}, "not linear"},
	} {
		for _, m := range []Method{mmdMethod(), dannMethod()} {
			if _, err := m.Run(t.Context(), c.task, nil); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s, %s: %v, want one with %q", m.Name, name, err, c.want)
			}
		}
	}
}

func rowsOf(x probe.Matrix) [][]float64 {
	var out [][]float64
	for i := range x.Rows {
		out = append(out, probe.Widen(x.Row(i)))
	}
	return out
}
