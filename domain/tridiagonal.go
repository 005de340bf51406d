package domain

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"

	"framepilot/internal/cores"
)

// halfPower is A^½ or A^-½ of a positive definite matrix.
//
// A = Q T Qᵀ with T tridiagonal (Householder), and of T it is a sum of some
// thirty resolvents (Hale, Higham and Trefethen 2008), each of which takes as
// long as writing it down. That spares the eigenvectors, which is where most of
// the time of mat.EigenSym goes: BenchmarkHalfPower runs both.
func halfPower(a *mat.SymDense, inverse bool) *mat.Dense {
	t := reduce(mat.DenseCopyOf(a))
	out := t.halfPower(inverse)
	t.reflect(out)
	mirrored := mat.DenseCopyOf(out.T())
	t.reflect(mirrored)
	return mirrored
}

// tridiagonal is A = Q T Qᵀ with Q = H₀H₁…, H_k = I - β_k v vᵀ acting on
// coordinates k+1 and up.
type tridiagonal struct {
	diag, off []float64   // n; off[i] joins i and i+1
	v         [][]float64 // v[k] has n-k-1 values
	beta      []float64
}

// reduce overwrites a.
func reduce(a *mat.Dense) tridiagonal {
	n := a.RawMatrix().Rows
	t := tridiagonal{diag: make([]float64, n), off: make([]float64, n)}
	if n == 0 {
		return t
	}
	p := make([]float64, n) // A v for the next reflection, at the rows it acts on
	var w []float64         // with v: A ← A - v wᵀ - w vᵀ, still to be done
	var v []float64
	// update does so for row i, of which only columns from on are kept.
	update := func(i, from, first int) []float64 {
		row := a.RawRowView(i)[from:]
		if v != nil {
			blas64.Axpy(-v[i-first], vector(w[from-first:]), vector(row))
			blas64.Axpy(-w[i-first], vector(v[from-first:]), vector(row))
		}
		return row
	}
	for k := 0; k < n; k++ {
		// v and w, from step k-1, act on coordinates k and up.
		row := update(k, k, k)
		t.diag[k] = row[0]
		if k == n-1 {
			break
		}
		next, beta, off := householder(row[1:])
		t.off[k] = off
		t.v, t.beta = append(t.v, next), append(t.beta, beta)
		rows := n - k - 1
		const block = 32
		cores.EachIf(rows*rows > 1<<14, (rows+block-1)/block, func(b int) {
			for i := k + 1 + b*block; i < min(n, k+1+(b+1)*block); i++ {
				p[i] = beta * blas64.Dot(vector(update(i, k+1, k)), vector(next))
			}
		})
		v = next
		w = make([]float64, rows)
		copy(w, p[k+1:])
		blas64.Axpy(-beta/2*blas64.Dot(vector(w), vector(v)), vector(v), vector(w))
	}
	return t
}

// householder returns v and β with (I - β v vᵀ) x = (off, 0, …).
func householder(x []float64) (v []float64, beta, off float64) {
	v = append([]float64(nil), x...)
	norm := blas64.Nrm2(vector(x))
	if norm == 0 {
		return v, 0, 0
	}
	off = -math.Copysign(norm, x[0])
	v[0] -= off
	return v, 2 / blas64.Dot(vector(v), vector(v)), off
}

// eigenvalues of t, not in order, by implicit QL.
func (t tridiagonal) eigenvalues() []float64 {
	d, e := slices.Clone(t.diag), slices.Clone(t.off)
	n := len(d)
	for l := range d {
		for {
			m := l
			for m < n-1 && math.Abs(e[m]) > 0x1p-53*(math.Abs(d[m])+math.Abs(d[m+1])) {
				m++
			}
			if m == l {
				break
			}
			// Wilkinson's shift.
			g := (d[l+1] - d[l]) / (2 * e[l])
			g = d[m] - d[l] + e[l]/(g+math.Copysign(math.Hypot(g, 1), g))
			c, s, p := 1.0, 1.0, 0.0
			i := m - 1
			for ; i >= l; i-- {
				f, b := s*e[i], c*e[i]
				r := math.Sqrt(f*f + g*g)
				e[i+1] = r
				if r == 0 {
					d[i+1] -= p
					e[m] = 0
					break
				}
				s, c = f/r, g/r
				g = d[i+1] - p
				r = (d[i]-g)*s + 2*c*b
				p = s * r
				d[i+1] = g + p
				g = c*r - b
			}
			if i < l {
				d[l] -= p
				e[l] = g
				e[m] = 0
			}
		}
	}
	return d
}

// reflect multiplies the rows of z by Qᵀ from the right.
func (t tridiagonal) reflect(z *mat.Dense) {
	n, _ := z.Dims()
	const block = 16
	cores.Each((n+block-1)/block, func(b int) {
		for k := len(t.v) - 1; k >= 0; k-- {
			v := vector(t.v[k])
			for i := b * block; i < min(n, (b+1)*block); i++ {
				row := vector(z.RawRowView(i)[k+1:])
				blas64.Axpy(-t.beta[k]*blas64.Dot(v, row), v, row)
			}
		}
	})
}

// symmetric is (A + Aᵀ)/2.
func symmetric(a *mat.Dense) *mat.SymDense {
	n, _ := a.Dims()
	out := mat.NewSymDense(n, nil)
	for i := range n {
		for j := i; j < n; j++ {
			out.SetSym(i, j, (a.At(i, j)+a.At(j, i))/2)
		}
	}
	return out
}
