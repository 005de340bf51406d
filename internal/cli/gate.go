package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"framepilot/internal/fault"
	"framepilot/internal/words"
	"framepilot/pilot"
	"framepilot/pilot/gate"
	"framepilot/pilot/report"
	"framepilot/probe"
)

func (a *app) pilotGateCmd() *cobra.Command {
	c := &cobra.Command{Use: "gate", Short: "What a stage must show: propose, seal, check, sign, waive"}
	c.AddCommand(a.gateProposeCmd(), a.gateSealCmd(), a.gateCheckCmd(), a.gateSignCmd(), a.gateWaiveCmd())
	return c
}

func (a *app) gateProposeCmd() *cobra.Command {
	var f pilotFlags
	var c gate.Criterion
	var stage, by string
	var atLeast, atMost threshold
	var metrics []string
	for _, m := range gate.Metrics() {
		metrics = append(metrics, fmt.Sprintf("  %-15s %s", m.Name, m.Summary))
	}
	cmd := &cobra.Command{
		Use:   "propose GATE",
		Short: "Word a gate, or word it anew",
		Long: `Words a gate of the stage. It can be worded anew until it is sealed.

Metrics:
` + strings.Join(metrics, "\n"),
		Example: `  framepilot pilot gate propose G1 --metric top1 --site night --recipe 'logistic, 16 shots' --at-least 0.7 --text 'recognises night footage' --by 'K. Sato'
  framepilot pilot gate propose G2 --metric sign-off --text 'licence of the weights, by legal' --by 'K. Sato'`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			c.Name, c.Stage, c.By = args[0], gate.Stage(stage), gate.By(by)
			least, most := cmd.Flags().Changed("at-least"), cmd.Flags().Changed("at-most")
			if m, err := gate.Find(c.Metric); err == nil && m.Unit != "" && (atLeast.percent || atMost.percent) {
				return fault.New(fault.Usage, "leave % out", "gate %s: %s is no share", c.Name, m.Name)
			}
			switch {
			case cmd.Flags().Changed("looks") && c.Looks < 1:
				return fault.New(fault.Usage, "agree on 1 to 100", "gate %s: %d looks", c.Name, c.Looks)
			case least && most:
				return fault.New(fault.Usage, "give one", "gate %s: --at-least and --at-most together", c.Name)
			case least:
				c.Bound, c.Threshold = gate.AtLeast, atLeast.value
			case most:
				c.Bound, c.Threshold = gate.AtMost, atMost.value
			case c.Metric != "sign-off":
				return fault.New(fault.Usage, "give --at-least or --at-most", "gate %s has no threshold", c.Name)
			}
			var e pilot.Entry
			var unmeasured error
			seen := 0
			err := writeLedger(cmd.Context(), f.dir, func(l *pilot.Ledger) (err error) {
				if e, err = l.Propose(cmd.Context(), f.name, f.by, c); err == nil {
					unmeasured, err = l.Unmeasured(cmd.Context(), f.name, c)
				}
				if err == nil {
					var b pilot.Board
					b, err = l.Board(cmd.Context(), f.name)
					seen = b.Seen[c.Name]
				}
				return err
			})
			if unmeasured != nil {
				a.tell(words.Say("note: %s", words.Say("%s; it could not be held against that run. %s", fault.Said(unmeasured), fault.Fix(unmeasured))))
			}
			if err == nil {
				a.tell(words.Say("proposed %s", criterionText(*e.Criterion)))
				command := "framepilot pilot gate seal " + c.Name + " --by NAME"
				if seen > 0 {
					command += " --late REASON"
				}
				a.tell(words.Say("seal it%s: %s", sealWhen(seen), command))
			}
			return err
		},
	}
	f.add(cmd, true)
	fl := cmd.Flags()
	fl.StringVar(&stage, "stage", string(gate.Pilot), "pilot, on-site or company-wide")
	fl.StringVar(&c.Text, "text", "", "what must be shown, in your words")
	fl.StringVar(&c.Metric, "metric", "", "what is measured, see above")
	fl.StringVar(&c.Class, "class", "", "the class, for recall and precision")
	fl.StringVar(&c.Site, "site", "", "whose test clips; may be left out where there is one site")
	fl.StringVar(&c.Recipe, "recipe", "", "the result that counts, by its label in the report, as 'logistic, 16 shots'; named later, it costs confidence")
	fl.Var(&atLeast, "at-least", "threshold; shares from 0 to 1, or in percent")
	fl.Var(&atMost, "at-most", "threshold; shares from 0 to 1, or in percent")
	fl.StringVar(&by, "decide-by", "", "lower, point or upper end of the interval (default: the careful one)")
	fl.IntVar(&c.Looks, "looks", 0, "readings of the test that are agreed on; all their intervals hold at once (default 1)")
	require(cmd, "text")
	require(cmd, "metric")
	return cmd
}

// threshold is a number of the command line, or a share in percent.
type threshold struct {
	value   float64
	percent bool
}

func (t *threshold) Set(text string) error {
	var ok bool
	if t.value, t.percent, ok = words.Number(text); !ok {
		return errors.New("write 0.7, or 70% for a share")
	}
	return nil
}

func (t *threshold) String() string { return strconv.FormatFloat(t.value, 'f', -1, 64) }
func (t *threshold) Type() string   { return "number" }

func (a *app) gateSealCmd() *cobra.Command {
	var f pilotFlags
	var late string
	c := &cobra.Command{
		Use:   "seal GATE...",
		Short: "Seal gates before the data is opened",
		Args:  cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return writeLedger(cmd.Context(), f.dir, func(l *pilot.Ledger) error {
				for _, name := range args {
					e, err := l.SealGate(cmd.Context(), f.name, f.by, name, late)
					if err != nil {
						return err
					}
					a.tell(words.Say("sealed %s, %s", name, e.Seal.Hash[:12]))
				}
				return nil
			})
		},
	}
	f.add(c, true)
	c.Flags().StringVar(&late, "late", "", "why a gate is sealed although results of its site have been seen; the report shows it")
	return c
}

func (a *app) gateSignCmd() *cobra.Command {
	var f pilotFlags
	var note string
	c := &cobra.Command{
		Use:   "sign GATE",
		Short: "Sign a sign-off gate",
		Args:  cobra.ExactArgs(1),
		RunE: a.journal(&f, func(ctx context.Context, l *pilot.Ledger, args []string) (words.Sentence, error) {
			_, err := l.Sign(ctx, f.name, f.by, args[0], note)
			return words.Say("%s signed by %s", args[0], f.by), err
		}),
	}
	f.add(c, true)
	c.Flags().StringVar(&note, "note", "", "what was signed")
	return c
}

func (a *app) gateWaiveCmd() *cobra.Command {
	var f pilotFlags
	var reason string
	c := &cobra.Command{
		Use:   "waive GATE",
		Short: "Let the stage pass without a gate, by name",
		Args:  cobra.ExactArgs(1),
		RunE: a.journal(&f, func(ctx context.Context, l *pilot.Ledger, args []string) (words.Sentence, error) {
			_, err := l.Waive(ctx, f.name, f.by, args[0], reason)
			return words.Say("%s waived by %s; the report says so", args[0], f.by), err
		}),
	}
	f.add(c, true)
	c.Flags().StringVar(&reason, "reason", "", "why")
	require(c, "reason")
	return c
}

func (a *app) gateCheckCmd() *cobra.Command {
	var f pilotFlags
	var run, recipe string
	c := &cobra.Command{
		Use:   "check GATE",
		Short: "Hold a sealed gate against a run",
		Long: `Holds a sealed gate against a run and records the verdict. Exit code 0: PASS;
6: FAIL; 7: UNDECIDED, with what would settle it, or BLOCKED.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			ctx := cmd.Context()
			var board pilot.Board
			err = writeLedger(ctx, f.dir, func(l *pilot.Ledger) (err error) {
				if _, err = l.CheckGate(ctx, f.name, f.by, args[0], run, recipe); err == nil {
					board, err = l.Board(ctx, f.name)
				}
				return err
			})
			if err != nil {
				return err
			}
			var g pilot.GateState
			for _, other := range board.Gates {
				if other.Criterion.Name == args[0] {
					g = other
				}
			}
			if err := a.print(report.GateOf(board, g), func(out io.Writer) { fmt.Fprintln(out, a.language.Say(gateText(board, g))) }); err != nil {
				return err
			}
			switch g.Ruling().Verdict {
			case gate.Fail:
				return failed(fault.Failed)
			case gate.Undecided, gate.Blocked:
				return failed(fault.Undecided)
			}
			return nil
		},
	}
	f.add(c, true)
	c.Flags().StringVar(&run, "run", "", "the run; the latest that is done")
	c.Flags().StringVar(&recipe, "recipe", "", "the result, by the label the report gives it, where the gate names none")
	return a.jsonFlag(c)
}

// intervalText is how an interval was made, in the words of the report; what a
// ledger says that no version knows stays as it is.
func intervalText(kind string) words.Sentence {
	switch probe.IntervalMethod(kind) {
	case probe.IntervalClips:
		return words.Say("Wilson")
	case probe.IntervalGroups:
		return words.Say("Wilson over recordings")
	case probe.IntervalBootstrap:
		return words.Say("bootstrap over recordings")
	case probe.IntervalBCa:
		return words.Say("BCa bootstrap over recordings")
	}
	return words.Plain(kind)
}

// gateText is a verdict and what it rests on, in a few lines.
func gateText(b pilot.Board, g pilot.GateState) words.Sentence {
	ruling := g.Ruling()
	check := g.Checks[len(g.Checks)-1].Check
	now := words.Say("now %s", readingText(g.Criterion, check.Reading))
	if r := check.Reading; r.Interval != "" {
		now = words.Say("%s at %.6g %% (%s), look %d of %d agreed", now, 100*r.Confidence, intervalText(r.Interval), r.Looks, g.Criterion.Looks)
	}
	lines := []words.Sentence{words.Say("%s  %s", words.Say(string(ruling.Verdict)), criterionText(g.Criterion)), now}
	if r := check.Reading; r.Interval != "" {
		lines = append(lines, words.Say("%s, %s of %d recordings", check.Recipe, clipsOf(r.Clips, r.Class), r.Recordings))
		if r.Candidates > 1 {
			lines = append(lines, words.Say("the recipe was not named when the gate was sealed: the interval allows for all %d that were measured", r.Candidates))
		}
	}
	if check.Left > 0 {
		lines = append(lines, words.Say("%s that earlier runs judged there not measured any more: the report says what that may be worth", words.Counted(check.Left, "test clip")))
	}
	return words.Join(append(lines, rulingText(b, g)), "\n")
}
