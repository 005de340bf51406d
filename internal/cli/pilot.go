package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"github.com/spf13/cobra"

	"framepilot/adapt"
	"framepilot/internal/fault"
	"framepilot/internal/words"
	"framepilot/pilot"
	"framepilot/pilot/gate"
)

// pilotFlags say which pilot, and who is at the keyboard.
type pilotFlags struct{ dir, name, by string }

func (f *pilotFlags) add(c *cobra.Command, writes bool) {
	dirFlag(c, &f.dir)
	c.Flags().StringVar(&f.name, "name", "", "which pilot, where the ledger holds several (default: that of plan.toml)")
	if writes {
		c.Flags().StringVar(&f.by, "by", "", "your name, for the journal")
		require(c, "by")
	}
}

// readLedger opens the ledger of the pilot in dir to read it.
func readLedger(ctx context.Context, dir string, read func(*pilot.Ledger) error) error {
	if err := hasLedger(dir); err != nil {
		return err
	}
	l, err := pilot.OpenReadOnly(ctx, adapt.LedgerFile(dir))
	if err != nil {
		return err
	}
	l.Own = adapt.PilotOf(dir)
	return errors.Join(read(l), l.Close())
}

// writeLedger opens it to add to it.
func writeLedger(ctx context.Context, dir string, write func(*pilot.Ledger) error) error {
	if err := hasLedger(dir); err != nil {
		return err
	}
	return makeLedger(ctx, dir, write)
}

// makeLedger is writeLedger for who makes it where there is none.
func makeLedger(ctx context.Context, dir string, write func(*pilot.Ledger) error) error {
	l, err := pilot.Open(ctx, adapt.LedgerFile(dir))
	if err != nil {
		return err
	}
	l.Own = adapt.PilotOf(dir)
	return errors.Join(write(l), l.Close())
}

// journal is what a command does that adds to the journal and says what it
// added.
func (a *app) journal(f *pilotFlags, add func(ctx context.Context, l *pilot.Ledger, args []string) (said words.Sentence, err error)) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		var said words.Sentence
		err := writeLedger(cmd.Context(), f.dir, func(l *pilot.Ledger) (err error) {
			said, err = add(cmd.Context(), l, args)
			return err
		})
		if err == nil {
			a.tell(said)
		}
		return err
	}
}

func (a *app) pilotCmd() *cobra.Command {
	c := &cobra.Command{
		Use:   "pilot",
		Short: "Stages, gates and decisions of a pilot",
		Long: `A pilot goes through three stages: pilot, on-site, company-wide. Before each,
people agree what it must show: gates. A gate is sealed before the data is
opened, held against a run, and passes, fails or stays undecided; a decision
and a name open the next stage. All of it is kept in the ledger for good.`,
	}
	c.AddCommand(a.pilotNewCmd(), a.pilotShowCmd(), a.pilotGateCmd(), a.pilotDecideCmd(), a.pilotPromoteCmd(),
		a.pilotAssumeCmd(), a.pilotReturnCmd(), a.pilotNoteCmd(), a.pilotDoubtCmd(), a.pilotDoubtsCmd(), a.pilotCompareCmd(), a.pilotCheckCmd())
	return c
}

func (a *app) pilotNewCmd() *cobra.Command {
	var f pilotFlags
	var question string
	c := &cobra.Command{
		Use:   "new NAME",
		Short: "Make a pilot",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			err := makeLedger(cmd.Context(), f.dir, func(l *pilot.Ledger) error {
				_, err := l.Create(cmd.Context(), args[0], question, f.by)
				return err
			})
			if err != nil {
				return err
			}
			a.tell(words.Say("made pilot %s in %s", args[0], adapt.LedgerFile(f.dir)))
			plan := filepath.Join(f.dir, "plan.toml")
			if p, err := adapt.ReadPlan(plan); err == nil && p.Name != args[0] {
				a.tell(words.Say("note: %s", words.Say("%s is of pilot %q; runs of plans with name = %q count for this one", plan, p.Name, args[0])))
			}
			return nil
		},
	}
	c.Flags().StringVar(&f.dir, "pilot", ".", "folder of the pilot; made where there is none")
	c.Flags().StringVar(&f.by, "by", "", "your name, for the journal")
	require(c, "by")
	c.Flags().StringVar(&question, "question", "", "what the pilot shall answer, in your words")
	return c
}

func (a *app) pilotDecideCmd() *cobra.Command {
	var f pilotFlags
	var d pilot.Decision
	c := &cobra.Command{
		Use:   "decide go|conditions|no-go|undecided",
		Short: "Record the decision about the stage",
		Long: `Records what people concluded about the stage the pilot has come to. A go, with
or without conditions, is refused while a gate of the stage stands in the way:
exit code 6 where one failed, 7 where one is undecided or blocked.`,
		Args:      cobra.ExactArgs(1),
		ValidArgs: []cobra.Completion{string(pilot.Go), string(pilot.Conditions), string(pilot.NoGo), string(pilot.NotYet)},
		RunE: a.journal(&f, func(ctx context.Context, l *pilot.Ledger, args []string) (words.Sentence, error) {
			d.Answer = pilot.Answer(args[0])
			e, err := l.Decide(ctx, f.name, f.by, d)
			if err != nil {
				return words.Sentence{}, err
			}
			return words.Say("decided on stage %s: %s, by %s", words.Say(string(e.Decision.Stage)), words.Say(string(e.Decision.Answer)), e.By), nil
		}),
	}
	f.add(c, true)
	c.Flags().StringVar(&d.Note, "note", "", "why, and under what conditions")
	c.Flags().StringVar(&d.Approved, "approved", "", "who approved it, somebody else")
	return c
}

func (a *app) pilotPromoteCmd() *cobra.Command {
	var f pilotFlags
	c := &cobra.Command{
		Use:   "promote",
		Short: "Open the next stage, after a go",
		Args:  cobra.NoArgs,
		RunE: a.journal(&f, func(ctx context.Context, l *pilot.Ledger, _ []string) (words.Sentence, error) {
			e, err := l.Promote(ctx, f.name, f.by)
			return words.Say("stage %s is open", words.Say(string(e.Stage))), err
		}),
	}
	f.add(c, true)
	return c
}

func (a *app) pilotNoteCmd() *cobra.Command {
	var f pilotFlags
	c := &cobra.Command{
		Use:   "note TEXT",
		Short: "Add a remark to the journal",
		Args:  cobra.ExactArgs(1),
		RunE: a.journal(&f, func(ctx context.Context, l *pilot.Ledger, args []string) (words.Sentence, error) {
			_, err := l.Note(ctx, f.name, f.by, args[0])
			return words.Say("noted in the journal"), err
		}),
	}
	f.add(c, true)
	return c
}

func (a *app) pilotCheckCmd() *cobra.Command {
	var f pilotFlags
	c := &cobra.Command{
		Use:   "check",
		Short: "Is the ledger as it was written?",
		Long: `Looks for anything in the ledger that is not as it was written: a damaged file,
a changed journal, numbers that do not follow from what they were computed
from. Exit code 4 if there is any. It looks at the whole ledger, whichever
pilots and gates are in it; what holds a gate against a run is

  framepilot pilot gate check GATE --by NAME`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			hint := words.Say("to hold a gate against a run: framepilot pilot gate check %s --by NAME", args[0])
			return fault.Say(fault.Usage, hint, "pilot check looks at the whole ledger, and takes no name")
		},
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			var wrong []string
			err = readLedger(cmd.Context(), f.dir, func(l *pilot.Ledger) error {
				wrong, err = l.Verify(cmd.Context())
				return err
			})
			if err != nil {
				return err
			}
			result := struct {
				Ledger string   `json:"ledger"`
				Wrong  []string `json:"wrong"`
			}{adapt.LedgerFile(f.dir), append([]string{}, wrong...)}
			err = a.print(result, func(w io.Writer) {
				for _, text := range wrong {
					fmt.Fprintln(w, text)
				}
				if len(wrong) == 0 {
					fmt.Fprintf(w, "%s is as it was written\n", result.Ledger)
				}
			})
			if err == nil && len(wrong) > 0 {
				err = failed(fault.Input)
			}
			return err
		},
	}
	dirFlag(c, &f.dir)
	return a.jsonFlag(c)
}

// gateNow says how a gate stands, in one line.
func gateNow(g pilot.GateState) string {
	if g.Criterion.Metric == "sign-off" {
		if g.Signed != nil {
			return "signed by " + g.Signed.By
		}
		return "open"
	}
	if len(g.Checks) == 0 {
		return "-"
	}
	return readingText(g.Criterion, g.Checks[len(g.Checks)-1].Check.Reading)
}

func readingText(c gate.Criterion, r gate.Reading) string {
	text := c.Amount(r.Value)
	if r.Interval != "" {
		text += fmt.Sprintf(" [%s, %s]", c.Amount(r.Low), c.Amount(r.High))
	}
	return text
}
