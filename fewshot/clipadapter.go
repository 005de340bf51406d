package fewshot

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/mat"

	"framepilot/internal/autodiff"
	"framepilot/internal/words"
	"framepilot/probe"
)

// ClipAdapter is CLIP-Adapter (Gao et al. 2021): a narrow network mixed into
// the embeddings,
//
//	s cos(f', t_c), f' = ρ W₂ relu(W₁ f) + (1-ρ) f,
//
// trained by cross-entropy on batches of clips. The paper has a second relu after W₂, which holds
// every embedding to the positive orthant, and ρ = 0.2. Only classes with clips
// compete in training.
type ClipAdapter struct {
	W1, W2 *mat.Dense // (h, d) and (d, h), h = d/4
	Rho    float64
	Twice  bool         // relu after W₂ too, as published
	Text   probe.Matrix // (C, d)
	Scale  float64      // s
}

// Logits implements probe.Classifier.
func (a *ClipAdapter) Logits(x probe.Matrix) probe.Matrix {
	relu := func(_, _ int, v float64) float64 { return max(v, 0) }
	f := x.Dense()
	var hidden, mapped mat.Dense
	hidden.Mul(f, a.W1.T())
	hidden.Apply(relu, &hidden)
	mapped.Mul(&hidden, a.W2.T())
	if a.Twice {
		mapped.Apply(relu, &mapped)
	}
	mapped.Scale(a.Rho, &mapped)
	f.Scale(1-a.Rho, f)
	mapped.Add(&mapped, f)
	return cosineLogits(&mapped, a.Text, a.Scale)
}

// batchSize is how many clips a step of training sees, as published for
// Tip-Adapter-F; below it a step sees all.
const batchSize = 256

// lossOfClipAdapter starts from small random weights (He et al. 2015).
func lossOfClipAdapter(s *support, rho float64, twice bool, start uint64) (loss autodiff.Node, w1, w2 *autodiff.Param) {
	_, _, d := s.dims()
	hidden := max(d/4, 1)
	rng := rand.New(rand.NewPCG(start, 0))
	random := func(rows, cols int) *mat.Dense {
		m := mat.NewDense(rows, cols, nil)
		m.Apply(func(int, int, float64) float64 { return rng.NormFloat64() * math.Sqrt(2/float64(cols)) }, m)
		return m
	}
	classes := s.classes()
	g := autodiff.New()
	first, w1 := g.Param("W1", random(hidden, d))
	second, w2 := g.Param("W2", random(d, hidden))
	batch := g.Batch(len(s.y), batchSize)
	f := batch.Rows(s.x)
	mapped := f.TimesT(first).ReLU().TimesT(second)
	if twice {
		mapped = mapped.ReLU()
	}
	mapped = mapped.Scale(rho).Plus(f.Scale(1 - rho))
	logits := mapped.TimesT(g.Const(rowsAt(s.text, classes))).OverRows(mapped.RowLengths()).Scale(s.scale)
	return batch.CrossEntropy(logits, s.numbered(classes)), w1, w2
}

// clipAdapterGrid holds the shares of the network that are tried.
var clipAdapterGrid = []float64{0.05, 0.1, 0.2, 0.4, 0.6}

func clipAdapterTuning(_ context.Context, train probe.Features, settings probe.Settings) (probe.Tuning, error) {
	if _, err := newSupport(train); err != nil {
		return probe.Tuning{}, err
	}
	twice := settings["compat"] == 1
	fit := fitting(func(f probe.Features, s *support) probe.Fitter {
		return func(ctx context.Context, candidate []float64) (probe.Classifier, error) {
			rho := candidate[0]
			loss, w1, w2 := lossOfClipAdapter(s, rho, twice, uint64(settings["seed"]))
			err := autodiff.Train(ctx, loss, autodiff.Schedule{Steps: int(settings["steps"]), Adam: autodiff.Adam{Rate: settings["rate"]}, Seed: uint64(settings["seed"])})
			if err != nil {
				return nil, fmt.Errorf("clip-adapter: ρ = %g: %w", rho, err)
			}
			return &ClipAdapter{w1.Value, w2.Value, rho, twice, f.Text, s.scale}, nil
		}
	})
	return probe.Tuning{
		Params: []string{"rho"}, Source: words.Say("ρ = 0.2 as published"),
		Grid: candidates(clipAdapterGrid, nil), Scale: 1, Apart: true,
		Default: slices.Index(clipAdapterGrid, 0.2), Start: slices.Index(clipAdapterGrid, 0.2),
		Fit: fit,
	}, nil
}

func clipAdapterMethod() probe.Method {
	return probe.Method{
		Name:    "clip-adapter",
		Summary: "CLIP-Adapter: a small network mixed into the embeddings",
		Page: probe.Page{
			Does:   "Trains a narrow two-layer network whose output is mixed into the embedding before it is compared with the texts.",
			When:   "To compare with published tables. linear-adapter does the same better with fewer weights.",
			Cost:   "O(d²) for each of the 256 clips a step sees, a hundred steps, in every fold.",
			Source: "Gao et al. 2021. Without the published relu after the second layer, which holds embeddings to the positive orthant; compat = 1 puts it back.",
		},
		Anchored: true,
		Params: append([]probe.Param{
			{Name: "rho", Doc: "share of the network; 0: choose by folds of whole groups of the training clips", Low: 1e-3, High: 1},
			{Name: "steps", Doc: "of Adam, each on 256 clips at most", Default: 100, Low: 1, High: 1e5, Whole: true},
			{Name: "rate", Doc: "length of a step", Default: 3e-3, Low: 1e-7, High: 1},
			{Name: "compat", Doc: "1: relu after both layers, as published", High: 1, Whole: true},
		}, foldParams...),
		Tune: clipAdapterTuning,
	}
}
