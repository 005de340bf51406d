package tui

import (
	"cmp"
	"slices"
	"strings"

	"framepilot/internal/lang"
	"framepilot/tui/edit"
	"framepilot/tui/page"
)

// palette finds an action by what it is called.
type palette struct {
	words    edit.Line
	entries  []paletteEntry
	selected int
}

// paletteEntry is something that can be done, with its name in every language:
// people look for the word they know.
type paletteEntry struct {
	names       []string
	label, hint string
	do          func(*App) []Task
}

// newPalette gathers what can be done: the actions of the screen, the screens,
// what works everywhere, and the actions of the other screens, which lead
// there.
func newPalette(a *App) *palette {
	p := &palette{}
	add := func(name func(lang.Language) string, hint string, do func(*App) []Task) {
		e := paletteEntry{label: name(a.o.Language), hint: hint, do: do}
		for _, l := range lang.All() {
			e.names = append(e.names, strings.ToLower(name(l)))
		}
		p.entries = append(p.entries, e)
	}
	press := func(key string) func(*App) []Task {
		return func(a *App) []Task { return a.press(key) }
	}
	here := a.actionsOf(a.at)
	for i, action := range here[a.o.Language] {
		add(func(l lang.Language) string { return a.labelIn(here, l, i) }, cmp.Or(action.Why, a.shown(action.Key)), press(action.Key))
	}
	for _, t := range a.tabs {
		add(func(l lang.Language) string { return l.Text("tab." + t.name) }, a.shown(t.key), press(t.key))
	}
	for _, key := range a.everywhere() {
		add(func(l lang.Language) string { return l.Text(key.text) }, a.shown(key.key), press(key.key))
	}
	for k, t := range a.tabs {
		if k == a.at {
			continue
		}
		all := a.actionsOf(k)
		for i := range all[a.o.Language] {
			add(func(l lang.Language) string { return l.Text("tab."+t.name) + ": " + a.labelIn(all, l, i) }, a.shown(t.key), press(t.key))
		}
	}
	return p
}

// labelIn is what an action is called in a language. Where rows are narrowed by
// words of one language a page in another may have fewer of them.
func (a *App) labelIn(actions map[lang.Language][]page.Action, l lang.Language, i int) string {
	if i >= len(actions[l]) {
		l = a.o.Language
	}
	return actions[l][i].Label
}

// actionsOf are the actions of a screen in every language.
func (a *App) actionsOf(tab int) map[lang.Language][]page.Action {
	all := map[lang.Language][]page.Action{}
	spoken := a.o.Language
	for _, l := range lang.All() {
		a.o.Language = l
		all[l] = a.tabs[tab].screen.page(a).Actions
		a.forbid(all[l])
	}
	a.o.Language = spoken
	return all
}

// matches are the entries one of whose names holds the words typed, then those
// that hold their letters in order.
func (p *palette) matches() []paletteEntry {
	words := strings.ToLower(strings.TrimSpace(p.words.String()))
	var found, near []paletteEntry
	for _, e := range p.entries {
		switch {
		case slices.ContainsFunc(e.names, func(name string) bool { return strings.Contains(name, words) }):
			found = append(found, e)
		case slices.ContainsFunc(e.names, func(name string) bool { return subsequence(words, name) }):
			near = append(near, e)
		}
	}
	return append(found, near...)
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
		p.words, p.selected = p.words.Key(key), 0
	}
	return nil
}

func (p *palette) page(a *App) page.Page {
	t := page.Table{Columns: []page.Column{{Least: 40}, {Rank: 1}}, Selected: p.selected, Empty: a.text("palette.none")}
	for _, e := range p.matches() {
		t.Rows = append(t.Rows, page.Row{Cells: []string{e.label, e.hint}})
	}
	return page.Page{
		Blocks: []page.Block{
			page.Form{Inputs: []page.Input{{Label: a.text("palette.find"), Value: p.words.String(), Cursor: p.words.At()}}},
			t,
		},
		Actions: []page.Action{{Key: "enter", Label: a.text("palette.do")}, {Key: "esc", Label: a.text("palette.leave")}},
	}
}
