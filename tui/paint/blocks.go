package paint

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"framepilot/tui/page"
)

// measure is how wide running text gets: longer lines are hard to read.
const measure = 100

// line is one painted line of exactly the width asked for.
type line struct {
	text     string
	selected bool // holds what is selected: to be kept in sight
	spacer   bool // empty, between two blocks: it goes where room is short
	row      bool // of a row to choose
	rows     int  // from the chosen one down to it
}

// canvas collects lines of one width.
type canvas struct {
	width  int
	height int // lines that are shown at once
	most   int // lines for rows to choose from; 0 = as many as there are
	style  Style
	lines  []line
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
	for _, part := range wrap(text, c.width) {
		c.add(page.Strong, part)
	}
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

func (c *canvas) row(selected bool, tone page.Tone, text string) {
	if selected {
		c.pick("> " + text)
	} else {
		c.add(tone, "  "+text)
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
		width := min(measure, max(10, c.width-label-4))
		all, number := "", ""
		if in.Choices != nil {
			all, number = options(in, width)
			text = fit(in.Label, label, false) + "  < " + fit(in.Value, max(2, room-2-Cells(number)), false) + number + " >"
		}
		top := len(c.lines)
		if i == b.At {
			c.pick("> " + text)
		} else {
			c.add(page.Plain, "  "+text)
		}
		c.choosable(top, i, b.At)
		for _, note := range []struct {
			tone page.Tone
			text string
		}{{page.Bad, in.Problem}, {page.Plain, all}, {page.Dim, strings.TrimSpace(in.Hint + " " + in.Keys)}} {
			if note.text != "" && (i == b.At || note.tone == page.Bad) {
				for _, part := range wrap(note.text, width) {
					c.add(note.tone, fit("", label+4, false)+part)
					c.lines[len(c.lines)-1].selected = i == b.At
				}
			}
		}
	}
}

// options are all that a choice is made of, the one it stands at in brackets,
// where they take two lines of the width at most; else which it is of how many.
func options(in page.Input, width int) (all, number string) {
	at, list := slices.Index(in.Choices, in.Value), slices.Clone(in.Choices)
	if at >= 0 {
		list[at] = "[" + list[at] + "]"
	}
	if all = strings.Join(list, " "); len(wrap(all, width)) <= 2 {
		return all, ""
	}
	return "", fmt.Sprintf(" %d/%d", at+1, len(list))
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
