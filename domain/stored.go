package domain

import (
	"math"

	"framepilot/probe"
)

// The kinds of classifiers of this package.
const (
	kindMapped     = "mapped"
	kindReweighted = "reweighted"
	kindStatA      = "stata"
	kindMoving     = "moving"
	kindTDA        = "tda"
	kindGaussian   = "running-gaussian"
)

// Loaders are those of the classifiers of this package, by kind.
func Loaders() map[string]probe.Loader {
	return map[string]probe.Loader{
		kindMapped: loadMapped, kindReweighted: loadReweighted, kindStatA: loadStatA,
		kindMoving: loadMoving, kindTDA: loadTDA, kindGaussian: loadGaussian,
	}
}

// Parts implements probe.Stored.
func (c mapped) Parts() probe.Parts {
	m := c.through
	p := probe.Parts{
		Kind:    kindMapped,
		Numbers: map[string]float64{"strength": m.Strength, "keep_length": probe.Flag(m.keep)},
		Arrays:  map[string]probe.Array{"from": probe.RowOf(m.from), "to": probe.RowOf(m.to)},
		Inner:   []probe.Classifier{c.then},
	}
	if m.linear != nil {
		p.Arrays["linear"] = probe.DenseArray(m.linear)
	}
	return p
}

func loadMapped(r *probe.PartsReader) probe.Classifier {
	m := &Map{
		Strength: r.Number("strength", 0, 1), keep: r.Flag("keep_length"),
		from: r.Array("from", 1, r.Width).Data, to: r.Array("to", 1, r.Width).Data,
	}
	if r.Rows("linear") > 0 {
		m.linear = r.Dense("linear", r.Width, r.Width)
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

// Parts implements probe.Stored.
func (m moving) Parts() probe.Parts {
	return probe.Parts{Kind: kindMoving, Arrays: map[string]probe.Array{"u": probe.DenseArray(m.u), "v": probe.DenseArray(m.v)}, Inner: []probe.Classifier{m.then}}
}

func loadMoving(r *probe.PartsReader) probe.Classifier {
	rank := r.Cols("u")
	return moving{adapter{r.Dense("u", r.Width, rank), r.Dense("v", r.Width, rank)}, r.Inner()}
}

// Parts implements probe.Stored: the ends of all orders, one after the other.
func (r replayed) Parts() probe.Parts {
	p := probe.Parts{Numbers: map[string]float64{"orders": float64(len(r.ended))}, Arrays: map[string]probe.Array{}, Inner: []probe.Classifier{r.base}}
	for k, o := range r.ended {
		o.store(&p, k)
	}
	return p
}

// appendColumn adds a number to a stored row.
func appendColumn(p *probe.Parts, name string, v float64) {
	a := p.Arrays[name]
	p.Arrays[name] = probe.Array{Rows: 1, Cols: a.Cols + 1, Data: append(a.Data, v)}
}

// appendRows adds rows to a stored array.
func appendRows(p *probe.Parts, name string, rows ...[]float64) {
	a := p.Arrays[name]
	for _, row := range rows {
		a.Rows, a.Cols = a.Rows+1, len(row)
		a.Data = append(a.Data, row...)
	}
	p.Arrays[name] = a
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

var _ = []probe.Stored{mapped{}, reweighted{}, (*StatA)(nil), moving{}, replayed{}}
