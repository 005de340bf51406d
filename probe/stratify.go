package probe

import (
	"math/rand/v2"

	"framepilot/internal/fault"
)

// Stratify divides clips with several labels each into parts of the given
// shares, whole groups at a time, so that every class has its share in every
// part: the rarest class first, each group of it to the part that lacks it
// most (iterative stratification, Sechidis et al. 2011). It returns the part
// of every clip. The same random numbers give the same parts.
func Stratify(truth [][]int, groups []string, shares []float64, rng *rand.Rand) ([]int, error) {
	var total float64
	for _, share := range shares {
		if !(share > 0) {
			return nil, fault.New(fault.Config, "", "stratify: a share of %g, want more than 0", share)
		}
		total += share
	}
	number, count := NumberGroups(groups, len(truth))
	if len(shares) < 2 || count < len(shares) {
		return nil, fault.New(fault.Input, "add clips from other recordings", "stratify: %d groups into %d parts", count, len(shares))
	}
	clips := make([]float64, count)          // of each group
	labels := make([]map[int]float64, count) // group → class → clips
	left := make(map[int]float64)            // class → clips of groups not yet placed
	for i, g := range number {
		if labels[g] == nil {
			labels[g] = make(map[int]float64)
		}
		clips[g]++
		for _, c := range truth[i] {
			labels[g][c]++
			left[c]++
		}
	}
	wants := make([]map[int]float64, len(shares)) // part → class → clips still wanted
	room := make([]float64, len(shares))          // part → clips still wanted
	for p, share := range shares {
		wants[p] = make(map[int]float64)
		for c, n := range left {
			wants[p][c] = share / total * n
		}
		room[p] = share / total * float64(len(truth))
	}

	order := rng.Perm(count)
	part := make([]int, count)
	for g := range part {
		part[g] = -1
	}
	place := func(g, class int) {
		best := 0
		for p := 1; p < len(shares); p++ {
			lacks, most := wants[p][class], wants[best][class]
			if class < 0 {
				lacks, most = 0, 0
			}
			if lacks > most || lacks == most && room[p] > room[best] {
				best = p
			}
		}
		part[g] = best
		room[best] -= clips[g]
		for c, n := range labels[g] {
			wants[best][c] -= n
			left[c] -= n
		}
	}
	for {
		rarest := -1
		for c, n := range left {
			if n > 0 && (rarest < 0 || n < left[rarest] || n == left[rarest] && c < rarest) {
				rarest = c
			}
		}
		if rarest < 0 {
			break
		}
		for _, g := range order {
			if part[g] < 0 && labels[g][rarest] > 0 {
				place(g, rarest)
			}
		}
	}
	for _, g := range order {
		if part[g] < 0 { // clips of no class
			place(g, -1)
		}
	}
	out := make([]int, len(truth))
	for i, g := range number {
		out[i] = part[g]
	}
	return out, nil
}
