package cli

import (
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"framepilot/adapt"
	"framepilot/adapt/featurefile"
	"framepilot/domain"
	"framepilot/internal/fault"
	"framepilot/internal/lang"
	"framepilot/internal/safetensors"
	"framepilot/probe"
)

// siteSeed seeds permutations and bootstraps: the same files always give the
// same diagnosis.
const siteSeed = 1

// siteTask is a classifier of the source's clips that is to work at the
// target. No name of a method means zero-shot where there are text prototypes
// and logistic otherwise; where neither can be, there is no classifier.
func siteTask(ctx context.Context, base string, source, target probe.Features) (t domain.Task, fitted probe.Fitted, err error) {
	t = domain.Task{Source: source, Target: domain.Unlabelled(target), Seed: siteSeed}
	if base = siteBase(base, source); base == "" {
		return t, fitted, nil
	}
	method, err := probe.FindMethod(adapt.Methods(), base)
	if err != nil {
		return t, fitted, err
	}
	fitted, err = method.Run(ctx, source, nil)
	if err != nil {
		return t, fitted, fmt.Errorf("base classifier: %w", err)
	}
	t.Base, t.Held, t.Judged = fitted.Classifier, fitted.HeldOut.Logits, fitted.HeldOut.Rows
	t.Plain = base == "zero-shot" // its posteriors are the model's own, as in the published estimators
	return t, fitted, nil
}

// siteBase is the method that siteTask makes the classifier with, "" for none.
func siteBase(base string, source probe.Features) string {
	switch {
	case base != "":
		return base
	case source.Text.Rows > 0:
		return "zero-shot"
	case slices.ContainsFunc(source.Labels, func(y int) bool { return y != probe.Unlabelled }):
		return "logistic"
	}
	return ""
}

func (a *app) shiftCmd() *cobra.Command {
	var source, target, base, language, mapName, out, against, groupBy string
	var m modelChoice
	var set []string
	var normalise bool
	c := &cobra.Command{
		Use:   "shift (--source F --target F | --against BUNDLE DIR|FEATURES)",
		Short: "Is a new site different, in what, and what fixes it without labels",
		Long: `Compares the clips of a new site with those a classifier was made with: are they
different, in the mix of classes or in how they look, what accuracy is to be
expected, what to try, and how many clips to label to confirm it. Labels of the
target, if its file has any, are not looked at.

With --map it writes the target's features mapped into the source's space.

With --against it compares new footage, a folder of videos or a feature file,
with what an adapted classifier was accepted on, and is meant to run every
night: it says nothing and exits with 0 where nothing has drifted, and prints
one line and exits with 7 where something has.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			l, err := lang.Parse(language)
			if err != nil {
				return err
			}
			if against != "" {
				if source != "" || target != "" || mapName != "" || len(args) == 0 {
					return fault.New(fault.Usage, "framepilot shift --against BUNDLE DIR", "--against takes new footage, and no --source, --target or --map")
				}
				return a.drift(cmd, against, args, groupBy, m, l)
			}
			if source == "" || target == "" || len(args) > 0 {
				return fault.New(fault.Usage, "framepilot shift --source F --target F", "give --source and --target, or --against and new footage")
			}
			if (mapName == "") != (out == "") {
				return fault.New(fault.Usage, "--map coral -o MAPPED.safetensors", "--map and --output go together")
			}
			sourceF, targetF, err := loadPair(source, target, func(path string) (probe.Features, error) { return a.loadFeatures(path, normalise) })
			if err != nil {
				return err
			}
			if mapName != "" {
				return a.writeMapped(sourceF, targetF, mapName, set, out)
			}
			task, _, err := siteTask(cmd.Context(), base, sourceF, targetF)
			if err != nil {
				return err
			}
			r, err := domain.Diagnose(cmd.Context(), task, l)
			if err != nil {
				return err
			}
			return a.print(r, func(w io.Writer) {
				for _, s := range r.Sentences {
					fmt.Fprintln(w, s)
				}
			})
		},
	}
	f := c.Flags()
	f.StringVar(&source, "source", "", "feature file the classifier was made with")
	f.StringVar(&target, "target", "", "feature file of the new site")
	f.StringVar(&base, "base", "", "method that makes the classifier (default: zero-shot with text prototypes, else logistic)")
	f.StringVar(&language, "lang", string(lang.English), "language of the sentences: en or ja")
	f.StringVar(&mapName, "map", "", "center, coral or linear-ot: write the mapped target instead")
	f.StringVarP(&out, "output", "o", "", "with --map: where to write, .safetensors or .npy")
	f.StringArrayVar(&set, "set", nil, "with --map: a setting of the method, key=value; may be repeated")
	f.BoolVar(&normalise, "normalise", false, "scale every row to unit length first")
	f.StringVar(&against, "against", "", "an adapted classifier to compare new footage with")
	f.StringVar(&groupBy, "group-by", "", "with --against and videos: pattern whose first capture names a clip's recording, on its path (default: every file is one)")
	modelFlags(c, &m, "auto")
	return a.jsonFlag(c)
}

// mappings are the maps that --map writes.
var mappings = map[string]domain.Aligner{"center": domain.FitCenter, "coral": domain.FitCoral, "linear-ot": domain.FitLinearOT}

// writeMapped maps the target into the source's space, as far as strength says
// and all the way unless it does.
func (a *app) writeMapped(source, target probe.Features, name string, set []string, out string) error {
	align, ok := mappings[name]
	if !ok {
		return fault.New(fault.Usage, "use center, coral or linear-ot", "%s maps no clips", name)
	}
	given, err := settings(set)
	if err != nil {
		return err
	}
	if given["renormalise"] == "false" { // as one would write it
		given["renormalise"] = "0"
	}
	if _, ok := given["strength"]; !ok {
		given["strength"] = "1"
	}
	method, err := domain.FindMethod(name)
	if err != nil {
		return err
	}
	s, err := method.Settings(given)
	if err != nil {
		return err
	}
	keep := s["renormalise"] == 0
	m, err := align(source.X, target.X, domain.AlignOptions{Shrinkage: s["shrinkage"], KeepLength: keep})
	if err != nil {
		return err
	}
	target.X = m.At(s["strength"]).Apply(target.X)
	if keep { // rows of any length: a matrix, not a set of features
		x := safetensors.Float32Entry("features", []int{target.X.Rows, target.X.Cols}, target.X.Data)
		err = safetensors.Write(out, map[string]string{"map": name}, []safetensors.Entry{x}, nil)
	} else {
		err = featurefile.Save(out, target, map[string]string{"map": name})
	}
	if err != nil {
		return fmt.Errorf("shift: %w", err)
	}
	result := struct {
		Output string `json:"output"`
		Map    string `json:"map"`
		Clips  int    `json:"clips"`
	}{out, name, target.Len()}
	return a.print(result, func(w io.Writer) { fmt.Fprintf(w, "%d clips, mapped by %s, in %s\n", result.Clips, name, out) })
}
