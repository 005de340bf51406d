package probe

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// unitRows returns n rows of width d around so many centres, sd apart.
func unitRows(n, d, centres int, sd float64, seed uint64) Matrix {
	rng := rand.New(rand.NewPCG(seed, 7))
	c := NewMatrix(centres, d)
	for i := range c.Data {
		c.Data[i] = float32(rng.NormFloat64())
	}
	c.Normalize()
	x := NewMatrix(n, d)
	for i := range n {
		for j, v := range c.Row(rng.IntN(centres)) {
			x.Row(i)[j] = v + float32(sd*rng.NormFloat64())
		}
	}
	x.Normalize()
	return x
}

// The list is that of all pairs compared in plain loops.
func TestNearDuplicates(t *testing.T) {
	for _, c := range []struct {
		n, m, d, centres int
		sd               float64
	}{{700, 300, 64, 700, 1}, {5000, 300, 96, 40, 0.015}, {300, 200, 8, 5, 0.05}, {1, 1, 3, 1, 0}, {50, 3, 2, 1, 0}} {
		t.Run(fmt.Sprintf("%+v", c), func(t *testing.T) {
			a, b := unitRows(c.n, c.d, c.centres, c.sd, 1), unitRows(c.m, c.d, c.centres, c.sd, 1)
			rng := rand.New(rand.NewPCG(2, 2))
			for i := 0; i < c.m; i += 7 { // plant twins at about .99
				for j, v := range a.Row(rng.IntN(c.n)) {
					b.Row(i)[j] = v + float32(0.14*rng.NormFloat64()/8)
				}
			}
			b.Normalize()
			var want []Twin
			for i := range c.m {
				best := Twin{Cosine: 0.99}
				for j := range c.n {
					if x := cosine64(a.Row(j), b.Row(i)); x > best.Cosine {
						best = Twin{j, i, x}
					}
				}
				if best.Cosine > 0.99 {
					want = append(want, best)
				}
			}
			got := NearDuplicates(a, b, 0.99)
			if len(got) != len(want) || len(want) == 0 {
				t.Fatalf("%d twins, want %d", len(got), len(want))
			}
			for i := range got {
				if got[i] != want[i] {
					t.Errorf("got %+v, want %+v", got[i], want[i])
				}
			}
		})
	}
	if NearDuplicates(Matrix{}, unitRows(3, 4, 1, 0, 1), 0.99) != nil {
		t.Error("twins of nothing")
	}
}

// BenchmarkNearDuplicates is the check of 100,000 embeddings, half of them on
// either side: independent rows, and rows in tight clusters as clips of a few
// scenes are.
func BenchmarkNearDuplicates(b *testing.B) {
	for _, c := range []struct {
		name    string
		centres int
		sd      float64
	}{{"independent", 100_000, 1}, {"scenes", 400, 0.02}} {
		all := unitRows(100_000, 512, c.centres, c.sd, 1)
		half := 50_000 * 512
		x, y := Matrix{Rows: 50_000, Cols: 512, Data: all.Data[:half]}, Matrix{Rows: 50_000, Cols: 512, Data: all.Data[half:]}
		copy(y.Data[:512*1000], x.Data) // a thousand twins
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				b.ReportMetric(float64(len(NearDuplicates(x, y, 0.99))), "twins")
			}
		})
	}
}
