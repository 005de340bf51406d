package cli

import (
	"fmt"
	"io"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"framepilot/adapt/bundle"
	"framepilot/domain"
	"framepilot/internal/fault"
	"framepilot/internal/lang"
)

// drift compares new footage with what a bundle was accepted on.
func (a *app) drift(cmd *cobra.Command, path string, footage []string, groupBy string, m modelChoice, l lang.Language) error {
	b, err := bundle.Read(path)
	if err != nil {
		return err
	}
	if b.Reference.Len() == 0 {
		return fault.New(fault.Config, "make the bundle by a method that learns from clips, as logistic", "%s: it was made without clips, so there is nothing to compare with", path)
	}
	target, err := a.newFootage(cmd, b, footage, groupBy, m)
	if err != nil {
		return err
	}
	r, err := domain.Detect(cmd.Context(), domain.Task{
		Source: b.Reference, Base: b.Classifier, Held: b.HeldOut.Logits, Judged: b.HeldOut.Rows,
		Target: target, Seed: siteSeed, Plain: b.Method == "zero-shot",
	})
	if err != nil {
		return err
	}
	if r.Verdict == domain.ShiftUnknown {
		return fault.New(fault.Input, "give clips of several recordings; --group-by says which clips are of one",
			"shift: %d recordings in %s and %d in the new footage, too few to tell drift from another recording", r.SourceGroups, path, r.TargetGroups)
	}
	result := struct {
		Drifted bool   `json:"drifted"`
		Line    string `json:"line"`
		domain.Report
	}{r.Drifted(), r.Drift(l), r}
	err = a.print(result, func(w io.Writer) {
		if result.Drifted {
			fmt.Fprintln(w, result.Line)
		}
	})
	if err == nil && result.Drifted {
		return failed(fault.Undecided)
	}
	return err
}

// newFootage is what may be known of it: a feature file's clips, or videos as
// the bundle's model sees them.
func (a *app) newFootage(cmd *cobra.Command, b *bundle.Bundle, paths []string, groupBy string, m modelChoice) (domain.Clips, error) {
	if len(paths) == 1 && isFeatures(paths[0]) {
		f, err := a.loadFeatures(paths[0], false)
		if b.Origin.Tokens == 0 {
			f = f.Pooled()
		}
		return domain.Unlabelled(f), err
	}
	of, err := recordings(groupBy)
	if err != nil {
		return domain.Clips{}, err
	}
	var clips domain.Clips
	err = a.quick(cmd.Context(), modelFor(b, m, cmd), paths, func(j *quickJob) error {
		if err := b.CheckOrigin(j.origin()); err != nil {
			return err
		}
		clips.X = j.clips.X
		clips.Groups, err = j.recordings(of)
		return err
	})
	if fault.KindOf(err) == fault.Partial { // those that could be read are enough, and quick has told of the others
		err = nil
	}
	return clips, err
}

// recordings says which recording a clip is of: what the first ( ) of a pattern
// finds in its path; without a pattern every clip stands alone.
func recordings(groupBy string) (of func(id string) (string, error), err error) {
	pattern, err := regexp.Compile(groupBy)
	if err != nil || groupBy != "" && pattern.NumSubexp() == 0 {
		return nil, fault.New(fault.Usage, "--group-by '(rec[0-9]+)'", "--group-by %q is no pattern with a capture", groupBy)
	}
	return func(id string) (string, error) {
		id = filepath.ToSlash(id)
		if groupBy == "" {
			return id, nil
		}
		found := pattern.FindStringSubmatch(id)
		if found == nil || found[1] == "" {
			return "", fault.New(fault.Usage, "the pattern is matched against the clip's path, with slashes", "--group-by %q finds no recording in %s", groupBy, id)
		}
		return found[1], nil
	}, nil
}

// recordings are those of the clips that could be read.
func (j *quickJob) recordings(of func(id string) (string, error)) (groups []string, err error) {
	groups = make([]string, len(j.clips.Rows))
	for r, i := range j.clips.Rows {
		if groups[r], err = of(j.items[i].ID); err != nil {
			return nil, err
		}
	}
	return groups, nil
}

// isFeatures says whether a path names a file of embeddings.
func isFeatures(path string) bool {
	ext := strings.ToLower(filepath.Ext(path))
	return ext == ".safetensors" || ext == ".npy"
}
