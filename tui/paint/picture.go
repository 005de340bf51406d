package paint

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/x/ansi/kitty"

	"framepilot/tui/page"
)

// Images are the pictures that a terminal holds itself and puts where it is
// told to by placeholders (kitty's graphics protocol).
type Images interface {
	// Image is the number of a picture to be drawn in so many cells: its lowest
	// byte is a colour of the palette from 16 on. ok is false as long as the
	// terminal does not hold it.
	Image(p page.Picture, columns, rows int) (id uint32, ok bool)
}

// picture draws a picture by the terminal's own means, or two rows of pixels a
// line with half blocks; where there are no colours its words stand alone.
func (c *canvas) picture(b page.Picture) {
	if b.Columns > 0 && c.height > 30 { // a large terminal has room for twice as much
		b.Columns *= 2
	}
	columns, rows := cellsOf(b, c.width)
	switch {
	case !c.style.colour || rows == 0:
	case c.style.Images != nil:
		id, there := c.style.Images.Image(b, columns, rows)
		for row := range rows {
			text := strings.Repeat(" ", columns) // the place is kept until it is there
			if there {
				text = placeholders(id, row, columns)
			}
			c.lines = append(c.lines, line{text: text + strings.Repeat(" ", c.width-columns)})
		}
	case c.style.Pictures:
		small := shrink(b, columns, 2*rows)
		for y := 0; y < small.Height; y += 2 {
			c.lines = append(c.lines, line{text: c.style.pixels(small, y) + strings.Repeat(" ", c.width-columns)})
		}
	}
	for _, text := range wrap(b.Text, c.width) {
		c.add(page.Dim, text)
	}
}

// cellsOf is how many cells a picture takes where there are width of them; a
// cell is twice as high as it is wide. It is none where there are no pixels.
func cellsOf(b page.Picture, width int) (columns, rows int) {
	if b.Width < 1 || b.Height < 1 || len(b.RGB) != 3*b.Width*b.Height {
		return 0, 0
	}
	columns = b.Columns
	if columns == 0 {
		columns = b.Width
	}
	columns = min(columns, width)
	return columns, max(1, (columns*b.Height+b.Width)/(2*b.Width))
}

// placeholders is one row of the cells that a picture is put into. Every cell
// says its row and its column, so that any part of a line may be drawn again.
func placeholders(id uint32, row, columns int) string {
	var text strings.Builder
	fmt.Fprintf(&text, "\x1b[38;5;%dm", id&0xff)
	for column := range columns {
		text.WriteRune(kitty.Placeholder)
		text.WriteRune(kitty.Diacritic(row))
		text.WriteRune(kitty.Diacritic(column))
		text.WriteRune(kitty.Diacritic(int(id >> 24)))
	}
	text.WriteString("\x1b[39m")
	return text.String()
}

// shrink is a picture of another size; a pixel is the mean of those it stands
// for.
func shrink(b page.Picture, width, height int) page.Picture {
	out := page.Picture{Width: width, Height: height, RGB: make([]byte, 0, 3*width*height)}
	for y := range height {
		top := y * b.Height / height
		bottom := max(top+1, (y+1)*b.Height/height)
		for x := range width {
			left := x * b.Width / width
			right := max(left+1, (x+1)*b.Width/width)
			var sum [3]int
			for v := top; v < bottom; v++ {
				for u := left; u < right; u++ {
					for i := range sum {
						sum[i] += int(b.RGB[3*(v*b.Width+u)+i])
					}
				}
			}
			n := (bottom - top) * (right - left)
			out.RGB = append(out.RGB, byte(sum[0]/n), byte(sum[1]/n), byte(sum[2]/n))
		}
	}
	return out
}

// pixels paints rows y and y+1 of a picture as one line of upper half blocks.
func (s Style) pixels(b page.Picture, y int) string {
	var out strings.Builder
	hex := func(x, y int) lipgloss.Color {
		i := 3 * (y*b.Width + x)
		return lipgloss.Color(fmt.Sprintf("#%02x%02x%02x", b.RGB[i], b.RGB[i+1], b.RGB[i+2]))
	}
	for x := range b.Width {
		out.WriteString(s.tones[page.Plain].Foreground(hex(x, y)).Background(hex(x, y+1)).Render("▀"))
	}
	return out.String()
}
