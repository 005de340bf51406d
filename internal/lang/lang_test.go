package lang

import (
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
)

// messages are the texts of one language by id, plural forms joined.
func messages(t *testing.T, l Language) map[string]string {
	t.Helper()
	names, err := fs.Glob(files, "*."+string(l)+".toml")
	if err != nil || len(names) == 0 {
		t.Fatalf("no catalogue of %s: %v", l, err)
	}
	all := map[string]string{}
	for _, name := range names {
		text, err := files.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var tree map[string]any
		if err := toml.Unmarshal(text, &tree); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		collect(t, all, name, "", tree)
	}
	return all
}

func collect(t *testing.T, all map[string]string, file, prefix string, tree map[string]any) {
	if _, plural := tree["other"].(string); plural {
		for _, form := range slices.Sorted(maps.Keys(tree)) {
			all[prefix] += tree[form].(string) + " "
		}
		return
	}
	for key, value := range tree {
		id := strings.TrimPrefix(prefix+"."+key, ".")
		switch value := value.(type) {
		case string:
			if _, twice := all[id]; twice {
				t.Errorf("%s: %s is there twice", file, id)
			}
			all[id] = value
		case map[string]any:
			collect(t, all, file, id, value)
		default:
			t.Errorf("%s: %s is a %T, want text", file, id, value)
		}
	}
}

var placeholder = regexp.MustCompile(`{{\s*\.(\w+)\s*}}`)

func placeholders(text string) []string {
	found := map[string]bool{}
	for _, m := range placeholder.FindAllStringSubmatch(text, -1) {
		found[m[1]] = true
	}
	return slices.Sorted(maps.Keys(found))
}

func TestLanguagesHaveTheSameMessages(t *testing.T) {
	english, japanese := messages(t, English), messages(t, Japanese)
	for id, text := range english {
		other, ok := japanese[id]
		if !ok {
			t.Errorf("%s is missing in Japanese", id)
			continue
		}
		if a, b := placeholders(text), placeholders(other); !slices.Equal(a, b) {
			t.Errorf("%s takes %v in English and %v in Japanese", id, a, b)
		}
	}
	for id := range japanese {
		if _, ok := english[id]; !ok {
			t.Errorf("%s is missing in English", id)
		}
	}
}

func TestEveryMessageRenders(t *testing.T) {
	for _, l := range All() {
		for id, text := range messages(t, l) {
			args := Args{}
			for _, name := range placeholders(text) {
				args[name] = 1
			}
			if got := l.Text(id, args); strings.TrimSpace(got) == "" || strings.Contains(got, "{{") {
				t.Errorf("%s %s renders as %q", l, id, got)
			}
		}
	}
}

// Terminals and libraries disagree on how wide half-width kana are.
func TestJapaneseIsFullWidth(t *testing.T) {
	for id, text := range messages(t, Japanese) {
		for _, r := range text {
			if r >= 0xFF61 && r <= 0xFF9F {
				t.Errorf("%s holds the half-width character %q", id, r)
			}
		}
	}
}

func TestLanguageOfUser(t *testing.T) {
	for _, c := range []struct {
		env  map[string]string
		want Language
	}{
		{nil, English},
		{map[string]string{"LANG": "ja_JP.UTF-8"}, Japanese},
		{map[string]string{"LANG": "ja_JP.UTF-8", "LC_ALL": "C"}, English},
		{map[string]string{"LC_MESSAGES": "ja", "LANG": "de_DE"}, Japanese},
		{map[string]string{"LANG": "de_DE.UTF-8"}, English},
	} {
		if got := OfUser(func(name string) string { return c.env[name] }); got != c.want {
			t.Errorf("%v: %s, want %s", c.env, got, c.want)
		}
	}
	if _, err := Parse("fr"); err == nil {
		t.Error("French is taken")
	}
}

func TestMissingMessagePanics(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("an unknown message did not panic")
		}
	}()
	English.Text("no.such.message")
}
