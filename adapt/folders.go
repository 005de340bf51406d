package adapt

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"framepilot/adapt/lists"
	"framepilot/internal/fault"
	"framepilot/internal/words"
	"framepilot/model/video"
)

// folderWalk collects the clips below class folders.
type folderWalk struct {
	dir, site string // IDs are relative to dir
	items     []Item
	strange   map[string]int // ending of a file that is no video → how many
	links     int            // links to folders, not followed: they may lead anywhere, in circles too
}

// readFolders reads one folder a class below root: every video below it, and
// every folder that holds only pictures, is a clip of that class. Order is
// natural order (clip2 before clip10). Hidden names are skipped; a link to a
// video is followed, a link to a folder is not, and that is said.
func readFolders(root, dir, site string) (items []Item, warnings []words.Sentence, err error) {
	w := &folderWalk{dir: dir, site: site, strange: map[string]int{}}
	top, err := entries(root)
	if err != nil {
		return nil, nil, fault.New(fault.Input, "check folders in the plan; it is relative to the plan file", "data: %w", err)
	}
	var classes []string
	loose := 0
	for _, e := range top {
		switch {
		case e.IsDir():
			classes = append(classes, e.Name())
		case e.Type()&fs.ModeSymlink != 0 && isDir(filepath.Join(root, e.Name())):
			w.links++
		case video.Supported(e.Name()):
			loose++
		}
	}
	if err := checkClasses(root, classes, loose); err != nil {
		return nil, nil, err
	}
	for _, class := range classes {
		before := len(w.items)
		path := filepath.Join(root, class)
		if video.IsFrameFolder(path) {
			return nil, nil, fault.New(fault.Input, "put each clip's folder of pictures into a folder named after its class",
				"data: %s holds pictures: it is a clip, not a class", path)
		}
		if err := w.walk(path, lists.CleanLabel(class)); err != nil {
			return nil, nil, fault.New(fault.Input, "", "data: %w", err)
		}
		if len(w.items) == before {
			return nil, nil, fault.New(fault.Input, "add clips of this class, or delete the folder", "data: class folder %s holds no clips", path)
		}
	}
	if loose > 0 {
		warnings = append(warnings, words.Say("%s: %s directly in it, in no class folder, not used", root, words.Counted(loose, "video")))
	}
	return w.items, append(warnings, w.warnings(root)...), nil
}

// checkClasses refuses a folder that can't be one folder a class.
func checkClasses(root string, classes []string, loose int) error {
	if len(classes) == 0 {
		what := words.Say("no folders")
		if loose > 0 {
			what = words.Say("%s but no folders", words.Counted(loose, "video"))
		}
		return fault.New(fault.Input, "make one folder a class and put its clips in it, or use a manifest", "data: %s holds %s", root, what)
	}
	splits := []string{"train", "test", "val", "valid", "validation"}
	if !slices.ContainsFunc(classes, func(c string) bool { return !slices.Contains(splits, strings.ToLower(c)) }) {
		return fault.New(fault.Input, "use a manifest with a split column, or two [data] tables",
			"data: the folders of %s are called %s: splits, not classes", root, strings.Join(classes, ", "))
	}
	return nil
}

// walk adds the clips in path and below.
func (w *folderWalk) walk(path, label string) error {
	list, err := entries(path)
	if err != nil {
		return err
	}
	for _, e := range list {
		p := filepath.Join(path, e.Name())
		switch {
		case e.IsDir() && video.IsFrameFolder(p):
			w.add(p, label)
		case e.IsDir():
			if err := w.walk(p, label); err != nil {
				return err
			}
		case e.Type()&fs.ModeSymlink != 0 && isDir(p):
			w.links++
		case video.Supported(e.Name()):
			w.add(p, label)
		default:
			w.strange[strings.ToLower(filepath.Ext(e.Name()))]++
		}
	}
	return nil
}

func (w *folderWalk) add(path, label string) {
	w.items = append(w.items, Item{ID: itemID(w.dir, path, 0, 0), Path: path, Label: label, Labels: []string{label}, Site: w.site, source: path})
}

func (w *folderWalk) warnings(root string) []words.Sentence {
	var out []words.Sentence
	if len(w.strange) > 0 {
		var kinds []words.Sentence
		for _, ext := range sortedKeys(w.strange) {
			kind := words.Say("%d %s", w.strange[ext], ext)
			if ext == "" {
				kind = words.Say("%d without an ending", w.strange[ext])
			}
			kinds = append(kinds, kind)
		}
		out = append(out, words.Say("%s: files that are not videos, not used: %s", root, words.Join(kinds, ", ")))
	}
	if w.links > 0 {
		out = append(out, words.Say("%s: %s to folders not followed", root, words.Counted(w.links, "link")))
	}
	return out
}

// entries lists a folder in natural order, hidden names left out.
func entries(path string) ([]fs.DirEntry, error) {
	list, err := os.ReadDir(path)
	if err != nil {
		return nil, err
	}
	list = slices.DeleteFunc(list, func(e fs.DirEntry) bool { return strings.HasPrefix(e.Name(), ".") })
	slices.SortFunc(list, func(a, b fs.DirEntry) int { return video.NaturalCompare(a.Name(), b.Name()) })
	return list, nil
}

func isDir(path string) bool {
	st, err := os.Stat(path)
	return err == nil && st.IsDir()
}

// addCaptions reads a table path,caption and gives the items found in it
// their captions. Rows about other clips are left alone: one table may serve
// several sites.
func addCaptions(file string, items []Item) error {
	f, err := os.Open(file)
	if err != nil {
		return fault.New(fault.Input, "check captions in the plan; it is relative to the plan file", "captions: %w", err)
	}
	defer f.Close()
	t, err := lists.ReadTable(file, f, []string{"path", "caption"})
	if err == nil {
		err = errors.Join(t.Need("path"), t.Need("caption"))
	}
	if err != nil {
		return fmt.Errorf("captions: %w", err)
	}
	index := map[string]int{}
	for i, item := range items {
		index[filepath.Clean(item.Path)] = i
	}
	used := map[int]int{} // item → line
	for _, row := range t.Rows {
		path, err := locate(filepath.Dir(file), row.Cells["path"])
		if err != nil {
			continue
		}
		i, ok := index[filepath.Clean(path)]
		if !ok {
			continue
		}
		if line, twice := used[i]; twice && items[i].Caption != row.Cells["caption"] {
			return fault.New(fault.Input, "keep one caption a clip", "captions: %s and line %d name the same clip", words.At(file, row.Line), line)
		}
		items[i].Caption, used[i] = row.Cells["caption"], row.Line
	}
	if len(used) == 0 {
		return fault.New(fault.Input, "paths in it are relative to the captions file",
			"captions: none of the %s of %s names a clip of this site", words.Counted(len(t.Rows), "row"), file)
	}
	return nil
}
