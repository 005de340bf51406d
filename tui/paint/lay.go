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
}

// lay puts a page into room lines of width cells. In a wide terminal there are
// two columns, which move together as far as each reaches; else what belongs on
// the right follows. What stands below and aside is shown as far as it fits.
func lay(p page.Page, marks page.Footer, width, room, scroll int, style Style) body {
	if width < wide-4 || len(p.Right)+len(p.Aside) == 0 {
		c := column(slices.Concat(p.Blocks, p.Right), p.Foot, width, room, style)
		if len(p.Foot) == 0 {
			c.add(slices.Concat(p.Below, p.Aside), style)
		}
		shown, used := c.window(scroll)
		out := body{left: width, mark: position(marks, used > 0, used < c.beyond()), scroll: used}
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
	out := body{left: left, mark: position(marks, leftUsed+rightUsed > 0, leftUsed < l.beyond() || rightUsed < r.beyond()), scroll: max(leftUsed, rightUsed)}
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

// column draws blocks and a foot for room lines. Empty lines go where room is
// short.
func column(blocks, below []page.Block, width, room int, style Style) part {
	foot := drawn(below, width, room, style)
	if most := max(3, room/3); len(foot) > most {
		foot = append(foot[:most-1], line{text: fit("..", width, false)})
	}
	if len(foot) > 0 {
		foot = append([]line{{text: strings.Repeat(" ", width)}}, foot...)
		room -= len(foot)
	}
	lines := drawn(blocks, width, room, style)
	for i := 0; i < len(lines) && len(lines) > room; i++ {
		if lines[i].spacer {
			lines = slices.Delete(lines, i, i+1)
		}
	}
	return part{lines, foot, width, room}
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

// window is the part that is shown: the one that holds what is selected, or
// else from line scroll on.
func (c part) window(scroll int) (shown []line, used int) {
	for i, l := range c.lines {
		if !l.selected || c.beyond() == 0 {
			continue
		}
		if i < scroll+1 {
			scroll = i - 1
		}
		if i > scroll+c.room-2 {
			scroll = i - c.room + 2
		}
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
