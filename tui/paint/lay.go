package paint

import (
	"slices"
	"strings"

	"framepilot/tui/page"
)

// wide is the width from which there are two columns.
const wide = 140

// body is what stands inside the frame.
type body struct {
	lines  []string // of the width there is
	left   int      // cells of the left column; all of them where there is one
	mark   string   // says where there is more
	scroll int      // lines that are above
	spots  []Spot
}

// lay puts a page into room lines of width cells. In a wide terminal there are
// two columns, which move together as far as each reaches; else what belongs on
// the right follows. What stands below and aside is shown as far as it fits.
func lay(p page.Page, marks page.Footer, width, room int, scroll Scroll, style Style) body {
	if width < wide-4 || len(p.Right)+len(p.Aside) == 0 {
		c := column(slices.Concat(p.Blocks, p.Right), p.Foot, width, room, style)
		if len(p.Foot) == 0 {
			c.add(slices.Concat(p.Below, p.Aside), style)
		}
		shown, used := c.window(scroll)
		out := body{left: width, mark: position(marks, used > 0, used < c.beyond()), scroll: used, spots: rowSpots(shown, width)}
		for i := range room {
			out.lines = append(out.lines, lineAt(shown, i, width))
		}
		return out
	}
	left := width * 3 / 5
	l, r := column(p.Blocks, p.Foot, left, room, style), column(p.Right, nil, width-left-3, room, style)
	l.add(p.Below, style)
	r.add(p.Aside, style)
	leftLines, leftUsed := l.window(scroll)
	rightLines, rightUsed := r.window(scroll)
	out := body{left: left, mark: position(marks, leftUsed+rightUsed > 0, leftUsed < l.beyond() || rightUsed < r.beyond()), scroll: max(leftUsed, rightUsed),
		spots: append(rowSpots(leftLines, left), moved(rowSpots(rightLines, r.width), 0, left+3)...)}
	edge := " " + style.frameText("|") + " "
	for i := range room {
		out.lines = append(out.lines, lineAt(leftLines, i, left)+edge+lineAt(rightLines, i, r.width))
	}
	return out
}

// lineAt is line i, or an empty one.
func lineAt(lines []line, i, width int) string {
	if i < len(lines) {
		return lines[i].text
	}
	return strings.Repeat(" ", width)
}

// part is a column: blocks of which room lines are shown, and below them what
// is always in sight.
type part struct {
	lines, foot []line
	width, room int
}

// column draws blocks and a foot for room lines. Where room is short, empty
// lines go, and of rows to choose from with something below only those around
// the chosen one are shown.
func column(blocks, below []page.Block, width, room int, style Style) part {
	foot := drawn(below, width, room, style)
	if most := max(3, room/3); len(foot) > most {
		foot = append(foot[:most-1], line{text: fit("..", width, false)})
	}
	if len(foot) > 0 {
		foot = append([]line{{text: strings.Repeat(" ", width)}}, foot...)
		room -= len(foot)
	}
	c := &canvas{width: width, height: room, style: style}
	lines := c.tight(blocks, room)
	if n := rowsAbove(blocks); n > fewRows {
		for c.most = n; len(lines) > room && c.most > fewRows; {
			c.most = max(fewRows, c.most-(len(lines)-room))
			lines = c.tight(blocks, room)
		}
	}
	return part{lines, foot, width, room}
}

// fewRows are as few rows to choose from as are shown with something below.
const fewRows = 5

// rowsAbove is how many rows to choose from have something below them.
func rowsAbove(blocks []page.Block) int {
	for i, b := range blocks {
		rows, selected := 0, -1
		switch b := b.(type) {
		case page.Table:
			rows, selected = len(b.Rows), b.Selected
		case page.Bars:
			rows, selected = len(b.Rows), b.Selected
		}
		if selected >= 0 && i < len(blocks)-1 {
			return rows
		}
	}
	return 0
}

// tight draws blocks, without empty lines between them as far as room is short.
func (c *canvas) tight(blocks []page.Block, room int) []line {
	c.lines = nil
	for _, b := range blocks {
		c.block(b)
	}
	for i := 0; i < len(c.lines) && len(c.lines) > room; i++ {
		if c.lines[i].spacer {
			c.lines = slices.Delete(c.lines, i, i+1)
		}
	}
	return c.lines
}

// fold says which rows of n are shown in so many lines around the chosen one;
// a line says on either side that there are more.
func fold(n, chosen, lines int) (from, to int) {
	if chosen < 0 || lines == 0 || n <= lines {
		return 0, n
	}
	from = chosen - (lines-2)/2
	switch to = from + lines - 2; {
	case from <= 1:
		return 0, lines - 1
	case to >= n-1:
		return n - lines + 1, n
	}
	return from, to
}

// folded draws the rows of n that are shown.
func (c *canvas) folded(n, chosen int, row func(i int)) {
	from, to := fold(n, chosen, c.most)
	if from > 0 {
		c.add(page.Dim, "  ..")
	}
	for i := from; i < to; i++ {
		top := len(c.lines)
		row(i)
		c.choosable(top, i, chosen)
	}
	if to < n {
		c.add(page.Dim, "  ..")
	}
}

// choosable marks the lines from top on as those of row i.
func (c *canvas) choosable(top, i, chosen int) {
	for k := top; k < len(c.lines) && chosen >= 0; k++ {
		c.lines[k].row, c.lines[k].rows = true, i-chosen
	}
}

// add puts those of the blocks below that there is room for. Of the first as
// much is shown as fits, where nothing else stands there.
func (c *part) add(blocks []page.Block, style Style) {
	for i, b := range blocks {
		lines := drawn([]page.Block{b}, c.width, c.room, style)
		switch {
		case len(c.lines) > 0:
			lines = append([]line{{text: strings.Repeat(" ", c.width)}}, lines...)
		case i == 0 && len(lines) > c.room:
			lines = append(lines[:c.room-1], line{text: style.tone(page.Dim, fit("..", c.width, false))})
		}
		if len(c.lines)+len(lines) <= c.room {
			c.lines = append(c.lines, lines...)
		}
	}
}

// beyond is how many lines do not fit.
func (c part) beyond() int { return max(0, len(c.lines)-c.room) }

// window is the part that is shown: from a line on, or the one nearby that holds
// what is selected.
func (c part) window(to Scroll) (shown []line, used int) {
	scroll, first := to.Lines, -1
	for i, l := range c.lines {
		if !l.selected || to.Free || c.beyond() == 0 {
			continue
		}
		if first < 0 {
			first = i
		}
		if i < scroll+1 {
			scroll = i - 1
		}
		if i > scroll+c.room-2 {
			scroll = i - c.room + 2
		}
	}
	if first >= 0 { // of more than fits, its beginning
		scroll = min(scroll, first)
	}
	used = min(max(0, scroll), c.beyond())
	return slices.Concat(c.lines[used:used+min(c.room, len(c.lines))], c.foot), used
}

// drawn are blocks, one below the other.
func drawn(blocks []page.Block, width, room int, style Style) []line {
	c := &canvas{width: width, height: room, style: style}
	for _, b := range blocks {
		c.block(b)
	}
	return c.lines
}

// position says where there is more.
func position(marks page.Footer, above, below bool) string {
	switch {
	case above && below:
		return marks.Both
	case above:
		return marks.Above
	case below:
		return marks.Below
	}
	return ""
}
