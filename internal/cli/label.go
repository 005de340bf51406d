package cli

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/google/renameio/v2"
	"github.com/spf13/cobra"

	"framepilot/adapt"
	"framepilot/adapt/lists"
	"framepilot/internal/fault"
	"framepilot/internal/lang"
	"framepilot/probe"
)

// labelChoice is where the clips come from.
type labelChoice struct {
	plan, labelled, pool, method, out string
	n                                 int
	seed                              uint64
}

func (a *app) labelCmd() *cobra.Command {
	c := &cobra.Command{Use: "label", Short: "Which clips to label next, and which labels to look at again"}
	c.AddCommand(a.labelNextCmd(), a.labelSuspectsCmd())
	return c
}

func (a *app) labelNextCmd() *cobra.Command {
	var o labelChoice
	c := &cobra.Command{
		Use:   "next (--features POOL | --plan PLAN.toml VIDEO...)",
		Short: "The clips worth labelling next, most useful first",
		Long: `Picks clips without a label that stand for many others: typical ones of groups of
similar clips of which few are labelled, one clip a recording as long as there
are recordings. With four labelled clips a class and more, every second is one
about which a classifier fitted to them hesitates; where clips may be of several
classes, about the class it is least sure of.

Clips come from a feature file, those already labelled from another or from the
same; or they are videos, or all videos in a folder, that a plan does not know,
chosen beside its training clips. The CSV is a manifest once its label column is
filled in.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if (o.plan == "") == (len(args) > 0) {
				return fault.New(fault.Usage, "--plan PLAN.toml new-videos/", "videos and --plan go together")
			}
			labelled, pool, err := a.labelClips(cmd.Context(), o, args)
			if err != nil {
				return err
			}
			list, err := nextClips(cmd.Context(), labelled, pool, o)
			if err != nil {
				return err
			}
			if labelled.Truth == nil {
				return printTable(a, list, o.out)
			}
			several := make([]nextOfSeveral, len(list))
			for i, r := range list {
				several[i].nextRow = r
			}
			return printTable(a, several, o.out)
		},
	}
	f := c.Flags()
	f.StringVar(&o.pool, "features", "", "feature file to choose from; clips with a label count as labelled")
	f.StringVar(&o.labelled, "labelled", "", "feature file of clips that are labelled already")
	f.StringVar(&o.plan, "plan", "", "plan whose training clips are the labelled ones, and whose model embeds the videos")
	f.IntVarP(&o.n, "number", "n", 50, "how many clips")
	f.StringVar(&o.method, "method", "", "classifier whose doubts count (default: with texts ss-text, or sigmoid where clips are of several classes, else ridge)")
	f.Uint64Var(&o.seed, "seed", 0, "of the grouping of clips")
	f.StringVarP(&o.out, "output", "o", "", "where to write, .csv (default: the terminal)")
	return a.jsonFlag(c)
}

func (a *app) labelSuspectsCmd() *cobra.Command {
	var o labelChoice
	c := &cobra.Command{
		Use:   "suspects (--features F | --plan PLAN.toml)",
		Short: "Labels that may be wrong, the likeliest first",
		Long: `Lists labelled clips that a classifier which had not seen them, nor any clip of
their recording, takes for another class. They are for a person to look at:
nothing is changed or left out. Where clips may be of several classes, every
class is a question of its own: is the clip of it, as its label says, or not.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			train, _, err := a.labelClips(cmd.Context(), o, nil)
			if err != nil {
				return err
			}
			if train.Truth != nil {
				list, err := suspectTags(cmd.Context(), train, o.method)
				if err != nil {
					return err
				}
				return printTable(a, list, o.out)
			}
			list, err := suspects(cmd.Context(), train, o.method)
			if err != nil {
				return err
			}
			return printTable(a, list, o.out)
		},
	}
	f := c.Flags()
	f.StringVar(&o.pool, "features", "", "feature file with labels")
	f.StringVar(&o.plan, "plan", "", "plan whose training clips to look at")
	f.StringVar(&o.method, "method", "", "classifier that judges (default: with texts gda, or sigmoid where clips are of several classes, else ridge)")
	f.StringVarP(&o.out, "output", "o", "", "where to write, .csv (default: the terminal)")
	return a.jsonFlag(c)
}

// labelClips returns the labelled clips and the others. Beside a plan the
// others are those at paths.
func (a *app) labelClips(ctx context.Context, o labelChoice, paths []string) (labelled, pool probe.Features, err error) {
	if (o.plan == "") == (o.pool == "") {
		return labelled, pool, fault.New(fault.Usage, "--features F or --plan PLAN.toml", "give either --features or --plan")
	}
	if o.plan != "" {
		plan, err := adapt.ReadPlan(o.plan)
		if err != nil {
			return labelled, pool, err
		}
		p := a.progress()
		var pool []adapt.Item
		if len(paths) > 0 {
			var warnings []string
			if pool, warnings, err = adapt.ClipsIn(paths); err != nil {
				return labelled, probe.Features{}, err
			}
			for _, w := range warnings {
				p.line("warning: %s", w)
			}
		}
		got, err := adapt.Collect(ctx, plan, pool, adapt.RunOptions{Open: a.openPlanned, Reader: a.decoder, Out: a.showEvents(p)})
		p.end()
		return got.Train, got.Pool, err
	}
	all, err := a.loadFeatures(o.pool, false)
	if err != nil {
		return labelled, pool, err
	}
	for i := len(all.IDs); i < all.Len(); i++ {
		all.IDs = append(all.IDs, fmt.Sprintf("clip %d", i))
	}
	var with, without []int
	for i := range all.Len() {
		if all.Truth != nil || len(all.Labels) > 0 && all.Labels[i] != probe.Unlabelled {
			with = append(with, i)
		} else {
			without = append(without, i)
		}
	}
	labelled, pool = all.Take(with), all.Take(without)
	if o.labelled == "" {
		return labelled, pool, nil
	}
	if len(with) > 0 {
		return labelled, pool, fault.New(fault.Input, "leave --labelled out, or the labels", "%s holds %d clips with labels, and --labelled more", o.pool, len(with))
	}
	labelled, err = a.loadFeatures(o.labelled, false)
	if err == nil && labelled.Text.Rows == 0 && pool.Text.Rows == len(labelled.Classes) {
		labelled.Text = pool.Text
	}
	return labelled, pool, err
}

// nextRow is a line of `label next`: with the label filled in, the CSV is a
// manifest.
type nextRow struct {
	Path    string  `json:"path"`
	Group   string  `json:"group"`
	Likely  string  `json:"likely"`
	Margin  float64 `json:"margin"`
	Cluster int     `json:"cluster"`
	Size    int     `json:"cluster_size"`
	Reason  string  `json:"reason"`
}

func (nextRow) header() []string {
	return []string{"path", "label", "group", "likely", "margin", "cluster", "cluster_size", "reason"}
}

func (r nextRow) fields() []string {
	return []string{r.Path, "", r.Group, r.Likely, digits(r.Margin), strconv.Itoa(r.Cluster), strconv.Itoa(r.Size), r.Reason}
}

// nextOfSeveral is nextRow where clips may be of several classes, as such a
// manifest has them.
type nextOfSeveral struct{ nextRow }

func (r nextOfSeveral) header() []string {
	head := r.nextRow.header()
	head[1] = "labels"
	return head
}

func digits(x float64) string { return strconv.FormatFloat(x, 'f', 3, 64) }

func nextClips(ctx context.Context, labelled, pool probe.Features, o labelChoice) ([]nextRow, error) {
	options := probe.NextOptions{N: o.n, Seed: o.seed}
	if fitted, err := judge(ctx, labelled, o.method, "ss-text"); err == nil {
		options.Logits, options.Thresholds = fitted.Classifier.Logits(pool.X), probe.Thresholds(fitted.Classifier)
	} else if o.method != "" || fault.KindOf(err) != fault.Input {
		return nil, err // else there are too few labels, or none: clips are chosen without
	}
	list, err := probe.LabelNext(pool, labelled, options)
	if err != nil {
		return nil, err
	}
	rows := make([]nextRow, len(list))
	for i, n := range list {
		rows[i] = nextRow{Path: pool.IDs[n.Row], Margin: n.Margin, Cluster: n.Cluster, Size: n.Size, Reason: string(n.Why)}
		if len(pool.Groups) > 0 {
			rows[i].Group = pool.Groups[n.Row]
		}
		switch {
		case n.Likely < 0:
		case options.Thresholds == nil:
			rows[i].Likely = labelled.Classes[n.Likely]
		default:
			var said []string
			for c, from := range options.Thresholds {
				if float64(options.Logits.Row(n.Row)[c]) >= from {
					said = append(said, labelled.Classes[c])
				}
			}
			rows[i].Likely = strings.Join(said, lists.LabelSeparator)
		}
	}
	return rows, nil
}

// judge fits the classifier that is asked about clips: the named one, or one
// that leans on texts where there are any.
func judge(ctx context.Context, train probe.Features, name, withTexts string) (probe.Fitted, error) {
	if name == "" {
		name = "ridge"
		switch {
		case train.Text.Rows == 0:
		case train.Truth != nil:
			name = "sigmoid"
		default:
			name = withTexts
		}
	}
	method, err := probe.FindMethod(adapt.Methods(), name)
	if err != nil {
		return probe.Fitted{}, err
	}
	return method.Run(ctx, train, nil)
}

// suspectRow is a line of `label suspects`.
type suspectRow struct {
	Path    string  `json:"path"`
	Label   string  `json:"label"`
	Group   string  `json:"group"`
	P       float64 `json:"p"`
	Likely  string  `json:"likely"`
	PLikely float64 `json:"p_likely"`
}

func (suspectRow) header() []string {
	return []string{"path", "label", "group", "p", "likely", "p_likely"}
}

func (r suspectRow) fields() []string {
	return []string{r.Path, r.Label, r.Group, digits(r.P), r.Likely, digits(r.PLikely)}
}

func suspects(ctx context.Context, train probe.Features, method string) ([]suspectRow, error) {
	fitted, err := judge(ctx, train, method, "gda")
	if err != nil {
		return nil, err
	}
	calm, err := fitted.Calibrated(train.Labels)
	if err != nil {
		return nil, err
	}
	rows := []suspectRow{}
	for _, s := range calm.HeldOut.Suspects(train.Labels) {
		r := suspectRow{Path: train.IDs[s.Row], Label: train.Classes[s.Label], P: s.P, Likely: train.Classes[s.Likely], PLikely: s.PLikely}
		if len(train.Groups) > 0 {
			r.Group = train.Groups[s.Row]
		}
		rows = append(rows, r)
	}
	return rows, nil
}

// suspectTag is a line of `label suspects` where clips may be of several
// classes.
type suspectTag struct {
	Path  string  `json:"path"`
	Class string  `json:"class"`
	Is    bool    `json:"is"` // as it is labelled
	Group string  `json:"group"`
	P     float64 `json:"p"` // that it is, held out
}

func (suspectTag) header() []string { return []string{"path", "class", "labelled", "group", "p"} }

func (r suspectTag) fields() []string {
	labelled := "no"
	if r.Is {
		labelled = "yes"
	}
	return []string{r.Path, r.Class, labelled, r.Group, digits(r.P)}
}

func suspectTags(ctx context.Context, train probe.Features, method string) ([]suspectTag, error) {
	fitted, err := judge(ctx, train, method, "")
	if err != nil {
		return nil, err
	}
	if !slices.Contains(fitted.HeldOut.Classes, true) {
		return nil, fault.New(fault.Input, "label clips of two recordings of a class at least, and of two that are not of it",
			"suspects: no class of %d can be judged by a fit without a clip's recording", len(train.Classes))
	}
	rows := []suspectTag{}
	for _, s := range fitted.HeldOut.SuspectTags(train.Truth) {
		r := suspectTag{Path: train.IDs[s.Row], Class: train.Classes[s.Class], Is: s.Is, P: s.P}
		if len(train.Groups) > 0 {
			r.Group = train.Groups[s.Row]
		}
		rows = append(rows, r)
	}
	return rows, nil
}

// tableRow is a line of a table of clips.
type tableRow interface {
	header() []string
	fields() []string
}

// printTable prints rows as CSV, or with --json as JSON; with a name, it writes
// CSV there.
func printTable[T tableRow](a *app, rows []T, out string) error {
	if out == "" {
		if a.json {
			return a.print(rows, nil)
		}
		return writeTable(a.out, rows)
	}
	var b bytes.Buffer
	if err := writeTable(&b, rows); err != nil {
		return fmt.Errorf("write %s: %w", out, err)
	}
	if err := renameio.WriteFile(out, lang.ForSpreadsheets(b.Bytes()), 0o644); err != nil {
		return fault.New(fault.Missing, "name a file in a folder that can be written to", "write %s: %w", out, err)
	}
	result := struct {
		Output string `json:"output"`
		Clips  int    `json:"clips"`
	}{out, len(rows)}
	return a.print(result, func(w io.Writer) { fmt.Fprintf(w, "%d clips in %s\n", len(rows), out) })
}

func writeTable[T tableRow](w io.Writer, rows []T) error {
	var first T
	table := [][]string{first.header()}
	for _, r := range rows {
		table = append(table, r.fields())
	}
	return csv.NewWriter(w).WriteAll(table)
}
