package adapt

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"framepilot/internal/fault"
	"framepilot/model/video"
)

// listed is one clip as a list names it, before its file is looked for.
type listed struct {
	paths   []string // where its file may be below the root, with slashes; the usual place first
	labels  []string // classes; nil where not known
	split   string
	group   string
	site    string
	caption string
	start   float64 // seconds
	end     float64
	extra   map[string]string
	source  string // file:line
}

// listing is what a list of clips says, whatever its format.
type listing struct {
	clips   []listed
	classes []string // that the list knows, in its order; nil where it does not say
	multi   bool     // a clip may be of several classes, or of none
	apart   bool     // the videos are published apart from the list: those that are not there are left out
	notes   []string // what reading it decided, for people
	skipped skipped
}

// skipped holds what of a list is not used: why → which, in the order met.
type skipped map[string][]string

func (out *listing) skip(why, which string) {
	if out.skipped == nil {
		out.skipped = skipped{}
	}
	out.skipped[why] = append(out.skipped[why], which)
}

// missingFile is why a clip of a published list is not used.
const missingFile = "file not found"

func skippedWith(s skipped, why string, which []string) skipped {
	out := skipped{why: which}
	for k, v := range s {
		out[k] = append(out[k], v...)
	}
	return out
}

func (out *listing) note(format string, args ...any) {
	if text := fmt.Sprintf(format, args...); !slices.Contains(out.notes, text) {
		out.notes = append(out.notes, text)
	}
}

// lists is a folder of lists and the one file of it that was named; "" where
// the folder itself was.
type lists struct {
	files fs.FS
	dir   string // for messages
	name  string
	fps   float64           // frames a second that times counted in frames mean; 0 = not known
	texts map[string]string // read before
	notes []string
}

// openLists opens what a person named: a list, or the folder it lies in.
func openLists(at string, fps float64) (*lists, error) {
	st, err := os.Stat(at)
	if err != nil {
		return nil, fault.New(fault.Input, "check the path in the plan; it is relative to the plan file", "%w", err)
	}
	if st.IsDir() {
		return newLists(os.DirFS(at), at, "", fps), nil
	}
	return newLists(os.DirFS(filepath.Dir(at)), filepath.Dir(at), filepath.Base(at), fps), nil
}

func newLists(files fs.FS, dir, name string, fps float64) *lists {
	return &lists{files: files, dir: dir, name: name, fps: fps, texts: map[string]string{}}
}

// shown is a file of the folder as messages call it.
func (l *lists) shown(name string) string { return filepath.Join(l.dir, name) }

// text reads a file of the folder.
func (l *lists) text(name string) (string, error) {
	if text, ok := l.texts[name]; ok {
		return text, nil
	}
	f, err := l.files.Open(name)
	if err != nil {
		return "", fault.New(fault.Input, "", "%w", err)
	}
	defer f.Close()
	text, note, err := readText(l.shown(name), f)
	if err != nil {
		return "", err
	}
	if note != "" {
		l.notes = append(l.notes, note)
	}
	l.texts[name] = text
	return text, nil
}

func (l *lists) has(name string) bool {
	st, err := fs.Stat(l.files, name)
	return err == nil && !st.IsDir()
}

// matching lists the files of the folder whose names fit, in natural order.
func (l *lists) matching(pattern *regexp.Regexp) (names []string) {
	list, err := fs.ReadDir(l.files, ".")
	if err != nil {
		return nil
	}
	for _, e := range list {
		if !e.IsDir() && pattern.MatchString(e.Name()) {
			names = append(names, e.Name())
		}
	}
	slices.SortFunc(names, video.NaturalCompare)
	return names
}

// named says whether the file that was named fits or, where the folder was,
// one of its files does.
func (l *lists) named(pattern *regexp.Regexp) bool {
	if l.name != "" {
		return pattern.MatchString(l.name)
	}
	return len(l.matching(pattern)) > 0
}

// eachLine calls do with every line that is not blank, trimmed, and where it is.
func (l *lists) eachLine(name string, do func(line, at string) error) error {
	text, err := l.text(name)
	if err != nil {
		return err
	}
	n := 0
	for line := range strings.Lines(text) {
		n++
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		if err := do(line, at(l.shown(name), n)); err != nil {
			return err
		}
	}
	return nil
}

// lastBlank cuts a line at its last blank, so that blanks in paths survive.
func lastBlank(line string) (before, after string, ok bool) {
	i := strings.LastIndexAny(line, " \t")
	if i < 0 {
		return line, "", false
	}
	return strings.TrimSpace(line[:i]), line[i+1:], true
}

// videoEndings are the endings that published data sets are converted to.
var videoEndings = []string{".mp4", ".avi", ".webm", ".mkv", ".mov"}

// find looks for a clip's file: at each of its places as written, then, of a
// published set, under another ending.
func (out *listing) find(c listed, locate func(string) (string, error)) (string, error) {
	first := os.ErrNotExist
	for _, p := range c.paths {
		found, err := locate(p)
		if err == nil || !errors.Is(err, fs.ErrNotExist) {
			return found, err
		}
		first = err
	}
	if !out.apart {
		return "", first
	}
	for _, p := range c.paths {
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
