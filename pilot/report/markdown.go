package report

import (
	"fmt"
	"io"
	"strings"
)

// writeMarkdown writes a page as GitHub's Markdown. Figures are left out:
// their numbers are in the tables.
func writeMarkdown(w io.Writer, p page) {
	fmt.Fprintf(w, "# %s\n\n", escape(p.Title))
	facts := p.Facts
	if p.Pilot != p.Title {
		facts = append([]string{p.words.say("page.pilot", args{"Pilot": p.Pilot})}, facts...)
	}
	fmt.Fprintf(w, "%s\n", escape(strings.Join(facts, " · ")))
	if p.Warning != "" {
		fmt.Fprintf(w, "\n> **%s**\n", escape(p.Warning))
	}
	if p.Brief != nil {
		writeBrief(w, p.words, *p.Brief)
	}
	for _, s := range p.Sections {
		if s.Title != "" {
			fmt.Fprintf(w, "\n## %s\n", escape(s.Title))
		}
		for _, b := range s.Blocks {
			if b.Heading != "" && len(b.Curves) == 0 {
				fmt.Fprintf(w, "\n### %s\n", escape(b.Heading))
			}
			for _, c := range b.Cards {
				writeCard(w, c)
			}
			if len(b.List) > 0 {
				writeList(w, b.List)
			}
			switch {
			case b.Caution != "":
				fmt.Fprintf(w, "\n*%s*\n", escape(b.Caution))
			case b.Gallery != nil:
				writeTable(w, *p.words.galleryTable(*b.Gallery))
			case b.Text != "":
				fmt.Fprintf(w, "\n%s\n", escape(b.Text))
			case b.Code != "":
				writeCode(w, b.Code)
			case b.Table != nil && !b.Table.Strips:
				writeTable(w, *b.Table)
			case b.Heat != nil:
				writeTable(w, b.Heat.table(p.words))
			}
		}
	}
}

// writeBrief writes the summary a meeting decides on.
func writeBrief(out io.Writer, w words, b brief) {
	fmt.Fprintf(out, "\n## %s\n\n**%s: %s** · %s\n\n", escape(w.say("brief.title")), escape(b.Head), escape(b.Answer), escape(b.Stage))
	writeList(out, b.Lines)
	for _, f := range b.Figures {
		text := f.Value
		if f.Verdict != "" {
			text += " · " + f.Verdict
		}
		fmt.Fprintf(out, "\n**%s: %s**\n", escape(f.Label), escape(text))
		writeList(out, f.Lines)
	}
	for _, f := range b.Facts {
		fmt.Fprintf(out, "\n**%s**\n", escape(f.Head))
		writeList(out, f.Lines)
		if f.Code != "" {
			writeCode(out, f.Code)
		}
	}
	t := table{Caption: w.say("role.title"), Head: []column{{w.say("role.title"), false}, {w.say("column.who"), false}, {w.say("role.date"), false}}}
	for _, box := range b.Boxes {
		t.Rows = append(t.Rows, row{Head: box.Role, Cells: []cell{{Text: box.Name}, {Text: box.Date}}})
	}
	writeTable(out, t)
}

func writeCard(out io.Writer, c card) {
	fmt.Fprintf(out, "\n### %s: %s %s\n\n**%s**\n", escape(c.Site), escape(c.Figure), escape(c.Metric), escape(c.Method))
	writeList(out, c.Lines)
}

func writeList(out io.Writer, lines []string) {
	fmt.Fprintln(out)
	for _, l := range lines {
		fmt.Fprintf(out, "- %s\n", escape(l))
	}
}

func writeTable(w io.Writer, t table) {
	fmt.Fprintf(w, "\n**%s**\n\n|", escape(t.Caption))
	for _, c := range t.Head {
		fmt.Fprintf(w, " %s |", escape(c.Title))
	}
	fmt.Fprint(w, "\n|")
	for _, c := range t.Head {
		if c.Num {
			fmt.Fprint(w, " ---: |")
		} else {
			fmt.Fprint(w, " --- |")
		}
	}
	for _, r := range t.Rows {
		fmt.Fprintf(w, "\n| %s |", escape(withNote(r.Head, r.Note)))
		for _, c := range r.Cells {
			fmt.Fprintf(w, " %s |", escape(withNote(c.Text, c.Note)))
		}
	}
	fmt.Fprintln(w)
}

func withNote(text, note string) string {
	if note == "" {
		return text
	}
	return text + " (" + note + ")"
}

// table is the matrix for those who can't see it.
func (h heat) table(w words) table {
	t := table{Caption: h.Caption, Head: w.columns("class")}
	for _, c := range h.Columns {
		t.Head = append(t.Head, column{c.Label, true})
	}
	for _, r := range h.Rows {
		line := row{Head: r.Label}
		for _, c := range r.Cells {
			line.Cells = append(line.Cells, cell{Text: fmt.Sprint(c.N)})
		}
		t.Rows = append(t.Rows, line)
	}
	return t
}

// writeCode fences a text with more backticks than it holds in a row.
func writeCode(w io.Writer, text string) {
	fence := "```"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	fmt.Fprintf(w, "\n%s\n%s\n%s\n", fence, strings.TrimRight(text, "\n"), fence)
}

// escape keeps text from being read as Markdown or HTML. No text from outside
// stands at the start of a line, where more characters would mean something.
func escape(s string) string { return escaper.Replace(s) }

var escaper = strings.NewReplacer(
	`\`, `\\`, "`", "\\`", `*`, `\*`, `_`, `\_`, `[`, `\[`, `]`, `\]`, `|`, `\|`, `#`, `\#`, `~`, `\~`,
	`<`, `&lt;`, `>`, `&gt;`, `&`, `&amp;`,
)
