package adapt

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"slices"

	"framepilot/adapt/live"
	"framepilot/internal/fault"
	"framepilot/internal/words"
	"framepilot/probe"
)

// compare looks at embeddings and words: those given, else those the pilot
// has made before.
func (c *Check) compare(ctx context.Context, p Plan, d Data, o CheckOptions) error {
	kept, f, err := named(d, o.Features)
	if err != nil {
		return err
	}
	cache := filepath.Join(p.Resolve(live.StateDir), "features")
	if !isDir(cache) {
		cache = ""
	}
	if wanted := f.Len() == 0 && cache != "" || o.Words; o.Open != nil && wanted {
		model, err := o.Open(ctx, p.Model)
		if err != nil {
			return err
		}
		if c, ok := model.(io.Closer); ok {
			defer c.Close()
		}
		x, err := NewExtractor(model, o.Reader, ExtractOptions{Cache: cache, Root: p.Dir(), Emit: o.Emit, DryRun: true})
		if err != nil {
			return err
		}
		if f.Len() == 0 && cache != "" {
			if kept, f, err = x.known(ctx, d); err != nil {
				return err
			}
		}
		if f.Text.Rows == 0 {
			if err := c.compareWords(ctx, p, d.Classes, x, o.Words); err != nil {
				return err
			}
		}
	}
	if f.Len() > 0 {
		c.Embedded = f.Len()
		c.Findings = append(c.Findings, nearCopies(kept.Items, f.Pooled())...)
	}
	if f.Text.Rows > 0 {
		c.Words = true
		c.Findings = append(c.Findings, confusedNames(f.Classes, f.Text, "")...)
	}
	return nil
}

// named returns the clips of features that the data has, by their names.
func named(d Data, f probe.Features) (Data, probe.Features, error) {
	if f.Len() == 0 {
		return Data{}, f, nil
	}
	var rows, items []int
	at := map[string]int{}
	for i, id := range f.IDs {
		at[id] = i
	}
	for i, item := range d.Items {
		if r, ok := at[item.ID]; ok {
			rows, items = append(rows, r), append(items, i)
		}
	}
	if len(rows) == 0 {
		return d, f, fault.New(fault.Input, fmt.Sprintf("clips are called by their path, e.g. %s", d.Items[0].ID),
			"none of the %s of the features is one of the %s of the data", words.Counted(f.Len(), "clip"), words.Counted(len(d.Items), "clip"))
	}
	return d.pick(items), f.Take(rows), nil
}

// known returns the clips of data whose embeddings are cached.
func (x *Extractor) known(ctx context.Context, d Data) (kept Data, f probe.Features, err error) {
	jobs, err := x.locate(ctx, d.Items)
	if err != nil {
		return kept, f, err
	}
	var rows []int
	var found []clipJob
	for i, job := range jobs {
		if made, ok := x.shards.found[job.address]; ok && made.Row != nil {
			rows, found = append(rows, i), append(found, job)
		}
	}
	kept = d.pick(rows)
	f, err = x.gather(found, 0).Features(kept.Items, d.Classes, x.info.Scale)
	return kept, f, err
}

// compareWords looks for classes that the model confuses in the prompt sets a
// plan uses, so far as their words are known or are to be embedded.
func (c *Check) compareWords(ctx context.Context, p Plan, classes []string, x *Extractor, embed bool) error {
	if embed { // beside the cache: a check keeps nothing
		var err error
		if x, err = NewExtractor(x.model, x.reader, ExtractOptions{}); err != nil {
			return err
		}
	}
	used := p.promptNames()
	if len(used) == 0 {
		used = []string{p.Prompts[0].Name}
	}
	for _, name := range used {
		set := p.promptSet(name)
		texts, err := set.texts(classes)
		if err != nil {
			return err
		}
		if len(classes) == 0 || !embed && len(x.newTexts(slices.Concat(texts...))) > 0 {
			continue
		}
		text, err := x.prototypes(ctx, set, classes)
		if err != nil {
			return err
		}
		c.Words = true
		c.Findings = append(c.Findings, confusedNames(classes, text, name)...)
	}
	return nil
}
