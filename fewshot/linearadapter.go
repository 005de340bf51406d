package fewshot

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"framepilot/internal/autodiff"
	"framepilot/internal/words"
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
	f := x.Dense()
	down.Mul(f, a.V)
	moved.Mul(&down, a.U.T())
	moved.Add(&moved, f)
	return cosineLogits(&moved, a.Text, a.Scale)
}

// cosineLogits scores rows of any length.
func cosineLogits(x *mat.Dense, text probe.Matrix, scale float64) probe.Matrix {
	n, _ := x.Dims()
	for i := range n {
		unit(x.RawRowView(i))
	}
	return probe.ZeroShot(text, scale).Logits(probe.MatrixOf(x))
}

const (
	linearAdapterRank  = 16  // bounds what the map can learn, and what it costs
	linearAdapterBatch = 512 // clips a step sees at most: as good as all, while 256 were not
)

// lossOfLinearAdapter is the objective in terms of fU and fV, which takes
// O(Ndr) a step, and not through Af, which takes O(NdC):
//
//	Af·t = f·t + (fV)(tU)',  ‖Af‖² = ‖f‖² + (fV) · (2 fU + (fV) U'U),  ‖UV'‖² = Σ U'U ∘ V'V.
//
// U and V are the halves of one parameter (d, 2r), U small to start with and V
// zero.
func lossOfLinearAdapter(s *support, lambda float64, start uint64) (autodiff.Node, *autodiff.Param) {
	n, _, d := s.dims()
	rank := min(linearAdapterRank, d)
	rng := rand.New(rand.NewPCG(start, 0))
	small := mat.NewDense(d, 2*rank, nil)
	for j := range d {
		for k := range rank {
			small.Set(j, k, 0.02*rng.NormFloat64())
		}
	}
	squares := mat.NewDense(n, 1, nil)
	for i := range n {
		squares.Set(i, 0, floats.Dot(s.x.RawRowView(i), s.x.RawRowView(i)))
	}
	first, second, ones := mat.NewDense(2*rank, rank, nil), mat.NewDense(2*rank, rank, nil), mat.NewDense(rank, 1, nil)
	for k := range rank {
		first.Set(k, k, 1)
		second.Set(rank+k, k, 1)
		ones.Set(k, 0, 1)
	}
	classes := s.classes()
	g := autodiff.New()
	both, param := g.Param("UV", small)
	u, v := both.Times(g.Const(first)), both.Times(g.Const(second))
	batch := g.Batch(n, linearAdapterBatch)
	moves := batch.Rows(s.x).Times(both)
	fu, fv := moves.Times(g.Const(first)), moves.Times(g.Const(second))
	gram := u.TTimes(u)
	length := batch.Rows(squares).Plus(fv.Hadamard(fu.Scale(2).Plus(fv.Times(gram))).Times(g.Const(ones))).Sqrt()
	products := batch.Rows(columns(s.zero, classes)).Plus(fv.TimesT(g.Const(rowsAt(s.text, classes)).Times(u)).Scale(s.scale))
	return batch.CrossEntropy(products.OverRows(length), s.numbered(classes)).
		Plus(gram.Hadamard(v.TTimes(v)).Sum().Scale(lambda)), param
}

// halves are U and V.
func halves(both *mat.Dense) (u, v *mat.Dense) {
	d, width := both.Dims()
	return mat.DenseCopyOf(both.Slice(0, d, 0, width/2)), mat.DenseCopyOf(both.Slice(0, d, width/2, width))
}

// linearAdapterGrid holds the penalties tried, the strongest first, in units
// of the published one.
var linearAdapterGrid = []float64{100, 10, 1, 0.1}

func linearAdapterTuning(_ context.Context, train probe.Features, settings probe.Settings) (probe.Tuning, error) {
	s, err := newSupport(train)
	if err != nil {
		return probe.Tuning{}, err
	}
	fit := fitting(func(f probe.Features, s *support) probe.Fitter {
		return func(ctx context.Context, candidate []float64) (probe.Classifier, error) {
			loss, both := lossOfLinearAdapter(s, candidate[0], uint64(settings["seed"]))
			err := autodiff.Train(ctx, loss, autodiff.Schedule{Steps: int(settings["steps"]), Adam: autodiff.Adam{Rate: settings["rate"], Epsilon: 1e-4}, Seed: uint64(settings["seed"])})
			if err != nil {
				return nil, fmt.Errorf("linear-adapter: λ = %g: %w", candidate[0], err)
			}
			u, v := halves(both.Value)
			return &LinearAdapter{u, v, f.Text, s.scale}, nil
		}
	})
	return probe.Tuning{
		Params: []string{"lambda"}, Source: words.Say("λ = 1/K as published, for this logit scale"),
		Grid:  candidates(linearAdapterGrid, func(times float64) float64 { return times * published(1, s.scale) / s.shots() }),
		Scale: 1, Apart: true, Default: slices.Index(linearAdapterGrid, 1), Start: slices.Index(linearAdapterGrid, 10),
		Fit: fit,
	}, nil
}

func linearAdapterMethod() probe.Method {
	return probe.Method{
		Name:    "linear-adapter",
		Summary: "a low-rank linear map of the embeddings, trained from the identity and held to it",
		Page: probe.Page{
			Does:   "Trains a linear map of the embeddings, I + UV' of rank 16, that starts as the identity and is pulled back to it; the texts stay the classifier.",
			When:   "Few clips a class, texts that mean something, and classes of which some have no clips: what it learns of some classes carries over to the others.",
			Cost:   "O(d r + r C) for each of the 512 clips a step sees, a hundred steps, in every fold: some seconds at 101 classes of 16 clips, d = 512.",
			Source: "The regularised linear adapter of Fahes et al. 2025 (ProLIP), of low rank; λ = 1/K converted to this logit scale.",
		},
		Anchored: true,
		Params: append([]probe.Param{
			{Name: "lambda", Doc: "strength of the hold; 0: choose by folds of whole groups of the training clips", Low: 1e-8, High: 1e6},
			{Name: "steps", Doc: "of Adam, each on 512 clips at most", Default: 100, Low: 1, High: 1e5, Whole: true},
			{Name: "rate", Doc: "length of a step", Default: 0.01, Low: 1e-7, High: 1},
		}, foldParams...),
		Tune: linearAdapterTuning,
	}
}
