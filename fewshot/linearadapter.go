package fewshot

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"framepilot/internal/autodiff"
	"framepilot/internal/cores"
	"framepilot/probe"
)

// LinearAdapter is a linear map of the embeddings that starts as the identity
// and is held to it (the regularised linear adapter of ProLIP, Fahes et al.
// 2025), here of low rank:
//
//	s cos(Af, t_c), A = I + UV',  minimise (1/N) Σ_i CE + λ ‖A - I‖²,
//
// λ = 1/K published, K shots a class, beside logits of 100 · cosine. Only
// classes with clips compete in training.
type LinearAdapter struct {
	U, V  *mat.Dense   // (d, r)
	Text  probe.Matrix // (C, d)
	Scale float64      // s
}

// Logits implements probe.Classifier.
func (a *LinearAdapter) Logits(x probe.Matrix) probe.Matrix {
	var down, moved mat.Dense
	f := dense(x)
	down.Mul(f, a.V)
	moved.Mul(&down, a.U.T())
	moved.Add(&moved, f)
	return cosineLogits(&moved, a.Text, a.Scale)
}

// cosineLogits scores rows of any length.
func cosineLogits(x *mat.Dense, text probe.Matrix, scale float64) probe.Matrix {
	n, d := x.Dims()
	unitRows := probe.NewMatrix(n, d)
	for i := range n {
		row := x.RawRowView(i)
		unit(row)
		copy(unitRows.Row(i), narrow(row))
	}
	return probe.ZeroShot(text, scale).Logits(unitRows)
}

// linearAdapterRank bounds what the map can learn, and what it costs.
const linearAdapterRank = 16

// linearAdapterLoss is the objective with its derivatives written out, in terms
// of fU and fV, which takes O(Ndr), and not through Af, which takes O(NdC):
//
//	Af·t = f·t + (fV)(tU)',  ‖Af‖² = ‖f‖² + 2 (fU)·(fV) + (fV) U'U (fV)'.
//
// Only classes with clips count. U starts small, V at zero.
type linearAdapterLoss struct {
	u, v    *autodiff.Param // (d, r)
	x, text *mat.Dense      // (N, d), (C, d)
	along   *mat.Dense      // (d, N) x'
	zero    *mat.Dense      // (N, C) zero-shot logits
	squares []float64       // N: ‖f‖²
	y       []int
	scale   float64
	lambda  float64
}

func newLinearAdapterLoss(s *support, lambda float64, start int64) *linearAdapterLoss {
	n, _, d := s.dims()
	rank := min(linearAdapterRank, d)
	rng := rand.New(rand.NewPCG(uint64(start), 0))
	small := mat.NewDense(d, rank, nil)
	small.Apply(func(int, int, float64) float64 { return 0.02 * rng.NormFloat64() }, small)
	param := func(name string, value *mat.Dense) *autodiff.Param {
		return &autodiff.Param{Name: name, Value: value, Gradient: mat.NewDense(d, rank, nil)}
	}
	classes := s.classes()
	l := &linearAdapterLoss{
		u: param("U", small), v: param("V", mat.NewDense(d, rank, nil)), x: s.x, text: rowsAt(s.text, classes),
		along: mat.DenseCopyOf(s.x.T()), zero: columns(s.zero, classes), squares: make([]float64, n), y: s.numbered(classes), scale: s.scale, lambda: lambda,
	}
	for i := range n {
		l.squares[i] = floats.Dot(s.x.RawRowView(i), s.x.RawRowView(i))
	}
	return l
}

// evaluate returns the loss and leaves its gradients with u and v. Products
// with the clips are laid out along them: BLAS is slow on rows of rank length.
func (l *linearAdapterLoss) evaluate() (float64, error) {
	u, v, n := l.u.Value, l.v.Value, len(l.y)
	d, rank := u.Dims()
	var both, f mat.Dense
	both.Stack(u.T(), v.T()) // (2r, d)
	f.Mul(&both, l.along)    // (2r, N): fU and fV
	fu, fv := f.Slice(0, rank, 0, n).(*mat.Dense), f.Slice(rank, 2*rank, 0, n).(*mat.Dense)
	var tu, gram, gramV, fvGram, logits mat.Dense
	tu.Mul(l.text, u)
	gram.Mul(u.T(), u)
	gramV.Mul(v.T(), v)
	fvGram.Mul(&gram, fv)
	along := mat.DenseCopyOf(tu.T())
	logits.Mul(fv.T(), along)
	logits.Scale(l.scale, &logits)
	logits.Add(&logits, l.zero)

	square := slices.Clone(l.squares) // ‖Af‖²
	for j := range rank {
		a, b, c := fv.RawRowView(j), fu.RawRowView(j), fvGram.RawRowView(j)
		for i, x := range a {
			square[i] += x * (2*b[i] + c[i])
		}
	}
	loss := make([]float64, n)
	steep := make([]float64, n) // of the loss, in ‖Af‖²
	cores.Each(n, func(i int) {
		row, by := logits.RawRowView(i), 1/math.Sqrt(square[i])
		floats.Scale(by, row)
		norm := floats.LogSumExp(row)
		loss[i] = norm - row[l.y[i]]
		for c, z := range row { // row becomes the derivative in Af·t_c
			p := math.Exp(z - norm)
			if c == l.y[i] {
				p--
			}
			steep[i] -= p * z / (2 * square[i] * float64(n))
			row[c] = p * by * l.scale / float64(n)
		}
	})

	var down, dtu, dgram, weighed, part mat.Dense
	down.ReuseAs(2*rank, n) // derivatives in fU and fV
	dfu, dfv := down.Slice(0, rank, 0, n).(*mat.Dense), down.Slice(rank, 2*rank, 0, n).(*mat.Dense)
	dtu.Mul(logits.T(), fv.T())
	weighed.Mul(&logits, along.T())
	dfv.Copy(weighed.T())
	weighed.Reset()
	weighed.CloneFrom(fv)
	for j := range rank {
		w := weighed.RawRowView(j)
		floats.Mul(w, steep)
		floats.AddScaled(dfu.RawRowView(j), 2, w)
		to, a, b := dfv.RawRowView(j), fu.RawRowView(j), fvGram.RawRowView(j)
		for i, s := range steep {
			to[i] += 2 * s * (a[i] + b[i])
		}
	}
	dgram.Mul(fv, weighed.T())
	part.Mul(&down, l.x) // (2r, d)
	l.u.Gradient.Copy(part.Slice(0, rank, 0, d).T())
	l.v.Gradient.Copy(part.Slice(rank, 2*rank, 0, d).T())
	add := func(to *mat.Dense, by float64, a, b mat.Matrix) {
		var part mat.Dense
		part.Mul(a, b)
		part.Scale(by, &part)
		to.Add(to, &part)
	}
	add(l.u.Gradient, 1, l.text.T(), &dtu)
	add(l.u.Gradient, 2, u, &dgram)
	add(l.u.Gradient, 2*l.lambda, u, &gramV)
	add(l.v.Gradient, 2*l.lambda, v, &gram)
	gram.MulElem(&gram, &gramV)
	return floats.Sum(loss)/float64(n) + l.lambda*mat.Sum(&gram), nil // ‖UV'‖² = Σ U'U ∘ V'V
}

// linearAdapterGrid holds the penalties tried, the strongest first, in units
// of the published one.
var linearAdapterGrid = []float64{100, 10, 1, 0.1}

func linearAdapterTuning(clips probe.Features, settings probe.Settings) (probe.Tuning, error) {
	s, err := newSupport(clips)
	if err != nil {
		return probe.Tuning{}, err
	}
	t := probe.Tuning{
		Params: []string{"lambda"}, Source: "λ = 1/K as published, for this logit scale",
		Default: slices.Index(linearAdapterGrid, 1), Start: slices.Index(linearAdapterGrid, 10),
	}
	for _, times := range linearAdapterGrid {
		t.Grid = append(t.Grid, []float64{times * published(1, s.scale) / s.shots()})
	}
	t.Fit = func(f probe.Features) (probe.Fitter, error) {
		s, err := newSupport(f)
		if err != nil {
			return nil, err
		}
		return func(ctx context.Context, candidate []float64) (probe.Classifier, error) {
			l := newLinearAdapterLoss(s, candidate[0], int64(settings["seed"]))
			schedule := autodiff.Schedule{Steps: int(settings["steps"]), Adam: autodiff.Adam{Rate: settings["rate"], Epsilon: 1e-4}}
			err := schedule.Descend(ctx, []*autodiff.Param{l.u, l.v}, l.evaluate)
			if err != nil {
				return nil, fmt.Errorf("linear-adapter: λ = %g: %w", candidate[0], err)
			}
			return &LinearAdapter{l.u.Value, l.v.Value, f.Text, s.scale}, nil
		}, nil
	}
	return t, nil
}

func linearAdapterMethod() probe.Method {
	return probe.Method{
		Name:    "linear-adapter",
		Summary: "a low-rank linear map of the embeddings, trained from the identity and held to it",
		Page: probe.Page{
			Does:   "Trains a linear map of the embeddings, I + UV' of rank 16, that starts as the identity and is pulled back to it; the texts stay the classifier.",
			When:   "Few clips a class, texts that mean something, and classes of which some have no clips: what it learns of some classes carries over to the others.",
			Cost:   "O(N d r) a step, a hundred steps, in every fold: some 35 s of processor at 101 classes of 16 clips, d = 512; below a second at ten.",
			Source: "The regularised linear adapter of Fahes et al. 2025 (ProLIP), of low rank; λ = 1/K converted to this logit scale.",
		},
		Anchored: true,
		Params: append([]probe.Param{
			{Name: "lambda", Doc: "strength of the hold; 0: choose by folds of whole groups of the training clips", Low: 1e-8, High: 1e6},
			{Name: "steps", Doc: "of AdamW on all clips", Default: 100, Low: 1, High: 1e5, Whole: true},
			{Name: "rate", Doc: "length of a step", Default: 0.01, Low: 1e-7, High: 1},
		}, foldParams...),
		Tune: func(_ context.Context, train probe.Features, settings probe.Settings) (probe.Tuning, error) {
			t, err := linearAdapterTuning(train, settings)
			t.Scale = 1
			return t, err
		},
	}
}
