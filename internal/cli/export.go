package cli

import (
	"bytes"
	"fmt"
	"io"
	"os"

	"github.com/google/renameio/v2"
	"github.com/spf13/cobra"

	"framepilot/adapt"
	"framepilot/adapt/featurefile"
	"framepilot/internal/fault"
	"framepilot/internal/words"
	"framepilot/pilot"
	"framepilot/pilot/export"
)

func (a *app) exportCmd() *cobra.Command {
	c := &cobra.Command{
		Use:   "export",
		Short: "Results and embeddings for other tools",
		Long: `Gives what the ledger knows to other tools. Without -o it is printed. Nothing
leaves this machine but by "export mlflow", and then to the address given.`,
	}
	c.AddCommand(
		a.exportText("results", "Results as CLIP_benchmark writes them, a JSON object a line", func(w io.Writer, rec pilot.Record, _ *pilot.Board) error {
			return export.WriteRows(w, rec)
		}),
		a.exportText("metrics", "Results and gates as OpenMetrics text", export.WriteMetrics),
		a.exportText("card", "A model card in Markdown", func(w io.Writer, rec pilot.Record, b *pilot.Board) error {
			return export.WriteCard(w, rec, signedBy(b))
		}),
		a.exportMLflowCmd(), a.exportFeaturesCmd())
	return c
}

// signedBy names who signed the sign-off gates, "" while one is open or there
// is none.
func signedBy(b *pilot.Board) (names string) {
	if b == nil {
		return ""
	}
	for _, g := range b.Gates {
		if g.Criterion.Metric != "sign-off" {
			continue
		}
		if g.Signed == nil {
			return ""
		}
		if names != "" {
			names += ", "
		}
		names += fmt.Sprintf("%s (%s)", g.Signed.By, g.Criterion.Text)
	}
	return names
}

// exportText is a command that writes one text about a run.
func (a *app) exportText(name, short string, write func(io.Writer, pilot.Record, *pilot.Board) error) *cobra.Command {
	var dir, out string
	c := &cobra.Command{
		Use: name + " [RUN]", Short: short, Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			known, err := loadRun(cmd.Context(), dir, first(args))
			if err != nil {
				return err
			}
			var text bytes.Buffer
			if err := write(&text, known.Record, known.Board); err != nil {
				return err
			}
			if out == "" {
				_, err := a.out.Write(text.Bytes())
				return err
			}
			if err := renameio.WriteFile(out, text.Bytes(), 0o644); err != nil {
				return fault.New(fault.Missing, "choose a folder you may write to", "export: %w", err)
			}
			a.tell(words.Say("wrote %s", out))
			return nil
		},
	}
	dirFlag(c, &dir)
	c.Flags().StringVarP(&out, "output", "o", "", "file to write")
	return c
}

func (a *app) exportMLflowCmd() *cobra.Command {
	var dir, address string
	c := &cobra.Command{
		Use:   "mlflow [RUN] --url ADDRESS",
		Short: "Log a run's results in MLflow",
		Long: `Makes one run in MLflow for every result, in an experiment named after the
pilot. Results that are there already are left alone. FRAMEPILOT_MLFLOW_TOKEN,
where set, is sent as a bearer token. Numbers and settings leave this machine;
clips, their names and embeddings do not.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			known, err := loadRun(cmd.Context(), dir, first(args))
			if err != nil {
				return err
			}
			n, err := export.MLflow{URL: address, Token: os.Getenv("FRAMEPILOT_MLFLOW_TOKEN")}.Log(cmd.Context(), known.Record)
			if n > 0 || err == nil {
				fmt.Fprintf(a.errs, "logged %d of %d results; the others were there already or are still to do\n", n, len(known.Record.Results))
			}
			return err
		},
	}
	dirFlag(c, &dir)
	c.Flags().StringVar(&address, "url", "", "of the tracking server, as http://127.0.0.1:5000")
	require(c, "url")
	return c
}

func (a *app) exportFeaturesCmd() *cobra.Command {
	var plan, out string
	c := &cobra.Command{
		Use:   "features --plan PLAN.toml -o F.parquet",
		Short: "Embeddings of a plan's training clips, as .parquet, .safetensors or .npy",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			p, err := adapt.ReadPlan(plan)
			if err != nil {
				return err
			}
			show := a.progress()
			got, err := adapt.Collect(cmd.Context(), p, nil, adapt.RunOptions{Open: a.openPlanned, Reader: a.decoder, Out: a.showEvents(show)})
			show.end()
			if err != nil {
				return err
			}
			if err := featurefile.Save(out, got.Train, nil); err != nil {
				return err
			}
			fmt.Fprintf(a.errs, "wrote %s: %d clips, width %d\n", out, got.Train.Len(), got.Train.X.Cols)
			return nil
		},
	}
	c.Flags().StringVar(&plan, "plan", "", "the plan")
	c.Flags().StringVarP(&out, "output", "o", "", "file to write; its ending says how")
	require(c, "plan")
	require(c, "output")
	return c
}
