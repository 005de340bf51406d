package cli

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"framepilot/adapt"
	"framepilot/pilot"
	"framepilot/pilot/report"
)

// openLedger opens the ledger of the pilot in dir, to read.
func openLedger(ctx context.Context, dir string) (*pilot.Ledger, error) {
	return pilot.OpenReadOnly(ctx, adapt.LedgerFile(dir))
}

// loadRun reads a run and, where id is "", the latest.
func loadRun(ctx context.Context, dir, id string) (rec pilot.Record, err error) {
	l, err := openLedger(ctx, dir)
	if err != nil {
		return rec, err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	if id == "" {
		latest, err := l.Latest(ctx)
		if err != nil {
			return rec, err
		}
		id = latest.ID
	}
	return l.Load(ctx, id)
}

func (a *app) reportCmd() *cobra.Command {
	var out []string
	var dir string
	c := &cobra.Command{
		Use:   "report [RUN]",
		Short: "The report of a run: the latest, or the one named",
		Long: `Writes the report of a run as one file that needs nothing else: .html, .md,
.json or .csv, by its ending. Without -o the tables are printed.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id := ""
			if len(args) == 1 {
				id = args[0]
			}
			for _, path := range out {
				if _, err := report.FormatOf(path); err != nil {
					return err
				}
			}
			rec, err := loadRun(cmd.Context(), dir, id)
			if err != nil {
				return err
			}
			doc := report.Build(rec)
			for _, path := range out {
				if err := report.WriteFile(path, doc); err != nil {
					return err
				}
				fmt.Fprintf(a.errs, "wrote %s\n", path)
			}
			if len(out) > 0 && !a.json {
				return nil
			}
			if a.json {
				return report.Write(a.out, report.JSON, doc)
			}
			_, err = io.WriteString(a.out, report.Terminal(doc))
			return err
		},
	}
	c.Flags().StringArrayVarP(&out, "output", "o", nil, "file to write, its ending says how; may be repeated")
	c.Flags().StringVar(&dir, "pilot", ".", "folder of the pilot, the one that holds plan.toml")
	return a.jsonFlag(c)
}
