package cli

import (
	"context"
	"slices"

	"github.com/spf13/cobra"

	"framepilot/internal/fault"
	"framepilot/probe"
)

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
