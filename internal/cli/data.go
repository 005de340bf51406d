package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"framepilot/adapt"
	"framepilot/adapt/lists"
	"framepilot/internal/fault"
	"framepilot/model/video"
)

func (a *app) dataCmd() *cobra.Command {
	c := &cobra.Command{Use: "data", Short: "Look at data before anything is computed from it"}
	c.AddCommand(a.dataCheckCmd(), a.dataSegmentCmd())
	return c
}

// sourceFlags gives a command what a plan says of a manifest.
func sourceFlags(c *cobra.Command, s *adapt.Source) {
	var names []string
	for _, f := range lists.Formats() {
		names = append(names, f.Name)
	}
	c.Flags().StringVar(&s.Format, "format", "", "of the manifest: "+strings.Join(names, ", ")+" (default: by its name and content)")
	c.Flags().StringVar(&s.Root, "root", "", "what the manifest's paths are relative to (default: its folder)")
	c.Flags().Float64Var(&s.FPS, "fps", 0, "frames a second, where the manifest counts times in frames")
	c.Flags().StringVar(&s.GroupBy, "group-by", "", "pattern whose first ( ) is the recording, matched on the path")
}

func (a *app) dataCheckCmd() *cobra.Command {
	var s adapt.Source
	var features, words string
	var shots int
	var o adapt.CheckOptions
	c := &cobra.Command{
		Use:   "check MANIFEST|DIR|PLAN.toml|PILOT",
		Short: "What in the data would make numbers wrong",
		Long: `Reads a manifest, a published list, a folder of classes or the data of a plan, and
says what would make numbers wrong (error: a run refuses it) or worth less than
they seem (warning): unreadable clips, recordings and copies on both sides of the
split, embeddings that are all but the same, labels written two ways or counted
from different ends, classes with too few clips, class names the model confuses.

No clip is embedded. Embeddings are compared where a plan's pilot has made them
before, or where --features names a file that has the clips by their paths; words
of classes where they are known from there, or --model names who is to read them.
A folder that holds plan.toml is a pilot, and that is its plan.
Ends with exit code 4 where a run would refuse the data.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if shots < 0 {
				return fault.New(fault.Usage, "", "--shots %d is negative", shots)
			}
			plan, err := planAt(args[0], s, shots)
			if err != nil {
				return err
			}
			if plan.File != "" {
				if err := forManifests(cmd); err != nil {
					return err
				}
				o.Open = a.openPlanned
			}
			if words != "" {
				plan.Model.ID, o.Words, o.Open = words, true, a.openPlanned
			}
			if features != "" {
				if o.Features, err = a.loadFeatures(features, true); err != nil {
					return err
				}
			}
			p := a.progress()
			o.Reader, o.Emit = a.decoder, a.showEvents(p)
			check, err := adapt.CheckData(cmd.Context(), plan, o)
			p.end()
			if err != nil {
				return err
			}
			if err := a.print(check, func(w io.Writer) { checkText(w, check) }); err != nil {
				return err
			}
			if check.Refusal() != nil {
				return failed(fault.Input)
			}
			return nil
		},
	}
	sourceFlags(c, &s)
	c.Flags().StringVar(&features, "features", "", "feature file with the clips' embeddings, to find near-duplicates by")
	c.Flags().StringVar(&words, "model", "", "model that reads the class names, to find those it confuses: an imported model's name, a path, or demo")
	c.Flags().IntVar(&shots, "shots", 0, "labelled clips a class that methods are to be given; classes with fewer are an error")
	c.Flags().BoolVar(&o.Skip, "lists-only", false, "open no clip: look at lists, splits and embeddings only")
	return a.jsonFlag(c)
}

// planAt is the plan in a file or in the folder of a pilot, else one with
// nothing but the data at a path.
func planAt(path string, s adapt.Source, shots int) (adapt.Plan, error) {
	if strings.EqualFold(filepath.Ext(path), ".toml") {
		return adapt.ReadPlan(path)
	}
	if plan := filepath.Join(path, "plan.toml"); fileExists(plan) {
		return adapt.ReadPlan(plan)
	}
	return adapt.PlanFor(path, s, shots)
}

// forManifests refuses flags of a command that a plan says itself.
func forManifests(cmd *cobra.Command) error {
	for _, name := range []string{"format", "root", "fps", "group-by", "shots"} {
		if f := cmd.Flags().Lookup(name); f != nil && f.Changed {
			return fault.New(fault.Usage, "change it in the plan", "--%s is for manifests and folders, a plan says it itself", name)
		}
	}
	return nil
}

func fileExists(path string) bool {
	st, err := os.Stat(path)
	return err == nil && st.Mode().IsRegular()
}

func checkText(w io.Writer, c adapt.Check) {
	for _, r := range c.Read {
		fmt.Fprintln(w, r)
		for _, n := range r.Notes {
			fmt.Fprintf(w, "  %s\n", n)
		}
	}
	for _, n := range c.Notes {
		fmt.Fprintf(w, "note: %s\n", n)
	}
	kind := ""
	if c.Multi {
		kind = ", several a clip"
	}
	fmt.Fprintf(w, "%d clips of %d classes%s; splits are the lists' own, or as a run of this plan would draw them\n\n", c.Clips, len(c.Classes), kind)
	t := columns(w)
	fmt.Fprintln(t, "class\ttrain\ttest\tval\trecordings")
	const most = 30
	for _, x := range c.Classes[:min(most, len(c.Classes))] {
		fmt.Fprintf(t, "%s\t%d\t%d\t%d\t%d\n", x.Class, x.Train, x.Test, x.Val, x.Recordings)
	}
	t.Flush()
	if more := len(c.Classes) - most; more > 0 {
		fmt.Fprintf(w, "and %d more (--json has all)\n", more)
	}
	fmt.Fprintln(w)
	errors := 0
	for _, f := range c.Findings {
		if f.Severity == adapt.SeverityError {
			errors++
		}
		fmt.Fprintf(w, "%s: %s [%s]\n", f.Severity, f.What, f.Check)
		for _, where := range f.Where[:min(5, len(f.Where))] {
			fmt.Fprintf(w, "    %s\n", where)
		}
		if more := len(f.Where) - 5; more > 0 {
			fmt.Fprintf(w, "    and %d more (--json has all)\n", more)
		}
		fmt.Fprintf(w, "  why: %s\n  fix: %s\n", f.Why, f.Fix)
	}
	if c.Embedded == 0 {
		fmt.Fprintln(w, "embeddings: not compared, there are none yet")
	} else {
		fmt.Fprintf(w, "embeddings: compared those of %d of %d clips\n", c.Embedded, c.Clips)
	}
	if !c.Words {
		fmt.Fprintln(w, "class names: not compared; --model names a model to read them")
	}
	switch warnings := len(c.Findings) - errors; {
	case errors > 0:
		fmt.Fprintf(w, "%d to mend before a run: it would refuse these data (and %d to know of)\n", errors, warnings)
	case warnings > 0:
		fmt.Fprintf(w, "nothing a run would refuse; %d to know of\n", warnings)
	default:
		fmt.Fprintln(w, "nothing found")
	}
}

func (a *app) dataSegmentCmd() *cobra.Command {
	var s adapt.Source
	var out string
	var window, stride time.Duration
	var o adapt.WindowOptions
	c := &cobra.Command{
		Use:   "segment VIDEO|DIR|MANIFEST... -o windows.csv",
		Short: "Cut long videos into windows, written as a manifest",
		Long: `Writes a manifest of windows: rows that name a range of a video each, with the
labels, splits and recordings their clips had. Windows of one video are one
recording, so that they are never on both sides of a split. No video is copied.`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Window, o.Stride = window.Seconds(), stride.Seconds()
			if err := o.Check(); err != nil {
				return err
			}
			var items []adapt.Item
			for _, arg := range args {
				some, err := itemsAt(arg, s)
				if err != nil {
					return err
				}
				items = append(items, some...)
			}
			windows, failures, err := adapt.Segment(cmd.Context(), items, a.lasts, o)
			if err != nil {
				return err
			}
			for _, f := range failures {
				fmt.Fprintf(a.errs, "failed: %s: %s\n", f.ID, f.Message)
			}
			if len(windows) == 0 {
				return fault.New(fault.Input, "cut shorter windows, or without --drop-tail", "no window fits into the %d clips", len(items))
			}
			if err := adapt.SaveManifest(out, windows); err != nil {
				return err
			}
			result := struct {
				Output   string          `json:"output"`
				Clips    int             `json:"clips"`
				Windows  int             `json:"windows"`
				Failures []adapt.Failure `json:"failures"`
			}{out, len(items), len(windows), append([]adapt.Failure{}, failures...)}
			err = a.print(result, func(w io.Writer) { fmt.Fprintf(w, "%d windows of %d clips in %s\n", len(windows), len(items), out) })
			if err == nil && len(failures) > 0 {
				err = fault.New(fault.Partial, "", "done, but %d of %d clips could not be read", len(failures), len(items))
			}
			return err
		},
	}
	sourceFlags(c, &s)
	c.Flags().DurationVar(&window, "window", 4*time.Second, "length of a window, e.g. 4s")
	c.Flags().DurationVar(&stride, "stride", 0, "from one window's start to the next, e.g. 2s (default: no overlap)")
	c.Flags().BoolVar(&o.Drop, "drop-tail", false, "leave out what is left at the end of a video, shorter than a window")
	c.Flags().StringVarP(&out, "output", "o", "", "where to write: .csv or .tsv")
	require(c, "output")
	return a.jsonFlag(c)
}

// itemsAt lists the clips of a video, a folder of videos or of classes, or a
// manifest.
func itemsAt(path string, s adapt.Source) ([]adapt.Item, error) {
	if !video.Supported(path) {
		plan, err := adapt.PlanFor(path, s, 0)
		if err != nil {
			return nil, err
		}
		items, err := adapt.Listed(plan)
		if err == nil || plan.Data[0].Manifest != "" {
			return items, err
		}
	}
	items, _, err := adapt.ClipsIn([]string{path})
	return items, err
}

// lasts is how many seconds a video has.
func (a *app) lasts(ctx context.Context, path string) (float64, error) {
	i := a.decoder.Inspect(ctx, path, video.Options{})
	if i.Error != nil {
		return 0, fault.New(fault.Input, i.Error.Hint, "%s (%s)", i.Error.Message, i.Error.Class)
	}
	return i.Seconds, nil
}
