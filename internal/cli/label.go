package cli

import (
	"context"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"framepilot/adapt"
	"framepilot/internal/fault"
	"framepilot/internal/words"
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
			var warnings []words.Sentence
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
	if err == nil {
		err = sameClasses([2]string{o.labelled, o.pool}, &labelled, &pool)
	}
	return labelled, pool, err
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

func digits(x float64) string { return strconv.FormatFloat(x, 'f', 3, 64) }
