package probe

import (
	"fmt"
	"math"
	"slices"

	"framepilot/internal/stat"
)

// ranking is how one classifier orders clips for each class, made once, so that
// average precision of a resample is one walk over the clips.
type ranking struct {
	column [][]float64 // (C, N) log odds
	member [][]bool    // (C, N) whether the clip is of the class
	order  [][]int     // C: clips, surest first; nil of a class that no clip is of, or every one
	number []int       // N: group of a clip
	groups int
	times  []int // N: how often a clip is in a resample
}

// newRanking orders predictions for each of so many classes.
func newRanking(classes int, list []MultiPrediction) (*ranking, error) {
	r := &ranking{order: make([][]int, classes), times: make([]int, len(list))}
	truth, names := make([][]int, len(list)), make([]string, len(list))
	for i, p := range list {
		truth[i], names[i] = p.Of, p.Group
		if len(p.Z) != classes {
			return nil, fmt.Errorf("clip %s has %d logits, want %d", p.ID, len(p.Z), classes)
		}
		if c := notFinite(p.Z); c >= 0 {
			return nil, fmt.Errorf("clip %s: a logit is %g", p.ID, p.Z[c])
		}
	}
	var err error
	if r.member, err = membership(truth, classes); err != nil {
		return nil, err
	}
	r.number, r.groups = NumberGroups(names, len(list))
	for c := range classes {
		z := make([]float64, len(list))
		for i, p := range list {
			z[i] = float64(p.Z[c])
		}
		r.column = append(r.column, z)
		if n := countTrue(r.member[c]); n > 0 && n < len(list) {
			r.order[c] = stat.Ascending(z)
			slices.Reverse(r.order[c])
		}
	}
	return r, nil
}

// clips is how often each clip is in a resample of groups; the next call
// overwrites it.
func (r *ranking) clips(times []int) []int {
	for i, g := range r.number {
		r.times[i] = times[g]
	}
	return r.times
}

// ap is average precision of a class with each clip so many times: mean
// precision at each clip of the class, surest first, those of equal score
// together. It is not a number where no clip of the class is left.
func (r *ranking) ap(c int, times []int) float64 {
	order, z, member := r.order[c], r.column[c], r.member[c]
	var seen, hits, sum float64
	for k := 0; k < len(order); {
		at := z[order[k]]
		var more float64
		for ; k < len(order) && z[order[k]] == at; k++ {
			i := order[k]
			seen += float64(times[i])
			if member[i] {
				more += float64(times[i])
			}
		}
		hits += more
		if more > 0 {
			sum += more * hits / seen
		}
	}
	if hits == 0 {
		return math.NaN()
	}
	return sum / hits
}

// meanAP is the mean of ap over the classes that have one, and fills in each
// (C); not a number where none has.
func (r *ranking) meanAP(times []int, each []float64) float64 {
	var sum, n float64
	for c := range each {
		if each[c] = math.NaN(); r.order[c] == nil {
			continue
		}
		if each[c] = r.ap(c, times); each[c] == each[c] {
			sum += each[c]
			n++
		}
	}
	return sum / n
}

// auroc of a measured class.
func (r *ranking) auroc(c int) float64 {
	var in, out []float64
	for i, z := range r.column[c] {
		if r.member[c][i] {
			in = append(in, z)
		} else {
			out = append(out, z)
		}
	}
	return stat.AUROC(in, out)
}
