package tui

import (
	"slices"

	"framepilot/internal/lang"
	"framepilot/tui/page"
)

// Key takes a key of the keyboard by name: "a", "enter", "up", "ctrl+c", …
func (a *App) Key(key string) []Task {
	if !a.Typing() {
		if key = a.o.Keys.Means(a.tabs[a.at].name, key); key == "" {
			return nil
		}
	}
	return a.press(key)
}

// press takes a key as the screens know it.
func (a *App) press(key string) []Task {
	if key == "ctrl+c" {
		a.quit = true
		return nil
	}
	a.notice = nil
	if a.palette != nil {
		return a.palette.key(a, key)
	}
	if a.dialog != nil {
		return a.dialog.key(a, key)
	}
	if a.help != nil {
		if tasks, used := a.keyHelp(key); used {
			return tasks
		}
	} else if t, ok := a.current().(typist); ok && t.typing() {
		return a.current().key(a, key)
	}
	switch key {
	case "q":
		if a.help != nil || a.twin {
			a.help, a.twin = nil, false
			return nil
		}
		a.quit = true
		return nil
	case "esc":
		if a.help != nil || a.twin {
			a.help, a.twin = nil, false
			return nil
		}
	case "?":
		if a.help != nil {
			a.help = nil
		} else {
			a.help = &list{}
		}
		return nil
	case ":":
		a.palette = newPalette(a)
		return nil
	case "=":
		a.twin = !a.twin
		return nil
	case "L":
		all := lang.All()
		a.o.Language = all[(slices.Index(all, a.o.Language)+1)%len(all)]
		return nil
	case "%":
		a.mouse = !a.mouse
		return nil
	case "T":
		a.turned = !a.turned
		return nil
	case "c":
		return a.copyTable()
	case "C":
		return a.saveTable()
	case "tab":
		return a.goTo(a.tabs[(a.at+1)%len(a.tabs)].name)
	case "shift+tab":
		return a.goTo(a.tabs[(a.at+len(a.tabs)-1)%len(a.tabs)].name)
	}
	for _, t := range a.tabs {
		if t.key == key {
			return a.goTo(t.name)
		}
	}
	p := a.withoutHelp()
	if i := slices.IndexFunc(p.Actions, func(x page.Action) bool { return x.Key == key && x.Why != "" }); i >= 0 {
		a.status = p.Actions[i].Label + ": " + p.Actions[i].Why
		if p.Actions[i].Why == a.text("app.readonly_why") {
			a.status = a.text("app.readonly")
		}
		return nil
	}
	a.help = nil
	if lines, moves := map[string]int{"up": -1, "k": -1, "down": 1, "j": 1}[key]; moves && !p.Chooses() {
		a.scroll += lines
	}
	return a.current().key(a, key)
}

// shown is the key of the keyboard for one the screens know.
func (a *App) shown(key string) string { return a.o.Keys.Shown(a.tabs[a.at].name, key) }

// Knows says whether a key does anything on this page.
func (a *App) Knows(key string) bool {
	key = a.o.Keys.Means(a.tabs[a.at].name, key)
	known := slices.Contains([]string{"esc", "tab", "shift+tab", "enter", "up", "down", "left", "right", "home", "end"}, key) ||
		slices.ContainsFunc(a.everywhere(), func(x globalKey) bool { return x.key == key }) ||
		slices.ContainsFunc(a.tabs, func(t tab) bool { return t.key == key })
	return known || slices.ContainsFunc(a.Page().Actions, func(x page.Action) bool { return x.Key == a.shown(key) })
}

// Typing says whether text is asked for, so that letters are no commands.
func (a *App) Typing() bool {
	t, ok := a.current().(typist)
	return a.palette != nil || a.dialog != nil || a.help != nil && a.help.asking || a.help == nil && ok && t.typing()
}

// Type gives a whole line of text where text is asked for, and goes on to what
// is asked next, as enter does.
func (a *App) Type(text string) []Task {
	if d := a.dialog; d != nil && a.palette == nil && len(d.inputs[d.at].choices) > 0 {
		return d.choose(a, text)
	}
	tasks := a.Key("ctrl+u")
	for _, r := range text {
		key := string(r)
		if r == ' ' {
			key = "space"
		}
		tasks = append(tasks, a.Key(key)...)
	}
	return append(tasks, a.Key("enter")...)
}
