package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"framepilot/adapt"
	"framepilot/internal/fault"
	"framepilot/pilot"
	"framepilot/pilot/gate"
	"framepilot/pilot/roi"
)

// pilotFlags say which pilot, and who is at the keyboard.
type pilotFlags struct{ dir, name, by string }

func (f *pilotFlags) add(c *cobra.Command, writes bool) {
	c.Flags().StringVar(&f.dir, "pilot", ".", "folder of the pilot, the one that holds plan.toml")
	c.Flags().StringVar(&f.name, "name", "", "which pilot, where the ledger holds several")
	if writes {
		c.Flags().StringVar(&f.by, "by", "", "your name, for the journal")
		require(c, "by")
	}
}

// write opens the ledger to add to it.
func (f *pilotFlags) write(ctx context.Context, do func(*pilot.Ledger) (pilot.Entry, error)) (e pilot.Entry, err error) {
	l, err := pilot.Open(ctx, adapt.LedgerFile(f.dir))
	if err != nil {
		return e, err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	return do(l)
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
		a.pilotAssumeCmd(), a.pilotReturnCmd(), a.pilotNoteCmd(), a.pilotCheckCmd())
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
			_, err := f.write(cmd.Context(), func(l *pilot.Ledger) (pilot.Entry, error) {
				return l.Create(cmd.Context(), args[0], question, f.by)
			})
			if err == nil {
				fmt.Fprintf(a.errs, "made pilot %s in %s\n", args[0], adapt.LedgerFile(f.dir))
			}
			return err
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
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			d.Answer = pilot.Answer(args[0])
			e, err := f.write(cmd.Context(), func(l *pilot.Ledger) (pilot.Entry, error) {
				return l.Decide(cmd.Context(), f.name, f.by, d)
			})
			if err == nil {
				fmt.Fprintf(a.errs, "decided on stage %s: %s, by %s\n", e.Decision.Stage, e.Decision.Answer, e.By)
			}
			return err
		},
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
		RunE: func(cmd *cobra.Command, _ []string) error {
			e, err := f.write(cmd.Context(), func(l *pilot.Ledger) (pilot.Entry, error) {
				return l.Promote(cmd.Context(), f.name, f.by)
			})
			if err == nil {
				fmt.Fprintf(a.errs, "stage %s is open\n", e.Stage)
			}
			return err
		},
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
		RunE: func(cmd *cobra.Command, args []string) error {
			_, err := f.write(cmd.Context(), func(l *pilot.Ledger) (pilot.Entry, error) {
				return l.Note(cmd.Context(), f.name, f.by, args[0])
			})
			return err
		},
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
from. Exit code 4 if there is any.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			l, err := openLedger(cmd.Context(), f.dir)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, l.Close()) }()
			wrong, err := l.Verify(cmd.Context())
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
	c.Flags().StringVar(&f.dir, "pilot", ".", "folder of the pilot, the one that holds plan.toml")
	return a.jsonFlag(c)
}

func (a *app) pilotAssumeCmd() *cobra.Command {
	var f pilotFlags
	var source string
	c := &cobra.Command{
		Use:   "assume NAME=LOW,BASE,HIGH...",
		Short: "Set rates and the assumptions of the return",
		Long: `Sets what the return is computed from: a low, a base and a high value each, or
one number that is certain. The last value of a name counts; all are kept.

  ` + strings.Join(roi.Names(), "\n  ") + `
  error_cost:TRUE:SAID    cost of one kind of error
  ` + pilot.SecondsPerLabel + ", " + pilot.LabelWage + ", " + pilot.Currency + `    what labels cost`,
		Example: "  framepilot pilot assume currency=JPY wage_per_hour=2500,3000,3500 error_cost=200 --source 'HR, 2026' --by 'K. Sato'",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			var all []pilot.Assumption
			for _, arg := range args {
				x, err := parseAssumption(arg)
				if err != nil {
					return err
				}
				x.Source = source
				all = append(all, x)
			}
			_, err := f.write(cmd.Context(), func(l *pilot.Ledger) (e pilot.Entry, err error) {
				for _, x := range all {
					if e, err = l.Assume(cmd.Context(), f.name, f.by, x); err != nil {
						return e, err
					}
				}
				return e, nil
			})
			return err
		},
	}
	f.add(c, true)
	c.Flags().StringVar(&source, "source", "", "where the values come from")
	return c
}

// parseAssumption reads NAME=LOW,BASE,HIGH, NAME=VALUE or
// error_cost:TRUE:SAID=VALUE.
func parseAssumption(text string) (pilot.Assumption, error) {
	name, value, ok := strings.Cut(text, "=")
	if !ok {
		return pilot.Assumption{}, fault.New(fault.Usage, "as in wage_per_hour=2500,3000,3500", "%q has no value", text)
	}
	if name == pilot.Currency {
		return pilot.Assumption{Name: name, Text: value}, nil
	}
	var numbers []float64
	for _, part := range strings.Split(value, ",") {
		n, err := strconv.ParseFloat(strings.TrimSpace(part), 64)
		if err != nil {
			return pilot.Assumption{}, fault.New(fault.Usage, "as in wage_per_hour=2500,3000,3500", "%q: %q is no number", text, part)
		}
		numbers = append(numbers, n)
	}
	return pilot.NewAssumption(name, numbers)
}

func (a *app) pilotReturnCmd() *cobra.Command {
	var f pilotFlags
	var run, site, recipe string
	c := &cobra.Command{
		Use:   "return",
		Short: "What a result is worth: cost, benefit, payback, break-even",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			l, err := openLedger(cmd.Context(), f.dir)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, l.Close()) }()
			w, err := l.Worth(cmd.Context(), f.name, run, site, recipe)
			if err != nil {
				return err
			}
			return a.print(worthJSON(w), func(out io.Writer) { printWorth(out, w) })
		},
	}
	f.add(c, false)
	c.Flags().StringVar(&run, "run", "", "the run; the latest that is done")
	c.Flags().StringVar(&site, "site", "", "the site; may be left out where there is one")
	c.Flags().StringVar(&recipe, "recipe", "", "the recipe, by the label the report gives it")
	return a.jsonFlag(c)
}

func printWorth(out io.Writer, w pilot.Worth) {
	fmt.Fprintf(out, "%s, on %s, run %s; a month in %s\n\n", w.Recipe, w.Site, w.Run, cmp.Or(w.Currency, "money"))
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "\tLOW\tBASE\tHIGH\t")
	for _, row := range []struct {
		name string
		of   func(roi.Month) float64
	}{
		{"work saved", func(m roi.Month) float64 { return m.Saved }},
		{"machine", func(m roi.Month) float64 { return -m.Machine }},
		{"errors", func(m roi.Month) float64 { return -m.Errors }},
		{"running", func(m roi.Month) float64 { return -m.Running }},
		{"net", func(m roi.Month) float64 { return m.Net }},
	} {
		fmt.Fprintf(t, "%s\t%.0f\t%.0f\t%.0f\t\n", row.name, row.of(w.Low), row.of(w.Base), row.of(w.High))
	}
	fmt.Fprintf(t, "payback, months\t%s\t%s\t%s\t\n", months(w.Payback[0]), months(w.Payback[1]), months(w.Payback[2]))
	t.Flush()
	fmt.Fprintf(out, "\n1,000 clips cost %.0f of machine. %s\n", w.Per1000, breakEven(w))
	if len(w.Bars) > 0 {
		b := w.Bars[0]
		fmt.Fprintf(out, "What matters most: %s; between its ends the net is %.0f to %.0f.\n", b.Name, min(b.Low, b.High), max(b.Low, b.High))
	}
}

func breakEven(w pilot.Worth) string {
	switch {
	case w.BreakEven > 1:
		return "No accuracy pays for itself under these assumptions."
	case w.BreakEven <= 0:
		return "It pays at any accuracy under these assumptions."
	}
	return fmt.Sprintf("It breaks even at %.1f %% accuracy; measured are %.1f %%.", 100*w.BreakEven, 100*w.Ranges[roi.Accuracy].Base)
}

func months(x float64) string {
	if x == roi.Forever {
		return "never"
	}
	return strconv.FormatFloat(x, 'f', 1, 64)
}

// finite is x, or nil where JSON has no number for it.
func finite(x float64) *float64 {
	if x-x != 0 {
		return nil
	}
	return &x
}

func worthJSON(w pilot.Worth) any {
	type bar struct {
		Name string  `json:"name"`
		Low  float64 `json:"net_at_low"`
		High float64 `json:"net_at_high"`
	}
	bars := []bar{}
	for _, b := range w.Bars {
		bars = append(bars, bar{b.Name, b.Low, b.High})
	}
	return struct {
		Run       string               `json:"run"`
		Site      string               `json:"site"`
		Recipe    string               `json:"recipe"`
		Currency  string               `json:"currency"`
		Assumed   map[string]roi.Range `json:"assumptions"`
		Low       roi.Month            `json:"low"`
		Base      roi.Month            `json:"base"`
		High      roi.Month            `json:"high"`
		Payback   []*float64           `json:"payback_months"` // low, base, high; null = never
		BreakEven *float64             `json:"break_even_accuracy"`
		Per1000   float64              `json:"machine_cost_per_1000"`
		Bars      []bar                `json:"sensitivity"`
	}{w.Run, w.Site, w.Recipe, w.Currency, w.Ranges, w.Low, w.Base, w.High,
		[]*float64{finite(w.Payback[0]), finite(w.Payback[1]), finite(w.Payback[2])}, finite(w.BreakEven), w.Per1000, bars}
}

// gateLine says how a gate stands, in one line.
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
	text := amount(c, r.Value)
	if r.Interval != "" {
		text += fmt.Sprintf(" [%s, %s]", amount(c, r.Low), amount(c, r.High))
	}
	return text
}

// amount is a number of a criterion's metric: a share in percent.
func amount(c gate.Criterion, x float64) string {
	m, err := gate.Find(c.Metric)
	if err == nil && m.Unit == "" {
		return fmt.Sprintf("%.1f %%", 100*x)
	}
	return strconv.FormatFloat(x, 'f', -1, 64)
}
