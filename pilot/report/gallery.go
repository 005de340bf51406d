package report

import (
	"encoding/base64"
	"html/template"
)

// gallery shows clips that were taken for something else, with a picture
// where there is one.
type gallery struct {
	Caption string
	Shots   []shot
}

type shot struct {
	Picture                     template.URL // of the first frame; empty for none
	Alt, Clip, Truth, Predicted string
	P                           string
}

func (w words) typicalSection(d Document) section {
	s := section{ID: "typical", Title: w.say("typical.title")}
	for _, detail := range d.Results.Details {
		g := gallery{Caption: w.say("typical.caption", args{"Site": name(detail.Site)})}
		for _, p := range detail.Typical {
			x := shot{Clip: name(p.Clip), Truth: orDash(p.Truth), Predicted: name(p.Predicted), P: percent(p.P)}
			if jpeg := d.pictures[p.Clip]; jpeg != nil {
				x.Picture = template.URL("data:image/jpeg;base64," + base64.StdEncoding.EncodeToString(jpeg))
				x.Alt = w.say("typical.alt", args{"Clip": x.Clip})
			}
			g.Shots = append(g.Shots, x)
		}
		switch {
		case g.pictured():
			s.Blocks = append(s.Blocks, block{Gallery: &g})
		case len(g.Shots) > 0:
			s.Blocks = append(s.Blocks, block{Table: w.galleryTable(g)})
		}
	}
	if len(s.Blocks) > 0 {
		s.Blocks = append([]block{{Text: w.say("typical.rule")}}, s.Blocks...)
	}
	return s
}

// pictured says whether any clip has a picture.
func (g gallery) pictured() bool {
	for _, s := range g.Shots {
		if s.Picture != "" {
			return true
		}
	}
	return false
}

// table is the gallery for those who can't see it, and where there is nothing
// to see.
func (w words) galleryTable(g gallery) *table {
	t := &table{Caption: g.Caption, Head: w.columns("clip", "is", "taken_for", ">confidence")}
	for _, s := range g.Shots {
		t.Rows = append(t.Rows, row{Head: s.Clip, Cells: []cell{{Text: s.Truth}, {Text: s.Predicted}, {Text: s.P}}})
	}
	return t
}
