package domain_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"framepilot/domain"
	"framepilot/probe"
)

// kind is how a synthetic second site differs from the first.
type kind struct {
	name  string
	turn  float64   // angle, radians, by which each of d/2 planes is turned
	move  float64   // length of the shift, in units of the noise's
	noise float64   // standard deviation in each of d dimensions; class centres have 1
	prior []float64 // C
}

var (
	evenly = []float64{.25, .25, .25, .25}
	skewed = []float64{.6, .25, .1, .05}

	kinds = []kind{
		{"nothing changed", 0, 0, 1.8, evenly},
		{"prior only", 0, 0, 1.8, skewed},
		{"rotation + shift", 0.35, 1, 1.8, evenly},
		{"rotation + shift + prior", 0.35, 1, 1.8, skewed},
		{"the same, hard", 0.5, 2, 2.4, skewed},
	}
)

const siteWidth = 24

// clips draws n clips, two to a recording that share a tenth of the noise's
// variance, at the first site or the second.
func (k kind) clips(n int, second bool, seed uint64) probe.Features {
	fixed, rng := rand.New(rand.NewPCG(7, 7)), rand.New(rand.NewPCG(seed, 1))
	normal := func(r *rand.Rand) []float64 {
		out := make([]float64, siteWidth)
		for j := range out {
			out[j] = r.NormFloat64()
		}
		return out
	}
	centres := make([][]float64, len(evenly))
	for c := range centres {
		centres[c] = normal(fixed)
	}
	shift, basis := normal(fixed), orthogonalBasis(fixed)
	prior := evenly
	if second {
		prior = k.prior
	}
	f := probe.Features{X: probe.NewMatrix(n, siteWidth), Classes: []string{"a", "b", "c", "d"}}
	var shared []float64
	for i := range n {
		u, y := rng.Float64(), 0
		for u > prior[y] && y < len(prior)-1 {
			u -= prior[y]
			y++
		}
		if i%2 == 0 {
			shared = normal(rng)
		}
		own := normal(rng)
		x := make([]float64, siteWidth)
		for j := range x {
			x[j] = centres[y][j] + 1 + k.noise*(math.Sqrt(0.9)*own[j]+math.Sqrt(0.1)*shared[j])
		}
		if second {
			turn(x, basis, k.turn)
			for j := range x {
				x[j] += k.move * shift[j]
			}
		}
		for j, v := range x {
			f.X.Row(i)[j] = float32(v)
		}
		f.Labels = append(f.Labels, y)
		f.IDs = append(f.IDs, fmt.Sprint(second, i))
		f.Groups = append(f.Groups, fmt.Sprint(second, i/2))
	}
	f.X.Normalize()
	return f
}

// orthogonalBasis are random orthonormal columns.
func orthogonalBasis(rng *rand.Rand) *mat.Dense {
	x := mat.NewDense(siteWidth, siteWidth, nil)
	x.Apply(func(int, int, float64) float64 { return rng.NormFloat64() }, x)
	var qr mat.QR
	qr.Factorize(x)
	q := new(mat.Dense)
	qr.QTo(q)
	return q
}

// turn rotates x by an angle in each plane of columns 2p and 2p+1.
func turn(x []float64, basis *mat.Dense, angle float64) {
	in := mat.NewVecDense(len(x), nil)
	in.MulVec(basis.T(), mat.NewVecDense(len(x), append([]float64(nil), x...)))
	for p := 0; p+1 < len(x); p += 2 {
		a, b := in.AtVec(p), in.AtVec(p+1)
		in.SetVec(p, math.Cos(angle)*a-math.Sin(angle)*b)
		in.SetVec(p+1, math.Sin(angle)*a+math.Cos(angle)*b)
	}
	mat.NewVecDense(len(x), x).MulVec(basis, in)
}

// probeTask is a linear probe of source that is to work at the target.
func probeTask(t *testing.T, source probe.Features, target domain.Clips) domain.Task {
	t.Helper()
	fitted := linearProbe(t, source)
	return domain.Task{Source: source, Base: fitted.Classifier, Held: fitted.HeldOut.Logits, Judged: fitted.HeldOut.Rows, Target: target, Seed: 1}
}

func linearProbe(t *testing.T, train probe.Features) probe.Fitted {
	t.Helper()
	method, err := probe.FindMethod(probe.Methods(), "logistic")
	if err != nil {
		t.Fatal(err)
	}
	fitted, err := method.Run(t.Context(), train, map[string]string{"C": "10"})
	if err != nil {
		t.Fatal(err)
	}
	return fitted
}

// right tells which clips a classifier gets right.
func right(c probe.Classifier, test probe.Features) []bool {
	out := make([]bool, test.Len())
	for i, y := range probe.Predict(c.Logits(test.X)) {
		out[i] = y == test.Labels[i]
	}
	return out
}

// share is the share of true values.
func share(hits []bool) float64 {
	var n float64
	for _, h := range hits {
		if h {
			n++
		}
	}
	return n / float64(len(hits))
}

// discordant counts the clips that only a and only b has right.
func discordant(a, b []bool) (onlyA, onlyB float64) {
	for i := range a {
		switch {
		case a[i] && !b[i]:
			onlyA++
		case b[i] && !a[i]:
			onlyB++
		}
	}
	return onlyA, onlyB
}
