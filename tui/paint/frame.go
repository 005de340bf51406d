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

// Scroll is how many lines of a page are above what is shown. Free lets what is
// selected be out of sight, as one looks elsewhere.
type Scroll struct {
	Lines int
	Free  bool
}

// Frame draws a page: exactly size.Height lines of size.Width cells, joined by
// line breaks. Where the page is longer than the terminal, it is shown from
// line scroll.Lines on, as far as what is selected stays in sight; the scroll
// returned is the one that was used.
func Frame(p page.Page, foot page.Footer, size Size, scroll Scroll, style Style) (frame string, used Scroll) {
	lines, _, used := compose(p, foot, size, scroll, style)
	return strings.Join(lines, "\n"), used
}

// compose draws the lines of a frame, and says what stands where.
func compose(p page.Page, foot page.Footer, size Size, scroll Scroll, style Style) (out []string, spots []Spot, used Scroll) {
	inner := size.Width - 4
	actions, spots := actionLines(p.Actions, size, style)
	room := size.Height - 2 - len(actions) - 2 // frame, actions, status, footer
	body := lay(p, foot, inner, room, scroll, style)
	title := " " + strings.Join(append([]string{"framepilot"}, p.Title...), " / ") + " "
	title = strings.TrimRight(fit(title, min(Cells(clean(title)), size.Width-6), false), " ") + " "
	out = append(out, style.frameText("+--"+title+strings.Repeat("-", max(0, size.Width-4-Cells(title)))+"+"))
	edge := style.frameText("|")
	for _, text := range body.lines {
		out = append(out, edge+" "+text+" "+edge)
	}
	bottom := strings.Repeat("-", size.Width-2)
	if mark := body.mark; mark != "" {
		mark = " " + mark + " "
		bottom = strings.Repeat("-", body.left-Cells(mark)) + mark + strings.Repeat("-", size.Width-2-body.left)
	}
	out = append(out, style.frameText("+"+bottom+"+"))
	spots = append(moved(spots, len(out), 0), moved(body.spots, 1, 2)...)
	out = append(out, actions...)
	last, screens := lastLines(p.Status, foot, size.Width, style)
	out = append(out, last...)
	return out, append(spots, moved(screens, len(out)-1, 0)...), Scroll{body.scroll, scroll.Free}
}

// lastLines are what just happened and the footer. The keys stand behind the
// screens, or above them where that is too long and the line above is free. The
// spots are of the last line.
func lastLines(status string, foot page.Footer, width int, style Style) (lines []string, spots []Spot) {
	status = clean(status)
	keys := Cells(clean(foot.Keys))
	if len(foot.Screens) == 0 {
		return []string{style.tone(page.Strong, fit(status, width, false)), style.tone(page.Dim, fit(foot.Keys, width, false))}, nil
	}
	screens, spots := screenLine(foot.Screens, true)
	full := Cells(screens)
	if full+2+keys > width && full <= width && Cells(status)+2+keys <= width {
		return []string{style.tone(page.Strong, fit(status, width-keys, false)) + style.tone(page.Dim, clean(foot.Keys)), style.tone(page.Dim, fit(screens, width, false))}, spots
	}
	if full+2+keys > width {
		screens, spots = screenLine(foot.Screens, false)
	}
	return []string{style.tone(page.Strong, fit(status, width, false)), style.tone(page.Dim, fit(screens+"  "+foot.Keys, width, false))}, spots
}

// screenLine is the screens in a line: all with their names, or only the one
// that is shown.
func screenLine(screens []page.Screen, named bool) (text string, spots []Spot) {
	for _, s := range screens {
		part := s.Key
		if named || s.Here {
			part += " " + s.Name
		}
		if s.Here {
			part = "<" + part + ">"
		}
		if text != "" {
			text += " "
		}
		from := Cells(text)
		text += clean(part)
		spots = append(spots, Spot{From: from, To: Cells(text), Key: s.Key})
	}
	return text, spots
}

func (s Style) frameText(text string) string {
	if !s.colour {
		return text
	}
	return s.frame.Render(text)
}

// actionLines lays the actions out in at most three lines, in two of a low
// terminal if that will do for what can be done now. What can't says why; where
// there is no room for all, it is left out first, and two dots say that help
// lists more.
func actionLines(actions []page.Action, size Size, style Style) (lines []string, spots []Spot) {
	const most = 3
	lines, spots = laidOut(actions, size.Width, style)
	if len(lines) <= most && size.Height >= 20 || len(lines) < most {
		return lines, spots
	}
	can := slices.DeleteFunc(slices.Clone(actions), func(a page.Action) bool { return a.Why != "" })
	if len(can) == len(actions) && len(lines) <= most {
		return lines, spots
	}
	for {
		lines, spots = laidOut(append(slices.Clone(can), page.Action{Key: "?", Label: ".."}), size.Width, style)
		if len(lines) <= most || len(can) == 0 {
			return lines, spots
		}
		can = can[:len(can)-1]
	}
}

func laidOut(actions []page.Action, width int, style Style) (lines []string, spots []Spot) {
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
		spots = append(spots, Spot{Line: len(lines), From: used, To: used + n, Key: a.Key})
		used += n
	}
	if used > 0 {
		flush()
	}
	return lines, spots
}
