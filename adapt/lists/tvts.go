package lists

import (
	"encoding/json"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"framepilot/internal/fault"
	"framepilot/internal/words"
)

// The TVTSv2 repository lists UCF101, HMDB51 and Kinetics-400 as a header,
// then path and number of the class. The numbers count from 1 for the first
// two and from 0 for Kinetics; names are in label2id.json, in the order of
// their numbers. It takes 1,000 random test clips for its validation.
var tvtsFile = regexp.MustCompile(`^(?:(train|test)list0\d_new|split_\d_(train|test)_list|kinetics\d*_(train|val)_list_videos)\.tsv$`)

func isTVTS(l *List) bool { return l.named(tvtsFile) }

func readTVTS(l *List) (Listing, error) {
	out := Listing{apart: true}
	names, err := readLabelIDs(l)
	if err != nil {
		return out, err
	}
	base := 1
	for _, name := range l.matching(tvtsFile) {
		kinetics := strings.HasPrefix(name, "kinetics")
		if kinetics {
			base = 0
		}
		split := strings.Join(tvtsFile.FindStringSubmatch(name)[1:], "") // one of them is not empty
		if split == Val {
			out.note(words.Say("%s is what scores are published on: it is the test part here", name))
			split = Test
		}
		first := true
		err := l.eachLine(name, func(line, at string) error {
			file, label, ok := lastBlank(line)
			n, err := strconv.Atoi(label)
			header := first && err != nil
			if first && !header {
				out.note(words.Say("%s has no header: its first line is a clip, which the published reader loses", l.shown(name)))
			}
			first = false
			if header {
				return nil
			}
			if !ok || err != nil {
				return fault.New(fault.Input, "lines are a path, a tab, the number of the class", "%s: %q ends in no number", at, line)
			}
			if n < base || len(names) > 0 && n-base >= len(names) {
				return fault.New(fault.Input, "labels of this list count from "+strconv.Itoa(base), "%s: label %d is none of %s", at, n, words.Counted(len(names), "class"))
			}
			c := Clip{places: tvtsPaths(file, kinetics), Labels: []string{label}, Split: split, Source: at}
			if len(names) > 0 {
				c.Labels[0] = names[n-base]
			} else if dir := path.Base(path.Dir(file)); dir != "." {
				c.Labels[0] = dir
			}
			if m := ucfGroup.FindStringSubmatch(path.Base(file)); m != nil {
				c.Group = c.Labels[0] + "/" + m[1]
			}
			out.Clips = append(out.Clips, c)
			return nil
		})
		if err != nil {
			return out, err
		}
	}
	out.Classes = names
	out.note(words.Say("labels count from %d", base))
	return out, nil
}

// tvtsPaths is where a clip is: Kinetics lies in flat folders, as mp4.
func tvtsPaths(file string, kinetics bool) []string {
	paths := []string{file, path.Base(file)}
	if kinetics {
		stem := strings.TrimSuffix(path.Base(file), path.Ext(file)) + ".mp4"
		paths = append(paths, stem, "videos_val/"+stem, "train/train/"+stem)
	}
	return paths
}

// readLabelIDs reads label2id.json where there is one: names in the order of
// the file, which must be that of their numbers.
func readLabelIDs(l *List) (names []string, err error) {
	const file = "label2id.json"
	if !l.has(file) {
		return nil, nil
	}
	text, err := l.text(file)
	if err != nil {
		return nil, err
	}
	bad := func(err error) error {
		return fault.New(fault.Input, `it is like {"archery": 0, "bowling": 1}, in the order of the numbers`, "%s: %w", l.shown(file), err)
	}
	d := json.NewDecoder(strings.NewReader(text))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, bad(fault.New(fault.Input, "", "not an object"))
	}
	first := 0
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return nil, bad(err)
		}
		name, _ := key.(string)
		var n json.Number
		if err := d.Decode(&n); err != nil {
			return nil, bad(err)
		}
		i, err := strconv.Atoi(n.String())
		if len(names) == 0 {
			first = i
		}
		if err != nil || first < 0 || first > 1 || i != first+len(names) || slices.Contains(names, CleanLabel(name)) {
			return nil, bad(fault.New(fault.Input, "", "%q has the number %s, want %d", name, n, first+len(names)))
		}
		names = append(names, CleanLabel(name))
	}
	return names, nil
}
