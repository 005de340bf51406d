package lists

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"framepilot/internal/fault"
	"framepilot/internal/words"
)

// clipColumns are the columns of a table of clips, the format of a list of
// one's own, that mean something; the others are kept as they are.
var clipColumns = []string{"path", "label", "labels", "split", "group", "site", "start", "end", "caption"}

func isClipTable(l *List) bool { return IsTable(l.name) }

// readClipTable reads a table of clips.
func readClipTable(l *List) (Listing, error) {
	if l.name == "" {
		return Listing{}, fault.New(fault.Input, "name the table itself", "%s is a folder", l.dir)
	}
	text, err := l.text(l.name)
	if err != nil {
		return Listing{}, err
	}
	return parseClips(l.shown(l.name), text)
}

// parseClips turns the rows of a table into clips.
func parseClips(file, text string) (Listing, error) {
	t, err := parseTable(file, text, clipColumns, "label", "labels")
	if err != nil {
		return Listing{}, err
	}
	if err := t.Need("path"); err != nil {
		return Listing{}, err
	}
	if !t.has("caption") && !t.has("labels") {
		if err := t.Need("label"); err != nil {
			return Listing{}, err
		}
	}
	if t.has("label") && t.has("labels") {
		return Listing{}, fault.New(fault.Input, "keep one of them", "%s:1: has a column label and a column labels", file)
	}
	out := Listing{Multi: t.has("labels")}
	for _, r := range t.Rows {
		c, err := parseClip(t, r)
		if err != nil {
			return Listing{}, err
		}
		out.Multi = out.Multi || len(c.Labels) > 1
		out.Clips = append(out.Clips, c)
	}
	return out, nil
}

func parseClip(t Table, r Row) (Clip, error) {
	c := Clip{
		places:  []string{r.Cells["path"]},
		Group:   r.Cells["group"],
		Site:    r.Cells["site"],
		Caption: r.Cells["caption"],
		Source:  words.At(t.file, r.Line),
	}
	bad := func(column, format string, args ...any) (Clip, error) {
		return Clip{}, fault.New(fault.Input, "", "%s: %s: %s", c.Source, column, fmt.Sprintf(format, args...))
	}
	if c.places[0] == "" {
		return bad("path", "is empty; name a video, or a folder of pictures")
	}
	var err error
	if c.Labels, err = r.labels(); err != nil {
		return bad("labels", "%v", err)
	}
	if len(c.Labels) == 0 && t.has("label") && !t.has("caption") {
		return bad("label", "is empty; name the class of %s", c.places[0])
	}
	for _, x := range []struct {
		name string
		into *float64
	}{{"start", &c.Start}, {"end", &c.End}} {
		if text := r.Cells[x.name]; text != "" {
			if *x.into, err = parseTime(text); err != nil {
				return bad(x.name, "%v", err)
			}
		}
	}
	if r.Cells["end"] != "" && c.End <= c.Start {
		return bad("end", "%s is not after the start, %s", r.Cells["end"], Seconds(c.Start))
	}
	var ok bool
	if c.Split, ok = splitName(r.Cells["split"]); !ok {
		return bad("split", "%q is not train, test or val", r.Cells["split"])
	}
	for name, value := range r.Cells {
		if !slices.Contains(clipColumns, name) && value != "" {
			if c.Extra == nil {
				c.Extra = map[string]string{}
			}
			c.Extra[name] = value
		}
	}
	return c, nil
}

// labels lists the classes of a row: one in the column label, or one in each
// of several; any number in the column labels, separated by | or as a JSON
// list.
func (r Row) labels() (list []string, err error) {
	add := func(names ...string) {
		for _, n := range names {
			if n = strings.TrimSpace(n); n != "" {
				list = append(list, n)
			}
		}
	}
	add(r.many["label"]...)
	if len(list) == 0 {
		add(r.Cells["label"])
	}
	for _, cell := range append(slices.Clone(r.many["labels"]), r.Cells["labels"]) {
		if strings.HasPrefix(cell, "[") {
			var names []string
			if err := json.Unmarshal([]byte(cell), &names); err != nil {
				return nil, fmt.Errorf(`%s is no list; write ["a", "b"] or a|b`, cell)
			}
			add(names...)
			continue
		}
		add(strings.Split(cell, LabelSeparator)...)
	}
	return list, nil
}
