package domain

import (
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/mat"

	"framepilot/internal/fault"
	"framepilot/probe"
)

// TwoSample is the outcome of a classifier two-sample test.
type TwoSample struct {
	Error     float64 // balanced error of telling the sites apart on held-out groups, 0 to 1; 0.5 is chance
	ADistance float64 // 2 (1 - 2 Error), not below 0; 2: told apart without fail
	P         float64 // by permutation of groups
	Folds     int
}

const (
	twoSampleFolds = 5
	twoSampleLimit = 750 // clips of a site, as mmdLimit
)

// ClassifierTest trains a ridge classifier to tell the sites apart and tests
// whether it can, on groups it has not seen (Lopez-Paz and Oquab 2017). The
// ridge is the mean eigenvalue of the clips' scatter.
//
// Folds, ridge and centring do not depend on which clip is from where, so
// the held-out outputs are one fixed linear function of the sites' indicator:
// permutations cost a matrix product instead of a fit each.
func ClassifierTest(source, target Clips, o TestOptions) (TwoSample, error) {
	if err := checkBoth("two-sample test", source, target, 2); err != nil {
		return TwoSample{}, err
	}
	source, target = thin(source, twoSampleLimit, o.Seed), thin(target, twoSampleLimit, o.Seed)
	x := probe.Matrix{
		Rows: source.Len() + target.Len(), Cols: source.X.Cols,
		Data: slices.Concat(source.X.Data, target.X.Data),
	}
	s := newSides(source, target)
	fold, folds := dealFolds(s, o.Seed)
	if folds < 2 {
		return TwoSample{}, fault.New(fault.Input, "add clips of other recordings", "two-sample test: one recording in all")
	}
	smoother, err := heldOutSmoother(x, fold, folds)
	if err != nil {
		return TwoSample{}, err
	}
	result := TwoSample{Folds: folds}
	all := make([]int, len(s.size))
	for g := range all {
		all[g] = g
	}
	result.Error = s.heldOutError(smoother, all[:s.source], all[s.source:])
	result.ADistance = max(0, 2*(1-2*result.Error))
	result.P = s.pValue(o, func(a, b []int) float64 { return -s.heldOutError(smoother, a, b) })
	return result, nil
}

// dealFolds gives every clip a fold, whole groups at a time and without
// looking at where they are from.
func dealFolds(s sides, seed uint64) (fold []int, folds int) {
	folds = min(twoSampleFolds, len(s.size))
	size := make([]int, folds)
	of := make([]int, len(s.size))
	order := rand.New(rand.NewPCG(seed, 2)).Perm(len(s.size))
	slices.SortStableFunc(order, func(a, b int) int { return s.size[b] - s.size[a] })
	for _, g := range order {
		least := 0
		for f := range size {
			if size[f] < size[least] {
				least = f
			}
		}
		of[g] = least
		size[least] += s.size[g]
	}
	fold = make([]int, len(s.group))
	for i, g := range s.group {
		fold[i] = of[g]
	}
	return fold, folds
}

// heldOutSmoother is the matrix (N, N) that turns the clips' targets into the
// outputs of ridge fits without the clip's fold:
//
//	(x - m)ᵀ (XᵀX + λI)⁻¹ (x_j - m) for j in other folds, 0 for the clip's own,
//
// with m and X from the other folds.
func heldOutSmoother(x probe.Matrix, fold []int, folds int) (*mat.Dense, error) {
	smoother := mat.NewDense(x.Rows, x.Rows, nil)
	for f := range folds {
		var train, test []int
		for i, g := range fold {
			if g == f {
				test = append(test, i)
			} else {
				train = append(train, i)
			}
		}
		mean := weightedMean(x.Take(train), ones(len(train)))
		a, b := centredRows(x, train, mean), centredRows(x, test, mean)
		var out mat.Dense
		if len(train) < x.Cols {
			// The same in the space of clips: B Aᵀ (AAᵀ + λI)⁻¹.
			var cross mat.Dense
			cross.Mul(b, a.T())
			kernel := gram(mat.DenseCopyOf(a.T()))
			chol, err := ridgeFactor(kernel, mat.Trace(kernel)/float64(x.Cols))
			if err != nil {
				return nil, err
			}
			var t mat.Dense
			if err := chol.SolveTo(&t, cross.T()); err != nil {
				return nil, fault.New(fault.Input, "", "two-sample test: %w", err)
			}
			out.CloneFrom(t.T())
		} else {
			scatter := gram(a)
			chol, err := ridgeFactor(scatter, mat.Trace(scatter)/float64(x.Cols))
			if err != nil {
				return nil, err
			}
			var t mat.Dense
			if err := chol.SolveTo(&t, a.T()); err != nil {
				return nil, fault.New(fault.Input, "", "two-sample test: %w", err)
			}
			out.Mul(b, &t)
		}
		for i, r := range test {
			for j, c := range train {
				smoother.Set(r, c, out.At(i, j))
			}
		}
	}
	return smoother, nil
}

func ridgeFactor(a *mat.SymDense, ridge float64) (*mat.Cholesky, error) {
	n := a.SymmetricDim()
	for i := range n {
		a.SetSym(i, i, a.At(i, i)+ridge)
	}
	var chol mat.Cholesky
	if !chol.Factorize(a) {
		return nil, fault.New(fault.Input, "", "two-sample test: all clips have the same embedding")
	}
	return &chol, nil
}

func centredRows(x probe.Matrix, rows []int, mean []float64) *mat.Dense {
	out := mat.NewDense(len(rows), x.Cols, nil)
	for i, r := range rows {
		row := out.RawRowView(i)
		for j, v := range x.Row(r) {
			row[j] = float64(v) - mean[j]
		}
	}
	return out
}

// heldOutError is the balanced error of the held-out outputs where source
// and target are so dealt. Clips are told apart at the middle between the two
// sides' mean outputs; the permutations pay for that choice too.
func (s sides) heldOutError(smoother *mat.Dense, source, target []int) float64 {
	n := len(s.group)
	isTarget := make([]bool, len(s.size))
	for _, g := range target {
		isTarget[g] = true
	}
	weight := [2]float64{-1 / float64(s.clips(source)), 1 / float64(s.clips(target))}
	side := make([]int, n)
	y := make([]float64, n)
	for i, g := range s.group {
		if isTarget[g] {
			side[i] = 1
		}
		y[i] = weight[side[i]]
	}
	out := make([]float64, n)
	mat.NewVecDense(n, out).MulVec(smoother, mat.NewVecDense(n, y))
	var middle float64
	for i, v := range out {
		if side[i] == 1 {
			middle += v * weight[1] / 2
		} else {
			middle -= v * weight[0] / 2
		}
	}
	var wrong float64
	for i, v := range out {
		switch {
		case v == middle:
			wrong += 0.25 * math.Abs(weight[side[i]])
		case v > middle != (side[i] == 1):
			wrong += 0.5 * math.Abs(weight[side[i]])
		}
	}
	return wrong
}
