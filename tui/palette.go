package tui

import (
	"strings"

	"framepilot/tui/page"
)

// palette finds an action by what it is called.
type palette struct {
	words    string
	entries  []paletteEntry
	selected int
}

type paletteEntry struct {
	label, hint string
	do          func(*App) []Task
}

// newPalette gathers what can be done: the actions of the screen, and the
// other screens.
func newPalette(a *App) *palette {
	p := &palette{}
	for _, action := range a.current().page(a).Actions {
		if action.Why == "" {
			p.entries = append(p.entries, paletteEntry{action.Label, action.Command, func(a *App) []Task { return a.current().key(a, action.Key) }})
		}
	}
	for _, t := range a.tabs {
		p.entries = append(p.entries, paletteEntry{a.text("tab." + t.name), t.key, func(a *App) []Task { return a.goTo(t.name) }})
	}
	return p
}

// matches are the entries whose label holds the letters typed, in order.
func (p *palette) matches() []paletteEntry {
	var found []paletteEntry
	for _, e := range p.entries {
		if subsequence(strings.ToLower(p.words), strings.ToLower(e.label)) {
			found = append(found, e)
		}
	}
	return found
}

func subsequence(letters, text string) bool {
	want := []rune(letters)
	for _, r := range text {
		if len(want) > 0 && r == want[0] {
			want = want[1:]
		}
	}
	return len(want) == 0
}

func (p *palette) key(a *App, key string) []Task {
	found := p.matches()
	switch key {
	case "esc":
		a.palette = nil
	case "enter":
		a.palette = nil
		if p.selected < len(found) {
			return found[p.selected].do(a)
		}
	case "up":
		p.selected = max(0, p.selected-1)
	case "down":
		p.selected = min(max(0, len(found)-1), p.selected+1)
	default:
		p.words, p.selected = typed(p.words, key), 0
	}
	return nil
}

func (p *palette) page(a *App) page.Page {
	t := page.Table{Columns: []page.Column{{}, {Rank: 1}}, Selected: p.selected, Empty: a.text("palette.none")}
	for _, e := range p.matches() {
		t.Rows = append(t.Rows, page.Row{Cells: []string{e.label, e.hint}})
	}
	return page.Page{
		Blocks: []page.Block{
			page.Form{Inputs: []page.Input{{Label: a.text("palette.find"), Value: p.words}}},
			t,
		},
		Actions: []page.Action{{Key: "enter", Label: a.text("palette.do")}, {Key: "esc", Label: a.text("palette.leave")}},
	}
}

// typed is text after a key: a character, "space", "backspace" or "ctrl+u".
func typed(text, key string) string {
	switch {
	case key == "backspace":
		if runes := []rune(text); len(runes) > 0 {
			return string(runes[:len(runes)-1])
		}
		return text
	case key == "ctrl+u":
		return ""
	case key == "space":
		return text + " "
	case len([]rune(key)) == 1:
		return text + key
	}
	return text
}
