package lists

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"framepilot/internal/fault"
	"framepilot/internal/words"
	"framepilot/model/video"
)

// List is a folder of lists and the one file of it that was named; "" where
// the folder itself was.
type List struct {
	files fs.FS
	dir   string // for messages
	name  string
	fps   float64           // frames a second that times counted in frames mean; 0 = not known
	texts map[string]string // read before
	notes []words.Sentence
}

// Open opens what a person named: a list, or the folder it lies in.
// fps is the frames a second that times counted in frames mean; 0 = not known.
func Open(at string, fps float64) (*List, error) {
	st, err := os.Stat(at)
	if err != nil {
		return nil, fault.New(fault.Input, "check the path in the plan; it is relative to the plan file", "%w", err)
	}
	if st.IsDir() {
		return newList(os.DirFS(at), at, "", fps), nil
	}
	return newList(os.DirFS(filepath.Dir(at)), filepath.Dir(at), filepath.Base(at), fps), nil
}

func newList(files fs.FS, dir, name string, fps float64) *List {
	return &List{files: files, dir: dir, name: name, fps: fps, texts: map[string]string{}}
}

// shown is a file of the folder as messages call it.
func (l *List) shown(name string) string { return filepath.Join(l.dir, name) }

// text reads a file of the folder.
func (l *List) text(name string) (string, error) {
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
	if !note.IsZero() {
		l.notes = append(l.notes, note)
	}
	l.texts[name] = text
	return text, nil
}

func (l *List) has(name string) bool {
	st, err := fs.Stat(l.files, name)
	return err == nil && !st.IsDir()
}

// matching lists the files of the folder whose names fit, in natural order.
func (l *List) matching(pattern *regexp.Regexp) (names []string) {
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
func (l *List) named(pattern *regexp.Regexp) bool {
	if l.name != "" {
		return pattern.MatchString(l.name)
	}
	return len(l.matching(pattern)) > 0
}

// eachLine calls do with every line that is not blank, trimmed, and where it is.
func (l *List) eachLine(name string, do func(line, at string) error) error {
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
		if err := do(line, words.At(l.shown(name), n)); err != nil {
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
