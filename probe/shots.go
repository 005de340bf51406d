package probe

import (
	"fmt"
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
