package probe

import (
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"

	"framepilot/internal/cores"
)

// Twin is two rows that are all but the same.
type Twin struct {
	A, B   int // rows of the one matrix and of the other
	Cosine float64
}

const (
	twinDims  = 64   // directions that rows are compared along before they are compared in full
	twinFirst = 16   // of these, the ones that all pairs are compared along
	twinRows  = 2048 // that the directions are found on
	twinSlack = 2e-3 // on squared distances: rows whose length is 1 within unitTolerance, rounded sums
	blockA    = 4096
	blockB    = 128
)

// NearDuplicates finds for every row of b (M, d) the row of a (N, d) nearest
// to it, where their cosine is above a threshold close to 1; the list is in
// the order of b. Rows are of unit length.
//
// It misses none: two rows are no farther apart along a few orthonormal
// directions than they are. Along sixteen of those in which rows differ most
// all N·M pairs are compared, the close ones of them along more, and what is
// still close in full.
func NearDuplicates(a, b Matrix, above float64) []Twin {
	if a.Rows == 0 || b.Rows == 0 {
		return nil
	}
	basis := directions(a, min(twinDims, a.Cols))
	pa, pb := along(a, basis), along(b, basis)
	reach := float32(2*(1-above) + twinSlack)
	first := min(twinFirst, basis.Rows)
	wideA, wideB := squares(pa, basis.Rows), squares(pb, basis.Rows)
	sizeB := squares(pb, first)
	left, right := withOnes(pb, first), transposed(pa, first, squares(pa, first))
	blocks := (b.Rows + blockB - 1) / blockB
	found := make([][]Twin, blocks)
	cores.Each(blocks, func(block int) {
		from, to := block*blockB, min((block+1)*blockB, b.Rows)
		best := make([]Twin, to-from)
		dots := blas32.General{Rows: to - from, Stride: blockA, Data: make([]float32, blockB*blockA)}
		for at := 0; at < a.Rows; at += blockA {
			dots.Cols = min(blockA, a.Rows-at)
			columns := blas32.General{Rows: right.Rows, Cols: dots.Cols, Stride: right.Cols, Data: right.Data[at:]}
			blas32.Gemm(blas.NoTrans, blas.NoTrans, 1, part(left, from, to), columns, 0, dots)
			for i := range best {
				row := from + i
				// |a-b|² = |a|² + |b|² - 2a·b within reach
				limit := (sizeB[row] - reach) / 2
				for j, v := range dots.Data[i*blockA : i*blockA+dots.Cols] {
					if v < limit || wideA[at+j]+wideB[row]-2*float32(dot32(pa.Row(at+j), pb.Row(row))) > reach {
						continue
					}
					if c := cosine64(a.Row(at+j), b.Row(row)); c > above && c > best[i].Cosine {
						best[i] = Twin{at + j, row, c}
					}
				}
			}
		}
		for _, t := range best {
			if t.Cosine > 0 {
				found[block] = append(found[block], t)
			}
		}
	})
	return slices.Concat(found...)
}

// withOnes is the first k columns of x (N, ·), and a column of ones: (N, k+1).
func withOnes(x Matrix, k int) Matrix {
	out := NewMatrix(x.Rows, k+1)
	for i := range x.Rows {
		copy(out.Row(i), x.Row(i)[:k])
		out.Row(i)[k] = 1
	}
	return out
}

// transposed is the first k columns of x (N, ·) as rows, and below them
// -size/2: (k+1, N). Its product with withOnes is a·b - |a|²/2, by additions to
// whole rows, which takes half the time of as many short dot products.
func transposed(x Matrix, k int, size []float32) Matrix {
	out := NewMatrix(k+1, x.Rows)
	for i := range x.Rows {
		for j, v := range x.Row(i)[:k] {
			out.Row(j)[i] = v
		}
		out.Row(k)[i] = -size[i] / 2
	}
	return out
}

// directions returns k orthonormal rows (k, d), about those along which the
// rows of x differ most: one step of subspace iteration from random ones.
func directions(x Matrix, k int) Matrix {
	rng := rand.New(rand.NewPCG(bootstrapSeed, 5))
	every := max(1, x.Rows/twinRows)
	mean := make([]float64, x.Cols)
	n := 0
	for i := 0; i < x.Rows; i += every {
		for j, v := range x.Row(i) {
			mean[j] += float64(v)
		}
		n++
	}
	basis := make([][]float64, k)
	centred := make([]float64, x.Cols)
	for b := range basis {
		start := make([]float64, x.Cols)
		for j := range start {
			start[j] = rng.NormFloat64()
		}
		basis[b] = make([]float64, x.Cols)
		for i := 0; i < x.Rows; i += every {
			var dot float64
			for j, v := range x.Row(i) {
				centred[j] = float64(v) - mean[j]/float64(n)
				dot += centred[j] * start[j]
			}
			for j, v := range centred {
				basis[b][j] += dot * v
			}
		}
	}
	out := NewMatrix(k, x.Cols)
	for b, v := range basis {
		for range 2 { // twice is enough against rounding
			for _, u := range basis[:b] {
				var dot float64
				for j := range v {
					dot += u[j] * v[j]
				}
				for j := range v {
					v[j] -= dot * u[j]
				}
			}
			var sum float64
			for _, x := range v {
				sum += x * x
			}
			if sum > 1e-20 {
				for j := range v {
					v[j] /= math.Sqrt(sum)
				}
			} else {
				clear(v) // rows differ along fewer directions
			}
		}
		copy(out.Row(b), Narrow(v))
	}
	return out
}

// along is x (N, d) along the rows of a basis (k, d): (N, k).
func along(x, basis Matrix) Matrix {
	out := NewMatrix(x.Rows, basis.Rows)
	blocks := (x.Rows + blockA - 1) / blockA
	cores.Each(blocks, func(block int) {
		first, last := block*blockA, min((block+1)*blockA, x.Rows)
		blas32.Gemm(blas.NoTrans, blas.Trans, 1, part(x, first, last), part(basis, 0, basis.Rows), 0, part(out, first, last))
	})
	return out
}

// part is rows first to last as BLAS takes them.
func part(m Matrix, first, last int) blas32.General {
	return blas32.General{Rows: last - first, Cols: m.Cols, Stride: m.Cols, Data: m.Block(first, last-first).Data}
}

// squares are the squared lengths of rows along their first k directions.
func squares(m Matrix, k int) []float32 {
	out := make([]float32, m.Rows)
	for i := range out {
		for _, v := range m.Row(i)[:k] {
			out[i] += v * v
		}
	}
	return out
}

func cosine64(a, b []float32) float64 {
	var ab, aa, bb float64
	for i, x := range a {
		y := float64(b[i])
		ab += float64(x) * y
		aa += float64(x) * float64(x)
		bb += y * y
	}
	return ab / math.Sqrt(aa*bb)
}
