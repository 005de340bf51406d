package cli

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"framepilot/internal/fault"
	"framepilot/internal/words"
	"framepilot/pilot"
	"framepilot/pilot/roi"
)

func (a *app) pilotAssumeCmd() *cobra.Command {
	var f pilotFlags
	var source string
	c := &cobra.Command{
		Use:   "assume NAME=LOW,BASE,HIGH...",
		Short: "Set rates and the assumptions of the return",
		Long: `Sets what the return is computed from: a low, a base and a high value each, or
one number that is certain. A share may be in percent. The last value of a name
counts; all are kept.

  ` + strings.Join(roi.Names(), "\n  ") + `
  error_cost:TRUE:SAID    cost of one kind of error
  ` + pilot.SecondsPerLabel + ", " + pilot.LabelWage + ", " + pilot.Currency + `    what labels cost`,
		Example: "  framepilot pilot assume currency=JPY wage_per_hour=2500,3000,3500 error_cost=200 --source 'HR, 2026' --by 'K. Sato'",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			var all []pilot.Assumption
			for _, arg := range args {
				name, value, ok := strings.Cut(arg, "=")
				if !ok {
					return fault.New(fault.Usage, "as in wage_per_hour=2500,3000,3500", "%q has no value", arg)
				}
				x, err := pilot.ParseAssumption(name, value)
				if err != nil {
					return err
				}
				x.Source = source
				all = append(all, x)
			}
			err := writeLedger(cmd.Context(), f.dir, func(l *pilot.Ledger) error {
				for _, x := range all {
					if _, err := l.Assume(cmd.Context(), f.name, f.by, x); err != nil {
						return err
					}
				}
				return nil
			})
			if err == nil {
				a.tell(words.Say("recorded %d by %s; the last value of a name counts", len(all), f.by))
			}
			return err
		},
	}
	f.add(c, true)
	c.Flags().StringVar(&source, "source", "", "where the values come from")
	return c
}

func (a *app) pilotReturnCmd() *cobra.Command {
	var f pilotFlags
	var run, site, recipe string
	c := &cobra.Command{
		Use:   "return",
		Short: "What a result is worth: cost, benefit, payback, break-even",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			var w pilot.Worth
			err = readLedger(cmd.Context(), f.dir, func(l *pilot.Ledger) error {
				w, err = l.Worth(cmd.Context(), f.name, run, site, recipe)
				return err
			})
			if err != nil {
				return err
			}
			return a.print(worthJSON(w), func(out io.Writer) { printWorth(out, w) })
		},
	}
	f.add(c, false)
	c.Flags().StringVar(&run, "run", "", "the run; the latest that is done")
	c.Flags().StringVar(&site, "site", "", "the site; may be left out where there is one")
	c.Flags().StringVar(&recipe, "recipe", "", "the recipe, by the label the report gives it; without site and recipe, the one the report tells of")
	return a.jsonFlag(c)
}

func printWorth(out io.Writer, w pilot.Worth) {
	fmt.Fprintf(out, "%s, on %s, run %s; a month in %s\n\n", w.Recipe, w.Site, w.Run, cmp.Or(w.Currency, "money"))
	t := figures(out)
	fmt.Fprintln(t, "\tLOW\tBASE\tHIGH\t")
	base, high := w.Base.Lines(), w.High.Lines()
	for i, low := range w.Low.Lines() {
		name := low.Name
		if name == "saved" {
			name = "work saved"
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t\n", name, whole(low.Amount), whole(base[i].Amount), whole(high[i].Amount))
	}
	fmt.Fprintf(t, "payback, months\t%s\t%s\t%s\t\n", months(w.Payback[0]), months(w.Payback[1]), months(w.Payback[2]))
	t.Flush()
	fmt.Fprintf(out, "\n1,000 clips cost %s of machine. %s\n", whole(w.Per1000), breakEven(w))
	if len(w.Bars) > 0 {
		b := w.Bars[0]
		fmt.Fprintf(out, "What matters most: %s; between its ends the net is %s to %s.\n", b.Name, whole(min(b.Low, b.High)), whole(max(b.Low, b.High)))
	}
}

// whole is an amount without its fraction; a small loss is 0, not -0.
func whole(x float64) string { return strconv.FormatFloat(math.Round(x)+0, 'f', 0, 64) }

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
