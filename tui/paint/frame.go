package paint

import (
	"slices"
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
// line breaks. Where the page is longer than the terminal, the part that holds
// what is selected is shown, or from line scroll on; the scroll returned is the
// one that was used. What stands aside of a page comes beside it in a wide
// terminal, below it in a tall one.
func Frame(p page.Page, foot page.Footer, size Size, scroll int, style Style) (frame string, used int) {
	inner := size.Width - 4
	most := 3
	if size.Height < 20 {
		most = 2
	}
	actions := actionLines(p.Actions, size.Width, most, style)
	room := size.Height - 2 - len(actions) - 2 // frame, actions, status, footer
	left, right := inner, 0
	if len(p.Aside) > 0 && size.Width >= wide {
		left = inner * 3 / 5
		right = inner - left - 3
	}
	body, mark, used := column(p, foot, left, room, scroll, style)
	var beside []line
	switch {
	case right > 0:
		beside = aside(p.Aside, right, room, style)
	case len(p.Foot) == 0 && len(body) < room:
		if rest := whole(p.Aside, inner, room-len(body)-1, style); len(rest) > 0 {
			body = append(append(body, line{text: strings.Repeat(" ", inner)}), rest...)
		}
	}

	var out []string
	title := " " + strings.Join(append([]string{"framepilot"}, p.Title...), " / ") + " "
	title = strings.TrimRight(fit(title, min(Cells(clean(title)), size.Width-6), false), " ") + " "
	out = append(out, style.frameText("+--"+title+strings.Repeat("-", max(0, size.Width-4-Cells(title)))+"+"))
	edge := style.frameText("|")
	cell := func(lines []line, i, width int) string {
		if i < len(lines) {
			return lines[i].text
		}
		return strings.Repeat(" ", width)
	}
	for i := range room {
		text := edge + " " + cell(body, i, left) + " "
		if right > 0 {
			text += edge + " " + cell(beside, i, right) + " "
		}
		out = append(out, text+edge)
	}
	bottom := strings.Repeat("-", size.Width-2)
	if mark != "" {
		mark = " " + mark + " "
		bottom = strings.Repeat("-", left-Cells(mark)) + mark + strings.Repeat("-", size.Width-2-left)
	}
	out = append(out, style.frameText("+"+bottom+"+"))
	out = append(out, actions...)
	return strings.Join(append(out, lastLines(p.Status, foot, size.Width, style)...), "\n"), used
}

// wide is the width from which there are two columns.
const wide = 140

// column draws the blocks of a page and its foot, in at most room lines; mark
// says where there is more.
func column(p page.Page, marks page.Footer, width, room, scroll int, style Style) (lines []line, mark string, used int) {
	foot := drawn(p.Foot, width, style)
	if most := max(3, room/3); len(foot) > most {
		foot = append(foot[:most-1], line{text: fit("..", width, false)})
	}
	if len(foot) > 0 {
		foot = append([]line{{text: strings.Repeat(" ", width)}}, foot...)
		room -= len(foot)
	}
	all := drawn(p.Blocks, width, style)
	for i := 0; i < len(all) && len(all) > room; i++ {
		if all[i].spacer {
			all = slices.Delete(all, i, i+1)
		}
	}
	lines, used = window(all, room, scroll)
	if len(all) > room {
		mark = position(marks, used, room, len(all))
	}
	return slices.Concat(lines, foot), mark, used
}

// whole draws as many of the blocks as fit, from the first on.
func whole(blocks []page.Block, width, room int, style Style) []line {
	for n := len(blocks); n > 0; n-- {
		if lines := drawn(blocks[:n], width, style); len(lines) <= room {
			return lines
		}
	}
	return nil
}

// aside draws the blocks that fit, and as much of the first as there is room
// for.
func aside(blocks []page.Block, width, room int, style Style) []line {
	if lines := whole(blocks, width, room, style); lines != nil {
		return lines
	}
	lines := drawn(blocks[:1], width, style)
	return append(lines[:room-1], line{text: style.tone(page.Dim, fit("..", width, false))})
}

// drawn are blocks, one below the other.
func drawn(blocks []page.Block, width int, style Style) []line {
	c := &canvas{width: width, style: style}
	for _, b := range blocks {
		c.block(b)
	}
	return c.lines
}

// lastLines are what just happened and the footer. The keys stand behind the
// screens, or above them where that is too long and the line above is free.
func lastLines(status string, foot page.Footer, width int, style Style) []string {
	status = clean(status)
	keys := Cells(clean(foot.Keys))
	if len(foot.Screens) == 0 {
		return []string{style.tone(page.Strong, fit(status, width, false)), style.tone(page.Dim, fit(foot.Keys, width, false))}
	}
	full := Cells(clean(foot.Screens[0]))
	if full+2+keys > width && full <= width && Cells(status)+2+keys <= width {
		return []string{style.tone(page.Strong, fit(status, width-keys, false)) + style.tone(page.Dim, clean(foot.Keys)), style.tone(page.Dim, fit(foot.Screens[0], width, false))}
	}
	screens := firstThatFits(foot.Screens, width-keys-2)
	return []string{style.tone(page.Strong, fit(status, width, false)), style.tone(page.Dim, fit(clean(screens)+"  "+foot.Keys, width, false))}
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

func position(marks page.Footer, scroll, room, lines int) string {
	switch {
	case scroll == 0:
		return marks.Below
	case scroll+room >= lines:
		return marks.Above
	}
	return marks.Both
}

// actionLines lays the actions out in at most three lines. One that can't be
// done now says why; where there is no room for all, those are left out first,
// and two dots say that help lists more.
func actionLines(actions []page.Action, width, most int, style Style) []string {
	lines := laidOut(actions, width, style)
	if len(lines) <= most {
		return lines
	}
	can := slices.DeleteFunc(slices.Clone(actions), func(a page.Action) bool { return a.Why != "" })
	for {
		lines = laidOut(append(slices.Clone(can), page.Action{Key: "?", Label: ".."}), width, style)
		if len(lines) <= most || len(can) == 0 {
			return lines
		}
		can = can[:len(can)-1]
	}
}

func laidOut(actions []page.Action, width int, style Style) []string {
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
	return lines
}
