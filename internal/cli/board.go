package cli

import (
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
	"github.com/spf13/cobra"

	"framepilot/internal/words"
	"framepilot/pilot"
	"framepilot/pilot/gate"
	"framepilot/pilot/report"
)

// criterionText says a criterion in one line.
func criterionText(c gate.Criterion) words.Sentence {
	text := words.Say("%s (%s): %s", c.Name, words.Say(string(c.Stage)), c.Text)
	if c.Bound == "" {
		return words.Say("%s: signed by a person", text)
	}
	text = words.Say("%s: %s %s %s", text, c.Metric, c.Bound, c.Amount(c.Threshold))
	if m, err := gate.Find(c.Metric); err == nil && m.Kind != gate.Measured {
		text = words.Say("%s, decided by %s", text, words.Say(string(c.By)))
		if c.Looks > 1 {
			text = words.Say("%s, %d looks", text, c.Looks)
		}
	}
	return text
}

// rulingText says why, and what an undecided gate costs.
func rulingText(b pilot.Board, g pilot.GateState) words.Sentence {
	ruling := g.Ruling()
	switch ruling.Reason {
	case gate.Met:
		return words.Say("The deciding end of the interval is on the wanted side.")
	case gate.Missed:
		return words.Say("The deciding end of the interval is on the wrong side.")
	case gate.Thin:
		return words.Say("Not enough evidence: a pass takes %d clips of %d recordings or more. %s", gate.MinClips, gate.MinRecordings, priceText(b, g))
	case gate.Open:
		return words.Say("Not enough evidence: the interval still holds the threshold. %s", priceText(b, g))
	case gate.Unsigned:
		return words.Say("It waits for a signature.")
	case gate.SignedOff:
		return words.Say("Signed by %s.", g.Signed.By)
	}
	return words.Say("It has not been measured.")
}

// clipsOf counts clips, of a class where there is one.
func clipsOf(n int, class string) words.Sentence {
	if class != "" {
		return words.Say("%d clips of %s", n, class)
	}
	return words.Say("%d clips", n)
}

// priceText says what would settle an undecided gate.
func priceText(b pilot.Board, g pilot.GateState) words.Sentence {
	p := b.Rates.Price(g.Ruling().Clips)
	if m, err := gate.Find(g.Criterion.Metric); p.Clips == 0 && err == nil && m.Uncounted() {
		return words.Say("No formula says how many clips would settle it: that hangs on which classes are rare. Four times the recordings about halve the interval.")
	}
	if p.Clips == 0 {
		return words.Say("No number of clips would settle it: the result is the threshold.")
	}
	text := words.Say("About %s more, labelled for the test, would settle it", clipsOf(p.Clips, g.Checks[len(g.Checks)-1].Check.Reading.Class))
	if p.LabelMinutes > 0 {
		text = words.Say("%s, %.0f minutes of labelling", text, p.LabelMinutes)
	}
	if p.MachineMinutes > 0 {
		text = words.Say("%s, %.0f of machine", text, p.MachineMinutes)
	}
	if p.Known {
		text = words.Say("%s, %s in all", text, strings.TrimRight(fmt.Sprintf("%.0f %s", p.Money, b.Rates.Currency), " "))
	}
	return words.Say("%s, if the result stays what it is.", text)
}

func (a *app) pilotShowCmd() *cobra.Command {
	var f pilotFlags
	var journal bool
	c := &cobra.Command{
		Use:   "show",
		Short: "Where a pilot stands: stages, gates, what is next, runs",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			var b pilot.Board
			err = readLedger(cmd.Context(), f.dir, func(l *pilot.Ledger) error {
				b, err = l.Board(cmd.Context(), f.name)
				return err
			})
			if err != nil {
				return err
			}
			return a.print(boardJSON(b), func(out io.Writer) {
				printBoard(out, b)
				if journal {
					printJournal(out, b)
				}
			})
		},
	}
	f.add(c, false)
	c.Flags().BoolVar(&journal, "journal", false, "also who did what, when")
	return a.jsonFlag(c)
}

func printBoard(out io.Writer, b pilot.Board) {
	fmt.Fprintf(out, "%s\n", b.Pilot)
	if b.Question != "" {
		fmt.Fprintf(out, "%s\n", b.Question)
	}
	t := columns(out)
	for _, s := range b.Stages {
		state := "locked"
		if s.Open {
			state = "open"
		}
		if s.Decision != nil {
			state = fmt.Sprintf("decided: %s, by %s", s.Decision.Decision.Answer, s.Decision.By)
		}
		fmt.Fprintf(t, "\n%s\t%d of %d gates\t%s\n", s.Stage, s.Settled, len(s.Gates), state)
		for _, g := range s.Gates {
			verdict := string(g.Ruling().Verdict)
			switch {
			case g.Waived != nil:
				verdict += ", waived by " + g.Waived.By
			case g.Sealed == nil:
				verdict = "not sealed"
			case g.Late():
				verdict += ", sealed late"
			}
			need := "signed"
			if g.Criterion.Bound != "" {
				need = fmt.Sprintf("%s %s", g.Criterion.Bound, g.Criterion.Amount(g.Criterion.Threshold))
			}
			// The columns after it stay in sight.
			name, text := g.Criterion.Name, strings.Split(ansi.Wrap(g.Criterion.Text, 44, ""), "\n")
			fmt.Fprintf(t, "  %s %s\t%s\t%s\t%s\n", name, text[0], gateNow(g), need, verdict)
			for _, more := range text[1:] {
				fmt.Fprintf(t, "  %*s %s\t\t\t\n", utf8.RuneCountInString(name), "", more)
			}
		}
	}
	t.Flush()
	fmt.Fprintf(out, "\nnext: %s\n", nextText(b))
	if len(b.Runs) == 0 {
		return
	}
	fmt.Fprintln(t, "\nRUN\tSTATUS\tSTARTED\t")
	for _, r := range b.Runs {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", r.ID, r.Status, r.Started.Local().Format("2006-01-02 15:04"), r.Message)
	}
	t.Flush()
}

// nextText is the next best action in a sentence and a command.
func nextText(b pilot.Board) string {
	n := b.Next
	settle := words.Sentence{}
	for _, g := range b.Gates {
		if n.Kind == pilot.DoCollect && g.Criterion.Name == n.Gate {
			settle = priceText(b, g)
		}
	}
	why := map[pilot.ActionKind]string{
		pilot.DoPropose: "agree on what this stage must show",
		pilot.DoSeal:    "seal gate " + n.Gate + sealWhen(b.Seen[n.Gate]).String(),
		pilot.DoRun:     "run the plan",
		pilot.DoCheck:   "hold gate " + n.Gate + " against the latest run",
		pilot.DoRethink: "gate " + n.Gate + " failed: try another recipe under a new gate, or decide",
		pilot.DoCollect: "gate " + n.Gate + " is undecided. " + settle.String() + " Then",
		pilot.DoSign:    "gate " + n.Gate + " waits for a signature",
		pilot.DoDecide:  "decide",
		pilot.DoPromote: "open the next stage",
		pilot.DoNothing: "nothing; the pilot is decided",
	}[n.Kind]
	if n.Command == "" {
		return why
	}
	return why + "\n  " + n.Command
}

// sealWhen says when a gate is sealed, after so many results were seen.
func sealWhen(seen int) words.Sentence {
	if seen == 0 {
		return words.Say(" before the data is opened")
	}
	return words.Say(", late: results of its site have been seen (%d), which board and report will say for good, with your reason", seen)
}

func printJournal(out io.Writer, b pilot.Board) {
	t := columns(out)
	fmt.Fprintln(t, "\nWHEN\tWHO\tWHAT\t")
	for _, e := range b.Entries {
		fmt.Fprintf(t, "%s\t%s\t%s %s\t%s\n", e.At.Local().Format("2006-01-02 15:04"), e.By, e.Kind, e.Gate, entryText(e))
	}
	t.Flush()
}

// entryText is what an entry says beside its kind.
func entryText(e pilot.Entry) string {
	switch {
	case e.Criterion != nil:
		return criterionText(*e.Criterion).String()
	case e.Seal != nil && e.Seal.Seen > 0:
		return fmt.Sprintf("after %d results had been seen: %s", e.Seal.Seen, e.Seal.Reason)
	case e.Seal != nil:
		return e.Seal.Hash[:12]
	case e.Check != nil:
		return fmt.Sprintf("%s, run %s", e.Check.Ruling.Verdict, e.Check.Run)
	case e.Decision != nil:
		return strings.TrimSpace(fmt.Sprintf("%s: %s %s", e.Decision.Stage, e.Decision.Answer, e.Decision.Note))
	case e.Assumption != nil:
		return strings.TrimSpace(e.Assumption.String() + " " + e.Assumption.Source)
	case e.Doubt != nil:
		return e.Doubt.String()
	case e.Stage != "":
		return string(e.Stage)
	}
	return e.Text
}

// boardJSON is the board; gates and decisions are in it as in report.json.
func boardJSON(b pilot.Board) any {
	type stage struct {
		Stage    gate.Stage       `json:"stage"`
		Open     bool             `json:"open"`
		Gates    []report.Gate    `json:"gates"`
		Decision *report.Decision `json:"decision,omitempty"`
	}
	type run struct {
		ID       string    `json:"id"`
		Status   string    `json:"status"`
		Started  time.Time `json:"started"`
		Finished time.Time `json:"finished,omitzero"`
		Message  string    `json:"message,omitempty"`
	}
	stages, runs := []stage{}, []run{}
	for _, s := range b.Stages {
		row := stage{Stage: s.Stage, Open: s.Open, Gates: []report.Gate{}, Decision: report.DecisionOf(s.Decision)}
		for _, g := range s.Gates {
			row.Gates = append(row.Gates, report.GateOf(b, g))
		}
		stages = append(stages, row)
	}
	for _, r := range b.Runs {
		runs = append(runs, run{r.ID, string(r.Status), r.Started, r.Finished, r.Message})
	}
	return struct {
		Pilot    string      `json:"pilot"`
		Question string      `json:"question"`
		Stages   []stage     `json:"stages"`
		Next     report.Next `json:"next"`
		Runs     []run       `json:"runs"`
	}{b.Pilot, b.Question, stages, report.NextOf(b), runs}
}
