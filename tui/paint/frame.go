package paint

import (
	"strings"

	"framepilot/tui/page"
)

// The smallest terminal a page is drawn in; below it the linear mode reads
// better.
const (
	MinWidth  = 60
	MinHeight = 16
)

// Size is a terminal's, in cells.
type Size struct{ Width, Height int }

// Frame draws a page: exactly size.Height lines of size.Width cells, joined by
// line breaks. Of the footers, which say the same at different lengths, the
// first that fits is the last line. Where the page
// is longer than the terminal, the part that holds what is selected is shown,
// or from line scroll on; the scroll returned is the one that was used.
func Frame(p page.Page, footers []string, size Size, scroll int, style Style) (frame string, used int) {
	inner := size.Width - 4
	c := &canvas{width: inner, style: style}
	for _, b := range p.Blocks {
		c.block(b)
	}
	actions := actionLines(p.Actions, size.Width, style)
	room := size.Height - 2 - len(actions) - 2 // frame, actions, status, footer
	for room < 6 && len(actions) > 1 {
		actions = actions[:len(actions)-1]
		room++
	}
	body, used := window(c.lines, room, scroll)

	var out []string
	title := " " + strings.Join(append([]string{"framepilot"}, p.Title...), " / ") + " "
	title = strings.TrimRight(fit(title, min(Cells(clean(title)), size.Width-6), false), " ") + " "
	out = append(out, style.frameText("+--"+title+strings.Repeat("-", max(0, size.Width-4-Cells(title)))+"+"))
	edge := style.frameText("|")
	for i := range room {
		text := strings.Repeat(" ", inner)
		if i < len(body) {
			text = body[i].text
		}
		out = append(out, edge+" "+text+" "+edge)
	}
	bottom := strings.Repeat("-", size.Width-2)
	if len(c.lines) > room {
		mark := " " + position(used, room, len(c.lines)) + " "
		bottom = strings.Repeat("-", size.Width-4-len(mark)) + mark + "--"
	}
	out = append(out, style.frameText("+"+bottom+"+"))
	out = append(out, actions...)
	out = append(out, style.tone(page.Strong, fit(p.Status, size.Width, false)))
	out = append(out, style.tone(page.Dim, fit(firstThatFits(footers, size.Width), size.Width, false)))
	return strings.Join(out, "\n"), used
}

func (s Style) frameText(text string) string {
	if !s.colour {
		return text
	}
	return s.frame.Render(text)
}

// firstThatFits is the first text of at most n cells, or the last.
func firstThatFits(texts []string, n int) string {
	for _, text := range texts {
		if Cells(clean(text)) <= n {
			return text
		}
	}
	if len(texts) == 0 {
		return ""
	}
	return texts[len(texts)-1]
}

// window is the part of the lines that is shown.
func window(lines []line, room, scroll int) ([]line, int) {
	if len(lines) <= room {
		return lines, 0
	}
	for i, l := range lines {
		if !l.selected {
			continue
		}
		if i < scroll+1 {
			scroll = i - 1
		}
		if i > scroll+room-2 {
			scroll = i - room + 2
		}
	}
	scroll = min(max(0, scroll), len(lines)-room)
	return lines[scroll : scroll+room], scroll
}

func position(scroll, room, lines int) string {
	switch {
	case scroll == 0:
		return "more below"
	case scroll+room >= lines:
		return "more above"
	}
	return "more above and below"
}

// actionLines lays the actions out in as many lines as they take, three at
// most. One that can't be done now says why.
func actionLines(actions []page.Action, width int, style Style) []string {
	var lines []string
	used, current := 0, ""
	flush := func() {
		lines = append(lines, current+strings.Repeat(" ", max(0, width-used)))
		used, current = 0, ""
	}
	for _, a := range actions {
		text, tone := "["+a.Key+"] "+a.Label, page.Plain
		if a.Why != "" {
			text, tone = text+" ("+a.Why+")", page.Dim
		}
		n := Cells(clean(text))
		if n > width-1 {
			n = width - 1
			text = fit(text, n, false)
		}
		if used > 0 && used+2+n > width {
			flush()
		}
		if used > 0 {
			current += "  "
			used += 2
		}
		current += style.tone(tone, clean(text))
		used += n
	}
	if used > 0 {
		flush()
	}
	return lines[:min(len(lines), 3)]
}
