package paint

import "strings"

// Lines shows a text in a terminal too small for a frame: exactly size.Height
// lines of size.Width cells, joined by line breaks. Lines are wrapped, and shown
// from line scroll.Lines on as far as the one that begins with mark stays in
// sight; last is always in the last line. The scroll returned is the one that
// was used.
func Lines(text, mark, last string, size Size, scroll Scroll) (shown string, used Scroll) {
	c := part{width: size.Width, room: size.Height - 1}
	for one := range strings.Lines(strings.TrimSuffix(text, "\n")) {
		for _, piece := range wrap(strings.TrimSuffix(one, "\n"), max(2, size.Width)) { // a wide character takes two
			c.lines = append(c.lines, line{text: fit(piece, size.Width, false), selected: strings.HasPrefix(one, mark)})
		}
	}
	lines, from := c.window(scroll)
	var out []string
	for i := range c.room {
		out = append(out, lineAt(lines, i, size.Width))
	}
	return strings.Join(append(out, fit(last, size.Width, false)), "\n"), Scroll{from, scroll.Free}
}
