package paint

import (
	"math"
	"strings"

	"framepilot/tui/page"
)

// bars draws each number as '*' in its interval, [-----*--], on a common scale
// with dots at its ticks. '=' is how far repetitions went, '|' what is asked for.
func (c *canvas) bars(b page.Bars) {
	c.heading(b.Name)
	if len(b.Rows) == 0 {
		return
	}
	label, text := 0, 0
	low, high := math.Inf(1), math.Inf(-1)
	for _, r := range b.Rows {
		label, text = max(label, Cells(clean(r.Label))), max(text, Cells(clean(r.Text)))
		low, high = min(low, r.Value, r.Low), max(high, r.Value, r.High)
		if r.Again != nil {
			low, high = min(low, r.Again.Low), max(high, r.Again.High)
		}
		if r.Need != nil {
			low, high = min(low, *r.Need), max(high, *r.Need)
		}
	}
	label = min(label, c.width/2)
	room := c.width - 2 - label - 2 - text - 2
	if room < 16 { // no place for a picture: the numbers say it all
		c.folded(len(b.Rows), b.Selected, func(i int) {
			r := b.Rows[i]
			c.row(i == b.Selected, r.Tone, fit(r.Label, max(8, c.width-text-4), false)+"  "+r.Text)
		})
		return
	}
	unit, times := b.Unit, 1.0
	if unit == "" {
		unit, times = "%", 100
	}
	each := 7 // cells from tick to tick
	if times == 1 {
		each = 16
	}
	s := newScale(times*low, times*high, room)
	ticks := s.ticks(max(2, room/each))
	c.folded(len(b.Rows), b.Selected, func(i int) {
		r := b.Rows[i]
		cells := s.bar(r, times, ticks)
		if i == b.Selected {
			c.pick("> " + fit(r.Label, label, false) + "  " + cells + "  " + r.Text)
			return
		}
		rest := fit(r.Text, c.width-room-label-6, false)
		c.lines = append(c.lines, line{text: c.style.tone(r.Tone, "  "+fit(r.Label, label, false)+"  ") + c.dimDots(cells, r.Tone) + c.style.tone(r.Tone, "  "+rest)})
	})
	var at []int
	var texts []string
	for _, x := range ticks {
		at, texts = append(at, s.at(x)), append(texts, tick(x))
	}
	texts[len(texts)-1] = strings.TrimSpace(texts[len(texts)-1] + " " + unit)
	axis := labels(at, texts, room)
	c.add(page.Dim, "  "+fit("", label, false)+"  "+axis)
}

// bar is a row of bars on the scale, with dots at its ticks.
func (s scale) bar(r page.Bar, times float64, ticks []float64) string {
	cells := []byte(strings.Repeat(" ", s.cells))
	fill := func(low, high float64, with byte) (from, to int) {
		from, to = s.at(times*low), s.at(times*high)
		for k := from; k <= to; k++ {
			cells[k] = with
		}
		return from, to
	}
	for _, x := range ticks {
		cells[s.at(x)] = '.'
	}
	if r.High > r.Low {
		from, to := fill(r.Low, r.High, '-')
		cells[from], cells[to] = '[', ']'
	}
	if r.Again != nil {
		fill(r.Again.Low, r.Again.High, '=')
	}
	if r.Need != nil {
		cells[s.at(times**r.Need)] = '|'
	}
	cells[s.at(times*r.Value)] = '*'
	return string(cells)
}

// dimDots paints a row with the dots of its scale in the background.
func (c *canvas) dimDots(cells string, tone page.Tone) string {
	var out strings.Builder
	for len(cells) > 0 {
		n := strings.IndexAny(cells, "[=|*")
		if n < 0 {
			n = len(cells)
		}
		out.WriteString(c.style.tone(page.Dim, cells[:n]))
		cells = cells[n:]
		if n = strings.IndexAny(cells, " ."); n < 0 {
			n = len(cells)
		}
		out.WriteString(c.style.tone(tone, cells[:n]))
		cells = cells[n:]
	}
	return out.String()
}
