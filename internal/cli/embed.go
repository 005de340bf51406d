package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"framepilot/adapt"
	"framepilot/adapt/featurefile"
	"framepilot/internal/fault"
	"framepilot/internal/words"
	"framepilot/model/video"
	"framepilot/probe"
)

func (a *app) embedCmd() *cobra.Command {
	var m modelChoice
	var s adapt.Source
	var out, split string
	c := &cobra.Command{
		Use:   "embed PATH...|MANIFEST|PLAN.toml -o F.safetensors",
		Short: "Embeddings of videos, as .safetensors, .npy or .parquet",
		Long: `Embeds videos and the videos in folders. Of a manifest, a published list or the
data of a plan (of a folder of classes, with --split) the file also holds labels,
recordings, sites, parts and the embedded words of the classes, which is all that
fit asks for:

    framepilot embed clips.csv -o clips.safetensors
    framepilot fit auto --data clips.safetensors

Parts are the list's own, or as a run would draw them: whole recordings.`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if ext := strings.ToLower(filepath.Ext(out)); ext != ".safetensors" && ext != ".npy" && ext != ".parquet" {
				return fault.New(fault.Usage, "end the name in .safetensors, .npy or .parquet", "--output %s does not say its format", out)
			}
			if !slices.Contains([]string{"", "all", adapt.Train, adapt.Test, adapt.Val}, split) {
				return fault.New(fault.Usage, "write train, test, val or all", "--split %s is no part", split)
			}
			if split == "" && s == (adapt.Source{}) && !isList(args[0]) {
				return a.quick(cmd.Context(), m, args, func(j *quickJob) error {
					f, err := j.clips.Features(j.items, nil, j.model.Info().Scale)
					if err != nil {
						return err
					}
					return j.keep(out, f, nil)
				})
			}
			if len(args) > 1 {
				return fault.New(fault.Usage, "one at a time", "embed: %d lists or folders of classes", len(args))
			}
			plan, err := planAt(args[0], s, 0)
			if err != nil {
				return err
			}
			if plan.File != "" {
				if err := forManifests(cmd); err != nil {
					return err
				}
				for _, name := range []string{"model", "recipe", "frames", "keep-patches"} {
					if cmd.Flags().Changed(name) {
						return fault.New(fault.Usage, "leave it out", "embed: --%s, where the plan says it", name)
					}
				}
				plan.Model.Tokens = plan.Model.Tokens || m.tokens
				m = planned(plan.Model, m.run)
			}
			return a.embedData(cmd.Context(), m, plan, strings.TrimPrefix(split, "all"), out)
		},
	}
	c.Flags().StringVarP(&out, "output", "o", "", "where to write: F.safetensors, F.npy or F.parquet")
	c.Flags().StringVar(&split, "split", "", "of a list, or of a folder with one folder a class: clips of train, test, val or all")
	c.Flags().BoolVar(&m.tokens, "tokens", false, "embed every frame too, for methods that read them (attentive)")
	sourceFlags(c, &s)
	modelFlags(c, &m, "fp32") // a file of embeddings outlives the machine it was made on
	require(c, "output")
	return a.jsonFlag(c)
}

// isList says whether a path is a file that is no video: a manifest or a plan.
func isList(path string) bool {
	st, err := os.Stat(path)
	return err == nil && st.Mode().IsRegular() && !video.Supported(path)
}

// embedData embeds the data of a plan, or a part of it, with everything known
// of the clips.
func (a *app) embedData(ctx context.Context, m modelChoice, plan adapt.Plan, split, out string) error {
	data, err := adapt.ReadData(plan)
	if err != nil {
		return err
	}
	warnings := data.Warnings
	for _, f := range data.Findings {
		warnings = append(warnings, words.Plain(f.String()))
	}
	part := data.Part(plan, split)
	if len(part.Items) == 0 {
		return fault.New(fault.Input, "", "%s has no clips of %s", plan.Name, split)
	}
	return a.quickItems(ctx, m, part.Items, warnings, func(j *quickJob) error {
		f, err := part.Features(j.clips, j.model.Info().Scale)
		if err != nil {
			return err
		}
		if len(part.Classes) > 0 {
			if f.Text, err = j.ex.Words(ctx, plan, part); err != nil {
				return err
			}
		}
		splits := make([]string, len(j.clips.Rows))
		for i, r := range j.clips.Rows {
			splits[i] = part.Items[r].Split
		}
		list, err := json.Marshal(splits)
		if err != nil {
			return err
		}
		return j.keep(out, f, map[string]string{featurefile.SplitsKey: string(list)})
	})
}

// keep writes features, and more of what is known of them, to a file.
func (j *quickJob) keep(out string, f probe.Features, more map[string]string) error {
	meta := j.origin().Metadata()
	for key, value := range more {
		meta[key] = value
	}
	if err := featurefile.Save(out, f, meta); err != nil {
		return err
	}
	result := struct {
		Output   string          `json:"output"`
		Clips    int             `json:"clips"`
		Classes  int             `json:"classes"`
		Dim      int             `json:"dim"`
		Frames   int             `json:"frames,omitempty"` // whose embeddings follow that of the clip in a row
		Computed int             `json:"computed"`
		Failures []adapt.Failure `json:"failures"`
	}{out, f.Len(), len(f.Classes), f.X.Cols / (1 + f.Frames), f.Frames, j.clips.Computed, append([]adapt.Failure{}, j.clips.Failures...)}
	return j.a.print(result, func(w io.Writer) {
		fmt.Fprintf(w, "%d embeddings of width %d in %s\n", f.Len(), result.Dim, out)
		if f.Frames > 0 {
			fmt.Fprintf(w, "each with those of its %d frames, in rows of %d values\n", f.Frames, f.X.Cols)
		}
	})
}
