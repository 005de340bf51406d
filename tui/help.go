package tui

import (
	"framepilot/internal/lang"
	"framepilot/tui/page"
)

// helpTable lists every key that works here, to read or to choose one.
func (a *App) helpTable(p page.Page) page.Table {
	t := page.Table{Name: a.text("help.title"), Columns: []page.Column{{}, {}}}
	for _, key := range a.keys(p) {
		t.Rows = append(t.Rows, page.Row{Cells: []string{a.shown(key[0]), key[1]}})
	}
	if a.o.Keys.File != "" {
		t.Name = a.text("help.yours", lang.Args{"File": a.o.Keys.File})
	}
	return a.help.table(a, t)
}

// keyHelp moves through the keys, and does the chosen one.
func (a *App) keyHelp(key string) (tasks []Task, used bool) {
	if key != "enter" {
		return nil, a.help.key(key)
	}
	keys := a.keys(a.withoutHelp())
	i, ok := a.help.chosen()
	if !ok || i >= len(keys) {
		return nil, true
	}
	a.help = nil
	return a.press(keys[i][0]), true
}

// moves says how to get about.
func (a *App) moves() page.Text {
	return page.Text{Text: a.text("help.moves", lang.Args{"Down": a.shown("j"), "Up": a.shown("k")}), Tone: page.Dim}
}

// keys are the keys that work on a page, each with what it does.
func (a *App) keys(p page.Page) [][2]string {
	var all [][2]string
	for _, action := range p.Actions {
		label := action.Label
		if action.Why != "" {
			label += " (" + action.Why + ")"
		}
		all = append(all, [2]string{action.Key, label})
	}
	for _, tab := range a.tabs {
		all = append(all, [2]string{tab.key, a.text("tab." + tab.name)})
	}
	for _, key := range a.everywhere() {
		all = append(all, [2]string{key.key, a.text(key.text)})
	}
	return all
}

// globalKey works on every screen; text is the id of what it does.
type globalKey struct{ key, text string }

// everywhere are the keys that work on every screen.
func (a *App) everywhere() []globalKey {
	return []globalKey{{"=", "help.twin"}, {":", "help.palette"}, {"/", "help.filter"}, {"c", "help.copy"}, {"C", "help.file"},
		{"L", "help.language"}, {"T", "help.theme"}, {"%", "help.mouse"}, {"?", "help.help"}, {"q", "help.quit"}}
}

// twins shows the commands that do the same as the actions.
func (a *App) twins(p page.Page) page.Table {
	t := page.Table{Name: a.text("help.same"), Empty: a.text("help.no_twin"), Selected: -1, Columns: []page.Column{{}, {Wrap: true, Least: 16}, {Wrap: true, Least: 30}}}
	for _, action := range p.Actions {
		if action.Command != "" {
			t.Rows = append(t.Rows, page.Row{Cells: []string{"[" + action.Key + "]", action.Label, action.Command}})
		}
	}
	if len(t.Rows) > 0 && a.dir != "." {
		t.Rows = append([]page.Row{{Cells: []string{"", a.text("help.folder"), "cd " + Quote(a.dir)}}}, t.Rows...)
	}
	return t
}
