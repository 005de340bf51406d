package adapt

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"framepilot/internal/fault"
)

func TestWindows(t *testing.T) {
	for name, c := range map[string]struct {
		item   Item
		length float64
		o      WindowOptions
		want   string
	}{
		"overlap, the rest kept":   {Item{ID: "a"}, 9.5, WindowOptions{Window: 4, Stride: 2}, "a#0-4 a#2-6 a#4-8 a#6-9.5"},
		"the rest dropped":         {Item{ID: "a"}, 9.5, WindowOptions{Window: 4, Stride: 2, Drop: true}, "a#0-4 a#2-6 a#4-8"},
		"an even end":              {Item{ID: "a"}, 8, WindowOptions{Window: 4}, "a#0-4 a#4-8"},
		"a clock's rounding":       {Item{ID: "a"}, 7.9999999, WindowOptions{Window: 4}, "a#0-4 a#4-8"},
		"shorter than a window":    {Item{ID: "a"}, 1.25, WindowOptions{Window: 4}, "a#0-1.25"},
		"shorter, dropped":         {Item{ID: "a"}, 1.25, WindowOptions{Window: 4, Drop: true}, ""},
		"a range of a file":        {Item{ID: "a#3-9", Start: 3, End: 9}, 60, WindowOptions{Window: 4}, "a#3-7 a#7-9"},
		"a range beyond the end":   {Item{ID: "a#3-9", Start: 3, End: 9}, 5, WindowOptions{Window: 4}, "a#3-5"},
		"a range after the end":    {Item{ID: "a#3-9", Start: 3, End: 9}, 2, WindowOptions{Window: 4}, ""},
		"gaps, and no empty rest":  {Item{ID: "a"}, 10, WindowOptions{Window: 2, Stride: 5}, "a#0-2 a#5-7 "},
		"steps that are not exact": {Item{ID: "a"}, 0.35, WindowOptions{Window: 0.1}, "a#0-0.1 a#0.1-0.2 a#0.2-0.3 a#0.3-0.35"},
	} {
		got, err := Windows(c.item, c.length, c.o)
		if err != nil || ids(got) != c.want && ids(got)+" " != c.want {
			t.Errorf("%s: %q, %v, want %q", name, ids(got), err, c.want)
		}
		for _, w := range got {
			if w.Group != "a" {
				t.Errorf("%s: recording %q", name, w.Group)
			}
		}
	}
	if _, err := Windows(Item{ID: "a"}, 1e9, WindowOptions{Window: 1e-3}); fault.KindOf(err) != fault.Usage {
		t.Errorf("a flood of windows: %v", err)
	}
	if err := (WindowOptions{}).Check(); fault.KindOf(err) != fault.Usage {
		t.Errorf("no window: %v", err)
	}
}

// What is written is read again as it was.
func TestManifestRoundTrip(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "day", "a, b.mp4")
	write(t, path, "x")
	for name, labels := range map[string][]string{"one.csv": {"lift"}, "many.tsv": {"lift", "walk"}} {
		want := Item{ID: "day/a, b.mp4#1-2.5", Path: path, Label: "lift", Labels: labels, Group: "r1", Site: "dock", place: "dock", Split: Train,
			Caption: "he said \"up\"", Start: 1, End: 2.5, Extra: map[string]string{"camera": "7"}}
		if len(labels) > 1 {
			want.Label = "lift|walk"
		}
		file := filepath.Join(dir, name)
		if err := SaveManifest(file, []Item{want}); err != nil {
			t.Fatal(err)
		}
		want.source = file + ":2"
		got, _, err := readManifest(Source{Name: "here"}, file, dir, dir)
		if err != nil || !reflect.DeepEqual(got, []Item{want}) {
			t.Errorf("%s: got %+v, %v\nwant %+v", name, got, err, want)
		}
	}
	if err := SaveManifest(filepath.Join(dir, "x.json"), nil); fault.KindOf(err) != fault.Usage {
		t.Errorf("unknown ending: %v", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "x.json")); err == nil {
		t.Error("a file was written")
	}
}
