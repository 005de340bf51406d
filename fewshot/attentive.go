package fewshot

import (
	"context"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"framepilot/internal/autodiff"
	"framepilot/internal/words"
	"framepilot/probe"
)

// Attentive adds to the zero-shot logits of a clip x what a linear probe and
// its frames tell, these looked at by a few queries that weigh frames by what
// they show and when:
//
//	u_t = P f_t - m,  a_ht = softmax_t(q_h·u_t + b_ht),
//	logits = s x·t_c + V_c·x + Σ_h W_ch · Σ_t a_ht u_t + bias_c.
//
// With several queries W can weigh the end of a clip against its beginning,
// which no mean over frames tells apart from the clip played backwards. V and
// W start at zero, which is zero-shot.
type Attentive struct {
	Text   probe.Matrix // (C, (1+T) d), see probe.FramedText
	Scale  float64      // s
	Down   *mat.Dense   // P, (r, d)
	Shift  []float64    // m, r
	Keys   *mat.Dense   // (H, r+T): q and b
	Values *mat.Dense   // W, (C, H r)
	Clip   *mat.Dense   // V, (C, d)
	Bias   []float64    // C
}

// frames is T.
func (a *Attentive) frames() int {
	_, keys := a.Keys.Dims()
	return keys - len(a.Shift)
}

// Logits implements probe.Classifier.
func (a *Attentive) Logits(x probe.Matrix) probe.Matrix {
	out := probe.ZeroShot(a.Text, a.Scale).Logits(x)
	if x.Rows == 0 {
		return out
	}
	inBlocks(x, func(first int, x probe.Matrix) {
		var more, alone mat.Dense
		more.Mul(a.pool(a.look(x)), a.Values.T())
		clip := mat.NewDense(x.Rows, x.Cols/(1+a.frames()), nil)
		for i := range x.Rows {
			clipOf(x, i, clip.RawRowView(i))
		}
		alone.Mul(clip, a.Clip.T())
		more.Add(&more, &alone)
		for i := range x.Rows {
			for c, v := range a.Bias {
				out.Row(first + i)[c] += float32(more.At(i, c) + v)
			}
		}
	})
	return out
}

// look returns u_t of a block of clips x, frame after frame: (N, T r).
func (a *Attentive) look(x probe.Matrix) *mat.Dense {
	T, rank := a.frames(), len(a.Shift)
	out := mat.NewDense(x.Rows, T*rank, nil)
	for t := range T {
		var u mat.Dense
		u.Mul(frameOf(x, t, T), a.Down.T())
		for i := range x.Rows {
			floats.SubTo(out.RawRowView(i)[t*rank:(t+1)*rank], u.RawRowView(i), a.Shift)
		}
	}
	return out
}

// clipOf fills in the embedding of clip i itself, d values.
func clipOf(x probe.Matrix, i int, into []float64) {
	for j, v := range x.Head(i, len(into)) {
		into[j] = float64(v) * math.Sqrt2
	}
}

// frameOf returns frame t of T of each clip, (N, d) of unit length.
func frameOf(x probe.Matrix, t, frames int) *mat.Dense {
	d := x.Cols / (1 + frames)
	out := mat.NewDense(x.Rows, d, nil)
	for i := range x.Rows {
		for j, v := range x.Row(i)[(1+t)*d : (2+t)*d] {
			out.Set(i, j, float64(v)*math.Sqrt(2*float64(frames)))
		}
	}
	return out
}

// pool returns Σ_t a_ht u_t of clips, the queries side by side: (N, H r).
func (a *Attentive) pool(u *mat.Dense) *mat.Dense {
	n, _ := u.Dims()
	rank := len(a.Shift)
	queries, _ := a.Keys.Dims()
	out := mat.NewDense(n, queries*rank, nil)
	weights := make([]float64, a.frames())
	for i := range n {
		at := func(t int) []float64 { return u.RawRowView(i)[t*rank : (t+1)*rank] }
		for h := range queries {
			key := a.Keys.RawRowView(h)
			for t := range weights {
				weights[t] = floats.Dot(key[:rank], at(t)) + key[rank+t]
			}
			floats.AddConst(-floats.LogSumExp(weights), weights)
			for t, w := range weights {
				floats.AddScaled(out.RawRowView(i)[h*rank:(h+1)*rank], math.Exp(w), at(t))
			}
		}
	}
	return out
}

// attentiveGrid holds the penalties tried, the strongest first.
var attentiveGrid = []float64{0.1, 0.03, 0.01, 3e-3, 1e-3}

func attentiveTuning(_ context.Context, train probe.Features, settings probe.Settings) (probe.Tuning, error) {
	if err := checkSupport(train); err != nil {
		return probe.Tuning{}, err
	}
	t := probe.Tuning{
		Params: []string{"lambda"}, Source: words.Say("a strong hold to zero-shot for so few clips"),
		Grid: candidates(attentiveGrid, nil), Scale: 1, Apart: true, Start: slices.Index(attentiveGrid, 0.01),
	}
	t.Fit = func(f probe.Features) (probe.Fitter, error) {
		v, err := newViews(f)
		if err != nil {
			return nil, err
		}
		return func(ctx context.Context, candidate []float64) (probe.Classifier, error) {
			loss, p := lossOfAttentive(v, candidate[0])
			err := autodiff.Train(ctx, loss, autodiff.Schedule{Steps: int(settings["steps"]), Adam: autodiff.Adam{Rate: settings["rate"]}, Seed: uint64(settings["seed"])})
			if err != nil {
				return nil, fmt.Errorf("attentive: λ = %g: %w", candidate[0], err)
			}
			return v.trained(p), nil
		}, nil
	}
	return t, nil
}

func attentiveMethod() probe.Method {
	return probe.Method{
		Name:    "attentive",
		Summary: "an attentive probe over the embeddings of frames, for what only their order tells",
		Page: probe.Page{
			Does:   "Looks at the embedding of every frame with three queries, which weigh frames by what they show and by their place in the clip, and adds what they find to the zero-shot logits. It starts as zero-shot.",
			When:   "Classes that differ in the order of things, where methods on the embedding of the whole clip fail. Features must hold the frames: `framepilot embed --tokens`; a run sees to that itself.",
			Cost:   "O(T r H + d C) for each of the 512 clips a step sees, and its steps in every fold: some seconds at twenty classes of 16 clips of twelve frames. Frames stay on the disk, (1 + T) d values a clip; T r and d of them are held.",
			Source: "Single-query attentive probing as in V-JEPA 2 (Assran et al. 2025), of low rank, without their network in front, gated by zero; frames are means of patch tokens.",
		},
		Anchored: true,
		Frames:   true,
		Params: append([]probe.Param{
			{Name: "lambda", Doc: "strength of the hold to zero-shot; 0: choose by folds of whole groups of the training clips", Low: 1e-8, High: 1e6},
			{Name: "steps", Doc: "of Adam, each on 512 clips at most", Default: 60, Low: 1, High: 1e5, Whole: true},
			{Name: "rate", Doc: "length of a step", Default: 0.05, Low: 1e-7, High: 1},
		}, foldParams...),
		Tune: attentiveTuning,
	}
}
