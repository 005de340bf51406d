package probe

import (
	"math"
	"math/rand/v2"
)

// clusters groups the rows of x into k clusters by k-means: Lloyd's steps from
// given rows, further centres drawn far from those there are (k-means++,
// Arthur and Vassilvitskii 2007). It returns the cluster of every row; one may
// be left empty.
func clusters(x Matrix, first []int, k int, rng *rand.Rand) []int {
	k = min(k, x.Rows)
	centres := NewMatrix(k, x.Cols)
	away := make([]float64, x.Rows) // squared distance to the nearest centre
	for i := range away {
		away[i] = math.Inf(1)
	}
	for c := range k {
		row := 0
		switch {
		case c < len(first):
			row = first[c]
		case c > 0:
			row = drawn(away, rng)
		}
		copy(centres.Row(c), x.Row(row))
		for i := range away {
			away[i] = min(away[i], squaredDistance(x.Row(i), centres.Row(c)))
		}
	}
	of := make([]int, x.Rows)
	for range lloydSteps {
		if !assign(x, centres, of) {
			break
		}
		recentre(x, centres, of)
	}
	return of
}

const lloydSteps = 50

// drawn picks a row with a chance in proportion to its weight; the first,
// where none has any.
func drawn(weight []float64, rng *rand.Rand) int {
	var sum float64
	for _, w := range weight {
		sum += w
	}
	at := rng.Float64() * sum
	for i, w := range weight {
		if at -= w; at < 0 {
			return i
		}
	}
	return 0
}

// assign gives every row to its nearest centre, and tells whether any moved.
func assign(x, centres Matrix, of []int) (moved bool) {
	changed := make([]bool, x.Rows)
	parallel(x.Rows, len(x.Data)*centres.Rows, func(i int) {
		best, nearest := math.Inf(1), 0
		for c := range centres.Rows {
			if d := squaredDistance(x.Row(i), centres.Row(c)); d < best {
				best, nearest = d, c
			}
		}
		changed[i] = of[i] != nearest
		of[i] = nearest
	})
	for _, c := range changed {
		moved = moved || c
	}
	return moved
}

// recentre moves every centre to the mean of its rows; one without rows stays.
func recentre(x, centres Matrix, of []int) {
	rows := make([][]int, centres.Rows)
	for i, c := range of {
		rows[c] = append(rows[c], i)
	}
	for c, r := range rows {
		if len(r) > 0 {
			copy(centres.Row(c), meanRow(x.Take(r)))
		}
	}
}

// squaredDistance is |x - y|², from products, not below 0.
func squaredDistance(x, y []float32) float64 {
	return max(dot32(x, x)+dot32(y, y)-2*dot32(x, y), 0)
}
