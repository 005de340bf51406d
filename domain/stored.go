package domain

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"framepilot/probe"
)

// The kinds of classifiers of this package.
const (
	kindMapped     = "mapped"
	kindReweighted = "reweighted"
	kindStatA      = "stata"
)

// Loaders are those of the classifiers of this package, by kind.
func Loaders() map[string]probe.Loader {
	return map[string]probe.Loader{kindMapped: loadMapped, kindReweighted: loadReweighted, kindStatA: loadStatA}
}

// Parts implements probe.Stored.
func (c mapped) Parts() probe.Parts {
	m := c.through
	p := probe.Parts{
		Kind:    kindMapped,
		Numbers: map[string]float64{"strength": m.Strength, "keep_length": 0},
		Arrays:  map[string]probe.Array{"from": probe.RowOf(m.from), "to": probe.RowOf(m.to)},
		Inner:   []probe.Classifier{c.then},
	}
	if m.keep {
		p.Numbers["keep_length"] = 1
	}
	if m.linear != nil {
		rows, cols := m.linear.Dims()
		p.Arrays["linear"] = probe.Array{Rows: rows, Cols: cols, Data: mat.DenseCopyOf(m.linear).RawMatrix().Data}
	}
	return p
}

func loadMapped(r *probe.PartsReader) probe.Classifier {
	m := &Map{
		Strength: r.Number("strength", 0, 1), keep: r.Number("keep_length", 0, 1) != 0,
		from: r.Array("from", 1, r.Width).Data, to: r.Array("to", 1, r.Width).Data,
	}
	if r.Rows("linear") > 0 {
		if a := r.Array("linear", r.Width, r.Width); len(a.Data) > 0 {
			m.linear = mat.NewDense(a.Rows, a.Cols, a.Data)
		}
	}
	return mapped{m, r.Inner()}
}

// Parts implements probe.Stored.
func (r reweighted) Parts() probe.Parts {
	return probe.Parts{
		Kind: kindReweighted, Numbers: map[string]float64{"factor": r.factor},
		Arrays: map[string]probe.Array{"offset": probe.RowOf(r.offset)}, Inner: []probe.Classifier{r.Classifier},
	}
}

func loadReweighted(r *probe.PartsReader) probe.Classifier {
	return reweighted{r.Inner(), r.Number("factor", 0, math.MaxFloat32), r.Array("offset", 1, r.Classes).Data}
}

// Parts implements probe.Stored: what scales logits is one of probe's kinds.
func (c scaledClassifier) Parts() probe.Parts {
	return probe.Scaled{Classifier: c.Classifier, By: c.by}.Parts()
}

// Parts implements probe.Stored.
func (m *StatA) Parts() probe.Parts {
	return probe.Parts{
		Kind: kindStatA, Numbers: map[string]float64{"weight": m.weight},
		Arrays: map[string]probe.Array{
			"bank": probe.ArrayOf(m.bank), "posteriors": stacked(m.z), "means": stacked(m.mean), "variances": stacked(m.variance),
		},
		Inner: []probe.Classifier{m.base},
	}
}

func loadStatA(r *probe.PartsReader) probe.Classifier {
	return &StatA{
		base: r.Inner(), weight: r.Number("weight", 0, math.MaxFloat32), bank: r.Matrix("bank", probe.AnyRows, r.Width),
		z: split(r.Array("posteriors", r.Rows("bank"), r.Classes)), mean: split(r.Array("means", r.Classes, r.Width)),
		variance: split(r.Array("variances", r.Classes, r.Width)),
	}
}

func stacked(rows [][]float64) probe.Array {
	out := probe.Array{Rows: len(rows), Cols: len(rows[0])}
	for _, row := range rows {
		out.Data = append(out.Data, row...)
	}
	return out
}

func split(a probe.Array) [][]float64 {
	out := make([][]float64, a.Rows)
	for i := range out {
		out[i] = a.Data[i*a.Cols : (i+1)*a.Cols : (i+1)*a.Cols]
	}
	return out
}

var _ = []probe.Stored{mapped{}, reweighted{}, scaledClassifier{}, (*StatA)(nil)}
