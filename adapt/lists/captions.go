package lists

import (
	"cmp"
	"encoding/json"
	"path"
	"regexp"
	"slices"
	"strings"

	"framepilot/internal/fault"
	"framepilot/internal/words"
)

// MSR-VTT is published as JSON with videos and sentences, 20 of these a
// video; the times in it are of the source on YouTube, the files are cut
// already. The test list of 1,000 pairs is a CSV key,vid_key,video_id,sentence.
// The TVTSv2 repository has MSR_VTT.json with annotations and lists of ids.
var (
	msrvttJSON = regexp.MustCompile(`(?i)(videodatainfo.*|msr_?vtt.*)\.json$`)
	msrvttCSV  = regexp.MustCompile(`(?i)\.csv$`)
	msrvttIDs  = regexp.MustCompile(`^(train|val)_list_jsfusion\.txt$`)
)

func isMSRVTT(l *List) bool {
	if l.name == "" {
		return len(l.matching(msrvttJSON)) > 0
	}
	if msrvttJSON.MatchString(l.name) {
		return true
	}
	text, err := l.text(l.name)
	head, _, _ := strings.Cut(strings.ToLower(text), "\n")
	return err == nil && msrvttCSV.MatchString(l.name) && strings.Contains(head, "video_id") && strings.Contains(head, "sentence")
}

func readMSRVTT(l *List) (Listing, error) {
	out := Listing{apart: true}
	if msrvttCSV.MatchString(l.name) {
		return out, out.readPairs(l)
	}
	names := []string{l.name}
	if l.name == "" {
		names = l.matching(msrvttJSON)
	}
	for _, name := range names {
		if err := out.readVideoInfo(l, name); err != nil {
			return out, err
		}
	}
	return out, nil
}

// readPairs reads the table of video_id and sentence.
func (out *Listing) readPairs(l *List) error {
	text, err := l.text(l.name)
	if err != nil {
		return err
	}
	t, err := parseTable(l.shown(l.name), text, []string{"video_id", "sentence"})
	if err == nil {
		err = t.Need("video_id")
	}
	if err == nil {
		err = t.Need("sentence")
	}
	if err != nil {
		return err
	}
	for _, r := range t.Rows {
		out.Clips = append(out.Clips, captioned(msrvttPaths(r.Cells["video_id"]), r.Cells["sentence"], Test, words.At(t.file, r.Line)))
	}
	return nil
}

func captioned(paths []string, caption, split, source string) Clip {
	return Clip{places: paths, Caption: caption, Split: split, Source: source}
}

func msrvttPaths(id string) []string {
	file := id + ".mp4"
	return []string{file, "videos/all/" + file, "all/" + file, "TrainValVideo/" + file, "TestVideo/" + file}
}

func (out *Listing) readVideoInfo(l *List, name string) error {
	var info struct {
		Videos []struct {
			ID    string `json:"video_id"`
			URL   string `json:"url"`
			Split string `json:"split"`
		} `json:"videos"`
		Sentences []struct {
			Caption string      `json:"caption"`
			ID      string      `json:"video_id"`
			Number  json.Number `json:"sen_id"`
		} `json:"sentences"`
		Annotations []struct {
			ID      string `json:"image_id"`
			Caption string `json:"caption"`
		} `json:"annotations"`
	}
	if err := l.decode(name, &info); err != nil {
		return err
	}
	caption, number, said := map[string]string{}, map[string]int64{}, 0
	for _, s := range info.Sentences {
		n, _ := s.Number.Int64()
		if _, has := caption[s.ID]; !has || n < number[s.ID] {
			caption[s.ID], number[s.ID] = s.Caption, n
		}
		said++
	}
	split := map[string]string{}
	var ids []string
	for _, a := range info.Annotations {
		if _, has := caption[a.ID]; !has {
			caption[a.ID] = a.Caption
			ids = append(ids, a.ID)
		}
		said++
	}
	for _, file := range l.matching(msrvttIDs) {
		part := map[string]string{"train": Train, "val": Test}[msrvttIDs.FindStringSubmatch(file)[1]]
		if err := l.eachLine(file, func(line, _ string) error { split[line] = part; return nil }); err != nil {
			return err
		}
		out.note(words.Say("%s: val is what scores are published on, the test part here", file))
	}
	source := l.shown(name)
	for _, v := range info.Videos {
		part, ok := splitName(v.Split)
		if !ok {
			return fault.New(fault.Input, "", "%s: video %s has the split %q", source, v.ID, v.Split)
		}
		c := captioned(msrvttPaths(v.ID), caption[v.ID], part, source+": "+v.ID)
		if _, id, ok := strings.Cut(v.URL, "v="); ok {
			c.Group = id // clips of one source
		}
		out.add(c)
	}
	for _, id := range ids {
		if part := split[id]; len(split) == 0 || part != "" {
			out.add(captioned(msrvttPaths(id), caption[id], part, source+": "+id))
		} else {
			out.skip("in none of the lists", id)
		}
	}
	if said > len(caption) {
		out.note(words.Say("%d sentences for %d videos: the first of each is used, so that figures are not the published ones, which choose by a list or use all", said, len(caption)))
	}
	return nil
}

// add keeps a clip that has something to be found by.
func (out *Listing) add(c Clip) {
	if c.Caption == "" || len(c.places) == 0 || c.places[0] == ".mp4" {
		out.skip("without a caption or a name", c.Source)
		return
	}
	out.Clips = append(out.Clips, c)
}

// DiDeMo is published as {train,val,test}_data.json, each moment of a video
// with a description of its own, and in the TVTSv2 repository as
// DiDeMo_{train,test}.tsv: a header, then caption and path.
var (
	didemoTSV  = regexp.MustCompile(`(?i)^didemo_(train|val|test)\.tsv$`)
	didemoJSON = regexp.MustCompile(`^(train|val|test)_data\.json$`)
)

func isDiDeMo(l *List) bool { return l.named(didemoTSV) || l.named(didemoJSON) }

func readDiDeMo(l *List) (Listing, error) {
	out := Listing{apart: true}
	for _, name := range l.matching(didemoTSV) {
		if err := out.readDidemoTSV(l, name); err != nil {
			return out, err
		}
	}
	for _, name := range l.matching(didemoJSON) {
		var moments []struct {
			Video string `json:"video"`
			Text  string `json:"description"`
		}
		if err := l.decode(name, &moments); err != nil {
			return out, err
		}
		texts := map[string][]string{}
		var videos []string
		for _, m := range moments {
			if texts[m.Video] == nil {
				videos = append(videos, m.Video)
			}
			texts[m.Video] = append(texts[m.Video], m.Text)
		}
		if len(moments) > len(videos) {
			out.note(words.Say("the descriptions of a video are joined into one paragraph, as published"))
		}
		for _, v := range videos {
			out.add(captioned([]string{v, "videos/" + v}, strings.Join(texts[v], " "), splitOfName(name), l.shown(name)+": "+v))
		}
	}
	return out, nil
}

func (out *Listing) readDidemoTSV(l *List, name string) error {
	first := true
	return l.eachLine(name, func(line, at string) error {
		caption, file, ok := strings.Cut(line, "\t")
		file = strings.TrimSpace(file)
		header := first && !slices.Contains(videoEndings, strings.ToLower(path.Ext(file)))
		if first && !header {
			out.note(words.Say("%s has no header: its first line is a clip, which the published reader loses", l.shown(name)))
		}
		first = false
		if header {
			return nil
		}
		if !ok || file == "" {
			return fault.New(fault.Input, "lines are a caption, a tab, a path", "%s: no tab", at)
		}
		out.add(captioned([]string{file, path.Base(file)}, strings.TrimSpace(caption), splitOfName(name), at))
		return nil
	})
}

// LSMDC is published as text separated by tabs without a header: the clip's
// id first, its caption last. A clip lies in the folder of its film, which is
// the id up to its last "_"; clips are cut already.
var (
	lsmdcFile = regexp.MustCompile(`(?i)^LSMDC16_(annos|challenge).*\.csv$`)
	lsmdcID   = regexp.MustCompile(`_\d\d\.\d\d\.\d\d\.\d{3}-\d\d\.\d\d\.\d\d\.\d{3}$`)
)

func isLSMDC(l *List) bool { return l.named(lsmdcFile) }

func readLSMDC(l *List) (Listing, error) {
	out := Listing{apart: true}
	for _, name := range l.matching(lsmdcFile) {
		split := cmp.Or(splitOfName(name), Test) // the challenge's 1,000 clips
		err := l.eachLine(name, func(line, at string) error {
			cells := strings.Split(line, "\t")
			id := strings.TrimSpace(cells[0])
			if !lsmdcID.MatchString(id) {
				out.skip("a line whose first value is no clip of LSMDC", at)
				return nil
			}
			film := id[:strings.LastIndex(id, "_")]
			c := captioned([]string{film + "/" + id + ".avi", id + ".avi"}, strings.TrimSpace(cells[len(cells)-1]), split, at)
			c.Group = film
			if len(cells) < 2 {
				c.Caption = ""
			}
			out.add(c)
			return nil
		})
		if err != nil {
			return out, err
		}
	}
	return out, nil
}
