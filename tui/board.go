package tui

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"framepilot/internal/lang"
	"framepilot/internal/words"
	"framepilot/pilot"
	"framepilot/pilot/gate"
	"framepilot/tui/page"
)

// boardScreen says where the pilot stands and what is the one best thing to
// do next.
type boardScreen struct {
	gates list
	ways  *list // the other things that could be done next, while they are shown
}

func (s *boardScreen) typing() bool          { return s.gates.asking || s.ways != nil && s.ways.asking }
func (s *boardScreen) open(a *App) []Task    { return []Task{a.readBoard(), a.readResults()} }
func (s *boardScreen) done(*App, any) []Task { return nil }

// ofStage are the gates of the stage the pilot has come to.
func (a *App) ofStage() []pilot.GateState {
	if a.boardErr != nil {
		return nil
	}
	return a.board.Of(a.board.Current())
}

// chosen is the gate under the cursor.
func (s *boardScreen) chosen(a *App) (g pilot.GateState, ok bool) {
	gates := a.ofStage()
	if i, ok := s.gates.chosen(); ok && i < len(gates) {
		return gates[i], true
	}
	return g, false
}

func (s *boardScreen) key(a *App, key string) []Task {
	if s.ways != nil {
		return s.keyWays(a, key)
	}
	switch {
	case key == "r":
		return s.open(a)
	case errors.Is(a.boardErr, errNotRead):
		return nil
	case a.boardErr != nil && key == "enter":
		return a.goTo("welcome")
	case a.boardErr != nil || s.gates.key(key):
		return nil
	}
	g, picked := s.chosen(a)
	switch {
	case key == "enter":
		return s.next(a)
	case key == "n":
		s.ways = &list{}
	case key == "p":
		return a.askPropose(nil)
	case key == "d":
		return a.askDecide(pilot.Go)
	case !picked:
	case key == "e":
		return a.askPropose(&g)
	case key == "s":
		return a.askSeal(g)
	case key == "x":
		return a.askCheck(g)
	case key == "i":
		return a.askSign(g)
	case key == "w":
		return a.askWaive(g)
	}
	return nil
}

// next does what the board recommends: it asks for the words that takes, or
// opens the screen where it is done.
func (s *boardScreen) next(a *App) []Task {
	n := a.board.Next
	var g pilot.GateState
	for _, other := range a.board.Gates {
		if other.Criterion.Name == n.Gate {
			g = other
		}
	}
	switch n.Kind {
	case pilot.DoPropose:
		return a.askPropose(nil)
	case pilot.DoSeal:
		return a.askSeal(g)
	case pilot.DoRun:
		return a.startRun()
	case pilot.DoCheck:
		return a.askCheck(g)
	case pilot.DoRethink, pilot.DoCollect:
		s.ways = &list{}
	case pilot.DoSign:
		return a.askSign(g)
	case pilot.DoDecide:
		return a.askDecide(pilot.Go)
	case pilot.DoPromote:
		return a.askPromote()
	}
	return nil
}

func (s *boardScreen) actions(a *App) []page.Action {
	line := func(args ...string) string { return a.o.Commands.Line(args...) }
	g, picked := s.chosen(a)
	none := ""
	if !picked {
		none = a.text("board.why_no_gate")
	}
	sealed, unsealed, unsigned, unmeasured := none, none, none, none
	if picked {
		name := lang.Args{"Gate": g.Criterion.Name}
		signs := g.Criterion.Bound == ""
		if g.Sealed != nil {
			unsealed = a.text("board.why_sealed", name)
		} else {
			sealed = a.text("board.why_not_sealed", name)
		}
		unsigned, unmeasured = sealed, sealed
		if !signs && unsigned == "" {
			unsigned = a.text("board.why_measured", name)
		}
		if signs && unmeasured == "" {
			unmeasured = a.text("board.why_signs", name)
		}
		if unmeasured == "" && !a.results.read || a.results.err != nil {
			unmeasured = cmp.Or(unmeasured, a.text("board.why_no_run"))
		}
	}
	name := cmp.Or(g.Criterion.Name, "GATE")
	return []page.Action{
		{Key: "enter", Label: s.nextLabel(a), Command: a.board.Next.Command},
		{Key: "n", Label: a.text("board.ways")},
		{Key: "p", Label: a.text("board.propose"), Command: line("pilot", "gate", "propose", "GATE", "--metric", "top1", "--at-least", "0.7", "--text", "TEXT", "--by", "NAME")},
		{Key: "e", Label: a.text("board.reword"), Why: unsealed, Command: line("pilot", "gate", "propose", name, "...")},
		{Key: "s", Label: a.text("board.seal"), Why: unsealed, Command: line("pilot", "gate", "seal", name, "--by", "NAME")},
		{Key: "x", Label: a.text("board.check"), Why: unmeasured, Command: line("pilot", "gate", "check", name, "--by", "NAME")},
		{Key: "i", Label: a.text("board.sign"), Why: unsigned, Command: line("pilot", "gate", "sign", name, "--by", "NAME")},
		{Key: "w", Label: a.text("board.waive"), Why: none, Command: line("pilot", "gate", "waive", name, "--reason", "TEXT", "--by", "NAME")},
		{Key: "d", Label: a.text("board.decide"), Command: line("pilot", "decide", "go", "--by", "NAME", "--approved", "NAME")},
		{Key: "r", Label: a.text("app.again"), Reads: true, Command: line("pilot", "show")},
	}
}

func (s *boardScreen) nextLabel(a *App) string {
	kind := string(a.board.Next.Kind)
	if a.board.Next.Late {
		kind += "_late"
	}
	return a.text("next."+kind, lang.Args{"Gate": a.board.Next.Gate})
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
	if s.ways != nil {
		return s.waysPage(a)
	}
	p := page.Page{}
	if a.board.Question != "" {
		p.Blocks = append(p.Blocks, page.Text{Text: a.board.Question, Tone: page.Strong})
	}
	p.Blocks = append(p.Blocks, page.Text{Text: a.text("board.do_next", lang.Args{"What": s.nextLabel(a)}), Tone: page.Strong}, s.stages(a), s.table(a))
	if text := s.why(a); text != "" {
		p.Blocks = append(p.Blocks, page.Text{Text: text})
	}
	if a.runs.seen.alive {
		p.Blocks = append(p.Blocks, a.gauge(), page.Text{Text: a.text("run.outlives", lang.Args{"Command": a.o.Commands.Line("runs", "attach")}), Tone: page.Dim})
	}
	if bars := a.judged(); len(bars.Rows) > 0 {
		p.Below = []page.Block{bars}
	} else if bars := a.soFar(); len(bars.Rows) > 0 {
		p.Blocks = append(p.Blocks, bars)
		p.Below = []page.Block{page.Text{Text: a.text("aside.flattered"), Tone: page.Dim}}
	}
	p.Aside = s.aside(a)
	p.Actions = s.actions(a)
	if _, ok := s.chosen(a); !ok { // without a gate, what is about one only takes room
		p.Actions = slices.DeleteFunc(p.Actions, func(x page.Action) bool { return x.Why == a.text("board.why_no_gate") })
	}
	return p
}

// stages is the way from pilot to company-wide, in a line.
func (s *boardScreen) stages(a *App) page.Text {
	var parts []string
	for _, row := range a.board.Stages {
		state := a.text("board.locked")
		switch {
		case row.Decision != nil:
			state = a.text("decision."+string(row.Decision.Decision.Answer)) + ", " + row.Decision.By
		case row.Open:
			state = a.text("board.settled", lang.Args{"Settled": row.Settled, "Total": len(row.Gates)})
		}
		part := a.text("stage."+string(row.Stage)) + ": " + state
		if row.Stage == a.board.Current() {
			part = "[ " + part + " ]"
		}
		parts = append(parts, part)
	}
	return page.Text{Text: strings.Join(parts, " > ")}
}

// table is the gates of the stage the pilot has come to.
func (s *boardScreen) table(a *App) page.Table {
	t := page.Table{
		Name: a.text("board.title", lang.Args{"Stage": a.text("stage." + string(a.board.Current()))}),
		Columns: []page.Column{
			{Head: a.text("board.gate"), Wrap: true, Least: 16}, {Head: a.text("board.now"), Right: true}, {Head: a.text("board.need"), Right: true, Rank: 1}, {Head: a.text("board.state"), Wrap: true, Least: 11},
		},
		Empty: a.text("board.empty"),
	}
	for _, g := range a.ofStage() {
		verdict, tone := a.verdict(g)
		t.Rows = append(t.Rows, page.Row{Tone: tone, Cells: []string{
			g.Criterion.Name + " " + g.Criterion.Text, a.now(g), a.need(g.Criterion), verdict,
		}})
	}
	return s.gates.table(a, t)
}

// why explains the selected gate.
func (s *boardScreen) why(a *App) string {
	g, ok := s.chosen(a)
	if !ok {
		return ""
	}
	ruling := g.Ruling()
	text := g.Criterion.Name + ": " + a.text("reason."+string(ruling.Reason), lang.Args{"Clips": gate.MinClips, "Recordings": gate.MinRecordings})
	if ruling.Verdict == gate.Undecided && len(g.Checks) > 0 {
		text = follow(text, a.price(g))
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
	text := g.Criterion.Amount(r.Value)
	if r.Interval != "" {
		bare := func(x float64) string { return strings.TrimSuffix(g.Criterion.Amount(x), " %") } // said once
		text += fmt.Sprintf(" [%s, %s]", bare(r.Low), bare(r.High))
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
	return sign + c.Amount(c.Threshold)
}

// price says what would settle a gate.
func (a *App) price(g pilot.GateState) string {
	p := a.board.Rates.Price(g.Ruling().Clips)
	if m, err := gate.Find(g.Criterion.Metric); p.Clips == 0 && err == nil && m.Uncounted() {
		return a.text("price.formula")
	}
	if p.Clips == 0 {
		return a.text("price.never")
	}
	text := a.text("price.clips", lang.Args{"Clips": p.Clips})
	if p.LabelMinutes > 0 || p.MachineMinutes > 0 {
		text = follow(text, a.text("price.minutes", lang.Args{"Label": fmt.Sprintf("%.0f", p.LabelMinutes), "Machine": fmt.Sprintf("%.0f", p.MachineMinutes)}))
	}
	if p.Known {
		text = follow(text, a.text("price.money", lang.Args{"Money": words.Grouped(math.Round(p.Money)) + " " + a.board.Rates.Currency}))
	}
	return text
}

// brief is a price in a few words, for a table.
func (a *App) brief(p gate.Price) string {
	if p.Clips == 0 {
		return "-"
	}
	parts := []string{a.text("price.labels", lang.Args{"Clips": p.Clips})}
	if minutes := p.LabelMinutes + p.MachineMinutes; minutes > 0 {
		parts = append(parts, a.span(time.Duration(minutes*float64(time.Minute))))
	}
	if p.Known {
		parts = append(parts, words.Grouped(math.Round(p.Money))+" "+a.board.Rates.Currency)
	}
	return strings.Join(parts, ", ")
}
