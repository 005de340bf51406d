package tui

import (
	"fmt"

	"framepilot/internal/lang"
	"framepilot/pilot"
	"framepilot/tui/page"
)

// ledgerScreen shows who did what, the latest first.
type ledgerScreen struct{ selected int }

func (s *ledgerScreen) open(a *App) []Task    { return []Task{a.readBoard()} }
func (s *ledgerScreen) done(*App, any) []Task { return nil }

func (s *ledgerScreen) key(a *App, key string) []Task {
	switch key {
	case "up", "k":
		s.selected = max(0, s.selected-1)
	case "down", "j":
		s.selected = min(max(0, len(a.board.Entries)-1), s.selected+1)
	}
	return nil
}

func (s *ledgerScreen) page(a *App) page.Page {
	if a.boardErr != nil {
		return page.Page{Blocks: []page.Block{page.Text{Text: a.text("board.none"), Tone: page.Dim}}}
	}
	t := page.Table{
		Columns:  []page.Column{{Head: a.text("ledger.what")}, {Head: a.text("ledger.who")}, {Head: a.text("ledger.when"), Rank: 1}},
		Selected: s.selected, Empty: a.text("ledger.empty"),
	}
	for i := len(a.board.Entries) - 1; i >= 0; i-- {
		e := a.board.Entries[i]
		t.Rows = append(t.Rows, page.Row{Cells: []string{a.entry(e), e.By, e.At.Local().Format("2006-01-02 15:04")}})
	}
	return page.Page{Blocks: []page.Block{t}}
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
	case e.Assumption != nil && e.Assumption.Text != "":
		args["Text"] = e.Assumption.Name + " = " + e.Assumption.Text
	case e.Assumption != nil:
		r := e.Assumption.Range
		args["Text"] = fmt.Sprintf("%s = %g, %g, %g", e.Assumption.Name, r.Low, r.Base, r.High)
	}
	return a.text("entry."+string(e.Kind), args)
}
