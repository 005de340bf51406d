package adapt

import (
	"context"
	"fmt"
	"slices"

	"framepilot/internal/fault"
	"framepilot/internal/words"
	"framepilot/model/video"
	"framepilot/probe"
)

// Extraction is what became of a list of clips.
type Extraction struct {
	X        probe.Matrix     // (rows, d) of unit length
	Tokens   int              // frames that follow the clip in a row; 0 = none
	Rows     []int            // which item each row is of, ascending
	Failures []Failure        // in the order of the items
	Computed int              // clips decoded and embedded now
	Cached   int              // clips that needed neither
	Warnings []words.Sentence // what is odd about clips that have rows

	addresses []string // of every item, by content; "" where unreadable
}

// Clips returns the embeddings of items, in their order. A clip that can't be
// read becomes a Failure and never a row; an error ends everything, and what
// was embedded by then is kept.
func (x *Extractor) Clips(ctx context.Context, items []Item) (Extraction, error) {
	jobs, err := x.locate(ctx, items)
	if err != nil {
		return Extraction{}, err
	}
	return x.settle(ctx, jobs)
}

// settle embeds what is missing of jobs and gathers all of it.
func (x *Extractor) settle(ctx context.Context, jobs []clipJob) (Extraction, error) {
	todo := x.missing(jobs)
	if len(jobs) > 0 {
		if err := x.embed(ctx, todo, len(jobs)); err != nil {
			return Extraction{}, err
		}
	}
	return x.gather(jobs, len(todo)), nil
}

func (x *Extractor) gather(jobs []clipJob, computed int) Extraction {
	out := Extraction{Tokens: x.info.Tokens, Computed: computed, Cached: len(jobs) - computed}
	var made []sealed
	odd, said := map[string][]string{}, map[string]words.Sentence{} // what → clips, and as a sentence
	for i, job := range jobs {
		e := x.shards.found[job.address]
		failed := job.failed
		if failed == nil {
			failed = e.Failure
		}
		if failed != nil {
			x.tellFailure(job.item.ID, failed)
			out.Failures = append(out.Failures, failed.of(job.item))
			out.addresses = append(out.addresses, "")
			continue
		}
		out.addresses = append(out.addresses, job.address)
		made, out.Rows = append(made, e), append(out.Rows, i)
		for _, s := range e.Note.odd() {
			what := s.String()
			said[what], odd[what] = s, append(odd[what], job.item.ID)
		}
	}
	for _, what := range sortedKeys(odd) {
		out.Warnings = append(out.Warnings, words.Say("%s: %s (%s)", words.Counted(len(odd[what]), "clip"), said[what], words.Few(words.Plains(odd[what]), 3, ", ")))
	}
	out.X = probe.NewMatrix(len(made), x.shards.held)
	for i, e := range made {
		copy(out.X.Row(i), e.Row)
	}
	if x.shards.held < x.info.Dim {
		out.X = probe.Streamed(out.X, x.info.Dim, func(i int, row []float32) error { return made[i].whole(row) })
	}
	return out
}

// odd lists what a person should know of a clip that has a row.
func (n *clipNote) odd() (list []words.Sentence) {
	for _, w := range n.Warnings {
		list = append(list, words.Say(w))
	}
	if n.Degraded {
		list = append(list, words.Say("damaged, fewer frames decoded than the file promises"))
	}
	if n.Valid < n.Frames {
		list = append(list, words.Say("shorter than %d frames, the rest is left empty", n.Frames))
	}
	if n.Reason != "" {
		list = append(list, video.OtherFrames(n.Reason))
	}
	return list
}

// Features joins the clips that have rows with what is known of them. classes
// gives the labels their numbers; a label not in it counts as unknown.
func (e Extraction) Features(items []Item, classes []string, scale float64) (probe.Features, error) {
	f := probe.Features{X: e.X, Classes: classes, Scale: scale, Frames: e.Tokens}
	for _, i := range e.Rows {
		f.IDs = append(f.IDs, items[i].ID)
		f.Groups = append(f.Groups, items[i].Group)
		f.Sites = append(f.Sites, items[i].Site)
		f.Labels = append(f.Labels, slices.Index(classes, items[i].Label)) // -1 is probe.Unlabelled
	}
	f.Videos = videosOf(items, e.Rows)
	return f, f.Check()
}

// videosOf names the files that clips are windows of; nil where no two are of
// one file.
func videosOf(items []Item, rows []int) []string {
	seen, videos := map[string]bool{}, make([]string, 0, len(rows))
	for _, i := range rows {
		file := items[i].file()
		seen[file] = true
		videos = append(videos, file)
	}
	if len(seen) == len(rows) {
		return nil
	}
	return videos
}

// Features joins the clips of the data that have rows with everything known of
// them.
func (d Data) Features(e Extraction, scale float64) (probe.Features, error) {
	f, err := e.Features(d.Items, d.Classes, scale)
	if err == nil && d.Multi {
		f = multiLabel(f, d.pick(e.Rows).Items)
	}
	return f, err
}

// Part is the clips of one part: Train, Test or Val; of all where it is "".
// As in a run, clips of sites that the plan learns nothing from are of no part,
// but for those to test on.
func (d Data) Part(p Plan, split string) Data {
	d.Items = slices.Clone(d.Items)
	for i := range d.Items {
		if item := &d.Items[i]; item.Split != Test && !p.learnsFrom(item.Site) {
			item.Split = ""
		}
	}
	return d.pick(d.rows(func(i Item) bool { return split == "" || i.Split == split }))
}

// multiLabel gives features the classes of their clips, each of which may be
// of several.
func multiLabel(f probe.Features, items []Item) probe.Features {
	f.Truth = truthOf(items, f.Classes)
	for i := range f.Labels {
		f.Labels[i] = probe.Unlabelled
	}
	return f
}

// tooManyFailed is the error of a run whose failures exceed what its plan
// tolerates; the results of the others stand.
func tooManyFailed(failures []Failure, total int, tolerated Share) error {
	if float64(len(failures)) <= float64(tolerated)*float64(total) {
		return nil
	}
	byClass := map[string]int{}
	for _, f := range failures {
		byClass[f.Class]++
	}
	var parts []string
	for _, class := range sortedKeys(byClass) {
		parts = append(parts, fmt.Sprintf("%d %s", byClass[class], class))
	}
	return fault.New(fault.Partial, "mend or remove these clips, or raise max_failed in the plan",
		"%d of %d clips failed (%s), more than the tolerated %.3g %%; the first: %s: %s", len(failures), total,
		words.FirstFew(parts, 10, ", "), 100*float64(tolerated), failures[0].ID, failures[0].Said.Or(failures[0].Message))
}
