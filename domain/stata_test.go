package domain

import (
	"math"
	"slices"
	"testing"

	"framepilot/probe"
)

// The fitted answer, computed anew with plain loops from the same Gaussians.
func TestStatAFormula(t *testing.T) {
	target, base, prototypes := statACase()
	m := FitStatA(base, target, prototypes, 20)
	got := m.Logits(target)
	y0 := Posteriors(base.Logits(target))
	for i := range target.Rows {
		logits := make([]float64, 3)
		for c := range logits {
			var density float64
			for j, v := range target.Row(i) {
				away := float64(v) - m.mean[c][j]
				density -= away*away/(2*m.variance[c][j]) + math.Log(m.variance[c][j])/2
			}
			logits[c] = math.Log(y0[i][c]) + 0.2*density/50
		}
		type pair struct {
			cosine float64
			row    int
		}
		var near []pair
		for j := range target.Rows {
			if j == i {
				continue
			}
			var dot float64
			for k, v := range target.Row(i) {
				dot += float64(v) * float64(target.Row(j)[k])
			}
			near = append(near, pair{max(0, dot), j})
		}
		slices.SortFunc(near, func(a, b pair) int {
			if a.cosine > b.cosine {
				return -1
			}
			return 1
		})
		for _, n := range near[:3] {
			for c := range logits {
				logits[c] += 0.2 * n.cosine * m.z[n.row][c] / 6
			}
		}
		var mass float64
		for _, l := range logits {
			mass += math.Exp(l)
		}
		for c, l := range logits {
			wantClose(t, "log posterior", float64(got.Row(i)[c]), l-math.Log(mass), 1e-4)
		}
	}
}

// A clip gets the same answer alone, and its own row in the bank is no
// neighbour of it.
func TestStatAAlone(t *testing.T) {
	target, base, prototypes := statACase()
	m := FitStatA(base, target, prototypes, 20)
	all := m.Logits(target)
	for i := range 5 {
		wantRows(t, m.Logits(target.Take([]int{i})), all.Take([]int{i}), 1e-6)
	}
	for i, near := range neighbours(target, target, 3) {
		if len(near) != 3 {
			t.Fatalf("clip %d has %d neighbours", i, len(near))
		}
		for _, n := range near {
			if n.row == i {
				t.Errorf("clip %d is its own neighbour", i)
			}
		}
	}
}

// The initial covariance divides by the number of clips once, however many
// there are: more than 2,500 clips, each twice, are as the clips once.
func TestLeakStatADividesInEveryChunk(t *testing.T) {
	target, base, prototypes := statACase()
	var rows []int
	for i := range 3000 {
		rows = append(rows, i%target.Rows)
	}
	few, many := FitStatA(base, target, prototypes, 20), FitStatA(base, target.Take(rows), prototypes, 20)
	for c := range few.variance {
		for j, v := range few.variance[c] {
			if many.variance[c][j] > 2*v || many.variance[c][j] < v/2 {
				t.Fatalf("variance %g of many clips, %g of few", many.variance[c][j], v)
			}
		}
	}
}

func TestStatAPermutation(t *testing.T) {
	target, base, prototypes := statACase()
	order := seeded(3).Perm(target.Rows)
	plain := FitStatA(base, target, prototypes, 20).Logits(target)
	shuffled := FitStatA(base, target.Take(order), prototypes, 20).Logits(target)
	wantRows(t, shuffled, plain, 1e-4)
}

// statACase is three classes of clips around their prototypes.
func statACase() (probe.Matrix, probe.Classifier, probe.Matrix) {
	prototypes, target := gaussian(3, 16, 1), gaussian(60, 16, 2)
	for i := range target.Rows {
		for j, v := range prototypes.Row(i % 3) {
			target.Row(i)[j] = 0.8*target.Row(i)[j] + v
		}
	}
	prototypes.Normalize()
	target.Normalize()
	return target, probe.ZeroShot(prototypes, 20), prototypes
}

func BenchmarkStatA(b *testing.B) {
	target, prototypes := gaussian(5000, 512, 1), gaussian(20, 512, 2)
	target.Normalize()
	prototypes.Normalize()
	base := probe.ZeroShot(prototypes, 20)
	b.ReportAllocs()
	for b.Loop() {
		FitStatA(base, target, prototypes, 20)
	}
}
