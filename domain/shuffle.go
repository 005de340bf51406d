package domain

import (
	"math/rand/v2"

	"framepilot/internal/cores"

	"framepilot/probe"
)

// DefaultDraws is the number of permutations of a test, which makes 0.001
// the least p-value.
const DefaultDraws = 999

// TestOptions sets up a permutation test. The zero value is the good default.
type TestOptions struct {
	Draws int    // permutations; zero means DefaultDraws
	Seed  uint64 // of the permutations
}

func (o TestOptions) draws() int {
	if o.Draws == 0 {
		return DefaultDraws
	}
	return o.Draws
}

// sides are the pooled groups of two sites. A test deals them anew: under
// the hypothesis that the sites do not differ, any groups could have been
// filmed at either. Clips of one recording stay together, or the test would
// take every recording for a shift.
type sides struct {
	group  []int // of every pooled clip; the source's clips come first
	size   []int // clips of every group
	source int   // groups 0 … source-1 are the source's
}

// newSides pools the groups of two sites. A name that is in both stands for
// two groups.
func newSides(source, target Clips) sides {
	a, na := probe.NumberGroups(source.Groups, source.Len())
	b, nb := probe.NumberGroups(target.Groups, target.Len())
	s := sides{group: a, size: make([]int, na+nb), source: na}
	for _, g := range b {
		s.group = append(s.group, na+g)
	}
	for _, g := range s.group {
		s.size[g]++
	}
	return s
}

// testable tells whether dealing the groups anew can change anything.
func (s sides) testable() bool { return s.source > 1 && len(s.size)-s.source > 1 }

// pValue is (1 + #{statistic of a deal ≥ observed}) / (draws + 1), and 1
// where a site has one recording: then nobody can tell a site from a
// recording. statistic gets the groups of the source side, then those of the
// target side; it may be called by several goroutines at once.
func (s sides) pValue(o TestOptions, statistic func(source, target []int) float64) float64 {
	if !s.testable() {
		return 1
	}
	all := make([]int, len(s.size))
	for g := range all {
		all[g] = g
	}
	observed := statistic(all[:s.source], all[s.source:])
	// What differs by rounding only is equal.
	observed -= 1e-12 * max(observed, -observed)
	values := make([]float64, o.draws())
	cores.Each(len(values), func(i int) {
		deal := rand.New(rand.NewPCG(o.Seed, uint64(i))).Perm(len(all))
		values[i] = statistic(deal[:s.source], deal[s.source:])
	})
	least := 1
	for _, v := range values {
		if v >= observed {
			least++
		}
	}
	return float64(least) / float64(len(values)+1)
}

// clips counts the clips of groups.
func (s sides) clips(groups []int) int {
	var n int
	for _, g := range groups {
		n += s.size[g]
	}
	return n
}

// thin keeps whole groups, drawn at random, up to at most limit clips; it
// takes at least two groups.
func thin(c Clips, limit int, seed uint64) Clips {
	if c.Len() <= limit {
		return c
	}
	group, count := probe.NumberGroups(c.Groups, c.Len())
	size := make([]int, count)
	for _, g := range group {
		size[g]++
	}
	keep := make([]bool, count)
	taken, clips := 0, 0
	for _, g := range rand.New(rand.NewPCG(seed, 1)).Perm(count) {
		if taken < 2 || clips+size[g] <= limit {
			keep[g] = true
			taken++
			clips += size[g]
		}
	}
	var rows []int
	for i, g := range group {
		if keep[g] {
			rows = append(rows, i)
		}
	}
	out := Clips{X: c.X.Take(rows)}
	if len(c.Groups) > 0 {
		for _, r := range rows {
			out.Groups = append(out.Groups, c.Groups[r])
		}
	}
	return out
}
