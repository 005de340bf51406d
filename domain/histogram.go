package domain

import (
	"slices"

	"framepilot/internal/fault"
)

// Histogram compares how often a classifier names each class at two sites.
type Histogram struct {
	Source, Target []int   // C, clips given each class
	ChiSquare      float64 // of the 2 × C table, classes nobody was given left out
	P              float64 // by permutation of groups, never by the chi-square law, which needs counts of five and more
}

// HistogramTest tests whether the predictions (classes 0 … classes-1) at two
// sites have one distribution. Where they do not, the mix of classes has
// changed, or the classifier errs in another way.
func HistogramTest(source, target []int, classes int, sourceGroups, targetGroups []string, o TestOptions) (Histogram, error) {
	if len(source) == 0 || len(target) == 0 {
		return Histogram{}, fault.New(fault.Input, "", "histogram test: %d source and %d target clips", len(source), len(target))
	}
	s := newSides(groupsOnly(source, sourceGroups), groupsOnly(target, targetGroups))
	h := Histogram{Source: count(source, classes), Target: count(target, classes)}
	h.ChiSquare = chiSquare(h.Source, h.Target)

	perGroup := make([][]int, len(s.size))
	for g := range perGroup {
		perGroup[g] = make([]int, classes)
	}
	total, both := make([]int, classes), slices.Concat(source, target)
	for i, g := range s.group {
		c := both[i]
		perGroup[g][c]++
		total[c]++
	}
	h.P = s.pValue(o, func(a, _ []int) float64 {
		first, second := make([]int, classes), make([]int, classes)
		for _, g := range a {
			for c, n := range perGroup[g] {
				first[c] += n
			}
		}
		for c := range second {
			second[c] = total[c] - first[c]
		}
		return chiSquare(first, second)
	})
	return h, nil
}

func groupsOnly(values []int, groups []string) Clips {
	c := Clips{Groups: groups}
	c.X.Rows = len(values)
	return c
}

func count(values []int, classes int) []int {
	out := make([]int, classes)
	for _, v := range values {
		out[v]++
	}
	return out
}

// chiSquare is Pearson's statistic of the table with rows a and b. Columns of
// zeros add nothing.
func chiSquare(a, b []int) float64 {
	var na, nb float64
	for c := range a {
		na += float64(a[c])
		nb += float64(b[c])
	}
	var sum float64
	for c := range a {
		both := float64(a[c] + b[c])
		if both == 0 {
			continue
		}
		ea, eb := both*na/(na+nb), both*nb/(na+nb)
		sum += (float64(a[c])-ea)*(float64(a[c])-ea)/ea + (float64(b[c])-eb)*(float64(b[c])-eb)/eb
	}
	return sum
}
