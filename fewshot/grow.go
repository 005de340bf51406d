package fewshot

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"framepilot/internal/fault"
	"framepilot/probe"
)

// withGrowth gives the methods whose classes do not weigh on each other what
// adds one, and the others what adds one without clips; see probe.Method.Grow.
func withGrowth(methods []probe.Method) []probe.Method {
	grows := map[string]func(context.Context, probe.Growth) (probe.Classifier, error){
		"tip": growTip, "ss-text": growSSText, "gda": growGDA, "proker": growProKeR, "auto": growAuto, "sigmoid": growSigmoid,
	}
	byText := map[string]func(context.Context, probe.Growth) (probe.Classifier, error){
		"tip-f": growTip, "ss-text-plus": growSSTextByText, "clap": growCLAP, "lp++": growLinear,
		"linear-adapter": growAdapter, "clip-adapter": growAdapter, "attentive": growAttentive,
	}
	for i, m := range methods {
		methods[i].Grows = grows[m.Name]
		if grow := byText[m.Name]; grow != nil {
			methods[i].Grows, methods[i].ByText = grow, true
		}
		if m.Name == "auto" {
			methods[i].Members = keptByAuto
		}
	}
	return methods
}

func wordless(method string) error {
	return fault.New(fault.Input, "say what is seen, in words", "%s: no text for the class that is to join", method)
}

// growTip adds the class's clips to the cache.
func growTip(_ context.Context, g probe.Growth) (probe.Classifier, error) {
	if g.Text == nil {
		return nil, wordless("tip")
	}
	return probe.GrowScaled(g.Classifier, func(c probe.Classifier) (probe.Classifier, error) {
		old, ok := c.(*Tip)
		if !ok {
			return nil, fmt.Errorf("tip: a classifier of type %T is none of its own", c)
		}
		out := *old
		out.Text = old.Text.Append(probe.Matrix{Rows: 1, Cols: len(g.Text), Data: g.Text})
		out.Keys = old.Keys.Append(g.Clips.X)
		out.Labels = append(slices.Clone(old.Labels), slices.Repeat([]int{old.Text.Rows}, g.Clips.Len())...)
		return &out, nil
	})
}

// compatible tells whether a classifier was made as the published code makes it.
func compatible(g probe.Growth) bool {
	compat, err := g.Setting("compat")
	return err == nil && compat == 1
}

// growSSText adds a prototype: the class's text and the sum of its clips at
// the weight of the others. Without clips its text moves as theirs did, or in
// the published code stays.
func growSSText(ctx context.Context, g probe.Growth) (probe.Classifier, error) {
	if g.Text == nil {
		return nil, wordless("ss-text")
	}
	if g.Clips.Len() == 0 {
		return growSSTextByText(ctx, g)
	}
	omega, err := g.Setting("text")
	if err != nil {
		return nil, err
	}
	if n := g.Fitted() + g.Clips.Len(); compatible(g) && omega < clampedLambda*float64(n) {
		return nil, fault.New(fault.Config, "fit it again with the clips of all classes, or without compat",
			"ss-text with compat = 1 weighs clips less the more there are beyond %.0f: those of a new class change the others", omega/clampedLambda)
	}
	return probe.GrowLinear(g.Classifier, func(*probe.Linear, float64) ([]float32, float32, error) {
		s := g.Train.LogitScale()
		row := probe.Widen(g.Text)
		for i := range g.Clips.Len() {
			floats.AddScaled(row, s/omega, probe.Widen(g.Clips.X.Row(i)))
		}
		unit(row)
		floats.Scale(s, row)
		return probe.Narrow(row), 0, nil
	})
}

// moved is the mean way from the texts, at the logit scale, to the weights of
// the classes with clips.
func moved(w probe.Matrix, train probe.Features) []float64 {
	out := make([]float64, w.Cols)
	classes := presentIn(train)
	for _, c := range classes {
		share := 1 / float64(len(classes))
		floats.AddScaled(out, share, probe.Widen(w.Row(c)))
		floats.AddScaled(out, -share*train.LogitScale(), probe.Widen(train.Text.Row(c)))
	}
	return out
}

// presentIn lists the classes with clips.
func presentIn(train probe.Features) []int {
	var classes []int
	for c := range train.Classes {
		if slices.Contains(train.Labels, c) {
			classes = append(classes, c)
		}
	}
	return classes
}

// growGDA adds a Gaussian with the covariance of the others.
func growGDA(_ context.Context, g probe.Growth) (probe.Classifier, error) {
	if g.Text == nil {
		return nil, wordless("gda")
	}
	alpha, err := g.Setting("alpha")
	if err != nil {
		return nil, err
	}
	s, err := newSupport(g.Train)
	if err != nil {
		return nil, err
	}
	return probe.GrowLinear(g.Classifier, func(head *probe.Linear, _ float64) ([]float32, float32, error) {
		if g.Clips.Len() == 0 {
			row, bias := textRow(head, g)
			return row, bias, nil
		}
		row := probe.Widen(g.Text)
		floats.Scale(s.scale, row)
		mean := make([]float64, len(row))
		for i := range g.Clips.Len() {
			floats.AddScaled(mean, 1/float64(g.Clips.Len()), probe.Widen(g.Clips.X.Row(i)))
		}
		w, b, err := newGDA(s, compatible(g)).sampleOf(g.Fitted()).discriminants(mat.NewDense(1, len(mean), mean), alpha)
		if err != nil {
			return nil, 0, err
		}
		floats.Add(row, w.RawRowView(0))
		return probe.Narrow(row), float32(b[0]), nil
	})
}

// growProKeR solves for one more column, on the clips of all classes; in the
// columns of the others the new clips weigh nothing.
func growProKeR(_ context.Context, g probe.Growth) (probe.Classifier, error) {
	if g.Text == nil {
		return nil, wordless("proker")
	}
	lambda, err := g.Setting("lambda")
	if err != nil {
		return nil, err
	}
	return probe.GrowScaled(g.Classifier, func(c probe.Classifier) (probe.Classifier, error) {
		old, ok := c.(*ProKeR)
		if !ok {
			return nil, fmt.Errorf("proker: a classifier of type %T is none of its own", c)
		}
		out := *old
		text := probe.Matrix{Rows: 1, Cols: len(g.Text), Data: g.Text}
		out.Text, out.Keys = old.Text.Append(text), old.Keys.Append(g.Clips.X)
		out.Counts = append(slices.Clone(old.Counts), g.Clips.Len())
		n, classes := old.Weights.Dims()
		out.Weights = mat.NewDense(out.Keys.Rows, classes+1, nil)
		for i := range n {
			copy(out.Weights.RawRowView(i), old.Weights.RawRowView(i))
		}
		if g.Clips.Len() == 0 {
			return &out, nil
		}
		var a mat.SymDense
		a.SymOuterK(1, out.Keys.Dense())
		target := mat.NewVecDense(out.Keys.Rows, nil)
		prior := probe.Similarity(out.Keys, text)
		for i := range out.Keys.Rows {
			for j := i; j < out.Keys.Rows; j++ {
				a.SetSym(i, j, kernel(a.At(i, j), old.Beta))
			}
			a.SetSym(i, i, a.At(i, i)+lambda)
			target.SetVec(i, -old.Prior*float64(prior.Data[i]))
			if i >= n {
				target.SetVec(i, target.AtVec(i)+1)
			}
		}
		var factor mat.Cholesky
		if !factor.Factorize(&a) {
			return nil, fmt.Errorf("proker: β = %g, λ = %g: the kernel matrix is not positive definite", old.Beta, lambda)
		}
		var column mat.VecDense
		if err := factor.SolveVecTo(&column, target); err != nil && !isCondition(err) {
			return nil, fmt.Errorf("proker: %w", err)
		}
		for i := range out.Keys.Rows {
			out.Weights.Set(i, classes, column.AtVec(i))
		}
		return &out, nil
	})
}

// growSigmoid fits one more head: the class's clips against all others, from
// the same mean clip and with what texts are worth to the others.
func growSigmoid(ctx context.Context, g probe.Growth) (probe.Classifier, error) {
	if g.Text == nil {
		return nil, wordless("sigmoid")
	}
	strength, err := g.Setting("C")
	if err != nil {
		return nil, err
	}
	m, err := newSigmoid(g.Train)
	if err != nil {
		return nil, err
	}
	return probe.GrowLinear(g.Classifier, func(*probe.Linear, float64) ([]float32, float32, error) {
		x := g.Train.X.Append(g.Clips.X).Dense()
		n, d := x.Dims()
		w := probe.Widen(g.Text)
		floats.Scale(m.slope*m.scale, w)
		fit := sigmoidFit{x: x, base: make([]float64, n), y: make([]bool, n), strength: strength}
		for i := range n {
			floats.Sub(x.RawRowView(i), m.mean)
			fit.base[i], fit.y[i] = floats.Dot(w, x.RawRowView(i))+m.offset, i >= g.Train.Len()
		}
		b := m.offset
		if g.Clips.Len() > 0 {
			theta, err := fit.solve(ctx, nil, exact)
			if err != nil {
				return nil, 0, err
			}
			floats.Add(w, theta[:d])
			b += theta[d]
		}
		return probe.Narrow(w), float32(b - floats.Dot(w, m.mean)), nil
	})
}

// growAuto grows what auto kept: a method, or the mean of some.
func growAuto(ctx context.Context, g probe.Growth) (probe.Classifier, error) {
	kept, err := keptByAuto(g.Choices)
	if err != nil {
		return nil, err
	}
	grow := func(m probe.Method, c probe.Classifier) (probe.Classifier, error) {
		one := g
		one.Classifier, one.Choices = c, nil
		for _, choice := range g.Choices {
			if len(kept) > 1 {
				var of bool
				if choice.Param, of = strings.CutSuffix(choice.Param, ofMethod+m.Name); !of {
					continue
				}
			}
			one.Choices = append(one.Choices, choice)
		}
		return m.Grow(ctx, one)
	}
	if len(kept) == 1 {
		return grow(kept[0], g.Classifier)
	}
	return probe.GrowScaled(g.Classifier, func(c probe.Classifier) (probe.Classifier, error) {
		old, ok := c.(*Mixture)
		if !ok || len(old.Of) != len(kept) {
			return nil, fmt.Errorf("auto: it keeps other methods than it says")
		}
		out := &Mixture{}
		for k, inner := range old.Of {
			grown, err := grow(kept[k], inner)
			if err != nil {
				return nil, fmt.Errorf("auto: %w", err)
			}
			out.Of = append(out.Of, grown)
		}
		return out, nil
	})
}

// keptByAuto are the methods that auto kept, in the order of its mixture.
func keptByAuto(choices []probe.Choice) ([]probe.Method, error) {
	var names []string
	for _, c := range choices {
		if took, ok := c.Took(); ok {
			names = strings.Split(took, and)
		}
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("auto: it is not known which methods it kept")
	}
	kept := make([]probe.Method, len(names))
	for i, name := range names {
		var err error
		if kept[i], err = probe.FindMethod(slices.Concat(probe.Methods(), withGrowth(single())), name); err != nil {
			return nil, err
		}
	}
	return kept, nil
}
