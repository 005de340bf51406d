package cli

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"framepilot/internal/fault"
	"framepilot/internal/lang"
	"framepilot/internal/words"
	"framepilot/pilot"
	"framepilot/pilot/report"
)

// loadRun reads all there is to know of a run and, where id is "", of the
// latest.
func loadRun(ctx context.Context, dir, id string) (d pilot.Dossier, err error) {
	err = readLedger(ctx, dir, func(l *pilot.Ledger) error {
		if id == "" {
			latest, err := l.Latest(ctx)
			if err != nil {
				return err
			}
			id = latest.ID
		}
		if d, err = l.Dossier(ctx, id, ""); err == nil {
			d.Since, err = l.Since(ctx, d.Record, "")
		}
		return err
	})
	return d, err
}

func (a *app) reportCmd() *cobra.Command {
	var out []string
	var dir, language, audience string
	var redact bool
	c := &cobra.Command{
		Use:   "report [RUN]",
		Short: "The report of a run: the latest, or the one named",
		Long: `Writes the report of a run as one file that needs nothing else: .html, .md,
.json, .csv or .xlsx, by its ending. Without -o the tables are printed. Where
the pilot has gates, decisions or assumptions, the report begins with the page
a meeting decides on.`,
		Example: `  framepilot report -o report.html -o report.xlsx
  framepilot report -o board.html --lang ja --audience board --redact
  framepilot report verify board.html`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			for _, path := range out {
				if _, err := report.FormatOf(path); err != nil {
					return err
				}
			}
			o, err := reportOptions(language, audience)
			if err != nil {
				return err
			}
			known, err := loadRun(cmd.Context(), dir, first(args))
			if err != nil {
				return err
			}
			o.Redact = redact
			if len(out) > 0 {
				o.Pictures = a.thumbnails(cmd.Context(), dir)
			}
			doc := report.Build(known, o)
			for _, path := range out {
				if err := report.WriteFile(path, doc); err != nil {
					return err
				}
				a.tell(words.Say("wrote %s", path))
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
	f := c.Flags()
	f.StringArrayVarP(&out, "output", "o", nil, "file to write, its ending says how; may be repeated")
	dirFlag(c, &dir)
	f.StringVar(&language, "lang", "", "language of the file: en or ja (default: the one of your locale)")
	f.StringVar(&audience, "audience", "", "who it is for: board or engineer (default engineer, who is shown all)")
	f.BoolVar(&redact, "redact", false, "leave out pictures and paths; clips get names that tell nothing")
	c.AddCommand(a.reportVerifyCmd())
	return a.jsonFlag(c)
}

// reportOptions reads what a person says about a report.
func reportOptions(language, audience string) (o report.Options, err error) {
	o.Language = lang.OfUser(os.Getenv)
	if language != "" {
		if o.Language, err = lang.Parse(language); err != nil {
			return o, err
		}
	}
	o.Audience, err = report.ParseAudience(audience)
	return o, err
}

func (a *app) reportVerifyCmd() *cobra.Command {
	var dir string
	c := &cobra.Command{
		Use:   "verify FILE",
		Short: "Compute every number of a report again, from the ledger",
		Long: `Computes the scores again from the predictions the ledger kept, judges its gates
again, computes the return again, makes the same report again and compares it
with the file. Exit code 4 where anything differs; what and where is printed.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			format, err := report.FormatOf(args[0])
			if err != nil {
				return err
			}
			file, err := os.ReadFile(args[0])
			if err != nil {
				return fault.New(fault.Missing, "give the file of a report", "report: %w", err)
			}
			var v report.Verification
			err = readLedger(cmd.Context(), dir, func(l *pilot.Ledger) error {
				v, err = report.Verify(cmd.Context(), l, format, file)
				return err
			})
			if err != nil {
				return err
			}
			err = a.print(v, func(w io.Writer) {
				for _, d := range v.Differences {
					fmt.Fprintln(w, d)
				}
				if v.More > 0 {
					fmt.Fprintf(w, "and %d more\n", v.More)
				}
				if v.OK() {
					fmt.Fprintf(w, "%s: %d numbers are as the ledger has them; run %s\n", args[0], v.Numbers, v.Source.Run)
				}
			})
			if err == nil && !v.OK() {
				return fault.New(fault.Input, "make the report again: framepilot report "+v.Source.Run+" -o FILE", "%s is not what the ledger says", args[0])
			}
			return err
		},
	}
	dirFlag(c, &dir)
	return a.jsonFlag(c)
}
