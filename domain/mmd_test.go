package domain

import (
	"fmt"
	"math"
	"testing"

	"framepilot/probe"
)

func TestMMDGolden(t *testing.T) {
	g := openGolden(t)
	got, err := MMDTest(Unlabelled(g.features("train")), Unlabelled(g.features("site_b")), TestOptions{})
	if err != nil {
		t.Fatal(err)
	}
	want := g.value("expect.mmd2")
	wantClose(t, "mmd²", got.Squared, want, 1e-6*want)
	if got.P != 0.001 {
		t.Errorf("p is %g where another site is obvious", got.P)
	}
}

// The definition, as a double loop over clips, for every deal of the groups.
func TestMMDBruteForce(t *testing.T) {
	source := Clips{gaussian(7, 3, 1), []string{"a", "a", "b", "", "c", "c", "c"}}
	target := Clips{gaussian(6, 3, 2), []string{"a", "b", "b", "d", "d", ""}}
	s := newSides(source, target)
	x := probe.Matrix{Rows: 13, Cols: 3, Data: append(append([]float32{}, source.X.Data...), target.X.Data...)}
	kernel := func(square float64) float64 { return math.Exp(-square / 3) }
	sums := newKernelSums(squaredDistances(x), s, kernel)

	for _, deal := range [][2][]int{{{0, 1, 2, 3}, {4, 5, 6, 7}}, {{7, 0, 4, 5}, {1, 3, 2, 6}}, {{1, 6}, {0, 2, 3, 4, 5, 7}}} {
		side := make(map[int]int)
		for _, g := range deal[1] {
			side[g] = 1
		}
		var sum [2][2]float64
		var count [2][2]float64
		for i := range x.Rows {
			for j := range x.Rows {
				if i == j {
					continue
				}
				var square float64
				for k := range x.Cols {
					square += math.Pow(float64(x.Row(i)[k])-float64(x.Row(j)[k]), 2)
				}
				a, b := side[s.group[i]], side[s.group[j]]
				sum[a][b] += kernel(square)
				count[a][b]++
			}
		}
		want := sum[0][0]/count[0][0] + sum[1][1]/count[1][1] - 2*sum[0][1]/count[0][1]
		wantClose(t, fmt.Sprint(deal), sums.mmd2(deal[0], deal[1]), want, 1e-12)
	}
}

// A permutation test rejects at its level, recordings or not.
func TestMMDFalseAlarms(t *testing.T) {
	for _, perGroup := range []int{1, 5} {
		var alarms int
		const trials = 200
		for trial := range trials {
			a := recordings(20/perGroup*2, perGroup, 6, uint64(2*trial))
			b := recordings(20/perGroup*2, perGroup, 6, uint64(2*trial+1))
			got, err := MMDTest(a, b, TestOptions{Draws: 99, Seed: uint64(trial)})
			if err != nil {
				t.Fatal(err)
			}
			if got.P <= 0.05 {
				alarms++
			}
		}
		// 99.9 % of draws from a binomial of 200 and 0.05 are below 21.
		if alarms > 20 {
			t.Errorf("%d clips a recording: %d false alarms in %d, want about %d", perGroup, alarms, trials, trials/20)
		}
	}
}

func TestMMDSmallSites(t *testing.T) {
	one := recordings(1, 8, 4, 1)
	got, err := MMDTest(one, recordings(10, 2, 4, 2), TestOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if got.P != 1 {
		t.Errorf("p is %g where a site is one recording, want 1", got.P)
	}
	same := Clips{X: probe.Matrix{Rows: 4, Cols: 2, Data: []float32{1, 0, 1, 0, 1, 0, 1, 0}}}
	if got, err = MMDTest(same, same, TestOptions{}); err != nil || got.P != 1 || got.Squared != 0 {
		t.Errorf("%+v, %v where all clips are one, want 0 and p = 1", got, err)
	}
	if _, err = MMDTest(Clips{X: gaussian(1, 4, 1)}, same, TestOptions{}); err == nil {
		t.Error("no error for one clip")
	}
}

func TestMMDOrder(t *testing.T) {
	a, b := recordings(6, 3, 4, 1), recordings(5, 3, 4, 2)
	first, err := MMDTest(a, b, TestOptions{})
	if err != nil {
		t.Fatal(err)
	}
	second, err := MMDTest(b, a, TestOptions{})
	if err != nil {
		t.Fatal(err)
	}
	wantClose(t, "mmd² the other way round", second.Squared, first.Squared, 1e-12)
}

func TestThin(t *testing.T) {
	c := thin(recordings(100, 10, 2, 1), 200, 0)
	if c.Len() != 200 {
		t.Errorf("%d clips, want 200", c.Len())
	}
	if _, count := probe.NumberGroups(c.Groups, c.Len()); count != 20 {
		t.Errorf("%d groups, want 20 whole ones", count)
	}
}

func BenchmarkMMD(b *testing.B) {
	source, target := Clips{X: gaussian(1000, 512, 1)}, Clips{X: gaussian(1000, 512, 2)}
	for b.Loop() {
		if _, err := MMDTest(source, target, TestOptions{}); err != nil {
			b.Fatal(err)
		}
	}
}

// recordings draws clips that share something with others of their recording.
func recordings(groups, each, d int, seed uint64) Clips {
	shared, own := gaussian(groups, d, seed), gaussian(groups*each, d, seed+1<<32)
	c := Clips{X: own}
	for i := range own.Rows {
		for j, v := range shared.Row(i / each) {
			own.Row(i)[j] += v
		}
		c.Groups = append(c.Groups, fmt.Sprint("recording ", i/each))
	}
	return c
}
