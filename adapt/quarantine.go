package adapt

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"

	"github.com/google/renameio/v2"

	"framepilot/internal/fault"
	"framepilot/internal/words"
	"framepilot/model/video"
)

// quarantineFile is the list of clips a run could not use, in its folder.
const quarantineFile = "quarantine.jsonl"

// writeQuarantine lists the failed clips of a run. A plan that names the list
// under limits.exclude leaves them out.
func (r *run) writeQuarantine() error {
	list := make([]video.Quarantined, len(r.sum.Failures))
	for i, f := range r.sum.Failures {
		list[i] = video.Quarantined{Path: f.ID, Class: video.Class(f.Class), Message: f.Message, Hint: f.Hint}
	}
	var b bytes.Buffer
	if err := video.WriteQuarantine(&b, list); err != nil {
		return err
	}
	path := filepath.Join(r.dir, "runs", r.sum.Run, quarantineFile)
	if err := renameio.WriteFile(path, b.Bytes(), 0o644); err != nil {
		return diskFault("write the quarantine list", err)
	}
	return nil
}

// exclude leaves out the clips a quarantine list names, and says how many.
func (d Data) exclude(file string) (Data, error) {
	f, err := os.Open(file)
	if err != nil {
		return d, fault.New(fault.Input, "check limits.exclude in the plan; it is relative to the plan file", "exclude: %w", err)
	}
	defer f.Close()
	list, err := video.ReadQuarantine(f)
	if err != nil {
		return d, fmt.Errorf("exclude %s: %w", file, err)
	}
	named := map[string]bool{}
	for _, q := range list {
		named[q.Path] = true
	}
	kept := d.pick(d.rows(func(item Item) bool { return !named[item.ID] }))
	if left := len(d.Items) - len(kept.Items); left > 0 {
		kept.Warnings = append(kept.Warnings, fmt.Sprintf("%s left out, as %s says", words.Count(left, "clip"), file))
	}
	return kept, nil
}
