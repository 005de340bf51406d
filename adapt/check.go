package adapt

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"framepilot/adapt/lists"
	"framepilot/adapt/live"
	"framepilot/internal/fault"
	"framepilot/internal/words"
	"framepilot/model/video"
	"framepilot/probe"
)

// CheckOptions is what a check of data needs beside the plan.
type CheckOptions struct {
	Reader   Reader
	Skip     bool           // open no clip: lists, splits and embeddings only
	Features probe.Features // embeddings by clip ID, and words of the classes; no rows: none
	// Open opens the model of the plan; where it is nil, embeddings made before
	// are not looked at, nor words embedded. Where the model is an io.Closer, it
	// is closed again.
	Open  func(ctx context.Context, m ModelPlan) (Embedder, error)
	Words bool             // embed the classes' words where they are not known yet
	Emit  func(live.Event) // hears of progress; nil = nobody
}

// Check is what is known of data before anything is computed from it.
type Check struct {
	Read     []Account    `json:"read"`
	Clips    int          `json:"clips"`
	Sites    []string     `json:"sites"`
	Multi    bool         `json:"multi_label"`
	Classes  []ClassCount `json:"classes"`
	Failures []Failure    `json:"failures"` // clips that cannot be read
	Embedded int          `json:"embedded"` // clips whose embeddings were compared
	Words    bool         `json:"words"`    // whether the classes' words were compared
	Findings []Finding    `json:"findings"` // errors first
	Notes    []string     `json:"notes"`
}

// ClassCount is the clips of a class.
type ClassCount struct {
	Class      string `json:"class"`
	Train      int    `json:"train"`
	Test       int    `json:"test"`
	Val        int    `json:"val"`
	Recordings int    `json:"recordings"`
}

// Refusal is the error a run of these data would end with; nil where it would
// not.
func (c Check) Refusal() error { return refusal(c.Findings) }

// CheckData looks for everything in the data of a plan that would make
// numbers wrong, or worth less than they seem. It embeds no clip.
func CheckData(ctx context.Context, p Plan, o CheckOptions) (Check, error) {
	d, err := readData(p)
	if err != nil {
		return Check{}, err
	}
	if o.Emit == nil {
		o.Emit = func(live.Event) {}
	}
	out := Check{
		Read: append([]Account{}, d.Read...), Clips: len(d.Items), Sites: d.Sites, Multi: d.Multi, Classes: d.classCounts(),
		Failures: []Failure{}, Findings: append([]Finding{}, d.Findings...), Notes: []string{},
	}
	for _, w := range d.Warnings {
		out.Notes = append(out.Notes, w.String())
	}
	if p.File == "" && len(d.Classes) < 2 { // a plan that learns is refused
		out.Notes = append(out.Notes, fmt.Sprintf("the clips have %s; a run that tells classes apart needs two", words.Counted(len(d.Classes), "label")))
	}
	out.Findings = append(out.Findings, d.shots(p)...)
	if !o.Skip {
		var wrong []words.Sentence
		if out.Failures, wrong, err = unreadableClips(ctx, d.Items, o); err != nil {
			return Check{}, err
		}
		out.Findings = append(out.Findings, unreadableFindings(out.Failures, wrong, len(d.Items), p.Limits.MaxFailed)...)
		sums, err := contentsOf(ctx, d.Items)
		if err != nil {
			return Check{}, err
		}
		unreadable := map[string]bool{}
		for _, f := range out.Failures {
			unreadable[f.ID] = true
		}
		for i, item := range d.Items {
			if unreadable[item.ID] {
				sums[i] = "" // two empty files are no copies of one clip
			}
		}
		out.Findings = append(out.Findings, copies(d.Items, sums)...)
	}
	if err := out.compare(ctx, p, d, o); err != nil {
		return Check{}, err
	}
	slices.SortStableFunc(out.Findings, func(a, b Finding) int {
		switch {
		case a.Severity == b.Severity:
			return 0
		case a.Severity == SeverityError:
			return -1
		}
		return 1
	})
	return out, nil
}

func (d *Data) classCounts() []ClassCount {
	out := make([]ClassCount, len(d.Classes))
	groups := make([]map[string]bool, len(d.Classes))
	for c, class := range d.Classes {
		out[c].Class, groups[c] = class, map[string]bool{}
	}
	for i, list := range d.truth() {
		for _, c := range list {
			groups[c][d.Items[i].Group] = true
			switch d.Items[i].Split {
			case Train:
				out[c].Train++
			case Test:
				out[c].Test++
			case Val:
				out[c].Val++
			}
		}
	}
	for c := range out {
		out[c].Recordings = len(groups[c])
	}
	return out
}

// unreadableClips decodes every clip as a model would see it. where says of each
// that can't be read what is wrong with it.
func unreadableClips(ctx context.Context, items []Item, o CheckOptions) (failures []Failure, where []words.Sentence, err error) {
	failures, where = []Failure{}, []words.Sentence{}
	workers := runtime.GOMAXPROCS(0)
	done, told := 0, time.Now()
	read := func(ctx context.Context, item Item) error {
		_, err := o.Reader.Read(ctx, item.Path, video.Options{Start: item.Start, End: item.End})
		return err
	}
	for item, err := range inOrder(ctx, items, workers, 2*workers, read) {
		var bad *video.Error
		switch {
		case err == nil:
		case ctx.Err() != nil:
			return nil, nil, ctx.Err()
		case errors.As(err, &bad) && bad.Class != video.NoDecoder:
			failures = append(failures, failedBy(bad).of(item))
			where = append(where, words.Say("%s: %s", item.ID, bad.Message()))
		default:
			return nil, nil, fmt.Errorf("clip %s: %w", item.ID, err)
		}
		done++
		if time.Since(told) >= time.Second {
			told = time.Now()
			o.Emit(live.Event{Kind: live.EventCheck, Stage: live.StageData, Done: done, Total: len(items)})
		}
	}
	return failures, where, ctx.Err()
}

// unreadableFindings says what comes of clips that can't be read: a run goes on
// without them, unless none is left.
func unreadableFindings(failures []Failure, where []words.Sentence, clips int, tolerated Share) []Finding {
	severity, why := SeverityWarning, words.Say("they are left out: scores are of the clips that can be read")
	switch {
	case len(failures) == clips:
		severity, why = SeverityError, words.Say("no clip is left to measure")
	case tooManyFailed(failures, clips, tolerated) != nil:
		why = words.Say("more than the plan tolerates (max_failed): a run goes on without them, says so and ends with exit code 8; scores are of the clips that can be read")
	}
	return finding(severity, "unreadable-clips", where, why,
		words.Say("mend or remove them; framepilot video inspect FILE says what is wrong with one"),
		words.Say("%s of %d unreadable", words.Counted(len(failures), "clip"), clips))
}

// contentsOf names what the files of items hold, so far as two could be the
// same: only files of one size are read.
func contentsOf(ctx context.Context, items []Item) ([]string, error) {
	sizes, bySize := make([]int64, len(items)), map[int64]map[string]bool{}
	for i, item := range items {
		st, err := os.Stat(item.Path)
		if err != nil || st.IsDir() {
			continue
		}
		sizes[i] = st.Size()
		if bySize[sizes[i]] == nil {
			bySize[sizes[i]] = map[string]bool{}
		}
		bySize[sizes[i]][item.Path] = true
	}
	c := openContents("", "", time.Now)
	sums := make([]string, len(items))
	for i, item := range items {
		if len(bySize[sizes[i]]) < 2 {
			continue
		}
		sum, err := c.hash(ctx, item.Path)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err == nil {
			sums[i] = sum + lists.RangeSuffix(item.Start, item.End)
		}
	}
	return sums, nil
}

// PlanFor is a plan with nothing but the data at a path: a manifest or a
// published list, or a folder, of classes or of lists. shots is how many
// labelled clips a class methods are to be given; 0 = none asked for.
func PlanFor(path string, s Source, shots int) (Plan, error) {
	p := defaultPlan()
	p.Schema, p.Name, p.Report = 1, filepath.Base(path), ReportPlan{}
	st, err := os.Stat(path)
	if err != nil {
		return p, fault.New(fault.Input, "name a manifest, a folder of classes or a plan", "data: %w", err)
	}
	s.Name = "data"
	s.Manifest = path
	if st.IsDir() && s.Format == "" {
		l, err := lists.Open(path, 0)
		if err != nil {
			return p, err
		}
		if !l.Known() {
			s.Manifest, s.Folders = "", path
		}
	}
	p.Data = []Source{s}
	if shots > 0 {
		p.Methods = []Method{{Name: "a method", Shots: []int{shots}}}
	}
	if _, err := lists.FindFormat(s.Format); s.Format != "" && err != nil {
		return p, fault.New(fault.Usage, "", "%w", err)
	}
	found := &problems{file: path}
	p.checkData(found)
	if len(found.list) > 0 { // only what s says can be wrong
		first := found.list[0]
		return p, fault.New(fault.Usage, "", "%s: %s", strings.ReplaceAll(strings.TrimPrefix(first.Key, "data.data."), "_", "-"), first.Text)
	}
	return p, nil
}
