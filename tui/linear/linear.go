// Package linear reads pages out: one idea a line, in order, no frames, no
// marks, nothing redrawn. It is for screen readers, dumb terminals and pipes,
// and says all that the painted page says.
package linear

import (
	"fmt"
	"strings"

	"framepilot/tui/page"
)

// Text is a page as lines. Actions that can be done are numbered from 1, in
// the order of the page; one that can't says why.
func Text(p page.Page) string {
	return read(p, func(n int, _ page.Action) string { return fmt.Sprintf("%d:", n) })
}

// Keyed is Text for who presses keys: actions by theirs.
func Keyed(p page.Page) string {
	return read(p, func(_ int, a page.Action) string { return "[" + a.Key + "]" })
}

func read(p page.Page, name func(n int, a page.Action) string) string {
	var b strings.Builder
	say := func(format string, args ...any) {
		text := strings.Join(strings.Fields(fmt.Sprintf(format, args...)), " ")
		if text != "" {
			b.WriteString(text + "\n")
		}
	}
	say("%s.", strings.Join(p.Title, ", "))
	for _, block := range p.All() {
		readBlock(say, block)
	}
	if p.Status != "" {
		say("%s", p.Status)
	}
	n := 0
	for _, a := range p.Actions {
		if a.Why != "" {
			say("%s: %s.", a.Label, a.Why)
			continue
		}
		n++
		say("%s %s.", name(n, a), a.Label)
	}
	return b.String()
}

// Mark is what the line of what is chosen begins with.
const Mark = "* "

// Choices are the actions in the order of their numbers.
func Choices(p page.Page) []page.Action {
	var can []page.Action
	for _, a := range p.Actions {
		if a.Why == "" {
			can = append(can, a)
		}
	}
	return can
}

// near are the rows of a table that are read out: all, or of many to choose from
// those around the chosen one.
func near(b page.Table) (from, to int) {
	const many, few = 40, 9
	if len(b.Rows) <= many || b.Selected < 0 {
		return 0, len(b.Rows)
	}
	from = max(0, min(b.Selected-few/2, len(b.Rows)-few))
	return from, from + few
}

func readBlock(say func(string, ...any), block page.Block) {
	heading := func(name string) {
		if name != "" {
			say("%s.", strings.TrimRight(name, ".:"))
		}
	}
	switch b := block.(type) {
	case page.Text:
		for _, text := range strings.Split(b.Text, "\n") {
			say("%s", text)
		}
	case page.Fields:
		heading(b.Name)
		for _, f := range b.Items {
			say("%s: %s", f.Label, f.Value)
		}
	case page.Table:
		heading(b.Name)
		if len(b.Rows) == 0 {
			say("%s", b.Empty)
		}
		from, to := near(b)
		for i := from; i < to; i++ {
			row := b.Rows[i]
			var parts []string
			for k, cell := range row.Cells {
				if strings.TrimSpace(cell) == "" {
					continue
				}
				if head := b.Columns[k].Head; k > 0 && head != "" {
					cell = head + " " + cell
				}
				parts = append(parts, cell)
			}
			mark := ""
			if i == b.Selected {
				mark = Mark
			}
			say("%s%s.", mark, strings.TrimSuffix(strings.TrimSuffix(strings.Join(parts, ", "), "."), "。"))
		}
		if to-from < len(b.Rows) {
			say("%d-%d / %d.", from+1, to, len(b.Rows))
		}
	case page.Gauge:
		say("%s: %.0f percent. %s", b.Label, 100*b.Share, b.Text)
	case page.Bars:
		heading(b.Name)
		for i, r := range b.Rows {
			mark := ""
			if i == b.Selected {
				mark = Mark
			}
			say("%s%s: %s.", mark, r.Label, r.Text)
		}
	case page.Curve:
		heading(b.Name)
		say("%s", b.Text)
	case page.Matrix:
		heading(b.Name)
		say("%s", b.Text)
	case page.Form:
		heading(b.Name)
		for i, in := range b.Inputs {
			mark := ""
			if i == b.At {
				mark = Mark
			}
			label := mark + in.Label
			if in.Value != "" {
				label += ": " + in.Value
			}
			say("%s. %s %s %s", label, strings.Join(in.Choices, ", "), in.Hint, in.Problem)
		}
	case page.Picture:
		say("%s", b.Text)
	default:
		panic(fmt.Sprintf("linear: block %T", b))
	}
}
