package lists

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"framepilot/internal/fault"
	"framepilot/internal/words"
)

// Kinetics is published as CSV files with the columns label, youtube_id,
// time_start, time_end and split. The times are of the video on YouTube; the
// files are cut to them already and carry them in their names:
// ID_000010_000020.mp4, in a folder of their class or none. Scores are
// published on the part called val.
var (
	kineticsFile    = regexp.MustCompile(`(?i)\.csv$`)
	kineticsColumns = []string{"label", "youtube_id", "time_start", "time_end", "split"}
)

func isKinetics(l *List) bool { return len(kineticsFiles(l)) > 0 }

// kineticsFiles lists the file named, or those of the folder that have the
// columns.
func kineticsFiles(l *List) []string {
	names := []string{l.name}
	if l.name == "" {
		names = l.matching(kineticsFile)
	}
	return slices.DeleteFunc(names, func(name string) bool {
		if !kineticsFile.MatchString(name) {
			return true
		}
		text, err := l.text(name)
		head, _, _ := strings.Cut(text, "\n")
		return err != nil || !strings.Contains(strings.ToLower(head), "youtube_id")
	})
}

func readKinetics(l *List) (Listing, error) {
	out := Listing{apart: true}
	names := kineticsFiles(l)
	if len(names) == 0 {
		return out, fault.New(fault.Input, "its first line is label,youtube_id,time_start,time_end,split", "%s: no column youtube_id", l.shown(l.name))
	}
	for _, name := range names {
		text, err := l.text(name)
		if err != nil {
			return out, err
		}
		t, err := parseTable(l.shown(name), text, kineticsColumns)
		if err != nil {
			return out, err
		}
		for _, r := range t.Rows {
			c, err := kineticsClip(r, words.At(t.file, r.Line), splitOfName(name))
			if err != nil {
				return out, err
			}
			if c.Labels == nil {
				out.skip("without a label", c.Source)
				continue
			}
			out.Clips = append(out.Clips, c)
		}
	}
	out.valIsTest()
	return out, nil
}

func kineticsClip(r Row, source, split string) (Clip, error) {
	id, label := r.Cells["youtube_id"], r.Cells["label"]
	if id == "" || strings.ContainsAny(id, `/\`) {
		return Clip{}, fault.New(fault.Input, "", "%s: youtube_id %q names no video", source, id)
	}
	file := id
	if r.Cells["time_start"] != "" {
		var times [2]int
		for i, column := range []string{"time_start", "time_end"} {
			x, err := strconv.ParseFloat(r.Cells[column], 64)
			if err != nil || !(x >= 0 && x < 1e6) {
				return Clip{}, fault.New(fault.Input, "whole seconds, as in the file's name", "%s: %s is %q", source, column, r.Cells[column])
			}
			times[i] = int(x)
		}
		file = fmt.Sprintf("%s_%06d_%06d", id, times[0], times[1])
	}
	if given := r.Cells["split"]; given != "" {
		split = given
	}
	split, ok := splitName(split)
	if !ok {
		return Clip{}, fault.New(fault.Input, "train, val or test", "%s: split %q", source, r.Cells["split"])
	}
	c := Clip{Split: split, Group: id, Source: source}
	if label != "" {
		c.Labels = []string{label}
	}
	for _, stem := range []string{file, id} {
		for _, dir := range []string{label, strings.ReplaceAll(label, " ", "_"), "", split, path.Join(split, label), path.Join(split, strings.ReplaceAll(label, " ", "_"))} {
			if p := path.Join(dir, stem) + ".mp4"; !slices.Contains(c.places, p) {
				c.places = append(c.places, p)
			}
		}
	}
	return c, nil
}

// splitName reads the name of a part as data sets spell it.
func splitName(s string) (split string, ok bool) {
	switch s = strings.ToLower(strings.TrimSpace(s)); s {
	case "", Train, Test, Val:
		return s, true
	case "training":
		return Train, true
	case "testing":
		return Test, true
	case "valid", "validate", "validation", "dev":
		return Val, true
	}
	return "", false
}

// splitOfName finds the name of a part in a file's name; "" where there is none.
func splitOfName(file string) string {
	words := strings.FieldsFunc(strings.ToLower(file), func(r rune) bool { return r < 'a' || r > 'z' })
	for _, w := range words {
		if split, ok := splitName(w); ok && split != "" {
			return split
		}
	}
	return ""
}

// valIsTest makes the published validation part the test part where there is
// no labelled test part: scores are published on it, so that nothing may be
// chosen on it.
func (out *Listing) valIsTest() {
	if slices.ContainsFunc(out.Clips, func(c Clip) bool { return c.Split == Test }) {
		return
	}
	moved := 0
	for i := range out.Clips {
		if out.Clips[i].Split == Val {
			out.Clips[i].Split = Test
			moved++
		}
	}
	if moved > 0 {
		out.note(words.Say("the part published as val is what scores are published on: it is the test part here, nothing is chosen on it; set split.val_share to carve a validation part out of train"))
	}
}
