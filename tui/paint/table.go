package paint

import (
	"cmp"
	"slices"
	"strings"

	"framepilot/tui/page"
)

// gap is the space between two columns.
const gap = 2

func (c *canvas) table(b page.Table) {
	c.heading(b.Name)
	if len(b.Rows) == 0 {
		for _, text := range wrap(b.Empty, c.width) {
			c.add(page.Dim, text)
		}
		return
	}
	keep, widths := columns(b, c.width-2)
	var heads []string
	for _, col := range b.Columns {
		heads = append(heads, col.Head)
	}
	if strings.Join(heads, "") != "" {
		for _, text := range cellLines(b, heads, keep, widths, true) {
			c.add(page.Dim, "  "+text)
		}
	}
	c.folded(len(b.Rows), b.Selected, func(i int) {
		row := b.Rows[i]
		mark, whole := "> ", b.Selected < 0 || i == b.Selected || c.height > low
		for _, text := range cellLines(b, row.Cells, keep, widths, whole) {
			if i == b.Selected {
				c.pick(mark + text)
			} else {
				c.add(row.Tone, "  "+text)
			}
			mark = "  "
		}
	})
}

// low is how many lines are too few for more than the chosen row to take
// several.
const low = 14

// cellLines lays a row out: a line, and more where a cell wraps and the row is
// to be whole.
func cellLines(b page.Table, cells []string, keep, widths []int, whole bool) []string {
	parts, most := make([][]string, len(keep)), 1
	for i, col := range keep {
		switch {
		case col >= len(cells):
		case b.Columns[col].Wrap && whole:
			parts[i] = wrap(cells[col], widths[i])
		default:
			parts[i] = cells[col : col+1]
		}
		most = max(most, len(parts[i]))
	}
	var lines []string
	for k := range most {
		var line []string
		for i, col := range keep {
			text := ""
			if k < len(parts[i]) {
				text = parts[i][k]
			}
			line = append(line, fit(text, widths[i], b.Columns[col].Right))
		}
		lines = append(lines, strings.Join(line, strings.Repeat(" ", gap)))
	}
	return lines
}

// columns chooses which columns fit into width and how wide each is: as wide
// as its widest cell. Those that wrap give way, then the first, then one is left
// out.
func columns(b page.Table, width int) (keep, widths []int) {
	need := make([]int, len(b.Columns))
	for i, col := range b.Columns {
		need[i] = Cells(clean(col.Head))
		for _, row := range b.Rows {
			if i < len(row.Cells) {
				need[i] = max(need[i], Cells(clean(row.Cells[i])))
			}
		}
		keep = append(keep, i)
	}
	for {
		over := -gap - width
		for _, i := range keep {
			over += need[i] + gap
		}
		if over <= 0 || giveWay(b, need, keep, over) {
			break
		}
		drop := 0
		for i, col := range keep {
			if i > 0 && b.Columns[col].Rank > 0 && (drop == 0 || b.Columns[col].Rank >= b.Columns[keep[drop]].Rank) {
				drop = i
			}
		}
		if drop == 0 { // only what must stay: share what there is
			share(need, keep, width-gap*(len(keep)-1))
			break
		}
		keep = slices.Delete(keep, drop, drop+1)
	}
	for _, i := range keep {
		widths = append(widths, need[i])
	}
	return keep, widths
}

// giveWay takes so many cells from the columns that wrap, the widest first, and
// then from the first; or none, where they have not got so many to give.
func giveWay(b page.Table, need, keep []int, over int) bool {
	var wraps []int
	for _, i := range keep {
		if b.Columns[i].Wrap {
			wraps = append(wraps, i)
		}
	}
	left := slices.Clone(need)
	spare := func(i int) int { return left[i] - cmp.Or(b.Columns[i].Least, 12) }
	for ; over > 0; over-- {
		at := keep[0]
		if len(wraps) > 0 {
			if widest := slices.MaxFunc(wraps, func(i, j int) int { return spare(i) - spare(j) }); spare(widest) > 0 {
				at = widest
			}
		}
		if spare(at) <= 0 {
			return false
		}
		left[at]--
	}
	copy(need, left)
	return true
}

// share narrows the columns to width in all: the widest give way, down to the
// width they then have in common.
func share(need, keep []int, width int) {
	order := slices.SortedFunc(slices.Values(keep), func(a, b int) int { return need[a] - need[b] })
	for k, i := range order {
		need[i] = max(1, min(need[i], width/(len(order)-k)))
		width -= need[i]
	}
}
