package fewshot

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"framepilot/probe"
)

// The kinds of classifiers of this package; the others of its methods are
// linear.
const (
	kindTip           = "tip"
	kindProKeR        = "proker"
	kindClipAdapter   = "clip-adapter"
	kindLinearAdapter = "linear-adapter"
	kindAttentive     = "attentive"
)

// Loaders are those of the classifiers of this package, by kind.
func Loaders() map[string]probe.Loader {
	return map[string]probe.Loader{
		kindTip: loadTip, kindProKeR: loadProKeR, kindClipAdapter: loadClipAdapter, kindLinearAdapter: loadLinearAdapter,
		kindAttentive: loadAttentive, kindMixture: loadMixture,
	}
}

// Parts implements probe.Stored.
func (t *Tip) Parts() probe.Parts {
	return probe.Parts{
		Kind:    kindTip,
		Numbers: map[string]float64{"scale": t.Scale, "alpha": t.Alpha, "beta": t.Beta, "sum": one(t.Sum)},
		Arrays:  map[string]probe.Array{"text": probe.ArrayOf(t.Text), "keys": probe.ArrayOf(t.Keys), "labels": probe.RowOf(t.Labels)},
	}
}

func loadTip(r *probe.PartsReader) probe.Classifier {
	return &Tip{
		Text: r.Matrix("text", r.Classes, r.Width), Scale: scaleOf(r),
		Keys: r.Matrix("keys", probe.AnyRows, r.Width), Labels: r.Whole("labels", r.Rows("keys"), 0, r.Classes-1),
		Alpha: r.Number("alpha", 0, math.MaxFloat32), Beta: r.Number("beta", 0, maxBeta), Sum: r.Number("sum", 0, 1) != 0,
	}
}

// maxBeta keeps exp(-β(1 - cos)) of clips that are not quite of unit length
// from growing without bound.
const maxBeta = 1e3

// Parts implements probe.Stored.
func (p *ProKeR) Parts() probe.Parts {
	return probe.Parts{
		Kind:    kindProKeR,
		Numbers: map[string]float64{"scale": p.Scale, "beta": p.Beta, "rho": p.Prior},
		Arrays: map[string]probe.Array{
			"text": probe.ArrayOf(p.Text), "keys": probe.ArrayOf(p.Keys), "weights": arrayOf(p.Weights), "counts": probe.RowOf(p.Counts),
		},
	}
}

func loadProKeR(r *probe.PartsReader) probe.Classifier {
	return &ProKeR{
		Text: r.Matrix("text", r.Classes, r.Width), Scale: scaleOf(r),
		Keys: r.Matrix("keys", probe.AnyRows, r.Width), Weights: denseOf(r.Array("weights", r.Rows("keys"), r.Classes)),
		Beta: r.Number("beta", 0, maxBeta), Prior: r.Number("rho", 0, math.MaxFloat32),
		Counts: r.Whole("counts", r.Classes, 0, math.MaxInt32),
	}
}

// Parts implements probe.Stored.
func (a *ClipAdapter) Parts() probe.Parts {
	return probe.Parts{
		Kind:    kindClipAdapter,
		Numbers: map[string]float64{"scale": a.Scale, "rho": a.Rho, "twice": one(a.Twice)},
		Arrays:  map[string]probe.Array{"text": probe.ArrayOf(a.Text), "w1": arrayOf(a.W1), "w2": arrayOf(a.W2)},
	}
}

func loadClipAdapter(r *probe.PartsReader) probe.Classifier {
	return &ClipAdapter{
		W1: denseOf(r.Array("w1", probe.AnyRows, r.Width)), W2: denseOf(r.Array("w2", r.Width, r.Rows("w1"))),
		Rho: r.Number("rho", 0, 1), Twice: r.Number("twice", 0, 1) != 0,
		Text: r.Matrix("text", r.Classes, r.Width), Scale: scaleOf(r),
	}
}

// Parts implements probe.Stored.
func (a *LinearAdapter) Parts() probe.Parts {
	return probe.Parts{
		Kind: kindLinearAdapter, Numbers: map[string]float64{"scale": a.Scale},
		Arrays: map[string]probe.Array{"text": probe.ArrayOf(a.Text), "u": arrayOf(a.U), "v": arrayOf(a.V)},
	}
}

func loadLinearAdapter(r *probe.PartsReader) probe.Classifier {
	rank := r.Cols("u")
	return &LinearAdapter{
		U: denseOf(r.Array("u", r.Width, rank)), V: denseOf(r.Array("v", r.Width, rank)),
		Text: r.Matrix("text", r.Classes, r.Width), Scale: scaleOf(r),
	}
}

// Parts implements probe.Stored.
func (a *Attentive) Parts() probe.Parts {
	return probe.Parts{
		Kind: kindAttentive, Numbers: map[string]float64{"scale": a.Scale, "frames": float64(a.frames())},
		Arrays: map[string]probe.Array{
			"text": probe.ArrayOf(a.Text), "down": arrayOf(a.Down), "shift": {Rows: 1, Cols: len(a.Shift), Data: a.Shift},
			"keys": arrayOf(a.Keys), "values": arrayOf(a.Values), "clip": arrayOf(a.Clip), "bias": {Rows: 1, Cols: len(a.Bias), Data: a.Bias},
		},
	}
}

func loadAttentive(r *probe.PartsReader) probe.Classifier {
	frames := int(r.Number("frames", 1, float64(r.Width-1)))
	d, rank := r.Width/(1+frames), r.Rows("down")
	r.Array("text", r.Classes, d*(1+frames)) // the width is that of a clip and its frames, nothing over
	keys := r.Array("keys", probe.AnyRows, rank+frames)
	return &Attentive{
		Text: r.Matrix("text", r.Classes, r.Width), Scale: scaleOf(r),
		Down: denseOf(r.Array("down", probe.AnyRows, d)), Shift: r.Array("shift", 1, rank).Data,
		Keys: denseOf(keys), Values: denseOf(r.Array("values", r.Classes, keys.Rows*rank)),
		Clip: denseOf(r.Array("clip", r.Classes, d)), Bias: r.Array("bias", 1, r.Classes).Data,
	}
}

func scaleOf(r *probe.PartsReader) float64 { return r.Number("scale", 0, math.MaxFloat32) }

// one is 1 where something holds and 0 where not.
func one(holds bool) float64 {
	if holds {
		return 1
	}
	return 0
}

func arrayOf(m *mat.Dense) probe.Array {
	rows, cols := m.Dims()
	out := probe.Array{Rows: rows, Cols: cols}
	for i := range rows {
		out.Data = append(out.Data, m.RawRowView(i)...)
	}
	return out
}

// denseOf is arrayOf's inverse; nil for what the reader has refused.
func denseOf(a probe.Array) *mat.Dense {
	if len(a.Data) == 0 {
		return nil
	}
	return mat.NewDense(a.Rows, a.Cols, a.Data)
}

var _ = []probe.Stored{(*Tip)(nil), (*ProKeR)(nil), (*ClipAdapter)(nil), (*LinearAdapter)(nil), (*Attentive)(nil), (*Mixture)(nil)}
