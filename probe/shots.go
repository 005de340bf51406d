package probe

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"

	"framepilot/internal/fault"
)

// Shots picks k clips of every class, from as many different groups as the
// class has: the rows, in ascending order. The same seed gives nested picks,
// the clips of 2 shots being among those of 4, so that a curve over shots
// shows the shots and not the draw.
func Shots(labels []int, groups, classes []string, k int, rng *rand.Rand) ([]int, error) {
	if k < 1 {
		return nil, fault.New(fault.Config, "", "shots: %d clips a class, want at least one", k)
	}
	number, count := NumberGroups(groups, len(labels))
	var picked []int
	for c, class := range classes {
		rows := rowsOf(labels, c)
		if len(rows) < k {
			return nil, fault.New(fault.Input, "label more clips of it, ask for fewer shots or leave the class out",
				"shots: class %q has %d clips, %s", class, len(rows), needs(k))
		}
		order := roundRobin(rows, number, count, rng)
		picked = append(picked, order[:k]...)
	}
	slices.Sort(picked)
	return picked, nil
}

// ShotsMulti is Shots for clips that may be of several classes: classes are
// served the rarest first, and a clip picked for one counts for all it is of,
// so that no class has fewer than k and some have more.
func ShotsMulti(truth [][]int, groups, classes []string, k int, rng *rand.Rand) ([]int, error) {
	if k < 1 {
		return nil, fault.New(fault.Config, "", "shots: %d clips a class, want at least one", k)
	}
	number, count := NumberGroups(groups, len(truth))
	rows := make([][]int, len(classes))
	for i, list := range truth {
		for _, c := range list {
			rows[c] = append(rows[c], i)
		}
	}
	order := make([]int, len(classes))
	for c, class := range classes {
		order[c] = c
		if len(rows[c]) < k {
			return nil, fault.New(fault.Input, "label more clips of it, ask for fewer shots or leave the class out",
				"shots: class %q has %d clips, %s", class, len(rows[c]), needs(k))
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return len(rows[a]) - len(rows[b]) })
	picked := make(map[int]bool)
	for _, c := range order {
		have := 0
		for _, r := range rows[c] {
			if picked[r] {
				have++
			}
		}
		for _, r := range roundRobin(rows[c], number, count, rng) {
			if have < k && !picked[r] {
				picked[r] = true
				have++
			}
		}
	}
	return slices.Sorted(maps.Keys(picked)), nil
}

func needs(k int) string {
	if k == 1 {
		return "1 shot needs 1"
	}
	return fmt.Sprintf("%d shots need %d", k, k)
}

// roundRobin orders rows at random, so that every group gives one before any
// gives a second.
func roundRobin(rows, number []int, count int, rng *rand.Rand) []int {
	rows = slices.Clone(rows)
	rng.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
	turn := make(map[int]int, len(rows)) // row → how many of its group come first
	given := make([]int, count)
	for _, r := range rows {
		turn[r] = given[number[r]]
		given[number[r]]++
	}
	slices.SortStableFunc(rows, func(a, b int) int { return turn[a] - turn[b] })
	return rows
}
