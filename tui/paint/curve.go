package paint

import (
	"math"
	"slices"
	"strings"

	"framepilot/tui/page"
)

// curve plots points as '*', what is only expected as 'o', intervals as '|', and
// dots from point to point.
func (c *canvas) curve(b page.Curve) {
	c.heading(b.Name)
	if len(b.X) > 0 {
		c.plot(b)
	}
	for _, text := range wrap(b.Text, c.width) {
		c.add(page.Plain, text)
	}
}

func (c *canvas) plot(b page.Curve) {
	const axis = 8 // cells beside the picture
	rows, room := 9, min(c.width-axis-2, 72)
	if c.height < 24 {
		rows = 6
	}
	if room < 16 {
		return // the words say it
	}
	low, high := slices.Min(b.Y), slices.Max(b.Y)
	for i := range b.Low {
		low, high = min(low, b.Low[i]), max(high, b.High[i])
	}
	if b.Zero {
		low = min(0, low)
	}
	x := func(v float64) float64 { return v }
	if b.Log {
		x = math.Log
	}
	across := newScale(x(b.X[0]), x(b.X[len(b.X)-1]), room)
	if b.Square { // shares in percent, of which one stands for the other
		low, high, rows, across = 0, 100, rows+2, newScale(0, 100, room)
	}
	up := newScale(low, high, rows)
	grid := make([][]byte, rows)
	for i := range grid {
		grid[i] = []byte(strings.Repeat(" ", room))
	}
	put := func(column int, y float64, with byte) { grid[rows-1-up.at(y)][column] = with }
	if b.Square {
		for column := range room {
			put(column, 100*float64(column)/float64(room-1), '/')
		}
	}
	for i := 1; i < len(b.X); i++ {
		from, to := across.at(x(b.X[i-1])), across.at(x(b.X[i]))
		for column := from + 1; column < to; column++ {
			put(column, b.Y[i-1]+(b.Y[i]-b.Y[i-1])*float64(column-from)/float64(to-from), '.')
		}
	}
	for i, v := range b.X {
		column := across.at(x(v))
		if b.Low != nil {
			for row := up.at(b.Low[i]); row <= up.at(b.High[i]); row++ {
				grid[rows-1-row][column] = '|'
			}
		}
		mark := byte('*')
		if i >= len(b.X)-b.Ahead {
			mark = 'o'
		}
		put(column, b.Y[i], mark)
	}
	marks := map[int]string{}
	for _, y := range up.ticks(max(2, rows/2)) {
		marks[rows-1-up.at(y)] = tick(y)
	}
	for i, cells := range grid {
		edge := " |"
		if marks[i] != "" {
			edge = " +"
		}
		c.add(page.Plain, fit(marks[i], axis-2, true)+edge+string(cells))
	}
	c.add(page.Dim, fit("", axis-1, false)+"+"+strings.Repeat("-", room))
	var at []int
	var texts []string
	for _, v := range b.X {
		at, texts = append(at, across.at(x(v))), append(texts, tick(v))
	}
	if b.Square {
		at, texts = nil, nil
		for _, v := range across.ticks(6) {
			at, texts = append(at, across.at(v)), append(texts, tick(v))
		}
	}
	c.add(page.Dim, fit("", axis, false)+labels(at, texts, room))
	c.add(page.Dim, fit("", axis, false)+fit(b.XLabel, room, true))
}
