package paint

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"framepilot/internal/words"
	"framepilot/tui/page"
)

// measure is how wide running text gets: longer lines are hard to read.
const measure = 100

// line is one painted line of exactly the width asked for.
type line struct {
	text     string
	selected bool // holds what is selected: to be kept in sight
	spacer   bool // empty, between two blocks: it goes where room is short
}

// canvas collects lines of one width.
type canvas struct {
	width int
	style Style
	lines []line
}

func (c *canvas) add(tone page.Tone, text string) {
	c.lines = append(c.lines, line{text: c.style.tone(tone, fit(text, c.width, false))})
}

func (c *canvas) pick(text string) {
	text = fit(text, c.width, false)
	if c.style.colour {
		text = c.style.picked.Render(text)
	}
	c.lines = append(c.lines, line{text: text, selected: true})
}

func (c *canvas) heading(text string) {
	if text == "" {
		return
	}
	c.add(page.Strong, text)
}

// block draws one block, after an empty line where something is above it.
func (c *canvas) block(b page.Block) {
	if len(c.lines) > 0 {
		c.add(page.Plain, "")
		c.lines[len(c.lines)-1].spacer = true
	}
	switch b := b.(type) {
	case page.Text:
		for _, text := range wrap(b.Text, min(c.width, measure)) {
			c.add(b.Tone, text)
		}
	case page.Fields:
		c.fields(b)
	case page.Table:
		c.table(b)
	case page.Gauge:
		c.gauge(b)
	case page.Bars:
		c.bars(b)
	case page.Curve:
		c.curve(b)
	case page.Matrix:
		c.matrix(b)
	case page.Form:
		c.form(b)
	case page.Picture:
		c.picture(b)
	default:
		panic(fmt.Sprintf("paint: block %T", b))
	}
}

func (c *canvas) fields(b page.Fields) {
	c.heading(b.Name)
	label := 0
	for _, f := range b.Items {
		label = max(label, Cells(clean(f.Label)))
	}
	label = min(label, c.width/3)
	for _, f := range b.Items {
		for i, text := range wrap(f.Value, max(10, c.width-label-2)) {
			head := ""
			if i == 0 {
				head = f.Label
			}
			c.add(f.Tone, fit(head, label, false)+"  "+text)
		}
	}
}

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
		for _, text := range cellLines(b, heads, keep, widths) {
			c.add(page.Dim, "  "+text)
		}
	}
	for i, row := range b.Rows {
		mark := "> "
		for _, text := range cellLines(b, row.Cells, keep, widths) {
			if i == b.Selected {
				c.pick(mark + text)
			} else {
				c.add(row.Tone, "  "+text)
			}
			mark = "  "
		}
	}
}

// cellLines lays a row out: a line, and more where a cell wraps.
func cellLines(b page.Table, cells []string, keep, widths []int) []string {
	parts, most := make([][]string, len(keep)), 1
	for i, col := range keep {
		switch {
		case col >= len(cells):
		case b.Columns[col].Wrap:
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

func (c *canvas) gauge(b page.Gauge) {
	label := fit(b.Label, min(Cells(clean(b.Label)), c.width/3), false)
	room := max(5, min(40, c.width-Cells(label)-12))
	share := min(1, max(0, b.Share))
	full := int(share * float64(room))
	c.add(page.Plain, fmt.Sprintf("%s [%s%s] %3.0f %%", label, strings.Repeat("#", full), strings.Repeat(".", room-full), math.Floor(100*share)))
	for _, text := range wrap(b.Text, c.width) {
		if text != "" {
			c.add(page.Plain, text)
		}
	}
}

// bars draws intervals on a scale from the lowest to the highest end.
func (c *canvas) bars(b page.Bars) {
	c.heading(b.Name)
	label, text := 0, 0
	low, high := math.Inf(1), math.Inf(-1)
	for _, r := range b.Rows {
		label, text = max(label, Cells(clean(r.Label))), max(text, Cells(clean(r.Text)))
		low, high = min(low, r.Low), max(high, r.High)
	}
	if b.HasThreshold {
		low, high = min(low, b.Threshold), max(high, b.Threshold)
	}
	if !(high > low) {
		low, high = 0, 1
	}
	label = min(label, c.width/2)
	room := c.width - 2 - label - 2 - text - 2
	if room < 12 { // no place for a picture: the numbers say it all
		for i, r := range b.Rows {
			c.row(i == b.Selected, r.Tone, fit(r.Label, max(8, c.width-text-4), false)+"  "+r.Text)
		}
		return
	}
	at := func(x float64) int { return min(room-1, max(0, int(math.Round((x-low)/(high-low)*float64(room-1))))) }
	for i, r := range b.Rows {
		cells := []byte(strings.Repeat(".", room))
		if b.HasThreshold {
			cells[at(b.Threshold)] = ':'
		}
		for k := at(r.Low); k <= at(r.High); k++ {
			cells[k] = '-'
		}
		cells[at(r.Low)], cells[at(r.High)], cells[at(r.Value)] = '|', '|', '*'
		c.row(i == b.Selected, r.Tone, fit(r.Label, label, false)+"  "+string(cells)+"  "+r.Text)
	}
	end := func(x float64) string {
		if b.Unit != "" {
			return strings.TrimSpace(words.Grouped(x) + " " + b.Unit)
		}
		return fmt.Sprintf("%.0f %%", 100*x)
	}
	scale := fit(end(low), room/2, false) + fit(end(high), room-room/2, true)
	c.add(page.Dim, "  "+fit("", label, false)+"  "+scale)
}

func (c *canvas) row(selected bool, tone page.Tone, text string) {
	if selected {
		c.pick("> " + text)
	} else {
		c.add(tone, "  "+text)
	}
}

// curve plots points as '*' and their intervals as '|' in a few lines.
func (c *canvas) curve(b page.Curve) {
	const height = 8
	c.heading(b.Name)
	if len(b.X) == 0 {
		return
	}
	low, high := slices.Min(b.Y), slices.Max(b.Y)
	if b.Low != nil {
		low, high = min(low, slices.Min(b.Low)), max(high, slices.Max(b.High))
	}
	if high <= low {
		high = low + 1
	}
	axis := 8
	room := min(c.width-axis-1, 72)
	if room >= 12 {
		grid := make([][]byte, height)
		for i := range grid {
			grid[i] = []byte(strings.Repeat(" ", room))
		}
		first, last := b.X[0], b.X[len(b.X)-1]
		row := func(y float64) int { return height - 1 - int(math.Round((y-low)/(high-low)*(height-1))) }
		for i, x := range b.X {
			col := 0
			if last > first {
				col = int(math.Round((x - first) / (last - first) * float64(room-1)))
			}
			if b.Low != nil {
				for k := row(b.High[i]); k <= row(b.Low[i]); k++ {
					grid[k][col] = '|'
				}
			}
			grid[row(b.Y[i])][col] = '*'
		}
		for i, cells := range grid {
			mark := ""
			switch i {
			case 0:
				mark = fmt.Sprintf("%.3g", high)
			case height - 1:
				mark = fmt.Sprintf("%.3g", low)
			}
			c.add(page.Plain, fit(mark, axis-1, true)+" |"+string(cells))
		}
		ends := fit(fmt.Sprintf("%.4g", first), room/2, false) + fit(fmt.Sprintf("%.4g %s", last, b.XLabel), room-room/2, true)
		c.add(page.Dim, fit("", axis, false)+"+"+ends)
	}
	for _, text := range wrap(b.Text, c.width) {
		c.add(page.Plain, text)
	}
}

// shades are the densities of a heat map, each darker than the last.
const shades = " .:-=+*#%@"

func (c *canvas) matrix(b page.Matrix) {
	c.heading(b.Name)
	most, digits, label := 0, 1, 4
	for i, row := range b.Counts {
		label = max(label, Cells(clean(b.Labels[i])))
		for _, n := range row {
			most, digits = max(most, n), max(digits, len(fmt.Sprint(n)))
		}
	}
	label = min(label, c.width/3)
	cell := digits + 2
	if len(b.Labels) > 0 && label+3+len(b.Labels)*cell <= c.width {
		head := fit("", label+3, false)
		for i := range b.Labels {
			head += fit(fmt.Sprint(i+1), cell, true)
		}
		c.add(page.Dim, head)
		for i, row := range b.Counts {
			text := fit(b.Labels[i], label, false) + fit(fmt.Sprint(i+1), 3, true)
			for _, n := range row {
				if n == 0 {
					text += fit(".", cell, true)
					continue
				}
				shade := string(shades[min(len(shades)-1, n*(len(shades)-1)/max(1, most))])
				text += fit(shade+fmt.Sprint(n), cell, true)
			}
			c.add(page.Plain, text)
		}
	}
	for _, text := range wrap(b.Text, c.width) {
		c.add(page.Plain, text)
	}
}

func (c *canvas) form(b page.Form) {
	c.heading(b.Name)
	label := 0
	for _, in := range b.Inputs {
		label = max(label, Cells(clean(in.Label)))
	}
	label = min(label, c.width/3)
	for i, in := range b.Inputs {
		room := max(4, min(60, c.width-label-7))
		text := fit(in.Label, label, false) + "  [" + fit(in.Value, room, false) + "]"
		if i == b.At {
			text = fit(in.Label, label, false) + "  [" + typing(in, room) + "]"
		}
		if in.Choices != nil {
			text = fit(in.Label, label, false) + "  < " + fit(in.Value, max(2, room-2), false) + " >"
		}
		if i == b.At {
			c.pick("> " + text)
		} else {
			c.add(page.Plain, "  "+text)
		}
		for _, note := range []struct {
			tone page.Tone
			text string
		}{{page.Dim, in.Hint}, {page.Bad, in.Problem}} {
			if note.text != "" && (i == b.At || note.tone == page.Bad) {
				for _, part := range wrap(note.text, min(measure, max(10, c.width-label-4))) {
					c.add(note.tone, fit("", label+4, false)+part)
					c.lines[len(c.lines)-1].selected = i == b.At
				}
			}
		}
	}
}

// typing is the part of a text around the place where one types, at most n
// cells wide.
func typing(in page.Input, n int) string {
	runes := []rune(in.Value)
	before := []rune(clean(string(runes[:in.Cursor])) + "_")
	after := clean(string(runes[in.Cursor:]))
	for Cells(string(before)) > n {
		before = before[1:]
	}
	return fit(string(before)+after, n, false)
}
