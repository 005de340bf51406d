package cli

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/adrg/xdg"
	"github.com/spf13/cobra"

	"framepilot/adapt"
	"framepilot/adapt/bundle"
	"framepilot/internal/fault"
	"framepilot/probe"
)

// quickJob is a model and the embeddings of some clips, for commands that
// need no pilot. Embeddings are kept in the user's cache directory, so that
// asking again about the same clips computes nothing.
type quickJob struct {
	a     *app
	model *encoder
	ex    *adapt.Extractor
	clips adapt.Extraction
	items []adapt.Item
}

// quick opens the model, embeds the clips at paths and hands both to do. Clips
// that can't be read are reported and left out; the command then fails after
// its work is done.
func (a *app) quick(ctx context.Context, m modelChoice, paths []string, do func(*quickJob) error) error {
	items, warnings, err := adapt.ClipsIn(paths)
	if err != nil {
		return err
	}
	return a.quickItems(ctx, m, items, warnings, do)
}

// quickItems is quick for clips that are listed already.
func (a *app) quickItems(ctx context.Context, m modelChoice, items []adapt.Item, warnings []string, do func(*quickJob) error) error {
	p := a.progress()
	for _, w := range warnings {
		p.line("warning: %s", w)
	}
	return a.withModel(ctx, m, p, func(j *quickJob) (err error) {
		j.items = items
		j.clips, err = j.ex.Clips(ctx, items)
		p.end()
		if err != nil {
			return err
		}
		for _, w := range j.clips.Warnings {
			p.line("warning: %s", w)
		}
		if len(j.clips.Rows) == 0 {
			return fault.New(fault.Input, "", "none of the %d clips could be read", len(items))
		}
		if err := do(j); err != nil {
			return err
		}
		if n := len(j.clips.Failures); n > 0 {
			return fault.New(fault.Partial, "", "done, but %d of %d clips could not be read", n, len(items))
		}
		return nil
	})
}

// withModel opens the model for a job that may need no clips.
func (a *app) withModel(ctx context.Context, m modelChoice, p *progress, do func(*quickJob) error) error {
	enc, err := a.openModel(ctx, m)
	if err != nil {
		return err
	}
	defer enc.Close()
	cache := filepath.Join(xdg.CacheHome, "framepilot", "features")
	unlock, err := adapt.Lock(cache, time.Now())
	if err != nil {
		p.line("note: embeddings are not kept: %v", err)
		cache = ""
	} else {
		defer unlock()
	}
	j := &quickJob{a: a, model: enc}
	if j.ex, err = adapt.NewExtractor(enc, a.decoder, adapt.ExtractOptions{Cache: cache, Emit: a.showEvents(p)}); err != nil {
		return err
	}
	return do(j)
}

// origin says what the embeddings are.
func (j *quickJob) origin() bundle.Origin { return j.model.Info().Origin(j.a.decoder.Version()) }

func (a *app) searchCmd() *cobra.Command {
	var m modelChoice
	var top int
	c := &cobra.Command{
		Use:   `search "text" PATH...`,
		Short: "The clips that fit a sentence best",
		Args:  cobra.MinimumNArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case strings.TrimSpace(args[0]) == "":
				return fault.New(fault.Usage, `describe what to look for, e.g. "a person falls"`, "the text to search for is empty")
			case top < 0:
				return fault.New(fault.Usage, "0 shows all", "--top %d is negative", top)
			}
			return a.quick(cmd.Context(), m, args[1:], func(j *quickJob) error { return j.search(cmd.Context(), args[0], top) })
		},
	}
	c.Flags().IntVar(&top, "top", 10, "how many to show; 0 for all")
	modelFlags(c, &m, "auto")
	return a.jsonFlag(c)
}

func (j *quickJob) search(ctx context.Context, text string, top int) error {
	query, err := j.ex.Texts(ctx, []string{text})
	if err != nil {
		return err
	}
	type hit struct {
		File   string  `json:"file"`
		Cosine float64 `json:"cosine"`
	}
	hits := []hit{}
	for r, cosine := range probe.Similarity(j.clips.X, query).Data {
		hits = append(hits, hit{j.items[j.clips.Rows[r]].ID, float64(cosine)})
	}
	slices.SortStableFunc(hits, func(a, b hit) int { return cmp.Compare(b.Cosine, a.Cosine) })
	if top > 0 {
		hits = hits[:min(top, len(hits))]
	}
	return j.a.print(hits, func(w io.Writer) {
		for _, h := range hits {
			fmt.Fprintf(w, "%+.3f  %s\n", h.Cosine, h.File)
		}
	})
}
