package paint

import (
	"math"
	"strconv"
	"strings"

	"framepilot/internal/words"
)

// scale is an axis from low to high over so many cells.
type scale struct {
	low, high float64
	cells     int
}

func newScale(low, high float64, cells int) scale {
	if !(high > low) {
		high = low + 1
	}
	return scale{low, high, cells}
}

// at is the cell of a number.
func (s scale) at(x float64) int {
	return min(s.cells-1, max(0, int(math.Round((x-s.low)/(s.high-s.low)*float64(s.cells-1)))))
}

// ticks are round numbers on the axis, at most so many and at least one; most
// is two or more.
func (s scale) ticks(most int) (all []float64) {
	const nearly = 1e-9 // keeps a number that is round but for its last bits
	step := math.Pow(10, math.Floor(math.Log10((s.high-s.low)/float64(most))))
	first, last := 0.0, 0.0
	for _, times := range []float64{1, 2, 2.5, 2, 2} { // 1, 2, 5, 10, 20
		step *= times
		first, last = math.Ceil(s.low/step-nearly), math.Floor(s.high/step+nearly)
		if int(last-first) < most {
			break
		}
	}
	for k := first; k <= last; k++ {
		all = append(all, k*step)
	}
	return all
}

// labels writes texts around their cells where there is room beside each other,
// in so many cells; the last one is written first.
func labels(at []int, texts []string, cells int) string {
	line := []rune(strings.Repeat(" ", cells))
	for k := range texts {
		i := (len(texts) - 1 + k) % len(texts) // the last, then from the first on
		label := []rune(texts[i])
		from := max(0, min(at[i]-len(label)/2, cells-len(label)))
		to := from + len(label)
		if to <= cells && strings.TrimSpace(string(line[max(0, from-1):min(cells, to+1)])) == "" {
			copy(line[from:], label)
		}
	}
	return string(line)
}

// tick is a number of an axis, as short as it can be.
func tick(x float64) string {
	if math.Abs(x) >= 1000 {
		return words.Grouped(x)
	}
	return strconv.FormatFloat(math.Round(x*1e6)/1e6+0, 'f', -1, 64)
}
