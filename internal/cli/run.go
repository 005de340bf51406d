package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"framepilot/adapt"
	"framepilot/internal/fault"
	"framepilot/model"
	"framepilot/pilot/report"
)

func (a *app) runCmd() *cobra.Command {
	var dry, locked bool
	c := &cobra.Command{
		Use:   "run PLAN.toml",
		Short: "Carry out a plan: embed, fit, score, report",
		Long: `Carries out a plan and writes its report. What was done before with the same
inputs is kept; stop it any time, the same command goes on where it stopped.

Beside the plan it writes a lock, plan.lock for plan.toml: the hashes, versions
and seeds the numbers follow from. With --locked it writes none and refuses to
run, exit code 3, where any of them has changed.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.runPlan(cmd.Context(), args[0], adapt.RunOptions{DryRun: dry, Locked: locked})
		},
	}
	c.Flags().BoolVar(&dry, "dry-run", false, "say what would be done, and write nothing")
	c.Flags().BoolVar(&locked, "locked", false, "refuse to run where anything is not as the plan's lock says")
	return a.jsonFlag(c)
}

// runPlan carries out a plan and prints what came of it. Results of a run with
// too many failed clips are printed before its error.
func (a *app) runPlan(ctx context.Context, file string, o adapt.RunOptions) error {
	plan, err := adapt.ReadPlan(file)
	if err != nil {
		return err
	}
	p := a.progress()
	o.Open, o.Reader, o.Out = a.openPlanned, a.decoder, a.showEvents(p)
	o.Environment = map[string]string{"framepilot": release(), "decoder": a.decoder.Version()}
	sum, err := adapt.Run(ctx, plan, o)
	p.end()
	if err != nil && fault.KindOf(err) != fault.Partial {
		return err
	}
	printed := a.print(runResult{sum, sum.Document.Results.Looks, sum.Document.Results.Tasks}, func(w io.Writer) {
		t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		for _, s := range sum.Stages {
			fmt.Fprintf(t, "%s\t%s\t%s\n", s.Name, s.Status, s.Detail)
		}
		t.Flush()
		tellLock(w, *sum.Lock, o)
		if o.DryRun {
			return
		}
		fmt.Fprintf(w, "\n%s\n", report.Terminal(sum.Document))
		for _, path := range sum.Reports {
			fmt.Fprintf(w, "%s\n", shown(path))
		}
	})
	return errors.Join(err, printed)
}

// tellLock says what has changed since the plan's lock was written.
func tellLock(w io.Writer, l adapt.LockSummary, o adapt.RunOptions) {
	switch {
	case l.Status == adapt.LockSame || o.Locked:
		fmt.Fprintf(w, "%s: unchanged\n", shown(l.File))
	case l.Status == adapt.LockNew && o.DryRun:
		fmt.Fprintf(w, "%s: will be written\n", shown(l.File))
	case l.Status == adapt.LockNew:
		fmt.Fprintf(w, "%s: written\n", shown(l.File))
	case o.DryRun:
		fmt.Fprintf(w, "%s: these will change\n", shown(l.File))
	default:
		fmt.Fprintf(w, "%s: these have changed\n", shown(l.File))
	}
	for _, d := range l.Changes {
		fmt.Fprintf(w, "  %s\n", d)
	}
}

// runResult is what `run --json` prints. What comes of the report is empty for
// a dry run.
type runResult struct {
	adapt.Summary
	Looks []report.Look `json:"looks"`
	Tasks []report.Task `json:"tasks"`
}

func (a *app) openPlanned(ctx context.Context, m adapt.ModelPlan) (adapt.Embedder, error) {
	return a.openModel(ctx, modelChoice{
		name: m.ID, recipe: m.Recipe, frames: m.Frames,
		run: model.Options{Device: m.Device, Precision: m.Precision, KeepPatches: float64(m.KeepPatches)},
	})
}

// shown is a path as one would type it from here.
func shown(path string) string {
	abs, err := filepath.Abs(path)
	if err != nil {
		return path
	}
	here, err := filepath.Abs(".")
	if err != nil {
		return path
	}
	if rel, err := filepath.Rel(here, abs); err == nil && filepath.IsLocal(rel) {
		return rel
	}
	return abs
}
