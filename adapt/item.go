package adapt

import (
	"path/filepath"
	"strconv"
	"strings"

	"framepilot/adapt/lists"
)

// The parts a clip can belong to.
const (
	Train = lists.Train
	Test  = lists.Test
	Val   = lists.Val // to choose settings on; kept out of both
)

// Item is one clip of the data: a file, a folder of pictures, or a time range
// in a file.
type Item struct {
	ID      string            // unique in a run: the path relative to the plan, with slashes; #start-end behind it for a range
	Path    string            // what to open
	Label   string            // class name; "" where not known; of several, their names joined by |; of none of several, pilot.NoClass
	Labels  []string          // the classes it is of, in natural order
	Group   string            // the recording; never split between train and test
	Site    string            // where it was filmed
	Split   string            // Train, Test or Val; "" until the split is drawn
	Caption string            // what it shows, for retrieval; may be empty
	Start   float64           // seconds into the file
	End     float64           // seconds, after Start; 0 = to the end of the file
	Extra   map[string]string // a manifest's other columns

	listed string // Split as a list of clips says it; "" where it is drawn
	place  string // Site as the data name it; "" where only the plan does
	proof  string // where its label stands, if that was made to confirm: file:line
	source string // where it was named, for messages: file:line or folder
}

// itemID names a clip by its place relative to dir, so that the same data
// gives the same names on every machine.
func itemID(dir, path string, start, end float64) string {
	id := filepath.ToSlash(path)
	if rel, err := relative(dir, path); err == nil {
		id = filepath.ToSlash(rel)
	}
	return id + lists.RangeSuffix(start, end)
}

// ParseID is the file of a clip by its ID, relative to the plan unless it is
// absolute, and the seconds it starts and ends at in it: day/lift.mp4#2.5-7 is
// from 2.5 s to 7 s of day/lift.mp4. An end of 0 is that of the file.
func ParseID(id string) (file string, start, end float64) {
	i := strings.LastIndex(id, "#")
	if i < 0 {
		return filepath.FromSlash(id), 0, 0
	}
	from, to, ok := strings.Cut(id[i+1:], "-")
	start, err := strconv.ParseFloat(from, 64)
	if ok && err == nil && to != "" {
		end, err = strconv.ParseFloat(to, 64)
	}
	const never = 1e9                                                                                                              // seconds; NaN is not below it either
	if !ok || err != nil || !(start >= 0 && start < never && end >= 0 && end < never) || lists.RangeSuffix(start, end) != id[i:] { // a name with such a sign in it
		return filepath.FromSlash(id), 0, 0
	}
	return filepath.FromSlash(id[:i]), start, end
}

// file is the ID of the whole file a clip is cut from.
func (item Item) file() string {
	return strings.TrimSuffix(item.ID, lists.RangeSuffix(item.Start, item.End))
}

func relative(dir, path string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	if path, err = filepath.Abs(path); err != nil {
		return "", err
	}
	return filepath.Rel(dir, path)
}
