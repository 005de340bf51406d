package report

import (
	"fmt"
	"slices"
	"strings"

	"framepilot/pilot"
)

// page is a document in words, tables and figures, in order. HTML and
// Markdown are two ways to write the same page. All text in it is visible and
// short enough; it is not escaped.
type page struct {
	Title    string
	Pilot    string
	Facts    []string // one line under the title
	Warning  string   // why the page is not the whole story; empty otherwise
	Cards    []card
	Caution  string // what the cards must not be taken for; empty otherwise
	Sections []section
}

// card is the answer for one site.
type card struct {
	Site   string
	Figure string // the number, large
	Metric string
	Method string
	Lines  []string
}

type section struct {
	ID, Title string
	Blocks    []block
}

// block is one thing in a section, with a heading where it needs its own.
type block struct {
	Heading string
	Text    string
	Table   *table
	Legend  *legend
	Curves  []curve // side by side where there is room
	Heat    *heat
	Code    string
}

type table struct {
	Caption string
	Head    []column // of Rows[i].Head, then of the cells
	Rows    []row
	Plot    string // title of a column of strips after the first; empty for none
	Strips  bool   // the strips say all: Markdown leaves the table out
}

// Num says whether cell i of a row holds numbers.
func (t table) Num(i int) bool { return t.Head[i+1].Num }

// legend says which marks the strips of a section hold.
type legend struct{ Interval, Draws, Zero, ZeroLine, Guess bool }

type column struct {
	Title string
	Num   bool // aligned right
}

type row struct {
	Head, Note string
	Strong     bool
	First      bool // of a group of rows
	Strip      *strip
	Cells      []cell
}

type cell struct{ Text, Note string }

// layout decides what is said, and in which order.
func layout(d Document) page {
	r := d.Results
	p := page{
		Title: name(r.Question), Pilot: name(r.Pilot), Facts: facts(d), Warning: strings.TrimSpace(warning(d.Run) + " " + overlooked(r.Looks)),
		Cards: cards(r.Headlines, r.Comparisons), Caution: caution(r.Headlines),
	}
	if r.Question == "" {
		p.Title = p.Pilot
	} else if n := visible(r.Question); len(n) < 1000 {
		p.Title = n
	}
	for _, s := range []section{
		dataSection(r), classificationSection(r), comparedSection(r), retrievalSection(r), detailSection(r),
		failureSection(r), confidenceSection(r), madeSection(r.Made), runSection(d.Run), readingSection(r),
	} {
		if len(s.Blocks) > 0 {
			p.Sections = append(p.Sections, s)
		}
	}
	return p
}

// facts is what identifies a report at a glance.
func facts(d Document) []string {
	var out []string
	test := 0
	var sites []string
	for _, s := range d.Results.Data.Splits {
		if !slices.Contains(sites, s.Site) {
			sites = append(sites, s.Site)
		}
		if s.Split == "test" {
			test += s.Clips
		}
	}
	if len(sites) > 0 {
		out = append(out, plural(len(sites), "site", "sites"))
	}
	if n := len(d.Results.Data.Classes); n > 0 {
		out = append(out, plural(n, "class", "classes"))
	}
	if test > 0 {
		out = append(out, plural(test, "test clip", "test clips"))
	}
	when := d.Run.Finished
	if when.IsZero() {
		when = d.Run.Started
	}
	if !when.IsZero() {
		out = append(out, when.Format("2 January 2006"))
	}
	return append(out, "run "+name(d.Run.ID))
}

func warning(run Run) string {
	var text string
	switch pilot.Status(run.Status) {
	case pilot.Done:
		return ""
	case pilot.Running:
		text = "This run has not ended: it still runs, or was stopped without a word."
	case pilot.Interrupted:
		text = "This run was interrupted."
	default:
		text = "This run failed."
	}
	if run.Message != "" {
		text += " It said: " + name(run.Message) + "."
	}
	return text + " What follows is what had been measured by then."
}

func cards(headlines []Headline, comparisons []Comparison) []card {
	var out []card
	for _, h := range headlines {
		c := card{
			Site: name(h.Site), Figure: h.Best.Summary.short(), Metric: title(h.Metric),
			Method: describe(h.Best.Label, h.Best.Prompts, h.Best.TrainSite),
		}
		if s := h.Best.Summary.spread(); s != "" {
			c.Lines = append(c.Lines, sentence(s)+".")
		}
		if n := len(h.Best.Summary.Values); n > 1 {
			c.Lines = append(c.Lines, typical(h.Best)+".")
		}
		switch {
		case h.ZeroShot == nil:
		case h.Best.Method == pilot.ZeroShot:
			c.Lines = append(c.Lines, "No method with labels scored higher here.")
		default:
			c.Lines = append(c.Lines, "Without any labels: "+withSpread(h.ZeroShot.Summary)+", "+
				describe(h.ZeroShot.Label, h.ZeroShot.Prompts, "")+".")
		}
		if h.Paired != nil {
			c.Lines = append(c.Lines, h.Paired.text(len(h.Best.Summary.Values) > 1))
		}
		for _, x := range comparisons {
			if x.Site == h.Site && x.Key == h.Best.Typical {
				c.Lines = append(c.Lines, x.text())
			}
		}
		out = append(out, c)
	}
	return out
}

// typical says what the median draw alone scored, which has an interval where
// the mean has none.
func typical(c Choice) string {
	text := fmt.Sprintf("The median draw, number %d, scored %s", c.Draw, figure(c.Value, c.Summary.N, c.Summary.Unit))
	if c.Interval != (Interval{}) && !few(c.Summary.N, c.Summary.Unit) {
		text += " (" + c.Interval.text(c.Summary.Unit) + ")"
	}
	return text
}

func (p Paired) text(draws bool) string {
	who := "this method"
	if draws {
		who = "that draw"
	}
	return fmt.Sprintf("On the same %d clips: both right %d, only %s %d, only zero-shot %d, neither %d.",
		p.Both+p.OnlyBest+p.OnlyZero+p.Neither, p.Both, who, p.OnlyBest, p.OnlyZero, p.Neither)
}

func withSpread(s Summary) string {
	if spread := s.spread(); spread != "" {
		return s.short() + " (" + spread + ")"
	}
	return s.short()
}

func caution(headlines []Headline) string {
	most := 0
	for _, h := range headlines {
		most = max(most, h.Compared)
	}
	if most < 2 {
		return ""
	}
	return fmt.Sprintf("The method shown is the highest of %d, chosen on the very clips it is shown on. "+
		"Such a number leans high: confirm it on clips that had no part in the choice.", most)
}

// describe names a method with what its label leaves unsaid.
func describe(label, prompts, trainSite string) string {
	text := name(label)
	if n := note(label, prompts, trainSite); n != "" {
		text += " (" + n + ")"
	}
	return text
}

func note(label, prompts, trainSite string) string {
	var parts []string
	if prompts != "" && !strings.Contains(label, prompts) {
		parts = append(parts, "prompts: "+name(prompts))
	}
	if trainSite != "" && !strings.Contains(label, trainSite) {
		parts = append(parts, "trained on "+name(trainSite))
	}
	return strings.Join(parts, ", ")
}
