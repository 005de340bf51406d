package demo

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/BurntSushi/toml"
)

// The plan speaks of the data set as it is written.
func TestPlan(t *testing.T) {
	var p struct {
		Model struct{ ID string }
		Data  map[string]struct {
			Folders, Captions string
			GroupBy           string `toml:"group_by"`
		}
		Prompts map[string]struct {
			Templates []string
			Classes   map[string][]string
		}
	}
	if _, err := toml.Decode(plan, &p); err != nil {
		t.Fatal(err)
	}
	if p.Model.ID != "demo" {
		t.Errorf("the plan's model is %q", p.Model.ID)
	}
	for _, site := range []Site{Day, Night} {
		data := p.Data[string(site)]
		if data.Folders != string(site) || data.Captions != captionsFile {
			t.Errorf("site %s: %+v", site, data)
		}
		recording := regexp.MustCompile(data.GroupBy).FindStringSubmatch(string(site) + "/lift/rec017_2.gif")
		if len(recording) != 2 || recording[1] != "rec017" {
			t.Errorf("site %s: group_by finds %q in rec017_2.gif", site, recording)
		}
	}
	described := p.Prompts["described"].Classes
	if len(described) != len(Labels) {
		t.Errorf("%d classes described, want %d", len(described), len(Labels))
	}
	for a, label := range Labels {
		if words := described[label]; len(words) != 1 || words[0] != Actions[a] {
			t.Errorf("%s is described as %q, want %q", label, words, Actions[a])
		}
	}
}

func TestWritePlan(t *testing.T) {
	dir := t.TempDir()
	for range 2 {
		path, err := WritePlan(dir)
		if err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(path)
		if err != nil || string(text) != plan || path != filepath.Join(dir, "plan.toml") {
			t.Errorf("%s holds %d bytes: %v", path, len(text), err)
		}
	}
}
