package tui

import (
	"errors"
	"fmt"

	"framepilot/internal/lang"
	"framepilot/pilot"
	"framepilot/tui/page"
)

// ledgerScreen shows who did what, the latest first.
type ledgerScreen struct {
	list list
	full bool // the chosen entry in full
}

func (s *ledgerScreen) typing() bool          { return s.list.asking }
func (s *ledgerScreen) open(a *App) []Task    { return []Task{a.readBoard()} }
func (s *ledgerScreen) done(*App, any) []Task { return nil }

func (s *ledgerScreen) key(a *App, key string) []Task {
	if s.list.key(key) {
		return nil
	}
	switch {
	case key == "enter":
		s.full = !s.full
	case key == "esc":
		s.full = false
	case key == "n" && a.boardErr == nil:
		return a.askNote()
	case key == "r":
		return s.open(a)
	}
	return nil
}

func (s *ledgerScreen) page(a *App) page.Page {
	switch {
	case errors.Is(a.boardErr, errNotRead):
		return page.Page{Blocks: []page.Block{page.Text{Text: a.text("app.reading"), Tone: page.Dim}}}
	case errors.Is(a.boardErr, pilot.ErrNoPilot):
		return page.Page{Blocks: []page.Block{page.Text{Text: a.text("board.none")}}, Actions: []page.Action{{Key: "0", Label: a.text("board.welcome")}}}
	case a.boardErr != nil:
		return page.Page{Blocks: a.problem(a.boardErr)}
	}
	t := page.Table{
		Columns: []page.Column{{Head: a.text("ledger.what"), Wrap: true, Least: 30}, {Head: a.text("ledger.who")}, {Head: a.text("ledger.when"), Rank: 1}},
		Empty:   a.text("ledger.empty"),
	}
	n := len(a.board.Entries)
	for i := range n {
		e := a.board.Entries[n-1-i]
		t.Rows = append(t.Rows, page.Row{Cells: []string{a.entry(e), e.By, clock(e.At)}})
	}
	p := page.Page{Blocks: []page.Block{page.Text{Text: a.text("ledger.intro"), Tone: page.Dim}, s.list.table(a, t)}}
	show := page.Action{Key: "enter", Label: a.text("ledger.full")}
	if i, ok := s.list.chosen(); ok && i < n {
		if full := a.inFull(a.board.Entries[n-1-i]); s.full {
			p.Blocks = append(p.Blocks, full)
		} else {
			p.Aside = []page.Block{full}
		}
	} else {
		show.Why = a.text("ledger.empty")
		if n > 0 {
			show.Why = a.text("list.none")
		}
	}
	p.Actions = []page.Action{show,
		{Key: "n", Label: a.text("ledger.note"), Command: a.o.Commands.Line("pilot", "note", "TEXT", "--by", "NAME")},
		{Key: "r", Label: a.text("app.again"), Reads: true, Command: a.o.Commands.Line("pilot", "show", "--journal")}}
	return p
}

// inFull is everything about an entry.
func (a *App) inFull(e pilot.Entry) page.Fields {
	f := page.Fields{Items: []page.Field{
		{Label: a.text("ledger.what"), Value: a.entry(e)}, {Label: a.text("ledger.who"), Value: e.By},
		{Label: a.text("ledger.when"), Value: e.At.Local().Format("2006-01-02 15:04:05 MST")},
	}}
	add := func(id, value string) {
		if value != "" {
			f.Items = append(f.Items, page.Field{Label: a.text(id), Value: value})
		}
	}
	if c := e.Check; c != nil {
		add("ledger.run", c.Run)
		add("ledger.recipe", c.Recipe)
		add("ledger.interval", c.Reading.Interval)
		if c.Reading.Looks > 0 {
			add("ledger.look", fmt.Sprint(c.Reading.Looks))
		}
	}
	if s := e.Seal; s != nil {
		add("ledger.sealed", s.Hash)
		add("ledger.reason", s.Reason)
	}
	if d := e.Decision; d != nil {
		add("ledger.approved", d.Approved)
	}
	if x := e.Assumption; x != nil {
		add("ledger.source", x.Source)
	}
	add("ledger.mark", e.Hash)
	return f
}

// entry is one line of the journal in words.
func (a *App) entry(e pilot.Entry) string {
	args := lang.Args{"Gate": e.Gate, "Text": e.Text, "Stage": ""}
	switch {
	case e.Criterion != nil:
		args["Text"] = e.Criterion.Text + " " + a.need(*e.Criterion)
	case e.Seal != nil:
		args["Text"] = e.Seal.Reason
	case e.Check != nil:
		args["Text"] = a.text("verdict." + string(e.Check.Ruling.Verdict))
	case e.Decision != nil:
		args["Text"] = a.text("decision."+string(e.Decision.Answer)) + " " + e.Decision.Note
		args["Stage"] = a.text("stage." + string(e.Decision.Stage))
	case e.Stage != "":
		args["Stage"] = a.text("stage." + string(e.Stage))
	case e.Assumption != nil:
		args["Text"] = e.Assumption.String()
	case e.Doubt != nil:
		args["Text"] = a.say(e.Doubt.Said())
	}
	return a.text("entry."+string(e.Kind), args)
}
