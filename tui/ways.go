package tui

import (
	"framepilot/internal/lang"
	"framepilot/pilot"
	"framepilot/pilot/gate"
	"framepilot/tui/page"
)

// way is something that could be done next, and what it costs.
type way struct {
	what, cost string
	do         func(a *App) []Task
}

// others are the ways on from where the pilot stands, the recommended one
// first.
func (s *boardScreen) others(a *App) []way {
	var ways []way
	recipe := false
	for _, g := range a.board.Blocking(a.board.Current()) {
		name := lang.Args{"Gate": g.Criterion.Name}
		ruling := g.Ruling()
		if ruling.Verdict == gate.Undecided && len(g.Checks) > 0 {
			ways = append(ways, way{a.text("ways.collect", name), a.brief(a.board.Rates.Price(ruling.Clips)), func(a *App) []Task {
				a.notice = []page.Block{page.Text{Text: a.text("ways.collect_how")}}
				return a.goTo("data")
			}})
		}
		if ruling.Verdict == gate.Fail || ruling.Verdict == gate.Undecided && len(g.Checks) > 0 {
			if !recipe {
				ways = append(ways, way{a.text("ways.recipe"), a.text("ways.recipe_cost"), func(a *App) []Task { return a.goTo("recipe") }})
			}
			recipe = true
			ways = append(ways, way{a.text("ways.look", name), a.text("ways.look_cost"), func(a *App) []Task { return a.askCheck(g) }})
		}
		ways = append(ways, way{a.text("ways.waive", name), a.text("ways.waive_cost"), func(a *App) []Task { return a.askWaive(g) }})
	}
	if len(a.ofStage()) > 0 { // before there is one it is what comes next
		ways = append(ways, way{a.text("ways.propose"), a.text("ways.no_cost"), func(a *App) []Task { return a.askPropose(nil) }})
	}
	return append(ways,
		way{a.text("ways.nogo"), a.text("ways.nogo_cost"), func(a *App) []Task { return a.askDecide(pilot.NoGo) }},
		way{a.text("ways.notyet"), a.text("ways.no_cost"), func(a *App) []Task { return a.askDecide(pilot.NotYet) }})
}

func (s *boardScreen) keyWays(a *App, key string) []Task {
	if s.ways.key(key) {
		return nil
	}
	switch key {
	case "esc", "n":
		s.ways = nil
	case "enter":
		if i, ok := s.ways.chosen(); ok {
			do := s.others(a)[i].do
			s.ways = nil
			return do(a)
		}
	}
	return nil
}

// waysTable is the ways on, each with its cost.
func (s *boardScreen) waysTable(a *App) page.Table {
	t := page.Table{Name: a.text("ways.title"), Columns: []page.Column{{Head: a.text("ways.what"), Wrap: true, Least: 30}, {Head: a.text("ways.cost"), Wrap: true, Least: 20}}}
	for _, w := range s.others(a) {
		t.Rows = append(t.Rows, page.Row{Cells: []string{w.what, w.cost}})
	}
	return t
}

func (s *boardScreen) waysPage(a *App) page.Page {
	t := s.waysTable(a)
	return page.Page{
		Blocks:  []page.Block{s.ways.table(a, t)},
		Actions: []page.Action{{Key: "enter", Label: a.text("palette.do")}, {Key: "esc", Label: a.text("palette.leave")}},
	}
}
