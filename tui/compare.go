package tui

import (
	"errors"
	"slices"
	"strings"

	"framepilot/internal/lang"
	"framepilot/pilot"
	"framepilot/pilot/gate"
	"framepilot/tui/page"
)

// compareScreen says which recipe is better, and whether that is real.
type compareScreen struct {
	rows list
	two  pair
	past changes
	bad  clips
	site int
	view int // of compareViews
}

// compareViews are what can be looked at beside the bars.
var compareViews = []string{"paired", "confusion", "classes", "curve", "reliability", "mistakes", "sites"}

func (s *compareScreen) typing() bool {
	return s.rows.asking || s.past.list.asking || s.past.rows.asking || s.bad.list.asking
}
func (s *compareScreen) open(a *App) []Task { return []Task{a.readResults()} }

func (s *compareScreen) done(a *App, result any) []Task {
	switch r := result.(type) {
	case changesRead:
		s.past.take(a, r)
	case sheetRead:
		if r.dir == a.dir {
			s.bad.sheet.take(r)
			return s.bad.look(a, s) // the cursor may have moved on
		}
	case played:
		if r.err != nil {
			a.notice = a.problem(r.err)
		}
	case compared:
		if r.dir == a.dir && r.site == s.two.site && slices.Equal(r.marked, s.two.marked) {
			s.two = r.pair
		}
	case resultsRead:
		if a.current() == s {
			return s.two.compare(a, s.at(a))
		}
	}
	return nil
}

// at is the site that is shown, "" where nothing was measured.
func (s *compareScreen) at(a *App) string {
	sites := a.results.sites()
	if len(sites) == 0 {
		return ""
	}
	return sites[s.site%len(sites)]
}

// chosen is the row under the cursor.
func (s *compareScreen) chosen(a *App) (m measured, ok bool) {
	rows := a.results.at(s.at(a))
	if i, ok := s.rows.chosen(); ok && i < len(rows) {
		return rows[i], true
	}
	return m, false
}

func (s *compareScreen) key(a *App, key string) []Task {
	if s.past.shown {
		return s.past.key(a, key)
	}
	if s.bad.shown {
		return s.bad.key(a, s, key)
	}
	if s.rows.asking {
		s.rows.key(key)
		return nil
	}
	switch key {
	case "w":
		if why := s.past.action(a).Why; why != "" {
			a.status = why
			return nil
		}
		s.past.shown = true
	case "v", "right":
		s.view = (s.view + 1) % len(compareViews)
	case "V", "left":
		s.view = (s.view + len(compareViews) - 1) % len(compareViews)
	case "s":
		if n := len(a.results.sites()); n > 0 {
			s.site = (s.site + 1) % n
			return s.two.compare(a, s.at(a))
		}
	case "space":
		if m, ok := s.chosen(a); ok {
			s.two.mark(m.id())
			s.view = 0
			return s.two.compare(a, s.at(a))
		}
	case "r":
		return s.open(a)
	case "enter":
		if _, ok := s.chosen(a); !ok {
			return nil
		}
		s.bad = clips{shown: true, sheet: s.bad.sheet}
		s.bad.page(a, s)
		return s.bad.look(a, s)
	default:
		s.rows.key(key)
	}
	return nil
}

// missing is what a screen of results says where there are none.
func (a *App) missing() (page.Page, bool) {
	switch r := a.results; {
	case !r.read:
		return page.Page{Blocks: []page.Block{page.Text{Text: a.text("app.reading"), Tone: page.Dim}}}, true
	case errors.Is(r.err, pilot.ErrNoPilot) || errors.Is(r.err, pilot.ErrNoRun):
		text := a.text("compare.none")
		if seen := a.runs.seen; seen.alive || seen.starting {
			text = a.text("compare.soon")
		}
		return page.Page{Blocks: []page.Block{page.Text{Text: text}}, Actions: []page.Action{{Key: "4", Label: a.text("compare.to_run")}}}, true
	case r.err != nil:
		return page.Page{Blocks: a.problem(r.err), Actions: []page.Action{{Key: "4", Label: a.text("compare.to_run")}}}, true
	}
	return page.Page{}, false
}

func (s *compareScreen) page(a *App) page.Page {
	if p, none := a.missing(); none {
		return p
	}
	if s.past.shown {
		return s.past.page(a)
	}
	if s.bad.shown {
		return s.bad.page(a, s)
	}
	site := s.at(a)
	if site == "" {
		return page.Page{Blocks: []page.Block{page.Text{Text: a.text("compare.none")}}}
	}
	rows := a.results.at(site)
	t := page.Table{}
	for _, m := range rows {
		t.Rows = append(t.Rows, page.Row{Cells: []string{s.two.marked.letter(m.id()) + rowName(m.row)}})
	}
	t = s.rows.table(a, t)
	title := "compare.bars"
	if rows[0].sum.Name == "map" {
		title = "compare.bars_map"
	}
	bars := page.Bars{Name: strings.TrimSpace(a.text(title, lang.Args{"Site": site, "Clips": a.clipsAt(site), "Kinds": a.kinds(rows)}) + " " + t.Name), Selected: t.Selected}
	need := a.threshold(site)
	if need != nil {
		bars.Name += ", " + a.text("compare.gate", lang.Args{"Need": percent(*need)})
	}
	for k, i := range s.rows.visible {
		bar := rows[i].bar(t.Rows[k].Cells[0])
		bar.Need = need
		bars.Rows = append(bars.Rows, bar)
	}
	p := page.Page{Blocks: []page.Block{bars}, Below: []page.Block{page.Text{Text: a.text("compare.legend"), Tone: page.Dim}}}
	mark := page.Action{Key: "space", Label: a.text("pair.mark")}
	if m, ok := s.chosen(a); ok {
		if s.two.marked.letter(m.id()) != "" {
			mark.Label = a.text("pair.unmark")
		}
		if b, pair := s.two.block(a); pair && s.view == 0 {
			p.Right = []page.Block{b}
		} else {
			p.Right = []page.Block{s.look(a, site, m, s.view)}
		}
		for next := range len(compareViews) - 1 {
			switch view := s.look(a, site, m, (s.view+next+1)%len(compareViews)).(type) {
			case page.Text: // there is none
			case page.Curve:
				p.Below = append(p.Below, view)
			default:
				p.Aside = append(p.Aside, view)
			}
		}
	}
	another := page.Action{Key: "s", Label: a.text("compare.site")}
	if len(a.results.sites()) == 1 {
		another.Why = a.text("compare.one_site")
	}
	next := compareViews[(s.view+1)%len(compareViews)]
	p.Actions = []page.Action{
		s.bad.action(a, s), {Key: "v", Label: a.text("compare.view", lang.Args{"View": a.text("compare.to." + next)})}, mark, another, s.past.action(a),
		{Key: "r", Label: a.text("app.again"), Reads: true, Command: a.o.Commands.Line("report")},
	}
	return p
}

// clipsAt is how many clips the numbers of a site are of.
func (a *App) clipsAt(site string) int {
	if t, ok := a.results.task(); ok {
		for _, s := range t.Sites {
			if s.Name == site {
				return s.Clips
			}
		}
	}
	return 0
}

// threshold is what a gate asks of the number that recipes are compared by; nil where none does.
func (a *App) threshold(site string) *float64 {
	for _, g := range a.board.Gates {
		if c := g.Criterion; (c.Metric == "top1" || c.Metric == "map") && c.Bound == gate.AtLeast && (c.Site == "" || c.Site == site) {
			return &c.Threshold
		}
	}
	return nil
}
