package domain

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"framepilot/probe"
)

var aligners = map[string]Aligner{"center": FitCenter, "coral": FitCoral, "linear-ot": FitLinearOT}

func TestAlignGolden(t *testing.T) {
	g := openGolden(t)
	source, target := g.features("train").X, g.features("site_b").X
	o := AlignOptions{Shrinkage: 1e-3, KeepLength: true}
	for name, expect := range map[string]string{"coral": "expect.coral.mapped", "linear-ot": "expect.linear_ot.mapped"} {
		t.Run(name, func(t *testing.T) {
			m, err := aligners[name](source, target, o)
			if err != nil {
				t.Fatal(err)
			}
			wantRows(t, m.Apply(target), g.matrix(expect, 64), 1e-6)
		})
	}
}

func TestAlignMatchesMoments(t *testing.T) {
	source, target := gaussian(300, 8, 1), gaussian(200, 8, 2)
	for j := range target.Rows {
		target.Row(j)[3] = 2*target.Row(j)[3] + 1
	}
	for _, name := range []string{"coral", "linear-ot"} {
		m, err := aligners[name](source, target, AlignOptions{Shrinkage: 1e-9, KeepLength: true})
		if err != nil {
			t.Fatal(err)
		}
		got, err := newMoments(m.Apply(target), nil, 1e-9)
		if err != nil {
			t.Fatal(err)
		}
		want, err := newMoments(source, nil, 1e-9)
		if err != nil {
			t.Fatal(err)
		}
		if !mat.EqualApprox(got.cov, want.cov, 1e-4) {
			t.Errorf("%s: covariance differs from the source's", name)
		}
		for j := range want.mean {
			wantClose(t, name+" mean", got.mean[j], want.mean[j], 1e-6)
		}
	}
}

// Where nothing has changed, nothing is done.
func TestAlignNoShiftIsIdentity(t *testing.T) {
	x := gaussian(40, 64, 3)
	x.Normalize()
	for name, fit := range aligners {
		m, err := fit(x, x, AlignOptions{})
		if err != nil {
			t.Fatal(err)
		}
		t.Run(name, func(t *testing.T) { wantRows(t, m.Apply(x), x, 1e-5) })
	}
}

// Turning the space of both sites turns the mapped clips.
func TestAlignRotation(t *testing.T) {
	source, target, turn := gaussian(30, 12, 4), gaussian(20, 12, 5), orthogonal(12, 6)
	for name, fit := range aligners {
		plain, err := fit(source, target, AlignOptions{})
		if err != nil {
			t.Fatal(err)
		}
		turned, err := fit(product(source, turn), product(target, turn), AlignOptions{})
		if err != nil {
			t.Fatal(err)
		}
		t.Run(name, func(t *testing.T) {
			wantRows(t, turned.Apply(product(target, turn)), product(plain.Apply(target), turn), 1e-4)
		})
	}
}

func TestMapIsRowByRow(t *testing.T) {
	source, target := gaussian(30, 12, 4), gaussian(600, 12, 5)
	for name, fit := range aligners {
		m, err := fit(source, target, AlignOptions{})
		if err != nil {
			t.Fatal(err)
		}
		all := m.Apply(target)
		for _, i := range []int{0, 255, 256, 599} {
			t.Run(fmt.Sprint(name, i), func(t *testing.T) {
				wantRows(t, m.Apply(target.Take([]int{i})), all.Take([]int{i}), 1e-7)
			})
		}
		for i := range all.Rows {
			var square float64
			for _, v := range all.Row(i) {
				square += float64(v) * float64(v)
			}
			wantClose(t, "length", square, 1, 1e-5)
		}
	}
}

func TestMapStrength(t *testing.T) {
	source, target := gaussian(30, 12, 4), gaussian(20, 12, 5)
	m, err := FitCoral(source, target, AlignOptions{KeepLength: true})
	if err != nil {
		t.Fatal(err)
	}
	full, half, none := m.Apply(target), m.At(0.5).Apply(target), m.At(0).Apply(target)
	wantRows(t, none, target, 0)
	for i, v := range half.Data {
		wantClose(t, "half way", float64(v), (float64(full.Data[i])+float64(target.Data[i]))/2, 1e-5)
	}
}

// Weights count clips: two of a clip and one of weight two are the same.
func TestAlignWeights(t *testing.T) {
	source, target := gaussian(10, 4, 7), gaussian(20, 4, 8)
	weights := ones(10)
	rows := []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}
	for i := range 3 {
		weights[i] = 2
		rows = append(rows, i)
	}
	weighted, err := FitCenter(source, target, AlignOptions{Weights: weights})
	if err != nil {
		t.Fatal(err)
	}
	repeated, err := FitCenter(source.Take(rows), target, AlignOptions{})
	if err != nil {
		t.Fatal(err)
	}
	wantRows(t, weighted.Apply(target), repeated.Apply(target), 1e-6)
}

// The number is that of sklearn.covariance.ledoit_wolf_shrinkage.
func TestLedoitWolf(t *testing.T) {
	x := probe.NewMatrix(6, 3)
	for i := range x.Data {
		x.Data[i] = float32(math.Sin(float64(i*i)) * float64(1+i%3))
	}
	m, err := newMoments(x, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := newMoments(x, nil, 1e-12)
	if err != nil {
		t.Fatal(err)
	}
	a := 1 - m.cov.At(0, 1)/plain.cov.At(0, 1)
	wantClose(t, "shrinkage", a, 0.3947989431746339, 1e-9)
}

func TestAlignErrors(t *testing.T) {
	x := gaussian(5, 4, 1)
	same := probe.NewMatrix(5, 4)
	bad := gaussian(5, 4, 1)
	bad.Data[7] = float32(math.NaN())
	for name, c := range map[string]struct {
		source, target probe.Matrix
		o              AlignOptions
	}{
		"one clip":          {x, x.Take([]int{0}), AlignOptions{}},
		"one embedding":     {x, same, AlignOptions{}},
		"not finite":        {x, bad, AlignOptions{}},
		"widths":            {x, gaussian(5, 3, 1), AlignOptions{}},
		"shrinkage":         {x, x, AlignOptions{Shrinkage: -1}},
		"no weight":         {x, x, AlignOptions{Weights: make([]float64, 5)}},
		"weight on one":     {x, x, AlignOptions{Weights: []float64{1, 0, 0, 0, 0}}},
		"no clips at all":   {probe.Matrix{}, probe.Matrix{}, AlignOptions{}},
		"not a number weak": {x, x, AlignOptions{Shrinkage: math.NaN()}},
	} {
		if _, err := FitCoral(c.source, c.target, c.o); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func BenchmarkAlign(b *testing.B) {
	for _, d := range []int{512, 1024} {
		source, target := gaussian(1000, d, 1), gaussian(1000, d, 2)
		for _, name := range []string{"coral", "linear-ot"} {
			b.Run(fmt.Sprint(name, "/", d), func(b *testing.B) {
				for b.Loop() {
					if _, err := aligners[name](source, target, AlignOptions{}); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

func gaussian(n, d int, seed uint64) probe.Matrix {
	rng := rand.New(rand.NewPCG(seed, 0))
	x := probe.NewMatrix(n, d)
	for i := range x.Data {
		x.Data[i] = float32(rng.NormFloat64())
	}
	return x
}

// orthogonal is a random orthogonal matrix.
func orthogonal(d int, seed uint64) *mat.Dense {
	x := gaussian(d, d, seed)
	var qr mat.QR
	qr.Factorize(mat.NewDense(d, d, probe.Widen(x.Data)))
	q := new(mat.Dense)
	qr.QTo(q)
	return q
}

func product(x probe.Matrix, by *mat.Dense) probe.Matrix {
	out := probe.NewMatrix(x.Rows, x.Cols)
	var y mat.Dense
	y.Mul(x.Dense(), by)
	for i, v := range y.RawMatrix().Data {
		out.Data[i] = float32(v)
	}
	return out
}

func seeded(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 0)) }
