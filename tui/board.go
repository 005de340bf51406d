package tui

import (
	"errors"
	"fmt"
	"strconv"

	"framepilot/internal/lang"
	"framepilot/pilot"
	"framepilot/pilot/gate"
	"framepilot/tui/page"
)

// boardScreen says where the pilot stands and what is the one best thing to
// do next.
type boardScreen struct{ selected int }

func (s *boardScreen) open(a *App) []Task    { return []Task{a.readBoard()} }
func (s *boardScreen) done(*App, any) []Task { return nil }
func (s *boardScreen) gates(a *App) []pilot.GateState {
	if a.boardErr != nil {
		return nil
	}
	return a.board.Of(a.board.Current())
}

func (s *boardScreen) key(a *App, key string) []Task {
	gates := s.gates(a)
	switch key {
	case "up", "k":
		s.selected = max(0, s.selected-1)
	case "down", "j":
		s.selected = min(max(0, len(gates)-1), s.selected+1)
	case "r":
		return []Task{a.readBoard()}
	case "enter":
		return s.next(a)
	}
	return nil
}

// next does what the board recommends, where that takes no more than a
// command; where it takes a person's words, it opens the screen that asks.
func (s *boardScreen) next(a *App) []Task {
	if a.boardErr != nil {
		return a.goTo("welcome")
	}
	return nil
}

func (s *boardScreen) page(a *App) page.Page {
	if errors.Is(a.boardErr, errNotRead) {
		return page.Page{Blocks: []page.Block{page.Text{Text: a.text("app.reading"), Tone: page.Dim}}}
	}
	if errors.Is(a.boardErr, pilot.ErrNoPilot) {
		return page.Page{
			Blocks:  []page.Block{page.Text{Text: a.text("board.none")}},
			Actions: []page.Action{{Key: "enter", Label: a.text("board.welcome")}},
		}
	}
	if a.boardErr != nil {
		return page.Page{Blocks: a.problem(a.boardErr), Actions: []page.Action{{Key: "r", Label: a.text("app.again")}}}
	}
	b := a.board
	p := page.Page{}
	if b.Question != "" {
		p.Blocks = append(p.Blocks, page.Text{Text: b.Question, Tone: page.Strong})
	}
	p.Blocks = append(p.Blocks, s.stages(a), s.table(a))
	if text := s.why(a); text != "" {
		p.Blocks = append(p.Blocks, page.Text{Text: text})
	}
	p.Blocks = append(p.Blocks, page.Fields{Name: a.text("board.next"), Items: []page.Field{
		{Label: a.text("next."+string(b.Next.Kind), lang.Args{"Gate": b.Next.Gate}), Value: b.Next.Command, Tone: page.Strong},
	}})
	p.Actions = []page.Action{{Key: "r", Label: a.text("app.again")}}
	return p
}

// stages is the way from pilot to company-wide.
func (s *boardScreen) stages(a *App) page.Table {
	t := page.Table{Columns: []page.Column{{Head: a.text("board.stage")}, {Head: a.text("board.gates")}, {Head: a.text("board.state")}}, Selected: -1}
	for _, row := range a.board.Stages {
		state, tone := a.text("board.locked"), page.Dim
		if row.Open {
			state, tone = a.text("board.open"), page.Plain
		}
		if row.Decision != nil {
			state = a.text("decision."+string(row.Decision.Decision.Answer)) + ", " + row.Decision.By
		}
		name := a.text("stage." + string(row.Stage))
		if row.Stage == a.board.Current() {
			name = "[" + name + "]"
		}
		t.Rows = append(t.Rows, page.Row{Tone: tone, Cells: []string{
			name, a.text("board.settled", lang.Args{"Settled": row.Settled, "Total": len(row.Gates)}), state,
		}})
	}
	return t
}

// table is the gates of the stage the pilot has come to.
func (s *boardScreen) table(a *App) page.Table {
	t := page.Table{
		Name: a.text("board.title", lang.Args{"Stage": a.text("stage." + string(a.board.Current()))}),
		Columns: []page.Column{
			{Head: a.text("board.gate")}, {Head: a.text("board.now"), Right: true}, {Head: a.text("board.need"), Right: true, Rank: 1}, {Head: a.text("board.state")},
		},
		Selected: s.selected, Empty: a.text("board.empty"),
	}
	for _, g := range s.gates(a) {
		verdict, tone := a.verdict(g)
		t.Rows = append(t.Rows, page.Row{Tone: tone, Cells: []string{
			g.Criterion.Name + " " + g.Criterion.Text, a.now(g), a.need(g.Criterion), verdict,
		}})
	}
	return t
}

// why explains the selected gate.
func (s *boardScreen) why(a *App) string {
	gates := s.gates(a)
	if s.selected >= len(gates) {
		return ""
	}
	g := gates[s.selected]
	ruling := g.Ruling()
	text := g.Criterion.Name + ": " + a.text("reason."+string(ruling.Reason), lang.Args{"Clips": gate.MinClips, "Recordings": gate.MinRecordings})
	if ruling.Verdict == gate.Undecided && len(g.Checks) > 0 {
		text += " " + a.price(a.board.Rates.Price(ruling.Clips))
	}
	return text
}

// verdict is the state of a gate in a word or two.
func (a *App) verdict(g pilot.GateState) (string, page.Tone) {
	v := g.Ruling().Verdict
	text := a.text("verdict." + string(v))
	tone := map[gate.Verdict]page.Tone{gate.Pass: page.Good, gate.Fail: page.Bad, gate.Undecided: page.Warn, gate.Blocked: page.Warn}[v]
	switch {
	case g.Waived != nil:
		return text + ", " + a.text("board.waived", lang.Args{"By": g.Waived.By}), page.Warn
	case g.Sealed == nil:
		return a.text("board.unsealed"), page.Dim
	case g.Late():
		return text + ", " + a.text("board.late"), tone
	}
	return text, tone
}

// now is the number a gate was last judged by.
func (a *App) now(g pilot.GateState) string {
	if len(g.Checks) == 0 {
		if g.Signed != nil {
			return g.Signed.By
		}
		return "-"
	}
	r := g.Checks[len(g.Checks)-1].Check.Reading
	text := amount(g.Criterion, r.Value)
	if r.Interval != "" {
		text += fmt.Sprintf(" [%s, %s]", amount(g.Criterion, r.Low), amount(g.Criterion, r.High))
	}
	return text
}

// need is what a gate asks for.
func (a *App) need(c gate.Criterion) string {
	if c.Bound == "" {
		return a.text("board.signature")
	}
	sign := ">= "
	if c.Bound == gate.AtMost {
		sign = "<= "
	}
	return sign + amount(c, c.Threshold)
}

// amount is a number of a criterion: shares in percent.
func amount(c gate.Criterion, x float64) string {
	if m, err := gate.Find(c.Metric); err == nil && m.Unit == "" {
		return fmt.Sprintf("%.1f %%", 100*x)
	}
	return strconv.FormatFloat(x, 'f', -1, 64)
}

// price says what would settle a gate.
func (a *App) price(p gate.Price) string {
	if p.Clips == 0 {
		return a.text("price.never")
	}
	text := a.text("price.clips", lang.Args{"Clips": p.Clips})
	if p.LabelMinutes > 0 || p.MachineMinutes > 0 {
		text += " " + a.text("price.minutes", lang.Args{"Label": fmt.Sprintf("%.0f", p.LabelMinutes), "Machine": fmt.Sprintf("%.0f", p.MachineMinutes)})
	}
	if p.Known {
		text += " " + a.text("price.money", lang.Args{"Money": fmt.Sprintf("%.0f %s", p.Money, a.board.Rates.Currency)})
	}
	return text
}
