package probe

import (
	"context"
	"math"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/floats"

	"framepilot/internal/gemm"
)

// leaveOutOfMeans is exact leave-one-group-out for nearest means of scale 1,
// by dot products of clips alone, G = XX'. Without a group g the centre m, the
// length r_i of a centred clip and the sums M_c of a class's centred clips of
// unit length follow from
//
//	x_i·m = (G_i·1 - Σ_{j∈g} G_ij) / (N - |g|),
//	r_i² = G_ii - 2 x_i·m + m·m,
//	(x_i - m)·(x_j - m) = G_ij - x_i·m - x_j·m + m·m.
//
// It takes O(N K) a group for K clips a class, where a fit takes O(N d). It
// is nil where G is too large.
func leaveOutOfMeans(train Features) func(context.Context, []float64) (Matrix, error) {
	n := train.X.Rows
	if n > maxGram {
		return nil
	}
	groups := gatherGroups(train.Labels, train.Groups)
	return func(ctx context.Context, _ []float64) (Matrix, error) {
		x, gram := wide(train.X), newMatrix(n, n)
		gemm.Mul(blas.NoTrans, blas.Trans, 1, general(x), general(x), 0, general(gram))
		sums := make([]float64, n)
		for i := range n {
			sums[i] = floats.Sum(gram.row(i))
		}
		members := make([][]int, len(train.Classes))
		for i, y := range train.Labels {
			members[y] = append(members[y], i)
		}
		out := NewMatrix(n, len(train.Classes))
		parallel(len(groups), len(groups)*n*n/max(len(members), 1), func(g int) {
			if ctx.Err() == nil {
				meansWithout(gram, sums, members, groups[g].rows, out)
			}
		})
		return out, ctx.Err()
	}
}

// maxGram is the number of clips up to which the dot products of all pairs are
// worth their memory: 200 MB.
const maxGram = 5000

// meansWithout writes the logits of the clips of a group by the means of all
// others; sums are those of the rows of G.
func meansWithout(gram matrix, sums []float64, members [][]int, group []int, out Matrix) {
	n := gram.rows
	held := make([]bool, n)
	for _, k := range group {
		held[k] = true
	}
	left := float64(n - len(group))
	along, inverse := make([]float64, n), make([]float64, n) // x·m and 1/r, 0 for a clip at the centre
	var centre float64                                       // m·m
	for i := range n {
		along[i] = sums[i]
		for _, k := range group {
			along[i] -= gram.row(i)[k]
		}
		along[i] /= left
		if !held[i] {
			centre += along[i] / left
		}
	}
	for i := range n {
		if square := gram.row(i)[i] - 2*along[i] + centre; square > 0 {
			inverse[i] = 1 / math.Sqrt(square)
		}
	}
	dots := func(i, j int) float64 { // of centred clips at unit length
		return inverse[i] * inverse[j] * (gram.row(i)[j] - along[i] - along[j] + centre)
	}
	for c, clips := range members {
		var rest []int
		for _, i := range clips {
			if !held[i] {
				rest = append(rest, i)
			}
		}
		var square float64
		for a, i := range rest {
			square += dots(i, i)
			for _, j := range rest[:a] {
				square += 2 * dots(i, j)
			}
		}
		for _, k := range group {
			var sum float64
			for _, i := range rest {
				sum += dots(k, i)
			}
			switch {
			case len(rest) == 0:
				sum = -1 - absentMargin
			case square > 0:
				sum /= math.Sqrt(square)
			}
			out.Row(k)[c] = float32(sum)
		}
	}
}
