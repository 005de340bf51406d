package adapt

import (
	"framepilot/internal/fault"
)

// noLabels is what Source.Labels says of clips that have none, or whose labels
// are not to be seen.
const noLabels = "none"

// readUnlabelled reads a source without its labels, but for those its table
// of labels made to confirm has.
func (d *Data) readUnlabelled(p Plan, s Source) (items []Item, hasSplit bool, err error) {
	if items, hasSplit, err = d.readBare(p, s); err == nil && s.Confirm != "" {
		err = readConfirmed(p.Resolve(s.Confirm), items)
	}
	return items, hasSplit, err
}

// readBare reads a source without labels: every video below a folder, however
// deep, or a manifest whose label column is left alone.
func (d *Data) readBare(p Plan, s Source) (items []Item, hasSplit bool, err error) {
	s.Labels = ""
	if s.Manifest != "" {
		multi := d.Multi // a matter of labels too
		items, hasSplit, err = d.readSource(p, s)
		d.Multi = multi
		return withoutLabels(items), hasSplit, err
	}
	root := p.Resolve(s.Folders)
	w := &folderWalk{dir: p.Dir(), site: s.Name, strange: map[string]int{}}
	if err := w.walk(root, ""); err != nil {
		return nil, false, fault.New(fault.Input, "check folders in the plan; it is relative to the plan file", "data: %w", err)
	}
	d.Warnings = append(d.Warnings, w.warnings(root)...)
	if len(w.items) == 0 {
		return nil, false, fault.New(fault.Input, "put the new site's clips there, in any folders", "data: %s holds no clips", root)
	}
	if s.Captions != "" {
		err = addCaptions(p.Resolve(s.Captions), w.items)
	}
	return withoutLabels(w.items), false, err
}

func withoutLabels(items []Item) []Item {
	for i := range items {
		items[i].Label, items[i].Labels = "", nil
	}
	return items
}
