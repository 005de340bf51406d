package adapt

import (
	"path/filepath"
	"testing"

	"framepilot/adapt/lists"
)

// An id says where its clip is.
func TestParseID(t *testing.T) {
	for id, want := range map[string]struct {
		file       string
		start, end float64
	}{
		"day/lift.mp4":         {"day/lift.mp4", 0, 0},
		"day/lift.mp4#2.5-7":   {"day/lift.mp4", 2.5, 7},
		"day/lift.mp4#2.5-":    {"day/lift.mp4", 2.5, 0},
		"a#1.mp4":              {"a#1.mp4", 0, 0},
		"a#1-2.mp4":            {"a#1-2.mp4", 0, 0},
		"a#b-c":                {"a#b-c", 0, 0},
		"/videos/x.mp4#0-1.25": {"/videos/x.mp4", 0, 1.25},
		"#":                    {"#", 0, 0},
	} {
		file, start, end := ParseID(id)
		if file != want.file || start != want.start || end != want.end {
			t.Errorf("%s: %s from %g to %g", id, file, start, end)
		}
	}
	for _, span := range [][2]float64{{0, 0}, {0, 3}, {1.5, 0}, {12.125, 3600}} {
		file, start, end := ParseID(itemID("/p", "/p/x#y.mp4", span[0], span[1]))
		if file != "x#y.mp4" || start != span[0] || end != span[1] {
			t.Errorf("%v: %s from %g to %g", span, file, start, end)
		}
	}
}

// An id names a file without the range of it, or the file that has this name.
func FuzzParseID(f *testing.F) {
	for _, seed := range []string{"day/lift.mp4#2.5-7", "a#1-2.mp4", "#", "x#-", "x#1e300-2", "x#NaN-1", "x#0-"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, id string) {
		file, start, end := ParseID(id)
		if !(start >= 0 && end >= 0) || filepath.ToSlash(file)+lists.RangeSuffix(start, end) != filepath.ToSlash(id) {
			t.Errorf("%q: %q from %g to %g", id, file, start, end)
		}
	})
}
