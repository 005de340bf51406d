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
	"framepilot/adapt/live"
	"framepilot/internal/fault"
	"framepilot/internal/words"
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
func (a *app) quickItems(ctx context.Context, m modelChoice, items []adapt.Item, warnings []words.Sentence, do func(*quickJob) error) error {
	return a.embedItems(ctx, m, items, warnings, func(j *quickJob) error {
		if len(j.clips.Rows) == 0 {
			return j.noneRead()
		}
		return do(j)
	})
}

func (j *quickJob) noneRead() error {
	return fault.New(fault.Input, "", "none of the %d clips could be read", len(j.items))
}

// unread is, in JSON, the record of a clip that could not be read, among those
// of the clips that could.
type unread struct {
	File  string `json:"file"`
	Error struct {
		Class   string `json:"class"` // machine readable, e.g. no_video_stream
		Message string `json:"message"`
		Hint    string `json:"hint,omitempty"`
	} `json:"error"`
}

// quickAnswers is quick for a job with one record a clip; human prints them for
// people. In JSON, clips that can't be read have theirs too, after the others.
func (a *app) quickAnswers(ctx context.Context, m modelChoice, paths []string, do func(*quickJob) (records []any, human func(io.Writer), err error)) error {
	items, warnings, err := adapt.ClipsIn(paths)
	if err != nil {
		return err
	}
	return a.embedItems(ctx, m, items, warnings, func(j *quickJob) (err error) {
		records, human := []any{}, func(io.Writer) {}
		if len(j.clips.Rows) > 0 {
			if records, human, err = do(j); err != nil {
				return err
			}
		}
		for _, f := range j.clips.Failures {
			r := unread{File: f.ID}
			r.Error.Class, r.Error.Message, r.Error.Hint = f.Class, f.Message, f.Hint
			records = append(records, r)
		}
		if err := a.print(records, human); err != nil {
			return err
		}
		if len(j.clips.Rows) == 0 {
			return j.noneRead()
		}
		return nil
	})
}

// embedItems opens the model, embeds the clips and hands both to do, also
// where no clip could be read.
func (a *app) embedItems(ctx context.Context, m modelChoice, items []adapt.Item, warnings []words.Sentence, do func(*quickJob) error) error {
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
	unlock, err := live.Lock(cache, time.Now())
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
			return a.quickAnswers(cmd.Context(), m, args[1:], func(j *quickJob) ([]any, func(io.Writer), error) {
				return j.search(cmd.Context(), args[0], top)
			})
		},
	}
	c.Flags().IntVar(&top, "top", 10, "how many to show; 0 for all")
	modelFlags(c, &m, "auto")
	return a.jsonFlag(c)
}

// search lists the clips that fit a text best, at most top of them; 0: all.
func (j *quickJob) search(ctx context.Context, text string, top int) ([]any, func(io.Writer), error) {
	query, err := j.ex.Texts(ctx, []string{text})
	if err != nil {
		return nil, nil, err
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
	return records(hits), func(w io.Writer) {
		for _, h := range hits {
			fmt.Fprintf(w, "%+.3f  %s\n", h.Cosine, h.File)
		}
	}, nil
}

// records are values of one kind as those of any.
func records[T any](list []T) []any {
	out := make([]any, len(list))
	for i, x := range list {
		out[i] = x
	}
	return out
}
