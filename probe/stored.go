package probe

import "math"

// The kinds of this package.
const (
	kindLinear      = "linear"
	kindScaled      = "scaled"
	kindNearestMean = "nearest-mean"
)

// Loaders are those of the classifiers of this package, by kind.
func Loaders() map[string]Loader {
	return map[string]Loader{kindLinear: loadLinear, kindScaled: loadScaled, kindNearestMean: loadNearestMean}
}

// Parts implements Stored.
func (l *Linear) Parts() Parts {
	return Parts{Kind: kindLinear, Arrays: map[string]Array{"weight": ArrayOf(l.W), "bias": RowOf(l.B)}}
}

func loadLinear(r *PartsReader) Classifier {
	return &Linear{W: r.Matrix("weight", r.Classes, r.Width), B: r.Matrix("bias", 1, r.Classes).Data}
}

// Parts implements Stored: a linear classifier, scaled.
func (c cosine) Parts() Parts {
	return Scaled{Classifier: &Linear{W: c.prototypes, B: make([]float32, c.prototypes.Rows)}, By: c.scale}.Parts()
}

// Parts implements Stored.
func (s Scaled) Parts() Parts {
	p := Parts{Kind: kindScaled, Numbers: map[string]float64{"by": s.By}, Inner: []Classifier{s.Classifier}}
	if s.absent != nil {
		p.Arrays = map[string]Array{"absent": marks(s.absent)}
	}
	return p
}

func loadScaled(r *PartsReader) Classifier {
	s := Scaled{Classifier: r.Inner(), By: r.Number("by", -math.MaxFloat64, math.MaxFloat64)}
	if r.Rows("absent") > 0 {
		s.absent = r.marks("absent")
	}
	return s
}

// Parts implements Stored.
func (m *NearestMean) Parts() Parts {
	return Parts{
		Kind: kindNearestMean, Numbers: map[string]float64{"scale": m.Scale},
		Arrays: map[string]Array{"centre": RowOf(m.Centre), "means": ArrayOf(m.Means), "absent": marks(m.absent)},
	}
}

func loadNearestMean(r *PartsReader) Classifier {
	return &NearestMean{
		Centre: r.Matrix("centre", 1, r.Width).Data, Means: r.Matrix("means", r.Classes, r.Width),
		Scale: r.Number("scale", 0, maxScale), absent: r.marks("absent"),
	}
}

// marks is a row of 1 where something holds and 0 where not.
func marks(x []bool) Array {
	out := Array{1, len(x), make([]float64, len(x))}
	for i, on := range x {
		if on {
			out.Data[i] = 1
		}
	}
	return out
}

// marks reads such a row, one mark a class.
func (r *PartsReader) marks(name string) []bool {
	out := make([]bool, r.Classes)
	for i, v := range r.Whole(name, r.Classes, 0, 1) {
		out[i] = v == 1
	}
	return out
}

var _ = []Stored{(*Linear)(nil), cosine{}, Scaled{}, (*NearestMean)(nil)}
