package adapt

import (
	"context"
	"io"
	"path/filepath"
	"regexp"
	"time"

	"framepilot/adapt/live"
	"framepilot/internal/fault"
	"framepilot/internal/words"
	"framepilot/probe"
)

// Collected are the training clips of a plan, and clips that it does not know.
type Collected struct {
	Train    probe.Features // labelled, to learn from
	Pool     probe.Features // the others
	Failures []Failure      // clips that can't be used
}

// Collect embeds the training clips of a plan, and those of pool that are no
// clips of the plan; their recordings are found by its patterns. Texts are those of its first prompt set. Nothing is
// measured and nothing recorded but embeddings.
func Collect(ctx context.Context, p Plan, pool []Item, o RunOptions) (c Collected, err error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	r := &run{plan: p, o: o, dir: p.Resolve(live.StateDir), log: &live.Log{Now: o.Now, Sink: o.Out}}
	if err := r.prepare(ctx); err != nil {
		return c, err
	}
	if closer, ok := r.model.(io.Closer); ok {
		defer closer.Close()
	}
	unlock, err := live.Lock(r.dir, o.Now())
	if err != nil {
		return c, err
	}
	defer unlock()
	if err := r.openCache(); err != nil {
		return c, err
	}
	listed := map[string]bool{}
	for _, item := range r.data.Named {
		listed[absolute(item.Path)] = true
	}
	items := r.data.pick(r.data.trainRows(p)).Items
	labelled := len(items)
	for _, item := range pool {
		if !listed[absolute(item.Path)] {
			item.Group = p.recording(item)
			items = append(items, item)
		}
	}
	e, err := r.x.Clips(ctx, items)
	if err != nil {
		return c, err
	}
	f, err := e.Features(items, r.data.Classes, r.model.Info().Scale)
	if err != nil {
		return c, err
	}
	if f.Len() == 0 {
		hint := "name videos that are not in the plan yet"
		if len(e.Failures) > 0 {
			hint = e.Failures[0].Hint
		}
		return c, fault.New(fault.Input, hint, "plan %s: none of %s to learn from or to label can be used", p.File, words.Counted(len(items), "clip"))
	}
	if names := p.promptNames(); len(names) > 0 {
		set := p.promptSet(names[0])
		if f.Text, err = r.x.prototypes(ctx, set, r.data.Classes); err != nil {
			return c, err
		}
	}
	var train, others []int
	var known []Item
	for row, i := range e.Rows {
		if i < labelled {
			train, known = append(train, row), append(known, items[i])
		} else {
			others = append(others, row)
		}
	}
	f = f.Pooled()
	c = Collected{f.Take(train), f.Take(others), e.Failures}
	if r.data.Multi {
		c.Train = multiLabel(c.Train, known)
	}
	return c, nil
}

// recording is of which recording a clip is that no site has yet: what the
// first pattern of the plan that finds one captures, else its own file.
func (p Plan) recording(item Item) string {
	for _, s := range p.Data {
		if s.GroupBy == "" {
			continue
		}
		if m := regexp.MustCompile(s.GroupBy).FindStringSubmatch(item.file()); m != nil && m[1] != "" { // checked with the plan
			return m[1]
		}
	}
	return item.Group
}

// absolute names a file alike however it was written.
func absolute(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		return abs
	}
	return path
}
