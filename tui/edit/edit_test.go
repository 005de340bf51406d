package edit

import "testing"

func TestKeys(t *testing.T) {
	for _, c := range []struct {
		name, from string
		keys       []string
		want       string
	}{
		{"types at the end", "", []string{"a", "space", "b", "é", "場"}, "a bé場|"},
		{"in the middle", "inors", []string{"left", "left", "left", "d", "o"}, "indo|ors"},
		{"home and end", "bc", []string{"home", "a", "end", "d"}, "abcd|"},
		{"as in a shell", "bc", []string{"ctrl+a", "a", "ctrl+e", "d"}, "abcd|"},
		{"takes a character away", "場所", []string{"backspace"}, "場|"},
		{"on both sides of the cursor", "abcd", []string{"left", "left", "backspace", "delete"}, "a|d"},
		{"takes a word away", "one two", []string{"ctrl+w"}, "one |"},
		{"before the cursor", "one two", []string{"alt+b", "ctrl+u"}, "|two"},
		{"behind it", "one two", []string{"alt+b", "ctrl+k"}, "one |"},
		{"nothing left to take", "", []string{"backspace", "delete", "left", "right", "ctrl+w"}, "|"},
		{"keys that mean nothing here", "a", []string{"f1", "pgdown", "nonsense", "", "ctrl+v", "alt+x"}, "a|"},
		{"takes back a word", "", []string{"a", "b", "space", "c", "d", "ctrl+z"}, "ab |"},
		{"one after the other", "", []string{"a", "b", "space", "c", "d", "ctrl+z", "ctrl+_", "ctrl+z"}, "|"},
		{"what was wiped", "one two", []string{"ctrl+u", "x", "ctrl+z", "ctrl+z"}, "one two|"},
		{"where it was wiped", "one two", []string{"alt+b", "ctrl+k", "home", "ctrl+z"}, "one |two"},
		{"not what was moved", "", []string{"a", "left", "b", "ctrl+z"}, "|a"},
		{"as far as there is anything", "a", []string{"ctrl+z", "ctrl+z", "b"}, "ab|"},
		{"line breaks of a paste", "a", []string{"\n", "b"}, "a b|"},
	} {
		line := New(c.from)
		for _, key := range c.keys {
			line = line.Key(key)
		}
		if got := line.Marked("|"); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// FuzzKey: whatever is typed, the cursor stays in the text, and a line takes
// one line.
func FuzzKey(f *testing.F) {
	f.Add("text", "left")
	f.Add("", "\x00")
	f.Add("場所", "alt+backspace")
	f.Fuzz(func(t *testing.T, text, key string) {
		line := New("").Key("x")
		for _, r := range text {
			line = line.Key(string(r))
		}
		line = line.Key("home").Key("right").Key(key)
		if line.At() < 0 || line.At() > len([]rune(line.String())) {
			t.Fatalf("cursor at %d of %q", line.At(), line)
		}
	})
}
