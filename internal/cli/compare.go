package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"framepilot/internal/lang"
	"framepilot/pilot"
	"framepilot/pilot/report"
)

func (a *app) pilotCompareCmd() *cobra.Command {
	var dir string
	var flips bool
	c := &cobra.Command{
		Use:   "compare [BEFORE [AFTER]]",
		Short: "What changed between two runs, and is it real?",
		Long: `Says what differs between two runs in what their numbers follow from (model,
frames, split, seed, data, plan), and what became of the numbers: every row both
have, and on the clips both were tested on the difference with its interval, and
the clips that were right and are wrong, or the other way round. Without AFTER it
is the run that was done last, without BEFORE the one that was done before it.`,
		Example: `  framepilot pilot compare
  framepilot pilot compare 41c0e7aa --flips`,
		Args: cobra.MaximumNArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			args = append(args, "", "")
			var got pilot.Changes
			err := readLedger(cmd.Context(), dir, func(l *pilot.Ledger) (err error) {
				got, err = l.Changes(cmd.Context(), args[0], args[1])
				return err
			})
			if err != nil {
				return err
			}
			return a.print(got, func(w io.Writer) { printChanges(w, got, flips) })
		},
	}
	dirFlag(c, &dir)
	c.Flags().BoolVar(&flips, "flips", false, "list the clips that were right and are wrong, or the other way round")
	return a.jsonFlag(c)
}

func printChanges(w io.Writer, c pilot.Changes, flips bool) {
	said := report.Since(lang.English, c)
	fmt.Fprintf(w, "Run %s. %s\n%s\n%s\n", c.After.Run, said.Head, said.What, said.Said)
	for _, sheet := range []report.Sheet{said.Made, said.Rows} {
		if len(sheet.Lines) == 0 {
			continue
		}
		t := columns(w)
		fmt.Fprintf(t, "\n%s\n", strings.ToUpper(strings.Join(sheet.Head, "\t")))
		for _, line := range sheet.Lines {
			fmt.Fprintln(t, strings.Join(line, "\t"))
		}
		t.Flush()
	}
	if said.Gone != "" {
		fmt.Fprintf(w, "\n%s\n", said.Gone)
	}
	for i, r := range c.Rows {
		if !flips || r.Paired == nil || len(r.Paired.Flips) == 0 {
			continue
		}
		fmt.Fprintf(w, "\n%s\n", said.Rows.Lines[i][0])
		t := columns(w)
		for _, f := range r.Paired.Flips {
			now := "wrong now"
			if f.Right {
				now = "right now"
			}
			fmt.Fprintf(t, "  %s\t%s\tis %s\t%s before\t%s now\n", now, f.Clip, f.Truth, f.Before, f.After)
		}
		t.Flush()
	}
}
