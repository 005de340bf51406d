package lists

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"framepilot/internal/fault"
	"framepilot/internal/words"
	"framepilot/model/video"
)

// The parts a clip can belong to.
const (
	Train = "train"
	Test  = "test"
	Val   = "val" // to choose settings on; kept out of both
)

// LabelSeparator stands between the classes of a clip that is of several.
const LabelSeparator = "|"

// Clip is one clip as a list names it.
type Clip struct {
	Path    string            // its file, which exists
	Labels  []string          // classes, each once, in natural order; nil where not known
	Split   string            // Train, Test, Val or ""
	Group   string            // the recording it is cut from; "" where the list does not say
	Site    string            // where it was filmed; likewise
	Caption string            // what it shows; may be empty
	Start   float64           // seconds into the file
	End     float64           // seconds, after Start; 0 = to the end of the file
	Extra   map[string]string // a table's other columns
	Source  string            // where the list names it, for messages: file:line

	places []string // where its file may be below the root, with slashes; the usual place first
}

// Listing is what a list of clips says, whatever its format.
type Listing struct {
	Format   Format
	Clips    []Clip
	Classes  []string            // that the list knows, in its order; nil where it does not say
	Multi    bool                // a clip may be of several classes, or of none
	HasSplit bool                // every clip has a Split
	Notes    []words.Sentence    // what reading it decided, for people
	Warnings []words.Sentence    // what a person should know before trusting the numbers
	Skipped  map[string][]string // clips not used: why → which, in the order met

	apart bool // the videos are published apart from the list: those that are not there are left out
}

// MissingFile is why a clip of a published list is not used.
const MissingFile = "file not found"

func (out *Listing) skip(why, which string) {
	if out.Skipped == nil {
		out.Skipped = map[string][]string{}
	}
	out.Skipped[why] = append(out.Skipped[why], which)
}

func (out *Listing) note(s words.Sentence) {
	if !slices.ContainsFunc(out.Notes, func(other words.Sentence) bool { return other.String() == s.String() }) {
		out.Notes = append(out.Notes, s)
	}
}

// settle makes one thing of what formats say in many ways: files are found,
// labels spelt one way, the split is of all clips or of none, and what is said
// twice is there once.
func (out *Listing) settle(file string, locate func(string) (string, error)) error {
	for i := range out.Clips {
		out.Clips[i].cleanLabels()
	}
	if err := out.locate(locate); err != nil {
		return err
	}
	if err := out.settleSplit(file); err != nil {
		return err
	}
	return out.mergeRepeated()
}

func (c *Clip) cleanLabels() {
	var labels []string
	for _, label := range c.Labels {
		if label = CleanLabel(label); label != "" && !slices.Contains(labels, label) {
			labels = append(labels, label)
		}
	}
	slices.SortFunc(labels, video.NaturalCompare)
	c.Labels = labels
}

// locate finds the clips' files. Missing files of a published list are left
// out, as its videos are got apart from it; missing files of a table of one's
// own are a mistake in it.
func (out *Listing) locate(locate func(string) (string, error)) error {
	var found []Clip
	var missing []string
	for _, c := range out.Clips {
		var err error
		if c.Path, err = out.find(c, locate); errors.Is(err, fs.ErrNotExist) {
			missing = append(missing, fmt.Sprintf("%s: %s", c.Source, c.places[0]))
			continue
		} else if err != nil {
			return fault.New(fault.Input, "", "%s: path: %w", c.Source, err)
		}
		found = append(found, c)
	}
	if len(missing) > 0 && (!out.apart || len(found) == 0) {
		return fault.New(fault.Input, "paths are relative to the manifest, or to root where the plan names one",
			"%s not found:\n  %s", words.Counted(len(missing), "clip"), words.FirstFew(missing, 10, "\n  "))
	}
	for _, which := range missing {
		out.skip(MissingFile, which)
	}
	out.Clips = found
	return nil
}

// settleSplit makes the split column all or nothing: a row without a split
// beside rows that have one would silently go where nobody decided.
func (out *Listing) settleSplit(file string) error {
	var without []string
	for _, c := range out.Clips {
		if c.Split == "" {
			without = append(without, c.Source)
		}
	}
	if len(without) > 0 && len(without) < len(out.Clips) {
		return fault.New(fault.Input, "write train, test or val in each row, or drop the column to have the split drawn",
			"%s has rows with a split and %s without, e.g. %s", file, words.Counted(len(without), "row"), without[0])
	}
	out.HasSplit = len(without) == 0
	return nil
}

// mergeRepeated keeps the first of rows that say the same of the same clip
// and refuses rows that disagree.
func (out *Listing) mergeRepeated() error {
	first := map[string]int{}
	kept, merged := out.Clips[:0], 0
	for _, c := range out.Clips {
		name := filepath.ToSlash(filepath.Clean(c.Path)) + RangeSuffix(c.Start, c.End)
		i, ok := first[name]
		if !ok {
			first[name] = len(kept)
			kept = append(kept, c)
			continue
		}
		for _, said := range []struct{ name, a, b string }{
			{"label", strings.Join(kept[i].Labels, LabelSeparator), strings.Join(c.Labels, LabelSeparator)}, {"split", kept[i].Split, c.Split},
			{"group", kept[i].Group, c.Group}, {"site", kept[i].Site, c.Site}, {"caption", kept[i].Caption, c.Caption},
		} {
			if said.a != said.b {
				return fault.New(fault.Input, "keep one of the two rows", "%s and %s name the same clip %s, but its %s is %q and %q",
					kept[i].Source, c.Source, name, said.name, said.a, said.b)
			}
		}
		merged++
	}
	out.Clips = kept
	if merged > 0 {
		out.Warnings = append(out.Warnings, words.Say("%s said twice the same of a clip; each is used once", words.Counted(merged, "row")))
	}
	return nil
}

// videoEndings are the endings that published data sets are converted to.
var videoEndings = []string{".mp4", ".avi", ".webm", ".mkv", ".mov"}

// find looks for a clip's file: at each of its places as written, then, of a
// published set, under another ending.
func (out *Listing) find(c Clip, locate func(string) (string, error)) (string, error) {
	first := os.ErrNotExist
	for _, p := range c.places {
		found, err := locate(p)
		if err == nil || !errors.Is(err, fs.ErrNotExist) {
			return found, err
		}
		first = err
	}
	if !out.apart {
		return "", first
	}
	for _, p := range c.places {
		stem := strings.TrimSuffix(p, path.Ext(p))
		if !slices.Contains(videoEndings, strings.ToLower(path.Ext(p))) {
			stem = p
		}
		for _, ending := range videoEndings {
			if found, err := locate(stem + ending); err == nil {
				return found, nil
			}
		}
	}
	return "", first
}
