package cli

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"framepilot/adapt/bundle"
	"framepilot/internal/fault"
	"framepilot/probe"
)

func (a *app) classifyCmd() *cobra.Command {
	var m modelChoice
	var labels, templates []string
	var from, features string
	c := &cobra.Command{
		Use:   "classify VIDEO... (--labels a,b,c | --bundle B)",
		Short: "What each video shows: by words, without any training, or by an adapted classifier",
		Long: `Says of each video, or each video in a folder, what it shows.

With --labels the model chooses among words, without any training. With --bundle
it is a classifier that ` + "`framepilot fit --bundle`" + ` or a run has made: it opens the
model as the classifier wants it, and beside the classes prints the set of those
it cannot rule out, and "none of these" where a clip is like none of them.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case (from == "") == (len(labels) == 0):
				return fault.New(fault.Usage, `--labels "lifting,walking", or --bundle FILE`, "give either --labels or --bundle")
			case features != "" && (from == "" || len(args) > 0):
				return fault.New(fault.Usage, "--bundle B --features F, and no videos", "--features is for a bundle, instead of videos")
			case features == "" && len(args) == 0:
				return fault.New(fault.Usage, "name a video or a folder", "no videos named")
			case from != "":
				b, err := bundle.Read(from)
				if err != nil {
					return err
				}
				if features != "" {
					return a.classifyFeatures(b, features)
				}
				return a.quickAnswers(cmd.Context(), modelFor(b, m, cmd), args, func(j *quickJob) ([]any, func(io.Writer), error) { return j.classifyBy(b) })
			}
			if err := checkLabels(labels); err != nil {
				return err
			}
			prompts, err := probe.Prompts(templates, labels)
			if err != nil {
				return fault.New(fault.Usage, fault.HintOf(err), "--template: %w", err)
			}
			return a.quickAnswers(cmd.Context(), m, args, func(j *quickJob) ([]any, func(io.Writer), error) {
				return j.classify(cmd.Context(), labels, prompts)
			})
		},
	}
	f := c.Flags()
	f.StringSliceVar(&labels, "labels", nil, "the words to choose from, separated by commas")
	f.StringArrayVar(&templates, "template", []string{probe.DefaultTemplate}, "sentence a label is put into, {} where it goes; several are averaged")
	f.StringVar(&from, "bundle", "", "an adapted classifier to ask instead of words")
	f.StringVar(&features, "features", "", "with --bundle: a feature file instead of videos")
	modelFlags(c, &m, "auto")
	return a.jsonFlag(c)
}

// labelScore is how well a word fits a clip.
type labelScore struct {
	Label  string  `json:"label"`
	P      float64 `json:"p"` // softmax over the labels at the model's scale
	Cosine float64 `json:"cosine"`
}

// checkLabels refuses words that leave nothing to choose between, and trims
// the blanks that follow commas.
func checkLabels(labels []string) error {
	const hint = `--labels "lifting,walking"`
	if len(labels) == 1 {
		return fault.New(fault.Usage, hint, "1 label, a choice needs two")
	}
	for i, l := range labels {
		labels[i] = strings.TrimSpace(l)
		switch {
		case labels[i] == "":
			return fault.New(fault.Usage, hint, "--labels: number %d is empty", i+1)
		case slices.Contains(labels[:i], labels[i]):
			return fault.New(fault.Usage, hint, "--labels: %q stands there twice", labels[i])
		}
	}
	return nil
}

// classify chooses among labels; prompts are the sentences of each.
func (j *quickJob) classify(ctx context.Context, labels []string, prompts [][]string) (_ []any, human func(io.Writer), err error) {
	perClass := make([]probe.Matrix, len(labels))
	for c, texts := range prompts {
		if perClass[c], err = j.ex.Texts(ctx, texts); err != nil {
			return nil, nil, err
		}
	}
	text, err := probe.Prototypes(perClass)
	if err != nil {
		return nil, nil, err
	}
	scale := probe.Features{Scale: j.model.Scale}.LogitScale()
	logits := probe.ZeroShot(text, scale).Logits(j.clips.X)
	type answer struct {
		File   string       `json:"file"`
		Label  string       `json:"label"`
		Scores []labelScore `json:"scores"` // best first
	}
	answers := []answer{}
	for r, i := range j.clips.Rows {
		var scores []labelScore
		for c, p := range probe.Softmax(logits.Row(r)) {
			scores = append(scores, labelScore{labels[c], p, float64(logits.Row(r)[c]) / scale})
		}
		slices.SortStableFunc(scores, func(a, b labelScore) int { return cmp.Compare(b.Cosine, a.Cosine) })
		answers = append(answers, answer{j.items[i].ID, scores[0].Label, scores})
	}
	return records(answers), func(w io.Writer) {
		t := columns(w)
		for _, x := range answers {
			fmt.Fprint(t, x.File)
			for _, s := range x.Scores[:min(3, len(x.Scores))] {
				fmt.Fprintf(t, "\t%s %.0f %%", s.Label, 100*s.P)
			}
			fmt.Fprintln(t)
		}
		t.Flush()
	}, nil
}
