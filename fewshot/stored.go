package fewshot

import (
	"math"

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
		Numbers: map[string]float64{"scale": t.Scale, "alpha": t.Alpha, "beta": t.Beta, "sum": probe.Flag(t.Sum)},
		Arrays:  map[string]probe.Array{"text": probe.ArrayOf(t.Text), "keys": probe.ArrayOf(t.Keys), "labels": probe.RowOf(t.Labels)},
	}
}

func loadTip(r *probe.PartsReader) probe.Classifier {
	return &Tip{
		Text: r.Matrix("text", r.Classes, r.Width), Scale: scaleOf(r),
		Keys: r.Matrix("keys", probe.AnyRows, r.Width), Labels: r.Whole("labels", r.Rows("keys"), 0, r.Classes-1),
		Alpha: r.Number("alpha", 0, math.MaxFloat32), Beta: r.Number("beta", 0, maxBeta), Sum: r.Flag("sum"),
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
			"text": probe.ArrayOf(p.Text), "keys": probe.ArrayOf(p.Keys), "weights": probe.DenseArray(p.Weights), "counts": probe.RowOf(p.Counts),
		},
	}
}

func loadProKeR(r *probe.PartsReader) probe.Classifier {
	return &ProKeR{
		Text: r.Matrix("text", r.Classes, r.Width), Scale: scaleOf(r),
		Keys: r.Matrix("keys", probe.AnyRows, r.Width), Weights: r.Dense("weights", r.Rows("keys"), r.Classes),
		Beta: r.Number("beta", 0, maxBeta), Prior: r.Number("rho", 0, math.MaxFloat32),
		Counts: r.Whole("counts", r.Classes, 0, math.MaxInt32),
	}
}

// Parts implements probe.Stored.
func (a *ClipAdapter) Parts() probe.Parts {
	return probe.Parts{
		Kind:    kindClipAdapter,
		Numbers: map[string]float64{"scale": a.Scale, "rho": a.Rho, "twice": probe.Flag(a.Twice)},
		Arrays:  map[string]probe.Array{"text": probe.ArrayOf(a.Text), "w1": probe.DenseArray(a.W1), "w2": probe.DenseArray(a.W2)},
	}
}

func loadClipAdapter(r *probe.PartsReader) probe.Classifier {
	return &ClipAdapter{
		W1: r.Dense("w1", probe.AnyRows, r.Width), W2: r.Dense("w2", r.Width, r.Rows("w1")),
		Rho: r.Number("rho", 0, 1), Twice: r.Flag("twice"),
		Text: r.Matrix("text", r.Classes, r.Width), Scale: scaleOf(r),
	}
}

// Parts implements probe.Stored.
func (a *LinearAdapter) Parts() probe.Parts {
	return probe.Parts{
		Kind: kindLinearAdapter, Numbers: map[string]float64{"scale": a.Scale},
		Arrays: map[string]probe.Array{"text": probe.ArrayOf(a.Text), "u": probe.DenseArray(a.U), "v": probe.DenseArray(a.V)},
	}
}

func loadLinearAdapter(r *probe.PartsReader) probe.Classifier {
	rank := r.Cols("u")
	return &LinearAdapter{
		U: r.Dense("u", r.Width, rank), V: r.Dense("v", r.Width, rank),
		Text: r.Matrix("text", r.Classes, r.Width), Scale: scaleOf(r),
	}
}

// Parts implements probe.Stored.
func (a *Attentive) Parts() probe.Parts {
	return probe.Parts{
		Kind: kindAttentive, Numbers: map[string]float64{"scale": a.Scale, "frames": float64(a.frames())},
		Arrays: map[string]probe.Array{
			"text": probe.ArrayOf(a.Text), "down": probe.DenseArray(a.Down), "shift": probe.RowOf(a.Shift),
			"keys": probe.DenseArray(a.Keys), "values": probe.DenseArray(a.Values), "clip": probe.DenseArray(a.Clip), "bias": probe.RowOf(a.Bias),
		},
	}
}

func loadAttentive(r *probe.PartsReader) probe.Classifier {
	frames := int(r.Number("frames", 1, float64(r.Width-1)))
	d, rank := r.Width/(1+frames), r.Rows("down")
	r.Array("text", r.Classes, d*(1+frames)) // the width is that of a clip and its frames, nothing over
	return &Attentive{
		Text: r.Matrix("text", r.Classes, r.Width), Scale: scaleOf(r),
		Down: r.Dense("down", probe.AnyRows, d), Shift: r.Array("shift", 1, rank).Data,
		Keys: r.Dense("keys", probe.AnyRows, rank+frames), Values: r.Dense("values", r.Classes, r.Rows("keys")*rank),
		Clip: r.Dense("clip", r.Classes, d), Bias: r.Array("bias", 1, r.Classes).Data,
	}
}

func scaleOf(r *probe.PartsReader) float64 { return r.Number("scale", 0, math.MaxFloat32) }

var _ = []probe.Stored{(*Tip)(nil), (*ProKeR)(nil), (*ClipAdapter)(nil), (*LinearAdapter)(nil), (*Attentive)(nil), (*Mixture)(nil)}
