package adapt

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"framepilot/adapt/bundle"
	"framepilot/adapt/live"
	"framepilot/internal/fault"
	"framepilot/internal/words"
)

// bundleFile is a classifier to be kept, and where.
type bundleFile struct {
	*experiment
	path string
	key  string // what the file follows from
}

// bundles lists the classifiers the plan wants kept: those fitted to all
// training clips. Draws of a few clips are there to measure with.
func (r *run) bundles() []bundleFile {
	var list []bundleFile
	if r.plan.Report.Bundles == "" {
		return nil
	}
	taken := map[string]int{}
	for _, e := range r.fitted {
		if e.shots != 0 || e.ranksOnly() {
			continue
		}
		name := e.method.Name
		if e.move != nil {
			name += "-" + e.move.base.method.Name + "-" + e.move.to.name
		}
		if e.prompts != "" {
			name += "-" + e.prompts
		}
		name = fileName(name)
		if taken[name]++; taken[name] > 1 {
			name += fmt.Sprintf("-%d", taken[name])
		}
		list = append(list, bundleFile{
			experiment: e, path: filepath.Join(r.plan.Resolve(r.plan.Report.Bundles), name+".safetensors"),
			key: resultKey(0, bundle.Format, e.method.Name, settingsText(e.settings), r.x.Key(), e.follows()),
		})
	}
	return list
}

// ranksOnly says of words for clips that may be of several classes that, with
// no labels, nothing tells from where on a clip is of a class.
func (e *experiment) ranksOnly() bool { return e.train.Truth != nil && e.method.Name == ZeroShot }

// current says whether the file is there, as this run would write it.
func (b bundleFile) current() bool {
	there, err := bundle.Read(b.path)
	return err == nil && there.Key == b.key
}

// writeBundles keeps the classifiers that are not kept yet.
func (r *run) writeBundles(ctx context.Context) error {
	list := r.bundles()
	if r.plan.Report.Bundles != "" && slices.ContainsFunc(r.fitted, (*experiment).ranksOnly) {
		r.warn(live.StageBundle, words.Say("zero-shot is not kept: for clips of several classes it takes labels to say from where on a clip is of a class; `framepilot fit zero-shot --train F --bundle B` sets that"))
	}
	if len(list) == 0 {
		return nil
	}
	r.begins(live.StageBundle)
	if err := os.MkdirAll(filepath.Dir(list[0].path), 0o755); err != nil {
		return fault.Disk("write the classifiers", err)
	}
	fresh := 0
	for _, b := range list {
		r.sum.Bundles = append(r.sum.Bundles, b.path)
		if b.current() {
			continue
		}
		fitted, err := b.fit(ctx, r.plan.Test.sets())
		if err != nil {
			return err
		}
		origin := r.model.Info().Origin(r.o.Environment["decoder"])
		origin.Tokens = b.train.Frames
		made, err := bundle.New(ctx, b.method.Name, fitted.Fitted, b.train, origin)
		if err != nil {
			return fmt.Errorf("%s: %w", b.label(), err)
		}
		made.Key, made.By = b.key, r.o.Environment["framepilot"]
		if err := made.Write(b.path); err != nil {
			return fmt.Errorf("%s: %w", b.label(), err)
		}
		fresh++
	}
	status := StatusDone
	if fresh == 0 {
		status = StatusCached
	}
	r.ends(live.StageBundle, status, words.Say("%s in %s, %d new", words.Counted(len(list), "classifier"), r.plan.Report.Bundles, fresh))
	return nil
}

// lookAtBundles says which classifiers a run would write.
func (r *run) lookAtBundles() {
	list := r.bundles()
	waiting := 0
	for _, b := range list {
		if !b.current() {
			waiting++
		}
	}
	if waiting > 0 {
		r.ends(live.StageBundle, StatusWillRun, words.Say("%s to write", words.Counted(waiting, "classifier")))
	}
}

// fileName is a name that any file system takes.
func fileName(name string) string {
	return strings.Map(func(c rune) rune {
		if unicode.IsLetter(c) || unicode.IsDigit(c) || strings.ContainsRune("-_+.", c) {
			return c
		}
		return '_'
	}, name)
}
