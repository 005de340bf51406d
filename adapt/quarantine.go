package adapt

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

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
		return fault.Disk("write the quarantine list", err)
	}
	return nil
}

// exclude leaves out the clips a list names, and says how many. The list is of
// quarantined clips or, as .csv, a table with a column path.
func (d Data) exclude(file string) (Data, error) {
	f, err := os.Open(file)
	if err != nil {
		return d, fault.New(fault.Input, "check limits.exclude in the plan; it is relative to the plan file", "exclude: %w", err)
	}
	defer f.Close()
	named := map[string]bool{}
	if strings.EqualFold(filepath.Ext(file), ".csv") {
		named, err = pathsOf(f)
	} else {
		var list []video.Quarantined
		list, err = video.ReadQuarantine(f)
		for _, q := range list {
			named[q.Path] = true
		}
	}
	if err != nil {
		return d, fmt.Errorf("exclude %s: %w", file, err)
	}
	kept := d.pick(d.rows(func(item Item) bool { return !named[item.ID] }))
	if left := len(d.Items) - len(kept.Items); left > 0 {
		kept.Warnings = append(kept.Warnings, words.Say("%s left out, as %s says", words.Counted(left, "clip"), file))
	}
	return kept, nil
}

// pathsOf is the column path of a table.
func pathsOf(r io.Reader) (map[string]bool, error) {
	rows, err := csv.NewReader(r).ReadAll()
	if err != nil {
		return nil, fault.New(fault.Input, "save it as comma-separated values with a header line", "%w", err)
	}
	if len(rows) == 0 {
		return nil, fault.New(fault.Input, "the first line names the columns", "it is empty")
	}
	at := slices.Index(rows[0], "path")
	if at < 0 {
		return nil, fault.New(fault.Input, "name the column of clips path", "no column path among %s", strings.Join(rows[0], ", "))
	}
	named := map[string]bool{}
	for _, row := range rows[1:] {
		named[row[at]] = true
	}
	return named, nil
}
