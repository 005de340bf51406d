package lists

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"path"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"framepilot/internal/fault"
)

// Label Studio exports a list of tasks, each with its data and annotations
// (JSON), or with the answers in place of the annotations (JSON-MIN). Choices
// are labels of the whole video; timeline labels are of ranges counted in
// frames from 1, the last included; labels of an audio track are of seconds.
// Predictions are a machine's and never read; cancelled annotations neither.
var jsonFile = regexp.MustCompile(`(?i)\.json$`)

func isLabelStudio(l *List) bool {
	if !jsonFile.MatchString(l.name) {
		return false
	}
	text, err := l.text(l.name)
	if err != nil || !strings.HasPrefix(strings.TrimSpace(text), "[") {
		return false
	}
	return strings.Contains(text, `"annotations"`) && strings.Contains(text, `"data"`) ||
		strings.Contains(text, `"annotation_id"`) || strings.Contains(text, `"annotator"`) || strings.Contains(text, `"timelinelabels"`)
}

// studioRegion is one thing an annotator said of a video.
type studioRegion struct {
	Choices  []string `json:"choices"`
	Timeline []string `json:"timelinelabels"`
	Labels   []string `json:"labels"`
	Ranges   []struct {
		Start, End float64
	} `json:"ranges"` // frames
	Start, End float64 // seconds, beside Labels
}

// studioClip is a labelled part of a task's video; both times 0: all of it.
type studioClip struct {
	labels     []string
	start, end float64 // seconds
}

func readLabelStudio(l *List) (Listing, error) {
	var out Listing
	var tasks []map[string]json.RawMessage
	if err := l.decode(l.name, &tasks); err != nil {
		return out, err
	}
	for i, task := range tasks {
		source := fmt.Sprintf("%s: task %s", l.shown(l.name), cmp.Or(text(task["id"]), "#"+strconv.Itoa(i+1)))
		data := task
		if raw, ok := task["data"]; ok {
			data = nil
			if err := json.Unmarshal(raw, &data); err != nil {
				return out, fault.New(fault.Input, "export it again", "%s: data: %w", source, err)
			}
		}
		file := studioVideo(data)
		if file == "" {
			out.skip("without a video", source)
			continue
		}
		fps := l.fps
		for _, key := range []string{"fps", "frame_rate", "framerate"} {
			if x, err := strconv.ParseFloat(text(data[key]), 64); err == nil && x > 0 {
				fps = x
			}
		}
		clips, why, err := studioTask(task, fps)
		if err != nil {
			return out, fault.New(fault.Input, fault.HintOf(err), "%s: %w", source, err)
		}
		if why != "" {
			out.skip(why, source)
			continue
		}
		for _, c := range clips {
			out.Multi = out.Multi || len(c.labels) > 1
			out.Clips = append(out.Clips, Clip{
				places: studioPaths(file), Labels: c.labels, Start: c.start, End: c.end, Source: source,
				Group: text(data["group"]), Site: text(data["site"]), Split: text(data["split"]),
			})
		}
	}
	return out, nil
}

// studioTask returns what was said of a task's video, or why it is not used.
func studioTask(task map[string]json.RawMessage, fps float64) (clips []studioClip, why string, err error) {
	raw, full := task["annotations"]
	if !full {
		var regions []studioRegion
		for _, key := range slices.Sorted(maps.Keys(task)) {
			if word := text(task[key]); word != "" && slices.Contains(studioAnswers, strings.ToLower(key)) {
				regions = append(regions, studioRegion{Choices: []string{word}})
			}
			regions = append(regions, smallRegions(task[key])...)
		}
		clips, err := studioClips(regions, fps)
		if err == nil && len(clips) == 0 {
			why = "not annotated"
		}
		return clips, why, err
	}
	var annotations []struct {
		Cancelled bool `json:"was_cancelled"`
		Result    []struct {
			Value studioRegion `json:"value"`
		} `json:"result"`
	}
	if err := json.Unmarshal(raw, &annotations); err != nil {
		return nil, "", fmt.Errorf("annotations: %w", err)
	}
	said := false
	for _, a := range annotations {
		if a.Cancelled {
			continue
		}
		var regions []studioRegion
		for _, r := range a.Result {
			regions = append(regions, r.Value)
		}
		these, err := studioClips(regions, fps)
		if err != nil {
			return nil, "", err
		}
		if said && !reflect.DeepEqual(clips, these) {
			return nil, "annotators disagree", nil
		}
		clips, said = these, true
	}
	if len(clips) == 0 {
		why = "not annotated"
	}
	return clips, why, nil
}

// studioAnswers are the names under which JSON-MIN holds a single choice as a
// bare word, like any value of the task's data.
var studioAnswers = []string{"action", "category", "choice", "choices", "class", "label", "labels"}

// smallRegions reads an answer of JSON-MIN: {"choices": [...]} or a list of
// ranges.
func smallRegions(raw json.RawMessage) (regions []studioRegion) {
	var one studioRegion
	if json.Unmarshal(raw, &one) == nil && len(one.Choices) > 0 {
		return []studioRegion{one}
	}
	if json.Unmarshal(raw, &regions) == nil {
		return slices.DeleteFunc(regions, func(r studioRegion) bool {
			return len(r.Choices)+len(r.Timeline)+len(r.Labels) == 0
		})
	}
	return nil
}

// studioClips gathers the labels of the whole and of each range.
func studioClips(regions []studioRegion, fps float64) (clips []studioClip, err error) {
	add := func(start, end float64, labels []string) {
		i := slices.IndexFunc(clips, func(c studioClip) bool { return c.start == start && c.end == end })
		if i < 0 {
			i, clips = len(clips), append(clips, studioClip{start: start, end: end})
		}
		for _, label := range labels {
			if label = CleanLabel(label); label != "" && !slices.Contains(clips[i].labels, label) {
				clips[i].labels = append(clips[i].labels, label)
			}
		}
	}
	for _, r := range regions {
		if len(r.Choices) > 0 {
			add(0, 0, r.Choices)
		}
		if len(r.Timeline) > 0 {
			if !(fps > 0) {
				return nil, fault.New(fault.Input, "give the frame rate of the videos: fps = 25 in the plan, --fps 25, or a value fps in each task",
					"its ranges are counted in frames, and it does not say how many a second has")
			}
			for _, f := range r.Ranges {
				if !(f.Start >= 1 && f.End >= f.Start) {
					return nil, fault.New(fault.Input, "frames count from 1", "frames %g to %g are no range", f.Start, f.End)
				}
				add((f.Start-1)/fps, f.End/fps, r.Timeline)
			}
		}
		if len(r.Labels) > 0 && r.End > 0 {
			if !(r.Start >= 0 && r.End > r.Start) {
				return nil, fault.New(fault.Input, "", "%g to %g seconds are no range", r.Start, r.End)
			}
			add(r.Start, r.End, r.Labels)
		}
	}
	return slices.DeleteFunc(clips, func(c studioClip) bool { return len(c.labels) == 0 }), nil
}

// studioVideo is the value of a task that names its video.
func studioVideo(data map[string]json.RawMessage) string {
	for _, key := range []string{"video", "video_url", "url", "path", "file"} {
		if s := text(data[key]); s != "" {
			return s
		}
	}
	for _, key := range slices.Sorted(maps.Keys(data)) {
		if s := text(data[key]); slices.Contains(videoEndings, strings.ToLower(path.Ext(s))) {
			return s
		}
	}
	return ""
}

// studioUpload is what Label Studio puts before the name of an uploaded file.
var studioUpload = regexp.MustCompile(`^[0-9a-f]{8}-`)

// studioPaths is where the file of an address may be: local storage has it
// behind ?d=, an upload by its name with or without the prefix.
func studioPaths(address string) (paths []string) {
	file := address
	if u, err := url.Parse(address); err == nil && (u.Scheme != "" || strings.HasPrefix(u.Path, "/data/")) {
		file = strings.TrimPrefix(cmp.Or(u.Query().Get("d"), u.Path), "/")
	}
	for _, p := range []string{address, file, strings.TrimPrefix(file, "data/"), path.Base(file), studioUpload.ReplaceAllString(path.Base(file), "")} {
		if p != "" && p != "." && !strings.Contains(p, "://") && !slices.Contains(paths, p) {
			paths = append(paths, p)
		}
	}
	return paths
}

// text is a JSON string or number as text, "" for anything else.
func text(raw json.RawMessage) string {
	var v any
	d := json.NewDecoder(strings.NewReader(string(raw)))
	d.UseNumber()
	if d.Decode(&v) != nil {
		return ""
	}
	switch v.(type) {
	case string, json.Number:
		s, _ := scalar(v)
		return s
	}
	return ""
}
