package cli

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"framepilot/internal/words"
	"framepilot/pilot"
)

func (a *app) pilotDoubtCmd() *cobra.Command {
	var f pilotFlags
	var d pilot.Doubt
	c := &cobra.Command{
		Use:   "doubt CLIP",
		Short: "Say that a test clip is unfit, or its label wrong",
		Long: `Records that a test clip whose result was seen is unfit to test on or, with
--shows, labelled wrongly. It stays in every number and every gate: who looks at
mistakes alone finds only the faults whose mending makes the number better. The
report lists the doubts and shows the numbers without these clips beside.

To mend a list itself, go through all its test clips, not through the mistakes.
A run says how many test clips of earlier runs it lacks, and what the number
would be had it got them wrong.`,
		Example: "  framepilot pilot doubt night/004.mp4 --reason 'black from the third second on' --by 'K. Sato'\n  framepilot pilot doubt night/031.mp4 --shows lift --reason 'both hands are on the box' --by 'K. Sato'",
		Args:    cobra.ExactArgs(1),
		RunE: a.journal(&f, func(ctx context.Context, l *pilot.Ledger, args []string) (words.Sentence, error) {
			d.Clip = args[0]
			_, err := l.Doubt(ctx, f.name, f.by, d)
			if d.Withdrawn {
				return words.Say("%s is not in doubt any more", d.Clip), err
			}
			return words.Say("%s is in doubt; it stays in the numbers, the report shows them without it beside", d.Clip), err
		}),
	}
	f.add(c, true)
	c.Flags().StringVar(&d.Reason, "reason", "", "what is wrong with it")
	c.Flags().StringVar(&d.Shows, "shows", "", "the class it is of, where its label is wrong")
	c.Flags().BoolVar(&d.Withdrawn, "withdraw", false, "take the doubt back")
	require(c, "reason")
	c.MarkFlagsMutuallyExclusive("shows", "withdraw")
	return c
}

// doubtRow is a line of `pilot doubts`.
type doubtRow struct {
	Path   string    `json:"path"`
	Shows  string    `json:"shows"`
	Reason string    `json:"reason"`
	By     string    `json:"by"`
	At     time.Time `json:"at"`
}

func (doubtRow) header() []string { return []string{"path", "shows", "reason", "by", "at"} }

func (r doubtRow) fields() []string {
	return []string{r.Path, r.Shows, r.Reason, r.By, r.At.UTC().Format(time.RFC3339)}
}

func (a *app) pilotDoubtsCmd() *cobra.Command {
	var f pilotFlags
	var out string
	c := &cobra.Command{
		Use:   "doubts",
		Short: "The test clips in doubt, as a list for those who mend labels",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			rows := []doubtRow{}
			err := readLedger(cmd.Context(), f.dir, func(l *pilot.Ledger) error {
				b, err := l.Book(cmd.Context(), f.name)
				for _, e := range b.Doubts {
					rows = append(rows, doubtRow{e.Doubt.Clip, e.Doubt.Shows, e.Doubt.Reason, e.By, e.At})
				}
				return err
			})
			if err != nil {
				return err
			}
			return printTable(a, rows, out)
		},
	}
	f.add(c, false)
	c.Flags().StringVarP(&out, "output", "o", "", "where to write, .csv (default: the terminal)")
	return a.jsonFlag(c)
}
