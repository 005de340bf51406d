package fewshot

import (
	"cmp"
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"framepilot/internal/cores"
	"framepilot/internal/gemm"
	"framepilot/internal/words"
	"framepilot/probe"
)

// ProKeR is proximal kernel ridge regression (Bendou et al., CVPR 2025): the
// zero-shot cosines, weighed by ρ, plus a kernel ridge regression of what they
// leave to explain,
//
//	s [ρ f·t_c + k(f, X) (K + λI)⁻¹ (Y - ρ XT')],  k(a, b) = exp(-β (1 - a·b)).
//
// The paper has ρ = 1. Classes without clips are no targets. Of many clips, some
// stand for all (nystrom.go).
type ProKeR struct {
	Text    probe.Matrix // (C, d)
	Scale   float64      // s
	Keys    probe.Matrix // (N, d) labelled clips, or the landmarks among them
	Beta    float64
	Prior   float64    // ρ
	Weights *mat.Dense // (N, C) the solution of the ridge regression
	Counts  []int      // C labelled clips
}

// Logits implements probe.Classifier.
func (p *ProKeR) Logits(x probe.Matrix) probe.Matrix {
	out := probe.ZeroShot(p.Text, p.Scale*p.Prior).Logits(x)
	inBlocks(x, func(first int, block probe.Matrix) {
		closeness := probe.Similarity(block, p.Keys)
		cores.Each(block.Rows, func(i int) {
			correction := make([]float64, len(p.Counts))
			for k, cos := range closeness.Row(i) {
				floats.AddScaled(correction, p.Scale*kernel(float64(cos), p.Beta), p.Weights.RawRowView(k))
			}
			fillAbsent(correction, p.Counts)
			for c, v := range correction {
				out.Row(first + i)[c] += float32(v)
			}
		})
	})
	return out
}

func kernel(cos, beta float64) float64 { return math.Exp(-beta * (1 - cos)) }

// kernelFit holds the solutions for one β and λ, from which that for any ρ
// follows: A = K + λI.
type kernelFit struct {
	blocks  []*mat.SymDense // of A⁻¹, of every group
	labels  *mat.Dense      // (N, C) A⁻¹Y
	cosines *mat.Dense      // (N, C) A⁻¹XT'
	low     *nystrom        // what K is, by its landmarks; nil: exact
}

// newKernelFit inverts for every λ anew: an eigendecomposition, which would
// serve them all, takes longer.
func newKernelFit(s *support, closeness *mat.Dense, beta, lambda float64) (*kernelFit, error) {
	n, classes, _ := s.dims()
	inverse := mat.NewDense(n, n, nil)
	cores.Each(n, func(i int) {
		row := inverse.RawRowView(i)
		for j, cos := range closeness.RawRowView(i) {
			row[j] = kernel(cos, beta)
		}
		row[i] += lambda
	})
	if !gemm.Invert(inverse.RawMatrix()) {
		return nil, fmt.Errorf("proker: β = %g, λ = %g: the kernel matrix is not positive definite", beta, lambda)
	}
	k := &kernelFit{blocks: blocksOf(s, inverse.At), labels: mat.NewDense(n, classes, nil), cosines: mat.NewDense(n, classes, nil)}
	gemm.Mul(blas.NoTrans, blas.NoTrans, 1, inverse.RawMatrix(), s.oneHot().RawMatrix(), 0, k.labels.RawMatrix())
	gemm.Mul(blas.NoTrans, blas.NoTrans, 1/s.scale, inverse.RawMatrix(), s.zero.RawMatrix(), 0, k.cosines.RawMatrix())
	return k, nil
}

// closeness are the cosines of all pairs of clips: (N, N).
func (s *support) closeness() *mat.Dense {
	n, _, _ := s.dims()
	out := mat.NewDense(n, n, nil)
	gemm.Mul(blas.NoTrans, blas.Trans, 1, s.x.RawMatrix(), s.x.RawMatrix(), 0, out.RawMatrix())
	return out
}

// blocksOf takes the blocks of the groups out of a symmetric matrix (N, N).
func blocksOf(s *support, at func(i, j int) float64) []*mat.SymDense {
	blocks := make([]*mat.SymDense, len(s.groups))
	cores.Each(len(blocks), func(g int) {
		rows := s.groups[g]
		blocks[g] = mat.NewSymDense(len(rows), nil)
		for a, i := range rows {
			for b, j := range rows[a:] {
				blocks[g].SetSym(a, a+b, at(i, j))
			}
		}
	})
	return blocks
}

func isCondition(err error) bool {
	_, ok := err.(mat.Condition)
	return ok
}

// weights is A⁻¹(Y - ρXT').
func (k *kernelFit) weights(rho float64) *mat.Dense {
	out := mat.DenseCopyOf(k.cosines)
	out.Scale(-rho, out)
	out.Add(out, k.labels)
	return out
}

// leaveOut is exact leave-one-group-out for kernel ridge regression: the
// residual of a group's clips by a fit without them is (A⁻¹_gg)⁻¹ (A⁻¹R)_g.
func (k *kernelFit) leaveOut(s *support, rho float64) (probe.Matrix, error) {
	n, classes, _ := s.dims()
	weights := k.weights(rho)
	out := probe.NewMatrix(n, classes)
	errs := make([]error, len(s.groups))
	cores.Each(len(s.groups), func(g int) {
		rows := s.groups[g]
		left := s.without(rows)
		missed := mat.NewDense(len(rows), classes, nil)
		for a, i := range rows {
			missed.SetRow(a, weights.RawRowView(i))
		}
		var factor mat.Cholesky
		var residual mat.Dense
		if !factor.Factorize(k.blocks[g]) {
			errs[g] = fmt.Errorf("proker: the inverse kernel of a group of %d clips is not positive definite", len(rows))
			return
		}
		if err := factor.SolveTo(&residual, missed); err != nil && !isCondition(err) {
			errs[g] = fmt.Errorf("proker: %w", err)
			return
		}
		for a, i := range rows {
			prior := s.zero.RawRowView(i) // s cosine
			correction := residual.RawRowView(a)
			for c := range correction { // target less residual
				correction[c] = -s.scale*correction[c] - rho*prior[c]
			}
			correction[s.y[i]] += s.scale
			fillAbsent(correction, left)
			for c, v := range correction {
				out.Row(i)[c] = float32(rho*prior[c] + v)
			}
		}
	})
	return out, cmp.Or(errs...)
}

// prokerGrid is tried in full, λ from strong to weak.
var prokerGrid = struct{ lambda, beta, rho []float64 }{
	lambda: []float64{10, 1, 0.1}, beta: []float64{1, 5}, rho: []float64{10, 3, 1},
}

func prokerTuning(_ context.Context, train probe.Features, settings probe.Settings) (probe.Tuning, error) {
	s, err := newSupport(train)
	if err != nil {
		return probe.Tuning{}, err
	}
	t := probe.Tuning{Params: []string{"lambda", "beta", "rho"}, Scale: 1, Source: words.Say("λ = 1, β = 1, ρ = 1: the zero-shot cosines and as much weight for the clips")}
	for _, lambda := range prokerGrid.lambda {
		for _, rho := range prokerGrid.rho {
			for _, beta := range prokerGrid.beta {
				if lambda == 1 && rho == 1 && beta == 1 {
					t.Default = len(t.Grid)
				}
				t.Grid = append(t.Grid, []float64{lambda, beta, rho})
			}
		}
	}
	landmarks := int(settings["landmarks"])
	at := kernelFits(s, landmarks)
	t.LOO = func(ctx context.Context, candidate []float64) (probe.Matrix, error) {
		if err := ctx.Err(); err != nil {
			return probe.Matrix{}, err
		}
		k, err := at(candidate)
		if err != nil {
			return probe.Matrix{}, err
		}
		return k.leaveOut(s, candidate[2])
	}
	t.Fit = func(f probe.Features) (probe.Fitter, error) {
		at, s := at, s
		if !f.Is(train) { // a part of them, or others
			var err error
			if s, err = newSupport(f); err != nil {
				return nil, err
			}
			at = kernelFits(s, landmarks)
		}
		return func(_ context.Context, candidate []float64) (probe.Classifier, error) {
			k, err := at(candidate)
			if err != nil {
				return nil, err
			}
			out := &ProKeR{f.Text, s.scale, f.X, candidate[1], candidate[2], k.weights(candidate[2]), s.counts}
			if k.low != nil {
				out.Keys, out.Weights = f.X.Take(k.low.landmarks), k.low.onLandmarks(out.Weights)
			}
			return out, nil
		}, nil
	}
	return t, nil
}

// kernelFits makes and keeps the fits for candidates (λ, β, ρ).
func kernelFits(s *support, landmarks int) func(candidate []float64) (*kernelFit, error) {
	if landmarks == 0 && len(s.y) > exactClips {
		landmarks = manyLandmarks
	}
	var chosen []int
	if landmarks > 0 && landmarks < len(s.y) {
		chosen = s.landmarks(landmarks)
	}
	fits := make(map[[2]float64]*kernelFit)
	low := make(map[float64]*nystrom)
	var closeness *mat.Dense
	return func(candidate []float64) (*kernelFit, error) {
		lambda, beta := candidate[0], candidate[1]
		key := [2]float64{lambda, beta}
		if fits[key] != nil {
			return fits[key], nil
		}
		var err error
		switch {
		case chosen == nil:
			if closeness == nil {
				closeness = s.closeness()
			}
			fits[key], err = newKernelFit(s, closeness, beta, lambda)
		default:
			if low[beta] == nil {
				if low[beta], err = newNystrom(s, chosen, beta); err != nil {
					return nil, err
				}
			}
			fits[key], err = low[beta].fit(s, lambda)
		}
		return fits[key], err
	}
}

func prokerMethod() probe.Method {
	return probe.Method{
		Name:    "proker",
		Summary: "ProKeR: kernel ridge regression on what the class texts get wrong; nothing is trained",
		Page: probe.Page{
			Does:   "Kernel ridge regression of what zero-shot gets wrong on the labelled clips, added to zero-shot.",
			When:   "The best of the methods without training on few clips in docs/methods-benchmark.md. Each answer reads all labelled clips, or the landmarks.",
			Cost:   "O(N³) for each of a few kernels and penalties, leave-one-group-out included; memory N². Of more than 2,000 clips, 1,000 landmarks, as many of every class, stand for all: O(N m²), memory N m.",
			Source: "Bendou et al. 2025 (CVPR). The weight of zero-shot is chosen too; 1 is published. Landmarks after Williams and Seeger 2001 (Nyström); with all clips as landmarks the two forms agree.",
		},
		Anchored: true,
		Params: []probe.Param{
			{Name: "lambda", Doc: "strength of the penalty; 0: choose by leave-one-group-out on the training clips", Low: 1e-6, High: 1e6},
			{Name: "beta", Doc: "how fast the kernel falls with distance; 0: choose likewise", Low: 1e-3, High: 1e3},
			{Name: "rho", Doc: "weight of the zero-shot cosines; 1 is published; 0: choose likewise", Low: 1e-3, High: 1e3},
			scaleParam,
			{Name: "landmarks", Doc: "clips that stand for all, those of all classes alike; 0: all of up to 2,000, 1,000 of more", Low: 1, High: 1e6, Whole: true},
		},
		Tune: prokerTuning,
	}
}
