package adapt

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"framepilot/pilot"
)

// What a list leaves open the plan's table says: the site, names relative to
// the plan, and what a clip of none of several classes is called.
func TestManifestItems(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "clips", "m.csv")
	write(t, file, "path,labels,site\na.mp4,walk|lift,\nb.mp4,,dock\n")
	for _, name := range []string{"a.mp4", "b.mp4"} {
		write(t, filepath.Join(dir, "clips", name), "x")
	}
	items, read, err := readManifest(Source{Name: "here"}, file, filepath.Dir(file), dir)
	if err != nil || !read.Multi {
		t.Fatalf("%+v, %v", read, err)
	}
	want := []Item{
		{ID: "clips/a.mp4", Path: filepath.Join(dir, "clips", "a.mp4"), Label: "lift|walk", Labels: []string{"lift", "walk"}, Site: "here", source: file + ":2"},
		{ID: "clips/b.mp4", Path: filepath.Join(dir, "clips", "b.mp4"), Label: pilot.NoClass, Site: "dock", place: "dock", source: file + ":3"},
	}
	if !reflect.DeepEqual(items, want) {
		t.Errorf("got  %+v\nwant %+v", items, want)
	}
}

func TestLookalikes(t *testing.T) {
	got := lookalikes([]string{"Lift", "lift", "ﾘﾌﾄ", "put", "リフト"})
	if len(got) != 1 || got[0].Severity != SeverityWarning || !slices.Equal(got[0].Where, []string{`"Lift" and "lift"`, `"ﾘﾌﾄ" and "リフト"`}) {
		t.Errorf("got %+v", got)
	}
}

// A manifest from another system names its files with other separators or in
// another Unicode form.
func TestLocate(t *testing.T) {
	root := t.TempDir()
	path := filepath.Join(root, "day", "\u304c.gif")
	write(t, path, "x")
	for _, name := range []string{"day/\u304c.gif", `day\` + "\u304c.gif", "day/\u304b\u3099.gif", path} {
		if got, err := locate(root, name); err != nil || got != path {
			t.Errorf("%q: %q, %v", name, got, err)
		}
	}
	if _, err := locate(root, "day/x.gif"); !os.IsNotExist(err) {
		t.Errorf("missing: %v", err)
	}
}
