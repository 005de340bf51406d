package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"framepilot/adapt"
	"framepilot/internal/fault"
	"framepilot/internal/lang"
	"framepilot/internal/words"
	"framepilot/model"
	"framepilot/pilot"
	"framepilot/pilot/report"
)

func (a *app) runCmd() *cobra.Command {
	var dry, locked bool
	var finish string
	c := &cobra.Command{
		Use:   "run PLAN.toml",
		Short: "Carry out a plan: embed, fit, score, report",
		Long: `Carries out a plan and writes its report. What was done before with the same
inputs is kept; stop it any time, the same command goes on where it stopped.

Beside the plan it writes a lock, plan.lock for plan.toml: the hashes, versions
and seeds the numbers follow from. With --locked it writes none and refuses to
run, exit code 3, where any of them has changed.

The command of --on-finish finds the run in FRAMEPILOT_RUN, its plan in
FRAMEPILOT_PLAN, and in FRAMEPILOT_OUTCOME what became of it: done, partial (too
many clips failed), interrupted or failed. A dry run tells nobody. A plan can't
name such a command: plans come from others.`,
		Example: `  framepilot run plan.toml
  framepilot run plan.toml --on-finish 'mail -s "framepilot: $FRAMEPILOT_OUTCOME" sato@example.com </dev/null'`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx, plan := cmd.Context(), args[0]
			id, err := a.runPlan(ctx, plan, adapt.RunOptions{DryRun: dry, Locked: locked})
			if finish != "" && !dry {
				a.onFinish(finish, plan, id, outcomeOf(ctx, err))
			}
			return err
		},
	}
	c.Flags().BoolVar(&dry, "dry-run", false, "say what would be done, and write nothing")
	c.Flags().BoolVar(&locked, "locked", false, "refuse to run where anything is not as the plan's lock says")
	c.Flags().StringVar(&finish, "on-finish", os.Getenv(onFinishKey), "command of the shell that is run when this ends, however it ends ("+onFinishKey+" does the same)")
	return a.jsonFlag(c)
}

// runPlan carries out a plan, prints what came of it and returns which run it
// was, "" where none was begun. Results of a run with too many failed clips are
// printed before its error.
func (a *app) runPlan(ctx context.Context, file string, o adapt.RunOptions) (id string, err error) {
	plan, err := adapt.ReadPlan(file)
	if err != nil {
		return "", err
	}
	p := a.progress()
	o.Open, o.Reader, o.Out = a.openPlanned, a.decoder, a.showEvents(p)
	o.Rates = ratesFile()
	o.Environment = map[string]string{"framepilot": release(), "decoder": a.decoder.Version()}
	o.Report = report.Options{Language: lang.OfUser(os.Getenv), Pictures: a.thumbnails(ctx, filepath.Dir(file))}
	sum, err := adapt.Run(ctx, plan, o)
	p.end()
	if err != nil && fault.KindOf(err) != fault.Partial {
		return sum.Run, err
	}
	printed := a.print(newRunResult(sum), func(w io.Writer) {
		tellStages(w, sum.Stages)
		tellLock(w, *sum.Lock, o)
		if o.DryRun {
			tellCost(w, sum)
			return
		}
		fmt.Fprintf(w, "\n%s\n", report.Terminal(sum.Document))
		if c := sum.Document.Changes; c != nil {
			said := report.Since(lang.English, *c)
			fmt.Fprintf(w, "%s %s\n%s\n\n", said.Head, said.What, said.Said)
		}
		if sum.Predictions != "" {
			fmt.Fprintf(w, "what each classifier answers there: %s\n", shown(sum.Predictions))
		}
		for _, path := range sum.Reports {
			fmt.Fprintf(w, "%s\n", shown(path))
		}
	})
	return sum.Run, errors.Join(err, printed)
}

// tellStages prints a line a stage; of a stage to come also what it costs and,
// where it was done before, what made that useless.
func tellStages(w io.Writer, stages []adapt.StageSummary) {
	t := columns(w)
	for _, s := range stages {
		fmt.Fprintf(t, "%s\t%s\t%s", s.Name, s.Status, s.Detail)
		if s.Cost != nil {
			fmt.Fprintf(t, "\t%s\t%s", duration(s.Cost.Seconds), words.Bytes(s.Cost.Bytes))
		}
		fmt.Fprintln(t)
	}
	t.Flush()
	told := ""
	for _, s := range stages {
		if len(s.Because) > 0 && s.Name != told {
			told = s.Name
			why, more := s.Because, ""
			if len(why) > 3 {
				why, more = why[:3], fmt.Sprintf(" and %d more", len(why)-3)
			}
			fmt.Fprintf(w, "%s is stale because of %s%s\n", s.Name, strings.Join(why, ", "), more)
		}
	}
}

// tellCost says what a dry run expects of the whole.
func tellCost(w io.Writer, sum adapt.Summary) {
	if sum.Before != "" && sum.Before != string(pilot.Done) {
		fmt.Fprintf(w, "run %s was left %s and goes on\n", sum.Run, sum.Before)
	}
	if sum.Unchanged() {
		fmt.Fprintln(w, "nothing to compute: all was done before")
		return
	}
	fmt.Fprintf(w, "in all: %s; times: %s\n", forecastText(*sum.Cost), sum.Cost.Basis)
	for _, short := range shortages(*sum.Cost) {
		fmt.Fprintln(w, short)
	}
	fmt.Fprintln(w, "Ctrl-C stops a run at any time: what is done is kept, the same command goes on from there.")
}

// duration is about how long something takes; nil where nobody knows.
func duration(seconds *float64) words.Sentence {
	switch {
	case seconds == nil:
		return words.Say("time unknown")
	case *seconds < 1:
		return words.Say("under 1 s")
	case *seconds < 90:
		return words.Say("about %.0f s", *seconds)
	case *seconds < 90*60:
		return words.Say("about %.0f min", *seconds/60)
	}
	return words.Say("about %.1f h", *seconds/3600)
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
	Looks       []report.Look       `json:"looks"`
	Tasks       []report.Task       `json:"tasks"`
	Comparisons []report.Comparison `json:"comparisons"`
	Forecasts   []report.Forecast   `json:"forecasts"`
	Changes     *pilot.Changes      `json:"changes"` // against the run before; null where there is none
}

func newRunResult(sum adapt.Summary) runResult {
	r := sum.Document.Results
	return runResult{
		sum, append([]report.Look{}, r.Looks...), append([]report.Task{}, r.Tasks...),
		append([]report.Comparison{}, r.Comparisons...), append([]report.Forecast{}, r.Forecasts...),
		sum.Document.Changes,
	}
}

func (a *app) openPlanned(ctx context.Context, m adapt.ModelPlan) (adapt.Embedder, error) {
	enc, err := a.openModel(ctx, planned(m, model.Options{Device: m.Device, Precision: m.Precision}))
	if err != nil {
		return nil, err // not enc, which in an Embedder would be one, though nil
	}
	return enc, nil
}

// planned is the model of a plan, computing as told.
func planned(m adapt.ModelPlan, run model.Options) modelChoice {
	run.KeepPatches = float64(m.KeepPatches)
	return modelChoice{name: m.ID, recipe: m.Recipe, frames: m.Frames, tokens: m.Tokens, run: run}
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
