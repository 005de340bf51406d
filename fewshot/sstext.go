package fewshot

import (
	"context"
	"math"
	"slices"
	"sync"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"framepilot/internal/cores"
	"framepilot/internal/words"
	"framepilot/probe"
)

// ssText is SS-Text (Silva-Rodríguez et al., MICCAI 2025), prototypes in
// closed form under a cosine head at scale s:
//
//	μ_c = s Σ_{i ∈ c} x_i / (N λ_c) + t_c,  λ_c = ω/N.
//
// SS-Text+ has λ_c = ω/n_c, and pushes prototypes apart: μ_c less the unit
// vector along 2μ_c - mean_k μ_k. The paper has ω = 1, beside which the text
// hardly counts, and which is worse than zero-shot on a clip a class; here ω is
// chosen, or gives the text and the clips of a class one weight.
type ssText struct {
	*support
	plus   bool
	clamp  bool        // keep λ at clampedLambda and above and leave texts as they are, as the published code does
	totals [][]float64 // C sums of clips
}

const clampedLambda = 1e-3

// prototypes writes unit rows (C, d) to out, for sums of clips and their
// counts. Rows of classes without clips stand where fillAbsent puts their
// logits.
func (m *ssText) prototypes(out *mat.Dense, sums [][]float64, counts []int, omega float64) {
	_, _, d := m.dims()
	var n, present float64
	for _, k := range counts {
		n += float64(k)
		present += float64(min(k, 1))
	}
	for c, k := range counts {
		floats.AddScaledTo(out.RawRowView(c), m.text.RawRowView(c), m.pull(n, k, omega), sums[c])
	}
	if m.plus {
		mean, apart := make([]float64, d), make([]float64, d)
		for c, k := range counts {
			if k > 0 {
				floats.AddScaled(mean, 1/present, out.RawRowView(c))
			}
		}
		for c, k := range counts {
			if row := out.RawRowView(c); k > 0 {
				floats.AddScaledTo(apart, mean, -2, row)
				unit(apart)
				floats.Add(row, apart)
			}
		}
	}
	for c, k := range counts {
		if k > 0 {
			unit(out.RawRowView(c))
		}
	}
	if m.clamp || int(present) == len(counts) {
		return
	}
	shift := make([]float64, d) // mean way from text to prototype
	for c, k := range counts {
		if k > 0 {
			floats.AddScaled(shift, 1/present, out.RawRowView(c))
			floats.AddScaled(shift, -1/present, m.text.RawRowView(c))
		}
	}
	for c, k := range counts {
		if k == 0 {
			floats.Add(out.RawRowView(c), shift)
		}
	}
}

// pull is the weight of the sum of k clips of a class, among n in all, beside
// its text.
func (m *ssText) pull(n float64, k int, omega float64) float64 {
	if k == 0 {
		return 0
	}
	lambda := omega / n
	if m.plus {
		lambda = omega / float64(k)
	}
	if m.clamp {
		lambda = max(lambda, clampedLambda)
	}
	return m.scale / (n * lambda)
}

// loo leaves out every group by taking its clips from the sums of their
// classes. What is left of a sum is scaled up to the clips the class has: else
// its text would weigh more than in the other classes, and that alone would
// give away the class of the clips left out.
func (m *ssText) loo(ctx context.Context, candidate []float64) (probe.Matrix, error) {
	n, classes, d := m.dims()
	out := probe.NewMatrix(n, classes)
	buffers := sync.Pool{New: func() any { return mat.NewDense(classes, d, nil) }}
	cores.Each(len(m.groups), func(g int) {
		rows := m.groups[g]
		sums := slices.Clone(m.totals)
		for k, i := range rows {
			c := m.y[i]
			if !slices.ContainsFunc(rows[:k], func(j int) bool { return m.y[j] == c }) {
				sums[c] = slices.Clone(sums[c])
			}
			floats.Sub(sums[c], m.x.RawRowView(i))
		}
		counts := slices.Clone(m.counts)
		for c, k := range m.without(rows) {
			if k == 0 {
				counts[c] = 0
			} else if k < counts[c] {
				floats.Scale(float64(counts[c])/float64(k), sums[c])
			}
		}
		prototypes := buffers.Get().(*mat.Dense)
		defer buffers.Put(prototypes)
		m.prototypes(prototypes, sums, counts, candidate[0])
		for _, i := range rows {
			for c := range classes {
				out.Row(i)[c] = float32(m.scale * floats.Dot(m.x.RawRowView(i), prototypes.RawRowView(c)))
			}
		}
	})
	return out, ctx.Err()
}

// unit scales x to unit length; zeros stay zeros.
func unit(x []float64) {
	if square := floats.Dot(x, x); square > 0 {
		floats.Scale(1/math.Sqrt(square), x)
	}
}

// rowsOf views the rows of m.
func rowsOf(m *mat.Dense) [][]float64 {
	rows, _ := m.Dims()
	out := make([][]float64, rows)
	for i := range out {
		out[i] = m.RawRowView(i)
	}
	return out
}

// ssTextGrid holds the weights of the text, as shares of that of the clips of
// a class.
var ssTextGrid = []float64{30, 10, 3, 1, 0.3, 0.1, 0.03}

func ssTextTuning(train probe.Features, plus, clamp bool) (probe.Tuning, error) {
	s, err := newSupport(train)
	if err != nil {
		return probe.Tuning{}, err
	}
	model := &ssText{s, plus, clamp, rowsOf(s.sums())}
	clips := s.scale * s.shots()
	if plus {
		clips /= float64(s.present())
	}
	fit := fitting(func(_ probe.Features, s *support) probe.Fitter {
		model := &ssText{s, plus, clamp, rowsOf(s.sums())}
		return func(_ context.Context, candidate []float64) (probe.Classifier, error) {
			var prototypes mat.Dense
			prototypes.CloneFrom(s.text)
			model.prototypes(&prototypes, model.totals, s.counts, candidate[0])
			return s.head(&prototypes), nil
		}
	})
	return probe.Tuning{
		Params: []string{"text"}, Source: words.Say("the text weighs as much as the clips of a class"),
		Grid:  candidates(ssTextGrid, func(share float64) float64 { return share * clips }),
		Scale: 1, Default: slices.Index(ssTextGrid, 1), LOO: model.loo, Fit: fit,
	}, nil
}

func ssTextMethod() probe.Method {
	return ssTextVariant("ss-text", "SS-Text: class means of clips, drawn to the class texts; one formula", probe.Page{
		Does:   "The prototype of a class is the sum of its clips plus its text at a weight; one formula, nothing to train. A class without clips keeps its text.",
		When:   "One to four clips a class. A clip or a class can be added without fitting again.",
		Cost:   "O(N d), leave-one-group-out O(N C d).",
		Source: "Silva-Rodríguez et al. 2025 (MICCAI). The published weight all but ignores the text; here it is chosen. compat = 1 keeps the published clamp of λ at 1e-3.",
	}, false)
}

func ssTextPlusMethod() probe.Method {
	return ssTextVariant("ss-text-plus", "SS-Text+: SS-Text, weighing classes by their clips and pushing their means apart", probe.Page{
		Does:   "SS-Text with classes weighed by the clips they have, and prototypes pushed away from the mean of all.",
		When:   "As ss-text, where classes have unequal numbers of clips.",
		Cost:   "As ss-text.",
		Source: "Silva-Rodríguez et al. 2025 (MICCAI), the plus form.",
	}, true)
}

func ssTextVariant(name, summary string, page probe.Page, plus bool) probe.Method {
	return probe.Method{
		Name: name, Summary: summary, Page: page, Anchored: true,
		Params: []probe.Param{
			{Name: "text", Doc: "weight ω of the text prototypes; 1 is published; 0: choose by leave-one-group-out on the training clips", Low: 1e-3, High: 1e6},
			scaleParam,
			{Name: "compat", Doc: "1: as the published code, which keeps ω/N at 1e-3 and above, and the texts of classes without clips as they are", High: 1, Whole: true},
		},
		Tune: func(_ context.Context, train probe.Features, settings probe.Settings) (probe.Tuning, error) {
			return ssTextTuning(train, plus, settings["compat"] == 1)
		},
	}
}
