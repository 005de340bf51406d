package lists

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"framepilot/internal/fault"
	"framepilot/internal/words"
)

// FiftyOne exports a data set as samples.json, each sample with the fields it
// has in the program, or as labels.json beside a folder data, which maps the
// files' names without endings to their labels. A temporal detection's
// support is its first and last frame, counted from 1.
func isFiftyOne(l *List) bool {
	for _, name := range []string{"samples.json", "labels.json"} {
		if (l.name == "" || l.name == name) && l.has(name) {
			text, err := l.text(name)
			return err == nil && (name == "samples.json" && strings.Contains(text, `"samples"`) || strings.Contains(text, `"labels"`))
		}
	}
	return false
}

func readFiftyOne(l *List) (Listing, error) {
	if l.name == "labels.json" || l.name == "" && !l.has("samples.json") {
		return readFiftyOneLabels(l)
	}
	var out Listing
	var set struct {
		Samples []map[string]json.RawMessage `json:"samples"`
	}
	name := cmp.Or(l.name, "samples.json")
	if err := l.decode(name, &set); err != nil {
		return out, err
	}
	field, err := fiftyoneField(set.Samples)
	if err != nil {
		return out, fmt.Errorf("%s: %w", l.shown(name), err)
	}
	for i, s := range set.Samples {
		source := fmt.Sprintf("%s: sample #%d", l.shown(name), i+1)
		file := text(s["filepath"])
		if file == "" {
			out.skip("without a filepath", source)
			continue
		}
		c := Clip{places: []string{file, "data/" + path.Base(strings.ReplaceAll(file, `\`, "/"))}, Source: source, Group: text(s["group"])}
		var tags []string
		if json.Unmarshal(s["tags"], &tags) == nil {
			for _, tag := range tags {
				if split, ok := splitName(tag); ok && split != "" {
					c.Split = split
				}
			}
		}
		var meta struct {
			Rate float64 `json:"frame_rate"`
		}
		if len(s["metadata"]) > 0 {
			if err := json.Unmarshal(s["metadata"], &meta); err != nil {
				return out, fault.New(fault.Input, "export it again", "%s: metadata: %w", source, err)
			}
		}
		if err := out.addFiftyOne(c, s[field], nil, orRate(meta.Rate, l.fps)); err != nil {
			return out, fault.New(fault.Input, fault.HintOf(err), "%s: %w", source, err)
		}
	}
	if field != "" {
		out.note(words.Say("labels are those of the field %q", field))
	}
	return out, nil
}

func orRate(x, other float64) float64 {
	if x > 0 {
		return x
	}
	return other
}

// fiftyoneField finds the field that holds the labels: ground_truth, else the
// only one whose labels are not a model's, which have a confidence.
func fiftyoneField(samples []map[string]json.RawMessage) (string, error) {
	found := map[string]bool{}
	for _, s := range samples {
		for name, raw := range s {
			var v struct {
				Class string `json:"_cls"`
			}
			if json.Unmarshal(raw, &v) != nil {
				continue
			}
			switch v.Class {
			case "Classification", "Classifications", "TemporalDetection", "TemporalDetections":
				if !strings.Contains(strings.ReplaceAll(string(raw), `"confidence": null`, ""), `"confidence"`) {
					found[name] = true
				}
			}
		}
	}
	names := slices.Sorted(maps.Keys(found))
	switch {
	case found["ground_truth"]:
		return "ground_truth", nil
	case len(names) == 1:
		return names[0], nil
	case len(names) == 0:
		return "", fault.New(fault.Input, "export a field of classifications or temporal detections", "no sample has a label")
	}
	return "", fault.New(fault.Input, "export the one field of true labels, or call it ground_truth", "several fields have labels: %s", strings.Join(names, ", "))
}

// fiftyoneLabel is any label: a class, several, or ranges with classes.
type fiftyoneLabel struct {
	Label           json.RawMessage `json:"label"` // a name, or a number of classes
	Classifications []fiftyoneLabel `json:"classifications"`
	Detections      []fiftyoneLabel `json:"detections"`
	Support         []float64       `json:"support"`    // first and last frame, from 1
	Timestamps      []float64       `json:"timestamps"` // seconds
}

// addFiftyOne adds the clips that a sample's label makes of it. classes are
// the names of labels that are numbers.
func (out *Listing) addFiftyOne(c Clip, raw json.RawMessage, classes []string, fps float64) error {
	var l fiftyoneLabel
	if len(raw) > 0 && string(raw) != "null" {
		if err := json.Unmarshal(raw, &l); err != nil {
			return fmt.Errorf("label: %w", err)
		}
	}
	ranges := l.Detections
	if len(l.Support)+len(l.Timestamps) > 0 {
		ranges = []fiftyoneLabel{l}
	}
	first := len(out.Clips)
	for _, d := range ranges {
		var err error
		one := c
		if one.Start, one.End, err = d.seconds(fps); err != nil {
			return err
		}
		name, err := className(d.Label, classes)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(out.Clips[first:], func(o Clip) bool { return o.Start == one.Start && o.End == one.End })
		if i >= 0 {
			at := &out.Clips[first+i]
			at.Labels = append(slices.Clip(at.Labels), name)
			out.Multi = true
			continue
		}
		one.Labels = []string{name}
		out.Clips = append(out.Clips, one)
	}
	if len(ranges) > 0 {
		return nil
	}
	parts := l.Classifications
	if len(l.Label) > 0 {
		parts = []fiftyoneLabel{l}
	}
	for _, p := range parts {
		name, err := className(p.Label, classes)
		if err != nil {
			return err
		}
		c.Labels = append(c.Labels, name)
	}
	if len(c.Labels) == 0 {
		out.skip("not labelled", c.Source)
		return nil
	}
	out.Multi = out.Multi || len(c.Labels) > 1
	out.Clips = append(out.Clips, c)
	return nil
}

func (l fiftyoneLabel) seconds(fps float64) (start, end float64, err error) {
	if t := l.Timestamps; len(t) == 2 && t[0] >= 0 && t[1] > t[0] {
		return t[0], t[1], nil
	}
	s := l.Support
	if len(s) != 2 || !(s[0] >= 1 && s[1] >= s[0]) {
		return 0, 0, fault.New(fault.Input, "frames count from 1: [first, last]", "support %v is no range of frames", s)
	}
	if !(fps > 0) {
		return 0, 0, fault.New(fault.Input, "run compute_metadata() before the export, or give the frame rate: fps = 25 in the plan, --fps 25",
			"its support is counted in frames, and nothing says how many a second has")
	}
	return (s[0] - 1) / fps, s[1] / fps, nil
}

// className is a label as a name; a number counts classes from 0.
func className(raw json.RawMessage, classes []string) (string, error) {
	var n int
	if json.Unmarshal(raw, &n) == nil && len(classes) > 0 {
		if n < 0 || n >= len(classes) {
			return "", fault.New(fault.Input, "labels count from 0", "label %d is none of %s", n, words.Counted(len(classes), "class"))
		}
		return classes[n], nil
	}
	if name := CleanLabel(text(raw)); name != "" {
		return name, nil
	}
	return "", fault.New(fault.Input, "", "label %s is no name", raw)
}

// readFiftyOneLabels reads labels.json: classes, and labels by file name.
func readFiftyOneLabels(l *List) (Listing, error) {
	const file = "labels.json"
	var out Listing
	var set struct {
		Classes []string                   `json:"classes"`
		Labels  map[string]json.RawMessage `json:"labels"`
	}
	if err := l.decode(file, &set); err != nil {
		return out, err
	}
	for i := range set.Classes {
		set.Classes[i] = CleanLabel(set.Classes[i])
	}
	out.Classes, out.apart = set.Classes, true // the names have no endings to look for
	for _, id := range slices.Sorted(maps.Keys(set.Labels)) {
		c := Clip{places: []string{"data/" + id, id}, Source: l.shown(file) + ": " + id}
		raw := set.Labels[id]
		var several []json.RawMessage
		if json.Unmarshal(raw, &several) != nil {
			several = []json.RawMessage{raw}
		}
		var parts []string
		for _, one := range several {
			switch {
			case string(one) == "null":
			case strings.HasPrefix(string(one), "{"):
				parts = append(parts, string(one))
			default:
				parts = append(parts, `{"label":`+string(one)+`}`)
			}
		}
		kind := "classifications"
		if len(parts) > 0 && (strings.Contains(parts[0], `"support"`) || strings.Contains(parts[0], `"timestamps"`)) {
			kind = "detections"
		}
		joined := json.RawMessage(`{"` + kind + `":[` + strings.Join(parts, ",") + `]}`)
		if err := out.addFiftyOne(c, joined, set.Classes, l.fps); err != nil {
			return out, fault.New(fault.Input, fault.HintOf(err), "%s: %w", c.Source, err)
		}
	}
	return out, nil
}
