package fewshot

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"sync"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"framepilot/internal/cores"
	"framepilot/internal/words"
	"framepilot/probe"
)

// gda is Gaussian discriminant analysis beside the zero-shot classifier (Wang
// et al., ICLR 2024): classes share one covariance and are equally likely,
//
//	s f·t_c + α (f·Pμ_c - μ_c·Pμ_c/2 - log C),  P = d (M + tr(M)/(N-1) I)⁻¹,
//
// with M the scatter of clips around the mean of their class. Where no class
// has two different clips, M is their scatter around the mean of all: wider,
// so the correction is a cautious one.
type gda struct {
	*support
	means   *mat.Dense // (C, d); zero for classes without clips
	spread  *mat.Dense // (N, d) clips less their centre
	scatter *mat.SymDense
	clips   int  // that the scatter is of
	compat  bool // M is always around class means, as in the published code
	pooled  bool // M is around the mean of all
}

func newGDA(s *support, compat bool) *gda {
	n, _, d := s.dims()
	m := &gda{support: s, compat: compat, means: s.sums(), spread: mat.DenseCopyOf(s.x), scatter: new(mat.SymDense), clips: n}
	for c, k := range s.counts {
		floats.Scale(1/float64(max(k, 1)), m.means.RawRowView(c))
	}
	m.pooled = !compat && isolated(s.counts)
	centre := make([]float64, d)
	if m.pooled {
		for i := range n {
			floats.AddScaled(centre, 1/float64(n), s.x.RawRowView(i))
		}
	}
	for i, c := range s.y {
		if !m.pooled {
			centre = m.means.RawRowView(c)
		}
		floats.Sub(m.spread.RawRowView(i), centre)
	}
	m.scatter.SymOuterK(1, m.spread.T())
	return m
}

// sampleOf takes the clips for a sample of so many, whose scatter was as many
// times larger.
func (m *gda) sampleOf(clips int) *gda {
	m.scatter.ScaleSym(float64(clips)/float64(m.clips), m.scatter)
	m.clips = clips
	return m
}

// isolated tells whether no class has two clips.
func isolated(counts []int) bool { return slices.Max(counts) < 2 }

// head returns the classifier for a weight α.
func (m *gda) head(alpha float64) (*probe.Linear, error) {
	_, classes, _ := m.dims()
	w := mat.DenseCopyOf(m.text)
	w.Scale(m.scale, w)
	b := make([]float64, classes)
	add, bias, err := m.discriminants(m.means, alpha)
	if err != nil {
		return nil, err
	}
	w.Add(w, add)
	copy(b, bias)
	return m.linear(w, b), nil
}

// discriminants returns what classes with the given means (M, d) add to
// zero-shot at a weight α: weights (M, d) and biases.
func (m *gda) discriminants(means *mat.Dense, alpha float64) (*mat.Dense, []float64, error) {
	_, classes, d := m.dims()
	rows, _ := means.Dims()
	w, b := mat.NewDense(rows, d, nil), make([]float64, rows)
	ridge := mat.Trace(m.scatter) / float64(max(m.clips-1, 1))
	if ridge < tiny { // one clip, or copies of it: nothing to tell apart by
		return w, b, nil
	}
	precision := mat.NewSymDense(d, nil)
	precision.CopySym(m.scatter)
	for j := range d {
		precision.SetSym(j, j, precision.At(j, j)+ridge)
	}
	var factor mat.Cholesky
	if !factor.Factorize(precision) {
		return nil, nil, fmt.Errorf("gda: covariance with ridge %g is not positive definite", ridge)
	}
	var solved mat.Dense // (d, M): Pμ/d
	if err := factor.SolveTo(&solved, means.T()); err != nil {
		return nil, nil, fmt.Errorf("gda: %w", err)
	}
	for c := range rows {
		direction := mat.Col(nil, c, &solved)
		floats.Scale(float64(d), direction)
		floats.AddScaled(w.RawRowView(c), alpha, direction)
		b[c] = alpha * (-floats.Dot(means.RawRowView(c), direction)/2 - math.Log(float64(classes)))
	}
	return w, b, nil
}

// tiny is the scatter below which clips are copies of each other.
const tiny = 1e-12

// leaveOneGroupOut returns the discriminants (N, C), without α, of every clip
// by the clips of other groups: exact, in the time of one fit. Taking rows D
// away from a class of k clips takes D'(I + 11'/(k-r))D away from M, D being
// the r rows less the class mean, so in the basis of M's eigenvectors, where
// the ridge may change freely, Woodbury's identity does the rest.
func (m *gda) leaveOneGroupOut() ([][]float64, error) {
	var eigen mat.EigenSym
	if !eigen.Factorize(m.scatter, true) {
		return nil, fmt.Errorf("gda: no eigenvalues of the covariance")
	}
	var basis, x, means, spread mat.Dense
	eigen.VectorsTo(&basis)
	x.Mul(m.x, &basis)
	means.Mul(m.means, &basis)
	spread.Mul(m.spread, &basis)
	r := rotated{m, eigen.Values(nil), &x, &means, &spread}
	out := make([][]float64, len(m.y))
	errs := make([]error, len(m.groups))
	cores.Each(len(m.groups), func(g int) { errs[g] = r.leaveOut(m.groups[g], out) })
	return out, cmp.Or(errs...)
}

// rotated is a gda in the basis of its scatter's eigenvectors.
type rotated struct {
	*gda
	values           []float64 // d eigenvalues
	x, means, spread *mat.Dense
}

// leaveOut writes the discriminants of the clips of one group.
func (m rotated) leaveOut(rows []int, out [][]float64) error {
	n, classes, d := m.dims()
	left := m.without(rows)
	if m.pooled || isolated(left) {
		return m.refit(rows, left, out)
	}
	moved := make(map[int][]float64) // class → sum of its rows that go, less its mean
	for _, i := range rows {
		c := m.y[i]
		if moved[c] == nil {
			moved[c] = make([]float64, d)
		}
		floats.Add(moved[c], m.spread.RawRowView(i))
	}
	taken := make([][]float64, 0, len(rows)+len(moved)) // M - Σ taken taken'
	for _, i := range rows {
		taken = append(taken, m.spread.RawRowView(i))
	}
	means := make(map[int][]float64)
	for _, i := range rows {
		c := m.y[i]
		if means[c] != nil || left[c] == 0 {
			continue
		}
		means[c] = slices.Clone(m.means.RawRowView(c))
		floats.AddScaled(means[c], -1/float64(left[c]), moved[c])
		correction := slices.Clone(moved[c])
		floats.Scale(1/math.Sqrt(float64(left[c])), correction)
		taken = append(taken, correction)
	}

	trace := floats.Sum(m.values)
	for _, v := range taken {
		trace -= floats.Dot(v, v)
	}
	ridge := trace / float64(max(n-len(rows)-1, 1))
	if ridge < tiny {
		return m.refit(rows, left, out)
	}
	inverse := make([]float64, d)
	for j, v := range m.values {
		inverse[j] = 1 / (max(v, 0) + ridge)
	}
	p := newDowndated(inverse, taken)
	if p == nil {
		return fmt.Errorf("gda: leaving out a group of %d clips leaves a covariance that is not positive definite", len(rows))
	}
	solved := make([][]float64, len(rows)) // P x / d
	for k, i := range rows {
		solved[k] = p.solve(m.x.RawRowView(i))
		out[i] = make([]float64, classes)
	}
	for c := range classes {
		if left[c] == 0 {
			continue
		}
		mean := m.means.RawRowView(c)
		if means[c] != nil {
			mean = means[c]
		}
		half := p.form(mean)/2*float64(d) + math.Log(float64(classes))
		for k, i := range rows {
			out[i][c] = float64(d)*floats.Dot(solved[k], mean) - half
		}
	}
	for _, i := range rows {
		fillAbsent(out[i], left)
	}
	return nil
}

// refit is leaveOut by fitting again, for what has no down-date: scatter that
// is, or becomes, one around the mean of all clips.
func (m rotated) refit(rows, left []int, out [][]float64) error {
	rest := m.support.drop(rows)
	head, err := newGDA(rest, m.compat).head(1)
	if err != nil {
		return err
	}
	for _, i := range rows {
		logits := head.Logits(probe.Matrix{Rows: 1, Cols: len(m.values), Data: probe.Narrow(m.support.x.RawRowView(i))})
		out[i] = make([]float64, len(left))
		for c, z := range m.zero.RawRowView(i) {
			out[i][c] = float64(logits.Data[c]) - z
		}
	}
	return nil
}

// gdaGrid holds the weights the paper searches, 1e-4 … 1e2 beside logits of
// 100 · cosine.
var gdaGrid = []float64{1e-4, 1e-3, 1e-2, 1e-1, 1, 10, 100}

func gdaTuning(_ context.Context, train probe.Features, settings probe.Settings) (probe.Tuning, error) {
	s, err := newSupport(train)
	if err != nil {
		return probe.Tuning{}, err
	}
	compat := settings["compat"] == 1
	model := newGDA(s, compat)
	t := probe.Tuning{
		Params: []string{"alpha"}, Scale: 1,
		Grid: candidates(gdaGrid, func(a float64) float64 { return published(a, s.scale) }), Default: slices.Index(gdaGrid, 1),
		Source: words.Say("α = 1, the middle of the published range, for this logit scale"),
	}
	if model.pooled {
		t.Source = words.Say("%s; no class has two clips, so the covariance is that of all clips", t.Source)
	}
	t.Fit = func(f probe.Features) (probe.Fitter, error) {
		model, err := model, error(nil)
		if !f.Is(train) { // a part of them, or others
			var s *support
			if s, err = newSupport(f); err != nil {
				return nil, err
			}
			model = newGDA(s, compat)
		}
		return func(_ context.Context, candidate []float64) (probe.Classifier, error) {
			return model.head(candidate[0])
		}, nil
	}
	discriminants := sync.OnceValues(model.leaveOneGroupOut)
	t.LOO = func(ctx context.Context, candidate []float64) (probe.Matrix, error) {
		terms, err := discriminants()
		if err != nil {
			return probe.Matrix{}, err
		}
		out := probe.NewMatrix(s.zero.Dims())
		for i, term := range terms {
			for c, z := range s.zero.RawRowView(i) {
				out.Row(i)[c] = float32(z + candidate[0]*term[c])
			}
		}
		return out, ctx.Err()
	}
	return t, nil
}

func gdaMethod() probe.Method {
	return probe.Method{
		Name:    "gda",
		Summary: "Gaussian discriminant analysis beside the class texts; nothing is trained",
		Page: probe.Page{
			Does:   "Models the clips of a class as a Gaussian, all with one covariance, and adds its discriminant to zero-shot. What recordings share within classes counts less.",
			When:   "Four clips a class and more. With clips in only some classes it favours those: use lp++ or linear-adapter then.",
			Cost:   "O(N d² + d³) once, leave-one-group-out by down-dates included: tenths of a second.",
			Source: "Wang et al. 2024 (ICLR). With one clip a class the covariance is that of all clips, where the published code falls back to zero-shot without a word; compat = 1 does, too.",
		},
		Anchored: true,
		Params: []probe.Param{
			{Name: "alpha", Doc: "weight of the discriminant; 0: choose by leave-one-group-out on the training clips", Low: 1e-8, High: 1e6},
			scaleParam,
			{Name: "compat", Doc: "1: zero-shot where no class has two clips, as the published code", High: 1, Whole: true},
		},
		Tune: gdaTuning,
	}
}
