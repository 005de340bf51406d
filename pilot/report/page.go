package report

import (
	"slices"
	"strings"

	"framepilot/pilot"
)

// page is a document in words, tables and figures, in order. HTML and
// Markdown are two ways to write the same page. All text in it is visible and
// short enough; it is not escaped.
type page struct {
	words    words
	Title    string
	Pilot    string
	Facts    []string // one line under the title
	Warning  string   // why the page is not the whole story; empty otherwise
	Brief    *brief   // what a meeting decides on; nil where there is no case
	Sections []section
}

// section is a part of a page. One without a title is the answer in short.
type section struct {
	ID, Title string
	Blocks    []block
}

// block is one thing in a section, with a heading where it needs its own.
type block struct {
	Heading string
	Cards   []card
	Text    string
	Caution string // what numbers must not be taken for
	List    []string
	Table   *table
	Legend  *legend
	Curves  []curve // side by side where there is room
	Heat    *heat
	Gallery *gallery
	Code    string
}

type table struct {
	Caption string
	Head    []column // of Rows[i].Head, then of the cells
	Rows    []row
	Plot    string // title of a column of strips after the first; empty for none
	Ticks   []tick // above the strips
	Wide    bool   // many columns of text
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
	w := words{d.Source.Language}
	r := d.Results
	p := page{
		words: w, Title: name(r.Question), Pilot: name(r.Pilot), Facts: w.facts(d),
		Warning: strings.TrimSpace(strings.TrimSpace(w.warning(d.Run)+" "+w.overlooked(r.Looks)) + " " + w.onlyDemo(d)),
	}
	if r.Question == "" {
		p.Title = p.Pilot
	} else if n := visible(r.Question); len(n) < 1000 {
		p.Title = n
	}
	if d.Case != nil {
		p.Brief = w.brief(d)
	}
	for _, s := range w.contents(d) {
		if len(s.Blocks) > 0 {
			p.Sections = append(p.Sections, s)
		}
	}
	return p
}

// contents are the sections for one audience, in order.
func (w words) contents(d Document) []section {
	r := d.Results
	switch {
	case d.Case == nil && d.Source.Audience == Board:
		return []section{
			w.answerSection(r, ""), w.newSiteSection(r.NewSites), w.dataSection(r), w.typicalSection(d), w.doubtSection(d.Doubts), w.failureSection(r), w.changesSection(d.Changes), w.readingSection(d),
		}
	case d.Case == nil:
		return []section{
			w.answerSection(r, ""), w.dataSection(r), w.classificationSection(r), w.comparedSection(r), w.newSiteSection(r.NewSites),
			w.retrievalSection(r), w.detailSection(r), w.typicalSection(d), w.doubtSection(d.Doubts), w.failureSection(r), w.confidenceSection(r), w.changesSection(d.Changes), w.madeSection(r.Made),
			w.runSection(d.Run), w.readingSection(d),
		}
	case d.Source.Audience == Board:
		return []section{
			w.gatesSection(*d.Case), w.decisionsSection(*d.Case), w.returnSection(*d.Case), w.answerSection(r, w.say("results.title")),
			w.newSiteSection(r.NewSites), w.typicalSection(d), w.doubtSection(d.Doubts), w.untestedSection(*d.Case), w.rolloutSection(*d.Case), w.riskSection(d),
			w.changesSection(d.Changes), w.readingSection(d),
		}
	}
	return []section{
		w.gatesSection(*d.Case), w.decisionsSection(*d.Case), w.returnSection(*d.Case), w.answerSection(r, w.say("results.title")),
		w.dataSection(r), w.classificationSection(r), w.comparedSection(r), w.newSiteSection(r.NewSites), w.retrievalSection(r), w.slicesSection(r),
		w.detailSection(r),
		w.typicalSection(d), w.doubtSection(d.Doubts), w.failureSection(r), w.effortSection(d), w.untestedSection(*d.Case), w.rolloutSection(*d.Case), w.riskSection(d),
		w.confidenceSection(r), w.changesSection(d.Changes), w.madeSection(r.Made), w.runSection(d.Run), w.readingSection(d),
	}
}

// answerSection is the highest method of each site.
func (w words) answerSection(r Results, title string) section {
	s := section{ID: "answer", Title: title}
	if cards := w.cards(r.Headlines, r.Comparisons); len(cards) > 0 {
		s.Blocks = append(s.Blocks, block{Cards: cards})
	}
	if caution := w.caution(r.Headlines); caution != "" {
		s.Blocks = append(s.Blocks, block{Caution: caution})
	}
	return s
}

// facts is what identifies a report at a glance.
func (w words) facts(d Document) []string {
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
		out = append(out, w.count(len(sites), "sites"))
	}
	if n := len(d.Results.Data.Classes); n > 0 {
		out = append(out, w.count(n, "classes"))
	}
	if test > 0 {
		out = append(out, w.count(test, "test_clips"))
	}
	when := d.Run.Finished
	if when.IsZero() {
		when = d.Run.Started
	}
	if !when.IsZero() {
		out = append(out, day(when))
	}
	if m := d.model(); m != "" {
		out = append(out, w.say("page.model", args{"Model": name(m)}))
	}
	return append(out, w.say("page.run", args{"Run": name(d.Run.ID)}))
}

// demoModel is what runs call the model inside the program.
const demoModel = "demo"

// onlyDemo is what nobody may forget of numbers of the demo's model.
func (w words) onlyDemo(d Document) string {
	if d.model() != demoModel {
		return ""
	}
	return w.say("warning.demo")
}

// model is what computed the embeddings, as the run names it.
func (d Document) model() string {
	i := slices.IndexFunc(d.Results.Made.Params, func(p Pair) bool { return p.Name == "model" })
	if i < 0 {
		return ""
	}
	return d.Results.Made.Params[i].Value
}

func (w words) warning(run Run) string {
	var text string
	switch pilot.Status(run.Status) {
	case pilot.Done:
		return ""
	case pilot.Running:
		text = w.say("warning.running")
	case pilot.Interrupted:
		text = w.say("warning.interrupted")
	default:
		text = w.say("warning.failed")
	}
	if run.Message != "" {
		text += w.say("warning.said", args{"Message": name(run.Message)})
	}
	return text + w.say("warning.then")
}

// describe names a method with what its label leaves unsaid.
func (w words) describe(label, prompts, trainSite string) string {
	return w.noted(name(label), w.note(label, prompts, trainSite))
}

// origin is where labels came from.
func (w words) origin(trainSite string) string {
	if trainSite == pilot.AllSites {
		return w.say("note.all_sites")
	}
	return name(trainSite)
}

func (w words) note(label, prompts, trainSite string) string {
	var parts []string
	if prompts != "" && !strings.Contains(label, prompts) {
		parts = append(parts, w.say("note.prompts", args{"Prompts": name(prompts)}))
	}
	if trainSite != "" && !strings.Contains(label, trainSite) {
		parts = append(parts, w.say("note.trained", args{"Site": w.origin(trainSite)}))
	}
	return w.join(parts)
}
