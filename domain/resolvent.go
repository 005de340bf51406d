package domain

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"framepilot/internal/cores"
)

// pole is one term of a rational function: weight / (x + shift).
type pole struct{ weight, shift float64 }

// rootPoles are poles whose sum is x^-½ for low ≤ x ≤ high to some 13 digits
// (Hale, Higham and Trefethen 2008, method 3). With k² = low/high and K the
// complete elliptic integral of parameter 1-k² they lie at
//
//	shift = low s², weight = 2K √low/πN √((1+s²)(1+k²s²)), s = sc((j-½)K/N).
func rootPoles(low, high float64) []pole {
	k2 := low / high
	// The error is exp(-2π²N / (log(high/low) + 3)).
	poles := make([]pole, int(math.Ceil(1.6*(3-math.Log(k2))))+2)
	n := len(poles)
	mean, ratios := agm(math.Sqrt(k2))
	period := math.Pi / (2 * mean)
	for j := range poles {
		at := (float64(j) + 0.5) / float64(n)
		s := jacobiSC(min(at, 1-at)*period, mean, ratios)
		if at > 0.5 { // the other half by sc(K-u) sc(u) = 1/k
			s = 1 / (math.Sqrt(k2) * s)
		}
		poles[j] = pole{
			weight: 2 * period * math.Sqrt(low) / (math.Pi * float64(n)) * math.Sqrt((1+s*s)*(1+k2*s*s)),
			shift:  low * s * s,
		}
	}
	return poles
}

// jacobiSC is the Jacobi elliptic function sn/cn of u and the parameter that
// agm was given, by the arithmetic-geometric mean (Abramowitz and Stegun 16.4).
func jacobiSC(u, mean float64, ratios []float64) float64 {
	phi := math.Ldexp(mean*u, len(ratios))
	for _, r := range slices.Backward(ratios) {
		phi = (phi + math.Asin(r*math.Sin(phi))) / 2
	}
	return math.Tan(phi)
}

// agm is the arithmetic-geometric mean of 1 and k, and c/a of every step.
func agm(k float64) (mean float64, ratios []float64) {
	a, b := 1.0, k
	for c := math.Sqrt(1 - k*k); c > 1e-15*a; {
		a, b, c = (a+b)/2, math.Sqrt(a*b), (a-b)/2
		ratios = append(ratios, c/a)
	}
	return a, ratios
}

// halfPower is T^½ or T^-½, for T^½ as Σ weight (1 - shift/(T + shift)). What
// rounding left of the smallest eigenvalues counts as 1e-15 of the largest.
func (t tridiagonal) halfPower(inverse bool) *mat.Dense {
	n := len(t.diag)
	out := mat.NewDense(n, n, nil)
	values := t.eigenvalues()
	high := slices.Max(values)
	if !(high > 0) {
		return out
	}
	low := slices.Min(values)
	raise := max(0, 1e-15*high-low)
	poles := rootPoles(low+raise, high+raise)
	resolvents := make([]resolvent, len(poles))
	var constant float64
	for k, p := range poles {
		weight := p.weight
		if !inverse {
			constant += p.weight
			weight *= -p.shift
		}
		resolvents[k] = t.resolvent(p.shift+raise, weight)
	}
	cores.Each(n, func(i int) {
		row := out.RawRowView(i)
		row[i] = constant
		for _, r := range resolvents {
			r.addRow(row, i)
		}
	})
	for i := range n {
		for j := range i {
			out.Set(i, j, out.At(j, i))
		}
	}
	return out
}

// resolvent is weight (T + shift)⁻¹: its diagonal, and by what each element of
// a row right of the diagonal follows from the one before.
type resolvent struct{ diag, next []float64 }

func (t tridiagonal) resolvent(shift, weight float64) resolvent {
	n := len(t.diag)
	r := resolvent{make([]float64, n), make([]float64, n)}
	up := make([]float64, n) // pivots of elimination from the end
	for i := n - 1; i >= 0; i-- {
		up[i] = t.diag[i] + shift
		if i < n-1 {
			up[i] -= t.off[i] * t.off[i] / up[i+1]
			r.next[i] = -t.off[i] / up[i+1]
		}
	}
	var down float64 // the pivot of elimination from the start
	for i := range n {
		was := down
		down = t.diag[i] + shift
		if i > 0 {
			down -= t.off[i-1] * t.off[i-1] / was
		}
		r.diag[i] = weight / (down + up[i] - t.diag[i] - shift)
	}
	return r
}

// addRow adds the part of row i from the diagonal on.
func (r resolvent) addRow(row []float64, i int) {
	v := r.diag[i]
	least := 1e-18 * math.Abs(v)
	row, next := row[i:], r.next[i:]
	for j := range row {
		row[j] += v
		if v *= next[j]; math.Abs(v) < least {
			return
		}
	}
}
