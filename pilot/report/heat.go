package report

import (
	"fmt"
	"strconv"
)

// heat is a confusion matrix: counts as text, shaded by the share of the row.
type heat struct {
	ID, Caption, Desc string
	Height            int
	Large             bool // needs room: scrolls on a narrow screen
	Columns           []tick
	Rows              []heatRow
}

type heatRow struct {
	Label string
	Y     int // of the row's top, in pixels
	Text  int // of its base line
	Cells []heatCell
}

type heatCell struct {
	X, Wide, Middle string
	N               int
	Shade           string // opacity in [0, 1]
	Right           bool   // on the diagonal
}

const (
	heatLabels = 0.30 // of the width, for the names of the rows
	heatStep   = 28   // pixels a row
	heatTop    = 24
	heatLarge  = 10 // classes
)

func (w words) newHeat(number int, d Detail) *heat {
	n := len(d.Classes)
	h := &heat{
		ID: fmt.Sprintf("heat%d", number), Height: heatTop + n*heatStep + 2, Large: n > heatLarge,
		Caption: w.say("heat.caption", args{"Site": name(d.Site)}),
		Desc:    w.say("heat.desc"),
	}
	wide := (1 - heatLabels) / float64(n)
	for j := range n {
		h.Columns = append(h.Columns, tick{at(heatLabels + wide*(float64(j)+0.5)), strconv.Itoa(j + 1)})
	}
	for i, counts := range d.Confusion {
		total := 0
		for _, c := range counts {
			total += c
		}
		r := heatRow{Label: strconv.Itoa(i+1) + "  " + clip(name(d.Classes[i])), Y: heatTop + i*heatStep}
		r.Text = r.Y + heatStep/2 + 4
		h.Desc += w.say("heat.right", args{"Class": name(d.Classes[i]), "N": counts[i], "Of": total})
		for j, c := range counts {
			share := float64(c) / float64(max(total, 1))
			r.Cells = append(r.Cells, heatCell{
				X: at(heatLabels + wide*float64(j)), Wide: at(wide), Middle: h.Columns[j].At,
				N: c, Shade: strconv.FormatFloat(share, 'f', 3, 64), Right: i == j,
			})
		}
		h.Rows = append(h.Rows, r)
	}
	return h
}

// clip keeps what fits beside the matrix; a letter of East Asia takes two.
func clip(s string) string {
	const room = 20
	width := 0
	for i, r := range s {
		width++
		if r >= 0x1100 {
			width++
		}
		if width > room {
			return s[:i] + "…"
		}
	}
	return s
}
