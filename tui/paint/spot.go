package paint

import "framepilot/tui/page"

// Spot is a place in a frame that means something to who points at it: a key,
// or a row that can be chosen.
type Spot struct {
	Line, From, To int    // cells From to To-1
	Key            string // as page.Action has it; "" = a row
	Rows           int    // from the chosen row down to this one, or up where it is negative
}

// At is what stands in a cell of the frame that Frame draws; ok is false where
// that means nothing.
func At(p page.Page, foot page.Footer, size Size, scroll Scroll, style Style, line, cell int) (s Spot, ok bool) {
	_, spots, _ := compose(p, foot, size, scroll, style)
	for _, s := range spots {
		if s.Line == line && cell >= s.From && cell < s.To {
			return s, true
		}
	}
	return Spot{}, false
}

// moved are spots so many lines and cells further on.
func moved(spots []Spot, lines, cells int) []Spot {
	var out []Spot
	for _, s := range spots {
		s.Line, s.From, s.To = s.Line+lines, s.From+cells, s.To+cells
		out = append(out, s)
	}
	return out
}

// rowSpots are the rows among lines.
func rowSpots(lines []line, width int) []Spot {
	var spots []Spot
	for i, l := range lines {
		if l.row {
			spots = append(spots, Spot{Line: i, To: width, Rows: l.rows})
		}
	}
	return spots
}
