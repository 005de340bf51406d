package tui

import (
	"slices"

	"framepilot/internal/lang"
	"framepilot/tui/page"
)

// Page is what is to be shown now.
func (a *App) Page() page.Page {
	var p page.Page
	switch {
	case a.palette != nil:
		p = a.palette.page(a)
	case a.dialog != nil:
		p = a.dialog.page(a)
	default:
		p = a.withoutHelp()
		p.Blocks = append(slices.Clone(a.notice), p.Blocks...)
		if a.help != nil {
			p = page.Page{Blocks: []page.Block{a.helpTable(p)}, Foot: []page.Block{a.moves()}, Actions: []page.Action{{Key: "enter", Label: a.text("palette.do")}, {Key: "esc", Label: a.text("palette.leave")}}}
			break
		}
		if a.Typing() { // what rows are narrowed by: other keys are letters
			p.Actions = []page.Action{{Key: "enter", Label: a.text("list.keep")}, {Key: "esc", Label: a.text("list.all")}}
			break
		}
		for i := range p.Actions {
			p.Actions[i].Key = a.shown(p.Actions[i].Key)
		}
		if a.twin {
			p.Blocks, p.Right, p.Below, p.Aside = []page.Block{a.twins(p)}, nil, nil, nil
		}
	}
	name := a.text("tab." + a.tabs[a.at].name)
	p.Title = []string{name}
	if a.boardErr == nil {
		p.Title = []string{a.board.Pilot, name}
	} else if a.dir != "." {
		p.Title = []string{a.dir, name}
	}
	if a.dialog != nil && a.palette == nil {
		p.Title = []string{name, a.dialog.title}
	}
	if p.Status == "" {
		p.Status = a.status
	}
	return p
}

// withoutHelp is the page of the screen.
func (a *App) withoutHelp() page.Page {
	p := a.current().page(a)
	a.forbid(p.Actions)
	return p
}

// forbid marks what can't be done read-only.
func (a *App) forbid(actions []page.Action) {
	for i := range actions {
		if a.o.ReadOnly && actions[i].Command != "" && !actions[i].Reads && actions[i].Why == "" {
			actions[i].Why = a.text("app.readonly_why")
		}
	}
}

// Footer is what works beside the actions of the page.
func (a *App) Footer() page.Footer {
	foot := page.Footer{Below: a.text("footer.below"), Above: a.text("footer.above"), Both: a.text("footer.both")}
	if a.Typing() {
		foot.Keys = a.text("footer.typing")
		if d := a.dialog; d != nil && len(d.values()) > 1 && a.palette == nil {
			foot.Keys = a.text("footer.form")
		}
		return foot
	}
	for i, t := range a.tabs {
		foot.Screens = append(foot.Screens, page.Screen{Key: a.shown(t.key), Name: a.text("tab." + t.name), Here: i == a.at})
	}
	foot.Keys = a.text("footer.keys", lang.Args{"Help": a.shown("?"), "Find": a.shown(":"), "Quit": a.shown("q")})
	return foot
}

// Screens are the screens there are, each with the key it is under.
func (a *App) Screens() []page.Action {
	var all []page.Action
	for _, t := range a.tabs {
		all = append(all, page.Action{Key: a.shown(t.key), Label: a.text("tab." + t.name)})
	}
	return all
}
