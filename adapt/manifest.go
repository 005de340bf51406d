package adapt

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"framepilot/internal/fault"
	"framepilot/model/video"
)

var manifestColumns = []string{"path", "label", "labels", "split", "group", "site", "start", "end", "caption"}

// manifest is what a list of clips says, clip by clip, before groups and
// splits are settled for all sources together.
type manifest struct {
	format   format
	items    []Item
	classes  []string // that the list knows; nil where it does not say
	multi    bool     // a clip may be of several classes, or of none
	hasSplit bool     // every item has a Split
	notes    []string
	skipped  skipped
	warnings []string
}

// readManifest reads the list of a source, a file or the folder it lies in, in
// whichever format it is. root is the folder its paths are relative to, dir
// the one IDs are.
func readManifest(s Source, file, root, dir string) (manifest, error) {
	l, err := openLists(file, s.FPS)
	if err != nil {
		return manifest{}, fmt.Errorf("manifest: %w", err)
	}
	f, got, err := readList(l, s.Format)
	if err != nil {
		return manifest{}, fmt.Errorf("manifest: %w", err)
	}
	m, err := got.settle(file, func(path string) (string, error) { return locate(root, path) }, dir, s.Name)
	if err != nil {
		return manifest{}, fmt.Errorf("manifest: %w", err)
	}
	m.format = f
	return m, nil
}

func isTable(l *lists) bool { return tableFormat(l.name) != 0 }

// readClipTable reads a table of clips.
func readClipTable(l *lists) (listing, error) {
	if l.name == "" {
		return listing{}, fault.New(fault.Input, "name the table itself", "%s is a folder", l.dir)
	}
	text, err := l.text(l.name)
	if err != nil {
		return listing{}, err
	}
	return parseClips(l.shown(l.name), text)
}

// parseClips turns the rows of a table into clips.
func parseClips(file, text string) (listing, error) {
	t, err := parseTable(file, text, manifestColumns, "label", "labels")
	if err != nil {
		return listing{}, err
	}
	if err := t.need("path"); err != nil {
		return listing{}, err
	}
	if !t.has("caption") && !t.has("labels") {
		if err := t.need("label"); err != nil {
			return listing{}, err
		}
	}
	if t.has("label") && t.has("labels") {
		return listing{}, fault.New(fault.Input, "keep one of them", "%s:1: has a column label and a column labels", file)
	}
	out := listing{multi: t.has("labels")}
	for _, r := range t.rows {
		c, err := parseClip(t, r)
		if err != nil {
			return listing{}, err
		}
		out.multi = out.multi || len(c.labels) > 1
		out.clips = append(out.clips, c)
	}
	return out, nil
}

// settle turns a list into items. locate turns a path as written into one
// that exists, or returns an error of fs.ErrNotExist. Missing files of a
// published list are left out, as its videos are got apart from it; missing
// files of a table of one's own are a mistake in it.
func (out *listing) settle(file string, locate func(string) (string, error), dir, site string) (manifest, error) {
	m := manifest{multi: out.multi, classes: out.classes, notes: out.notes, skipped: out.skipped}
	var missing []string
	for _, c := range out.clips {
		path, err := out.find(c, locate)
		if errors.Is(err, fs.ErrNotExist) {
			missing = append(missing, fmt.Sprintf("%s: %s", c.source, c.paths[0]))
			continue
		} else if err != nil {
			return manifest{}, fault.New(fault.Input, "", "%s: path: %w", c.source, err)
		}
		item := Item{
			Path: path, Group: c.group, Site: orElse(c.site, site), Split: c.split, Caption: c.caption,
			Start: c.start, End: c.end, Extra: c.extra, source: c.source,
		}
		for _, label := range c.labels {
			if label = cleanLabel(label); label != "" && !slices.Contains(item.Labels, label) {
				item.Labels = append(item.Labels, label)
			}
		}
		slices.SortFunc(item.Labels, video.NaturalCompare)
		item.Label = strings.Join(item.Labels, labelSeparator)
		if out.multi && item.Label == "" && item.Caption == "" {
			item.Label = noClass
		}
		item.ID = itemID(dir, path, item.Start, item.End)
		m.items = append(m.items, item)
	}
	if len(missing) > 0 && (!out.apart || len(m.items) == 0) {
		return manifest{}, fault.New(fault.Input, "paths are relative to the manifest, or to root where the plan names one",
			"%s not found:\n  %s", count(len(missing), "clip"), firstFew(missing, 10, "\n  "))
	}
	if len(missing) > 0 {
		out.skipped = skippedWith(out.skipped, missingFile, missing)
		m.skipped = out.skipped
	}
	if err := m.settleSplit(file); err != nil {
		return manifest{}, err
	}
	return m, m.mergeDuplicates()
}

func parseClip(t table, r row) (listed, error) {
	c := listed{
		paths:   []string{r.cells["path"]},
		group:   r.cells["group"],
		site:    r.cells["site"],
		caption: r.cells["caption"],
		source:  at(t.file, r.line),
	}
	bad := func(column, format string, args ...any) (listed, error) {
		return listed{}, fault.New(fault.Input, "", "%s: %s: %s", c.source, column, fmt.Sprintf(format, args...))
	}
	if c.paths[0] == "" {
		return bad("path", "is empty; name a video, or a folder of pictures")
	}
	var err error
	if c.labels, err = r.labels(); err != nil {
		return bad("labels", "%v", err)
	}
	if len(c.labels) == 0 && t.has("label") && !t.has("caption") {
		return bad("label", "is empty; name the class of %s", c.paths[0])
	}
	for _, x := range []struct {
		name string
		into *float64
	}{{"start", &c.start}, {"end", &c.end}} {
		if text := r.cells[x.name]; text != "" {
			if *x.into, err = parseTime(text); err != nil {
				return bad(x.name, "%v", err)
			}
		}
	}
	if r.cells["end"] != "" && c.end <= c.start {
		return bad("end", "%s is not after the start, %s", r.cells["end"], seconds(c.start))
	}
	var ok bool
	if c.split, ok = splitName(r.cells["split"]); !ok {
		return bad("split", "%q is not train, test or val", r.cells["split"])
	}
	for name, value := range r.cells {
		if !slices.Contains(manifestColumns, name) && value != "" {
			if c.extra == nil {
				c.extra = map[string]string{}
			}
			c.extra[name] = value
		}
	}
	return c, nil
}

// labels lists the classes of a row: one in the column label, or one in each
// of several; any number in the column labels, separated by | or as a JSON
// list.
func (r row) labels() (list []string, err error) {
	add := func(names ...string) {
		for _, n := range names {
			if n = strings.TrimSpace(n); n != "" {
				list = append(list, n)
			}
		}
	}
	add(r.many["label"]...)
	if len(list) == 0 {
		add(r.cells["label"])
	}
	for _, cell := range append(slices.Clone(r.many["labels"]), r.cells["labels"]) {
		if strings.HasPrefix(cell, "[") {
			var names []string
			if err := json.Unmarshal([]byte(cell), &names); err != nil {
				return nil, fmt.Errorf(`%s is no list; write ["a", "b"] or a|b`, cell)
			}
			add(names...)
			continue
		}
		add(strings.Split(cell, labelSeparator)...)
	}
	return list, nil
}

// settleSplit makes the split column all or nothing: a row without a split
// beside rows that have one would silently go where nobody decided.
func (m *manifest) settleSplit(file string) error {
	var without []string
	for _, item := range m.items {
		if item.Split == "" {
			without = append(without, item.source)
		}
	}
	if len(without) > 0 && len(without) < len(m.items) {
		return fault.New(fault.Input, "write train, test or val in each row, or drop the column to have the split drawn",
			"%s has rows with a split and %s without, e.g. %s", file, count(len(without), "row"), without[0])
	}
	m.hasSplit = len(without) == 0
	return nil
}

// mergeDuplicates keeps the first of rows that say the same of the same clip
// and refuses rows that disagree.
func (m *manifest) mergeDuplicates() error {
	first := map[string]int{}
	kept, merged := m.items[:0], 0
	for _, item := range m.items {
		i, ok := first[item.ID]
		if !ok {
			first[item.ID] = len(kept)
			kept = append(kept, item)
			continue
		}
		for _, c := range []struct{ name, a, b string }{
			{"label", kept[i].Label, item.Label}, {"split", kept[i].Split, item.Split}, {"group", kept[i].Group, item.Group},
			{"site", kept[i].Site, item.Site}, {"caption", kept[i].Caption, item.Caption},
		} {
			if c.a != c.b {
				return fault.New(fault.Input, "keep one of the two rows", "%s and %s name the same clip %s, but its %s is %q and %q",
					kept[i].source, item.source, item.ID, c.name, c.a, c.b)
			}
		}
		merged++
	}
	m.items = kept
	if merged > 0 {
		m.warnings = append(m.warnings, fmt.Sprintf("%s said twice the same of a clip; each is used once", count(merged, "row")))
	}
	return nil
}

// need refuses a table without a column, and names the one that was meant.
func (t *table) need(column string) error {
	if t.has(column) {
		return nil
	}
	hint := "name the columns in the first line, e.g. path,label"
	if len(t.columns) == 1 && strings.ContainsAny(t.columns[0], ";\t") {
		hint = "separate the values with commas in a .csv, with tabs in a .tsv"
	}
	return fault.New(fault.Input, hint, "%s:1: no column %q;%s", t.file, column,
		orElse(didYouMean(column, t.columns), " there is "+quoteList(t.columns)))
}

// locate finds the file a table calls path: as written, with the other
// system's separators, or in the other Unicode form (macOS archives).
func locate(root, path string) (string, error) {
	var first error
	for _, p := range []string{path, strings.ReplaceAll(path, `\`, "/"), norm.NFC.String(path), norm.NFD.String(path)} {
		p = filepath.FromSlash(p)
		if !filepath.IsAbs(p) {
			p = filepath.Join(root, p)
		}
		_, err := os.Stat(p)
		if err == nil {
			return p, nil
		}
		if first == nil {
			first = err
		}
	}
	return "", first
}
