package domain

import (
	"context"
	"fmt"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"

	"framepilot/internal/autodiff"
	"framepilot/internal/fault"
	"framepilot/probe"
)

// trainedClips is how many target clips trained alignment wants: with fewer,
// what it aligns is noise, and the closed forms do as well.
const trainedClips = 200

// trainedGain is how much more score training must have than the closed form
// it starts from: half of it, and synthetic sites of which only the look had
// changed ended half a point below the closed form.
const trainedGain = 0.02

// alignment is what trained alignment works on: clips of both sites that the
// closed form has brought together already, under the classifier's head.
type alignment struct {
	head   head
	source *mat.Dense // (n, d) labelled clips
	labels []int      // n
	weight []float64  // n, of mean 1: the target's mix of classes over the source's
	target *mat.Dense // (m, d) mapped clips
}

// aligner adds to a trainee the loss that pulls the sites together, of moved
// clips (n, d) and (m, d). before, if any, is called ahead of every step.
type aligner func(t *trainee, a alignment, source, target autodiff.Node, steps int, seed uint64) (loss autodiff.Node, before func(step int))

// fitAdapter trains an adapter of both sites' clips:
//
//	mean_i w_i CE(p_i, y_i) + weight · alignment + hold · |UVᵀ|².
func (a alignment) fit(ctx context.Context, align aligner, settings probe.Settings, seed uint64) (adapter, error) {
	t := newTrainee(a.head, newAdapter(a.source.RawMatrix().Cols, seed))
	steps := int(settings["steps"])
	source, target := t.moved(a.source), t.moved(a.target)
	apart, before := align(t, a, source, target, steps, seed)
	loss := t.logits(source, len(a.labels)).LogSoftmax().Hadamard(t.graph.Const(a.picks())).Sum().
		Plus(apart.Scale(settings["weight"])).Plus(t.distance().Scale(settings["hold"]))
	err := autodiff.Train(ctx, loss, autodiff.Schedule{Steps: steps, Adam: autodiff.Adam{Rate: settings["rate"]}, Before: before})
	return t.adapter(), err
}

// picks turns log posteriors into the weighted mean cross-entropy.
func (a alignment) picks() *mat.Dense {
	out := mat.NewDense(len(a.labels), len(a.head.b), nil)
	for i, y := range a.labels {
		out.Set(i, y, -a.weight[i]/float64(len(a.labels)))
	}
	return out
}

// trainedMethod is an adapter trained on top of the best closed form.
func trainedMethod(name, summary string, limit int, weight float64, align aligner) Method {
	return Method{
		Name:    name,
		Summary: fmt.Sprintf("%s; after the closed forms, of %d target clips and more, with a linear classifier, and only where that passes the safety gate", summary, trainedClips),
		Params: []probe.Param{
			{Name: "steps", Doc: "of Adam", Default: 100, Low: 1, High: 1e5, Whole: true},
			{Name: "rate", Doc: "length of a step", Default: 3e-3, Low: 1e-7, High: 1},
			{Name: "weight", Doc: "of the alignment beside the cross-entropy on source clips", Default: weight, Low: 0, High: 1e6},
			{Name: "hold", Doc: "weight of the squared distance from leaving clips where they are", Default: 0.1, Low: 0, High: 1e6},
		},
		fit: func(ctx context.Context, s state, settings probe.Settings) (Adapted, error) {
			return s.trained(ctx, align, limit, settings)
		},
	}
}

func (s state) trained(ctx context.Context, align aligner, limit int, settings probe.Settings) (Adapted, error) {
	if m := s.task.Target.Len(); m < trainedClips {
		return Adapted{}, fault.New(fault.Input, "film more clips there, or use linear-ot",
			"%d target clips, want at least %d: with fewer, training aligns noise", m, trainedClips)
	}
	if len(s.source.labelled().Labels) == 0 {
		return Adapted{}, fault.New(fault.Input, "label source clips", "no source clip has a label to hold the classes in place by")
	}
	base := s.base()
	h, err := newHead(base, s.task.Target.X)
	if err != nil {
		return Adapted{}, err
	}
	closed, err := s.closedForm(ctx)
	if err != nil {
		return Adapted{}, fmt.Errorf("closed form: %w", err)
	}
	x := closed.Map.Apply(s.task.Target.X)
	a, err := s.alignment(h, x, limit).fit(ctx, align, settings, s.task.Seed)
	if err != nil {
		return Adapted{}, err
	}
	mix, err := s.mixAt(x)
	if err != nil {
		return Adapted{}, err
	}
	before, err := s.score(x, s.task.Base)
	if err != nil {
		return Adapted{}, err
	}
	after, err := s.score(a.apply(x), s.task.Base)
	if err != nil {
		return Adapted{}, err
	}
	if !(after > before+trainedGain) { // training reached what it was after, and that is not enough
		closed.Gate = &Gate{Reason: fmt.Sprintf("training scores %.1f %%, %s alone %.1f %%", 100*after, closed.Map.Name, 100*before)}
		return closed, nil
	}
	return s.overClosedForm(closed, closed.Map, a, mix), nil
}

// overClosedForm lets clips moved by a map and then an adapter replace the
// closed form where Guard lets them.
func (s state) overClosedForm(closed Adapted, start *Map, a adapter, mix Mix) Adapted {
	base := s.base()
	x := s.task.Target.X
	trained := start.Before(moving{a, base})
	gate := Guard(s.task.Source, Answers{closed.Map.Apply(x), closed.Classifier.Logits(x)},
		Answers{a.apply(start.Apply(x)), trained.Logits(x)}, mix)
	closed.Gate = &gate
	if gate.Accepted {
		closed.Classifier = trained
	}
	return closed
}

// closedForm is the best of the closed forms by score.
func (s state) closedForm(ctx context.Context) (Adapted, error) {
	var best Adapted
	var top float64
	for _, m := range closedForms() {
		settings, err := m.Settings(nil)
		if err != nil {
			return Adapted{}, err
		}
		a, err := m.fit(ctx, s, settings)
		if err != nil {
			return Adapted{}, fmt.Errorf("%s: %w", m.Name, err)
		}
		score, err := s.score(a.Map.Apply(s.task.Target.X), s.task.Base)
		if err != nil {
			return Adapted{}, err
		}
		if best.Map == nil || score > top+tie {
			best, top = a, score
		}
	}
	return best, nil
}

// alignment takes at most limit clips of each site, drawn at random.
func (s state) alignment(h head, x probe.Matrix, limit int) alignment {
	rng := rand.New(rand.NewPCG(s.task.Seed, 5))
	some := func(rows []int) []int {
		rng.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
		return rows[:min(len(rows), limit)]
	}
	var labelled, all []int
	for i, y := range s.task.Source.Labels {
		if y != probe.Unlabelled {
			labelled = append(labelled, i)
		}
	}
	for i := range x.Rows {
		all = append(all, i)
	}
	labelled, all = some(labelled), some(all)
	weight := pickRows(s.clipWeights(), labelled)
	if average := mean(weight); average > 0 {
		for i := range weight {
			weight[i] /= average
		}
	}
	return alignment{
		head: h, source: s.task.Source.X.Take(labelled).Dense(), labels: pickRows(s.task.Source.Labels, labelled),
		weight: weight, target: x.Take(all).Dense(),
	}
}
