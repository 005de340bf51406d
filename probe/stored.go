package probe

import "math"

// The kinds of this package.
const (
	kindLinear      = "linear"
	kindScaled      = "scaled"
	kindNearestMean = "nearest-mean"
	kindEach        = "each"
	kindTags        = "tags"
)

// Loaders are those of the classifiers of this package, by kind.
func Loaders() map[string]Loader {
	return map[string]Loader{kindLinear: loadLinear, kindScaled: loadScaled, kindNearestMean: loadNearestMean, kindEach: loadEach, kindTags: loadTags}
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
		out.Data[i] = Flag(on)
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

// Parts implements Stored: the classifiers of the classes that have one.
func (e each) Parts() Parts {
	p := Parts{Kind: kindEach}
	learned := make([]bool, len(e))
	for c, one := range e {
		if learned[c] = one != nil; learned[c] {
			p.Inner = append(p.Inner, one)
		}
	}
	p.Arrays = map[string]Array{"learned": marks(learned)}
	return p
}

func loadEach(r *PartsReader) Classifier {
	e, inner := make(each, r.Classes), r.Inners()
	for c, learned := range r.marks("learned") {
		if learned && r.check(len(inner) > 0, "asks fewer classifiers than it has classes to learn") {
			e[c], inner = inner[0], inner[1:]
		}
	}
	r.check(len(inner) == 0, "asks %d classifiers too many", len(inner))
	return e
}

// InnerClasses is how many classes the classifiers have that one of a kind,
// with so many classes, asks.
func InnerClasses(kind string, classes int) int {
	if kind == kindEach {
		return 2 // not of the class, and of it
	}
	return classes
}

// Parts implements Stored.
func (t *Tags) Parts() Parts {
	return Parts{
		Kind: kindTags, Inner: []Classifier{t.Classifier},
		Numbers: map[string]float64{"slope": t.Common.Slope, "offset": t.Common.Offset, "threshold": t.Common.Threshold},
		Arrays:  map[string]Array{"slope": RowOf(t.Slope), "offset": RowOf(t.Offset), "threshold": RowOf(t.Threshold)},
	}
}

func loadTags(r *PartsReader) Classifier {
	t := &Tags{
		Classifier: r.Inner(), Slope: r.Array("slope", 1, r.Classes).Data,
		Offset: r.Array("offset", 1, r.Classes).Data, Threshold: r.Array("threshold", 1, r.Classes).Data,
		Common: TagOdds{
			r.Number("slope", -math.MaxFloat64, math.MaxFloat64), r.Number("offset", -math.MaxFloat64, math.MaxFloat64),
			r.Number("threshold", -math.MaxFloat64, math.MaxFloat64),
		},
	}
	for _, slope := range append([]float64{t.Common.Slope}, t.Slope...) {
		r.check(slope > 0, "has a slope of %g, want more than 0", slope)
	}
	return t
}

// Multi tells whether a classifier says of every class by itself how likely it
// is: each logit is the log odds of its class.
func Multi(c Classifier) bool {
	switch c := c.(type) {
	case each, *Tags:
		return true
	case onPooled:
		return Multi(c.Classifier)
	}
	return false
}

var _ = []Stored{each{}, (*Tags)(nil), (*Linear)(nil), cosine{}, Scaled{}, (*NearestMean)(nil)}
