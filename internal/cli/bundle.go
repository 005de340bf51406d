package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"framepilot/adapt/bundle"
	"framepilot/internal/fault"
	"framepilot/model"
)

// modelFor opens the model as a bundle wants it, where the person did not say
// otherwise.
func modelFor(b *bundle.Bundle, m modelChoice, cmd *cobra.Command) modelChoice {
	o, said := b.Origin, cmd.Flags().Changed
	if !said("model") && o.Model != "" {
		m.name = o.Model
		entries, err := model.List(model.Dir()) // where it can't be read, opening the model says so
		for _, e := range entries {
			if err == nil && e.SHA256 == o.SHA256 { // it may have another name here
				m.name = e.Name
			}
		}
	}
	if !said("recipe") && o.Recipe != "" {
		m.recipe = o.Recipe
	}
	if !said("frames") {
		m.frames = o.Frames
	}
	m.tokens = o.Tokens > 0
	if !said("keep-patches") {
		m.run.KeepPatches = o.KeepPatches
	}
	if !said("precision") && o.Precision != "" {
		m.run.Precision = o.Precision
	}
	return m
}

// classifyBy asks a bundle about the clips.
func (j *quickJob) classifyBy(b *bundle.Bundle) ([]any, func(io.Writer), error) {
	if err := b.CheckOrigin(j.origin()); err != nil {
		return nil, nil, err
	}
	names := make([]string, len(j.clips.Rows))
	for r, i := range j.clips.Rows {
		names[r] = j.items[i].ID
	}
	answers, err := b.Classify(j.clips.X)
	if err != nil {
		return nil, nil, err
	}
	list, human := answerRecords(names, answers, b.Multi())
	return list, human, nil
}

// classifyFeatures asks a bundle about the clips of a feature file.
func (a *app) classifyFeatures(b *bundle.Bundle, path string) error {
	f, err := a.loadFeatures(path, false)
	if err != nil {
		return err
	}
	names := f.IDs
	if len(names) == 0 {
		for i := range f.Len() {
			names = append(names, fmt.Sprintf("clip %d", i))
		}
	}
	if b.Origin.Tokens == 0 {
		f = f.Pooled()
	}
	answers, err := b.Classify(f.X)
	if err != nil {
		return err
	}
	return a.print(answerRecords(names, answers, b.Multi()))
}

// answerRecords are what a bundle says of clips.
func answerRecords(names []string, answers []bundle.Answer, multi bool) ([]any, func(io.Writer)) {
	type answer struct {
		File string `json:"file"`
		bundle.Answer
	}
	list := make([]answer, len(answers))
	for i, x := range answers {
		list[i] = answer{names[i], x}
	}
	return records(list), func(w io.Writer) {
		t := columns(w)
		for _, x := range list {
			if multi {
				fmt.Fprintf(t, "%s\t%s\n", x.File, saidOf(x.Answer))
				continue
			}
			fmt.Fprintf(t, "%s\t%s %.0f %%", x.File, x.Label, 100*x.Scores[0].P)
			switch {
			case x.None != nil && *x.None:
				fmt.Fprint(t, "\tlikely none of these")
			case len(x.Set) > 1:
				fmt.Fprintf(t, "\tcan't rule out: %s", strings.Join(x.Set[1:], ", "))
			}
			fmt.Fprintln(t)
		}
		t.Flush()
	}
}

// saidOf lists the classes of a clip that may be of several.
func saidOf(x bundle.Answer) string {
	var parts []string
	for _, s := range x.Scores {
		if s.Is != nil && *s.Is {
			parts = append(parts, fmt.Sprintf("%s %.0f %%", s.Label, 100*s.P))
		}
	}
	if len(parts) == 0 {
		return fmt.Sprintf("none of these; closest: %s %.0f %%", x.Label, 100*x.Scores[0].P)
	}
	return strings.Join(parts, ", ")
}

func (a *app) bundleCmd() *cobra.Command {
	show := &cobra.Command{
		Use:   "show FILE",
		Short: "How an adapted classifier was made, and what it takes",
		Args:  cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			b, err := bundle.Read(args[0])
			if err != nil {
				return err
			}
			return a.print(b.About(), func(w io.Writer) { showBundle(w, b) })
		},
	}
	c := &cobra.Command{Use: "bundle", Short: "Adapted classifiers in files"}
	c.AddCommand(a.jsonFlag(show), a.addClassCmd())
	return c
}

func showBundle(w io.Writer, b *bundle.Bundle) {
	fmt.Fprintf(w, "%s, %d classes: %s\n", b.Method, len(b.Classes), strings.Join(b.Classes, ", "))
	fmt.Fprintf(w, "made with %d labelled clips of %d recordings\n", b.Training.Clips, b.Training.Groups)
	if o := b.Origin; o.Space != "" {
		fmt.Fprintf(w, "takes embeddings of model %s, recipe %s, %d frames\n", o.Model, o.Recipe, o.Frames)
		if o.Tokens > 0 {
			fmt.Fprintln(w, "and those of the frames beside that of the clip")
		}
	} else {
		fmt.Fprintf(w, "takes embeddings of width %d; which model's is not known\n", b.Width)
	}
	for _, x := range b.Added {
		fmt.Fprintf(w, "%s joined later: %s\n", x.Class, madeOf(x))
	}
	printSettings(w, b.Choices)
	if about := b.About(); about.Multi {
		fmt.Fprintln(w, "a clip may be of several classes, or of none; it is of those that are as likely as")
		t := columns(w)
		for c, from := range about.Thresholds {
			fmt.Fprintf(t, "  %s\t%.0f %%\t%d clips\n", b.Classes[c], 100*from, b.Training.Shots[c])
		}
		t.Flush()
		return
	}
	fmt.Fprintf(w, "probabilities are those of its logits divided by %.3g\n", b.Temperature)
	if c := b.Conformal; c != nil {
		fmt.Fprintf(w, "sets hold the truth %.0f %% of the time (%s, on %d recordings)\n", 100*(1-c.Alpha), c.Score, c.Groups)
		if names := c.UnseenOf(b.Classes); len(names) > 0 {
			fmt.Fprintf(w, "sets promise nothing for %s, without held-out clips\n", strings.Join(names, ", "))
		}
	}
	if u := b.Unknown; u != nil {
		fmt.Fprintf(w, "none of these: below a largest logit of %.3g; told from held-out classes with AUROC %.2f [%.2f, %.2f], %.0f %% of their clips pass [%.0f, %.0f]\n",
			u.Threshold, u.AUROC, u.AUROCBetween[0], u.AUROCBetween[1], 100*u.FPR95, 100*u.FPR95Between[0], 100*u.FPR95Between[1])
	}
}

// checkBundlePath reports a name, given with a flag, that does not say what the
// file is.
func checkBundlePath(flag, path string) error {
	if !strings.HasSuffix(strings.ToLower(path), ".safetensors") {
		return fault.New(fault.Usage, "end the name in .safetensors", "--%s %s does not say its format", flag, path)
	}
	return nil
}
