package cli

import (
	"context"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"framepilot/adapt/lists"
	"framepilot/internal/fault"
	"framepilot/internal/words"
	"framepilot/probe"
)

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
			switch {
			case o.plan == "" && len(args) > 0:
				return fault.New(fault.Usage, "--plan PLAN.toml new-videos/", "videos are chosen from beside a plan, whose model embeds them")
			case o.plan != "" && len(args) == 0:
				return fault.New(fault.Usage, "--plan PLAN.toml new-videos/; label suspects looks at those the plan has", "name the videos to choose from: those that the plan does not have yet")
			}
			labelled, pool, err := a.labelClips(cmd.Context(), o, args)
			if err != nil {
				return err
			}
			if pool.Len() == 0 && o.plan != "" {
				return fault.New(fault.Input, "name videos it does not have yet, or look at its labels: framepilot label suspects --plan "+o.plan,
					"label next: plan %s has every clip of %s that can be read, labelled or set aside to test on", o.plan, words.FirstFew(args, 3, ", "))
			}
			if pool.Len() == 0 {
				return fault.New(fault.Input, "embed clips that have no label yet, or look at these: framepilot label suspects --features "+o.pool,
					"label next: no clips to choose from: every clip of %s has a label", o.pool)
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
