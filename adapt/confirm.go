package adapt

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"framepilot/adapt/lists"
	"framepilot/internal/fault"
	"framepilot/internal/words"
)

// readConfirmed gives clips of a site without labels those a table has: a few,
// labelled to see whether what is expected there is so. They are test clips,
// and nothing is learned from them. Paths in the table are clips as predictions
// name them, or relative to the table; a row without a label is one to come.
func readConfirmed(file string, items []Item) error {
	f, err := os.Open(file)
	if err != nil {
		return fault.New(fault.Input, "check confirm in the plan; it is relative to the plan file", "confirm: %w", err)
	}
	defer f.Close()
	t, err := lists.ReadTable(file, f, []string{"path", "label"})
	if err == nil {
		err = errors.Join(t.Need("path"), t.Need("label"))
	}
	if err != nil {
		return fmt.Errorf("confirm: %w", err)
	}
	for _, row := range t.Rows {
		label := lists.CleanLabel(row.Cells["label"])
		if label == "" {
			continue
		}
		i := slices.IndexFunc(items, func(item Item) bool { return item.ID == row.Cells["path"] })
		if path, err := locate(filepath.Dir(file), row.Cells["path"]); i < 0 && err == nil {
			i = slices.IndexFunc(items, func(item Item) bool {
				return item.ID == item.file() && filepath.Clean(item.Path) == filepath.Clean(path)
			})
		}
		if i < 0 {
			return fault.New(fault.Input, "name clips as predictions.csv of a run does, or relative to this table",
				"confirm: %s: %q is no clip of this site", words.At(file, row.Line), row.Cells["path"])
		}
		item := &items[i]
		if item.Label != "" && item.Label != label {
			return fault.New(fault.Input, "keep one label a clip", "confirm: %s: the clip has the label %q in %s", words.At(file, row.Line), item.Label, item.proof)
		}
		item.Label, item.Labels, item.Split, item.proof = label, []string{label}, Test, words.At(file, row.Line)
	}
	return nil
}

// checkConfirmed refuses a label made to confirm that no other clip has: no
// classifier could ever be right there.
func (d *Data) checkConfirmed() error {
	known := map[string]bool{}
	for _, item := range d.Items {
		for _, label := range item.Labels {
			if item.proof == "" {
				known[label] = true
			}
		}
	}
	for _, item := range d.Items {
		if item.proof != "" && !known[item.Label] {
			return fault.New(fault.Input, "correct the label, or add labelled clips of the class where they are learned from",
				"confirm: %s: %s", item.proof, words.NoSuch("class", item.Label, sortedKeys(known)))
		}
	}
	return nil
}
