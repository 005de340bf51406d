package pilot

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"

	"framepilot/pilot/gate"
)

// Board is where a pilot stands: what a manager looks at.
type Board struct {
	Book
	Stages []StageBoard
	Next   Action
	Rates  gate.Rates
	Runs   []Run          // of this pilot, the latest first
	Seen   map[string]int // by name of a gate that is not sealed: how many results of its site have been seen; more than none, and it is sealed late
}

// StageBoard is one stage on the board.
type StageBoard struct {
	Stage    gate.Stage
	Open     bool
	Settled  int // gates that pass or are waived
	Gates    []GateState
	Decision *Entry // the last one about it
}

// ActionKind is what a pilot waits for.
type ActionKind string

// What a pilot can wait for.
const (
	DoPropose ActionKind = "propose" // say what the stage must show
	DoSeal    ActionKind = "seal"    // before the data is opened
	DoRun     ActionKind = "run"
	DoCheck   ActionKind = "check"   // a gate against the latest run
	DoRethink ActionKind = "rethink" // a gate failed: another recipe, or a no-go
	DoCollect ActionKind = "collect" // more test clips settle a gate
	DoSign    ActionKind = "sign"
	DoDecide  ActionKind = "decide"
	DoPromote ActionKind = "promote"
	DoNothing ActionKind = "done" // every stage is decided
)

// Action is the one best thing to do next, and the command that does it.
type Action struct {
	Kind    ActionKind
	Gate    string     // its name, where the action is about one
	Late    bool       // of DoSeal: results of its site have been seen
	Command string     // as typed in a shell; NAME and the like are for a person to fill in
	Price   gate.Price // of DoCollect; zero clips where no number would settle the gate
}

// Board reads where a pilot stands; "" is the only pilot of the ledger
// or, of several, its own.
func (l *Ledger) Board(ctx context.Context, pilot string) (Board, error) {
	var b Board
	err := l.transact(ctx, "read the board", func(tx *sql.Tx) error {
		book, _, err := l.readBook(ctx, tx, pilot)
		if err != nil {
			return err
		}
		runs, err := readRuns(ctx, tx, `where p.name = ? order by r.begun desc`, book.Pilot)
		if err != nil {
			return err
		}
		seen := map[string]int{}
		for _, g := range book.Gates {
			if g.Sealed == nil {
				if seen[g.Criterion.Name], err = seenOf(ctx, tx, book.Pilot, g.Criterion); err != nil {
					return err
				}
			}
		}
		b = newBoard(book, runs, seen)
		return nil
	})
	return b, err
}

func newBoard(book Book, runs []Run, seen map[string]int) Board {
	b := Board{Book: book, Rates: book.Rates(), Runs: runs, Seen: seen}
	for _, r := range runs { // the latest that measured it
		if speed, err := strconv.ParseFloat(r.Environment[ClipsPerHourKey], 64); err == nil && speed > 0 {
			b.Rates.ClipsPerHour = speed
			break
		}
	}
	if b.Question == "" && len(runs) > 0 {
		b.Question = runs[0].Question
	}
	open := map[gate.Stage]bool{}
	for _, s := range book.Open {
		open[s] = true
	}
	for _, s := range gate.Stages() {
		row := StageBoard{Stage: s, Open: open[s], Gates: book.Of(s)}
		row.Settled = len(row.Gates) - len(book.Blocking(s))
		if d, ok := book.Decided[s]; ok {
			row.Decision = &d
		}
		b.Stages = append(b.Stages, row)
	}
	b.Next = b.next()
	return b
}

// next is what the current stage waits for, in the order things are done.
func (b Board) next() Action {
	s := b.Current()
	gates := b.Of(s)
	if len(gates) == 0 {
		return Action{Kind: DoPropose, Command: fmt.Sprintf("framepilot pilot gate propose G1 --stage %s --metric top1 --at-least 0.7 --text TEXT --by NAME", s)}
	}
	about := func(kind ActionKind, g GateState, format string) Action {
		return Action{Kind: kind, Gate: g.Criterion.Name, Command: fmt.Sprintf(format, g.Criterion.Name)}
	}
	for _, g := range gates {
		if g.Sealed == nil && g.Waived == nil {
			seal := about(DoSeal, g, "framepilot pilot gate seal %s --by NAME")
			if b.Seen[g.Criterion.Name] > 0 {
				seal.Late = true
				seal.Command += " --late REASON"
			}
			return seal
		}
	}
	blocking := b.Blocking(s)
	for _, g := range blocking {
		if g.Ruling().Reason != gate.Unmeasured {
			continue
		}
		for _, r := range b.Runs {
			if r.Status == Done {
				return about(DoCheck, g, "framepilot pilot gate check %s --by NAME")
			}
		}
		return Action{Kind: DoRun, Command: "framepilot run plan.toml"}
	}
	for _, g := range blocking {
		if g.Ruling().Verdict == gate.Fail {
			return about(DoRethink, g, "framepilot pilot decide no-go --by NAME --note 'gate %s failed'")
		}
	}
	if g, ok := cheapest(blocking); ok {
		a := about(DoCollect, g, "framepilot pilot gate check %s --by NAME")
		a.Price = b.Rates.Price(g.Ruling().Clips)
		return a
	}
	for _, g := range blocking {
		return about(DoSign, g, "framepilot pilot gate sign %s --by NAME")
	}
	if d, ok := b.Decided[s]; !ok || d.Decision.Answer == NotYet {
		return Action{Kind: DoDecide, Command: "framepilot pilot decide go --by NAME --approved NAME"}
	} else if d.Decision.Answer == NoGo {
		return Action{Kind: DoNothing}
	}
	if _, ok := s.Next(); ok {
		return Action{Kind: DoPromote, Command: "framepilot pilot promote --by NAME"}
	}
	return Action{Kind: DoNothing}
}

// cheapest is the undecided gate that the fewest clips settle; one that no
// number of clips settles comes last.
func cheapest(gates []GateState) (best GateState, ok bool) {
	rank := func(g GateState) int {
		if n := g.Ruling().Clips; n > 0 {
			return n
		}
		return 1 << 30
	}
	for _, g := range gates {
		if g.Ruling().Verdict == gate.Undecided && (!ok || rank(g) < rank(best)) {
			best, ok = g, true
		}
	}
	return best, ok
}
