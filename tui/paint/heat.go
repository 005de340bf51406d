package paint

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"framepilot/tui/page"
)

// matrix draws counts by truth and by what was said, each with as many marks as
// its share of the truth, and that of what was right behind. Where there is no
// room for all classes, those most mistaken are shown.
func (c *canvas) matrix(b page.Matrix) {
	c.heading(b.Name)
	if g := newGrid(b, c.width); len(g.classes) > 0 {
		if len(g.classes) < len(b.Labels) {
			c.add(page.Dim, b.Some)
		}
		head := fit("", g.label, false)
		for _, k := range g.classes {
			name := fmt.Sprint(k + 1)
			if g.named {
				name = b.Labels[k]
			}
			head += fit(name+strings.Repeat(" ", g.marks), g.cell, true)
		}
		c.add(page.Dim, head)
		for _, i := range g.classes {
			c.lines = append(c.lines, line{text: c.truth(b, g, i)})
		}
	}
	for _, text := range wrap(b.Text, c.width) {
		c.add(page.Plain, text)
	}
}

// truth is a row of a matrix.
func (c *canvas) truth(b page.Matrix, g grid, i int) string {
	of := 0
	for _, n := range b.Counts[i] {
		of += n
	}
	name := b.Labels[i]
	if !g.named {
		name = fit(name, g.label-4, false) + fit(fmt.Sprint(i+1), 4, true)
	}
	text := fit(name, g.label, false)
	for _, k := range g.classes {
		n, marks := b.Counts[i][k], ""
		if n == 0 {
			text += fit("."+strings.Repeat(" ", g.marks), g.cell, true)
			continue
		}
		share := float64(n) / float64(of)
		if g.marks > 0 {
			marks = fit(" "+strings.Repeat("#", int(math.Ceil(share*float64(g.marks-1)))), g.marks, false)
		}
		text += c.style.heat(fit(fmt.Sprint(n)+marks, g.cell, true), share, i == k)
	}
	right := ""
	if of > 0 {
		right = fmt.Sprintf("  %3.0f %%", 100*float64(b.Counts[i][i])/float64(of))
	}
	return text + c.style.tone(page.Dim, fit(right, c.width-g.label-len(g.classes)*g.cell, false))
}

// grid is what of a matrix fits: which classes, how wide a cell is and how much
// of it is for marks, how wide the names before the rows are, and whether the
// columns have names, too.
type grid struct {
	classes            []int
	cell, marks, label int
	named              bool
}

func newGrid(b page.Matrix, width int) grid {
	digits, name := 1, 4
	wrong := make([]int, len(b.Labels))
	var all []int
	for i, row := range b.Counts {
		all, name = append(all, i), max(name, Cells(clean(b.Labels[i])))
		for k, n := range row {
			digits = max(digits, len(fmt.Sprint(n)))
			if i != k {
				wrong[i], wrong[k] = wrong[i]+n, wrong[k]+n
			}
		}
	}
	const behind, marks = 8, 5 // the share at the end of a row; a space and four marks
	label := min(name, width/3)
	for _, g := range []grid{
		{all, max(name+2, digits+2) + marks, marks, name, true},
		{all, digits + 2 + marks, marks, label + 4, false},
		{all, digits + 2, 0, label + 4, false},
	} {
		if g.label+len(all)*g.cell+behind <= width {
			return g
		}
	}
	g := grid{cell: digits + 2 + marks, marks: marks, label: label + 4}
	slices.SortStableFunc(all, func(i, k int) int { return cmp.Compare(wrong[k], wrong[i]) })
	g.classes = slices.Sorted(slices.Values(all[:max(0, (width-g.label-behind)/g.cell)]))
	return g
}
