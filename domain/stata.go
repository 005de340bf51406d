package domain

import (
	"context"
	"math"
	"slices"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"

	"framepilot/internal/cores"
	"framepilot/probe"
)

// StatA is a transductive classifier (Zanella et al. 2025): every class is a
// Gaussian over the target's clips, held to a prototype known beforehand, and
// clips look at their nearest neighbours there. The posterior of a clip is
//
//	z ∝ y₀ · exp(s/100 · (log N(x; μ_c, Σ_c)/50 + 1/2k Σ_neighbours cos · z)),
//
// y₀ the inductive posterior, Σ_c diagonal. The constants were published for
// logits at scale 100, hence the factor for those at scale s. A class with n_c
// clips by its z leans on its prototype with weight 1/(1+n_c), so that classes
// that are not there do no harm.
//
// It answers for any clip by the Gaussians and neighbours of the target's
// clips it was fitted to. A clip is not its own neighbour.
type StatA struct {
	base   probe.Classifier
	weight float64 // s/100

	bank           probe.Matrix // (m, d) the target's clips
	z              [][]float64  // (m, C)
	mean, variance [][]float64  // (C, d)
}

const (
	statANeighbours = 3
	statAOuter      = 10
	statAInner      = 5
	statASoftness   = 50
)

// FitStatA fits to target rows (m, d) around prototypes (C, d), the mean of
// every class or its text, of the classifier base with logit scale s.
func FitStatA(base probe.Classifier, target, prototypes probe.Matrix, s float64) *StatA {
	classes, d := prototypes.Rows, prototypes.Cols
	m := &StatA{base: base, weight: s / 100, bank: target}
	y0 := Posteriors(base.Logits(target))
	m.z = y0

	anchor := make([][]float64, classes)
	for c := range anchor {
		anchor[c] = probe.Widen(prototypes.Row(c))
	}
	shared := make([]float64, d) // variance around the prototypes
	for i, p := range y0 {
		for c, v := range p {
			for j, x := range target.Row(i) {
				away := float64(x) - anchor[c][j]
				shared[j] += v * away * away / float64(len(y0))
			}
		}
	}
	raise(shared)
	m.mean = anchor
	m.variance = make([][]float64, classes)
	for c := range classes {
		m.variance[c] = slices.Clone(shared)
	}
	near := neighbours(target, target, statANeighbours)
	for range statAOuter {
		gaussian := m.logDensity(target)
		for range statAInner {
			m.z = m.posteriors(y0, gaussian, near)
		}
		m.update(anchor, shared)
	}
	return m
}

// update moves the Gaussians to the clips they hold.
func (m *StatA) update(anchor [][]float64, shared []float64) {
	d := len(shared)
	mean, variance := make([][]float64, len(anchor)), make([][]float64, len(anchor))
	cores.Each(len(anchor), func(c int) {
		var n float64
		mu, va := make([]float64, d), make([]float64, d)
		for i, z := range m.z {
			n += z[c]
			for j, x := range m.bank.Row(i) {
				mu[j] += z[c] * float64(x)
			}
		}
		trust := n / (1 + n)
		for j := range mu {
			mu[j] = trust*mu[j]/max(n, 1e-12) + (1-trust)*anchor[c][j]
		}
		for i, z := range m.z {
			for j, x := range m.bank.Row(i) {
				away := float64(x) - mu[j]
				va[j] += z[c] * away * away
			}
		}
		for j := range va {
			away := anchor[c][j] - mu[j]
			va[j] = trust*va[j]/max(n, 1e-12) + (1-trust)*(shared[j]+away*away)
		}
		raise(va)
		mean[c], variance[c] = mu, va
	})
	m.mean, m.variance = mean, variance
}

// raise lifts variances to a floor relative to their mean.
func raise(variance []float64) {
	least := max(floor*mean(variance), 1e-12)
	for j, v := range variance {
		variance[j] = max(v, least)
	}
}

// logDensity is log N(x; μ_c, Σ_c) for all rows and classes, less a constant.
func (m *StatA) logDensity(x probe.Matrix) [][]float64 {
	out := make([][]float64, x.Rows)
	offset := make([]float64, len(m.mean))
	for c, v := range m.variance {
		for _, w := range v {
			offset[c] -= math.Log(w) / 2
		}
	}
	cores.Each(x.Rows, func(i int) {
		out[i] = slices.Clone(offset)
		for c, mu := range m.mean {
			var sum float64
			for j, v := range x.Row(i) {
				away := float64(v) - mu[j]
				sum += away * away / m.variance[c][j]
			}
			out[i][c] -= sum / 2
		}
	})
	return out
}

// posteriors is one step of z, all rows from the z before.
func (m *StatA) posteriors(y0, density [][]float64, near [][]neighbour) [][]float64 {
	out := make([][]float64, len(y0))
	cores.Each(len(out), func(i int) {
		logits := make([]float64, len(y0[i]))
		for c, p := range y0[i] {
			logits[c] = math.Log(max(p, 1e-300)) + m.weight*density[i][c]/statASoftness
		}
		for _, n := range near[i] {
			for c, v := range m.z[n.row] {
				logits[c] += m.weight * n.cosine * v / (2 * statANeighbours)
			}
		}
		out[i] = probe.Softmax(logits)
	})
	return out
}

// Logits implements probe.Classifier: log posteriors.
func (m *StatA) Logits(x probe.Matrix) probe.Matrix {
	y0 := Posteriors(m.base.Logits(x))
	z := m.posteriors(y0, m.logDensity(x), neighbours(x, m.bank, statANeighbours))
	out := probe.NewMatrix(x.Rows, len(m.mean))
	for i, p := range z {
		for c, v := range p {
			out.Row(i)[c] = float32(math.Log(max(v, 1e-30)))
		}
	}
	return out
}

// neighbour is a row of the bank and its cosine, not below 0.
type neighbour struct {
	row    int
	cosine float64
}

// neighbours finds the k rows of bank nearest to each row of x, itself left
// out where it is in the bank.
func neighbours(x, bank probe.Matrix, k int) [][]neighbour {
	const block = 256
	out := make([][]neighbour, x.Rows)
	products := probe.NewMatrix(block, bank.Rows)
	for first := 0; first < x.Rows; first += block {
		rows := min(block, x.Rows-first)
		blas32.Gemm(blas.NoTrans, blas.Trans, 1,
			blas32.General{Rows: rows, Cols: x.Cols, Stride: x.Cols, Data: x.Data[first*x.Cols:]},
			blas32.General{Rows: bank.Rows, Cols: bank.Cols, Stride: bank.Cols, Data: bank.Data},
			0, blas32.General{Rows: rows, Cols: bank.Rows, Stride: bank.Rows, Data: products.Data})
		cores.Each(rows, func(i int) {
			out[first+i] = nearest(products.Row(i), x.Row(first+i), bank, k)
		})
	}
	return out
}

// nearest keeps the k largest cosines of a row, the first where some tie.
func nearest(cosines, self []float32, bank probe.Matrix, k int) []neighbour {
	var best []neighbour
	for j, v := range cosines {
		cosine := max(0, float64(v))
		if len(best) > k && cosine <= best[k].cosine {
			continue
		}
		at := len(best)
		for at > 0 && best[at-1].cosine < cosine {
			at--
		}
		best = slices.Insert(best, at, neighbour{j, cosine})
		best = best[:min(len(best), k+1)]
	}
	me := slices.IndexFunc(best, func(n neighbour) bool { return slices.Equal(bank.Row(n.row), self) })
	if me >= 0 {
		best = slices.Delete(best, me, me+1)
	}
	return best[:min(len(best), k)]
}

func stataMethod() Method {
	return Method{
		Name:    "stata",
		Summary: "classes as Gaussians over the new site's own clips, held to the old site's; only where that passes the safety gate",
		fit: func(_ context.Context, s state, _ probe.Settings) (Adapted, error) {
			prototypes, err := s.task.prototypes()
			if err != nil {
				return Adapted{}, err
			}
			base := s.base()
			return s.guarded(FitStatA(base, s.task.Target.X, prototypes, s.task.Source.LogitScale()))
		},
	}
}
