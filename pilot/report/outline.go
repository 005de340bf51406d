package report

// Outline is what a report says first, and the titles of what follows: a look
// at it before it is written. Its words are those of the report, in its
// language.
type Outline struct {
	Title   string
	Warning string // why the report is not the whole story; empty otherwise

	Head, Answer string   // "Decision", "Go"; empty where nothing was agreed
	Stage        string   // and how many of its gates are settled
	Lines        []string // who decided, when, on what conditions

	Figures  []Point  // the numbers that count most, or those of each site
	Facts    []Point  // money, top risk, next step
	Sections []string // titles of what follows
}

// Point is something named, its value where that is a number, and what there
// is to say of it.
type Point struct {
	Name, Value string
	Lines       []string
}

// Outline returns the outline of a document.
func (d Document) Outline() Outline {
	p := layout(d)
	o := Outline{Title: p.Title, Warning: p.Warning}
	if b := p.Brief; b != nil {
		o.Head, o.Answer, o.Stage, o.Lines = b.Head, b.Answer, b.Stage, b.Lines
		for _, f := range b.Figures {
			value := f.Value
			if f.Verdict != "" {
				value = p.words.noted(value, f.Verdict)
			}
			o.Figures = append(o.Figures, Point{f.Label, value, f.Lines})
		}
		for _, f := range b.Facts {
			o.Facts = append(o.Facts, Point{Name: f.Head, Lines: f.Lines})
		}
	}
	for _, s := range p.Sections {
		if s.Title != "" {
			o.Sections = append(o.Sections, s.Title)
		}
		for _, block := range s.Blocks {
			for _, c := range block.Cards {
				if p.Brief == nil {
					o.Figures = append(o.Figures, Point{p.words.labelled(c.Site, c.Method), p.words.noted(c.Figure, c.Metric), c.Lines})
				}
			}
		}
	}
	return o
}
