package keys

import (
	"slices"
	"strings"
	"testing"

	"framepilot/internal/fault"
)

func TestEveryActionHasAKeyOfItsOwn(t *testing.T) {
	text := Map{}.TOML()
	m, err := Parse("keys.toml", text)
	if err != nil {
		t.Fatalf("what is printed is not taken: %v\n%s", err, text)
	}
	for _, a := range Actions() {
		if got := m.Of(a); !slices.Equal(got, []string{a.Key}) {
			t.Errorf("%s.%s has %q after reading back, want %q", a.Section, a.Name, got, a.Key)
		}
	}
}

func TestMapStandsBetween(t *testing.T) {
	m, err := Parse("keys.toml", "[everywhere]\nquit = ['Q', 'f10']\n'down' = 'ctrl+n'\n[board]\njudge = 'q'\n")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ section, key, means string }{
		{"board", "Q", "q"}, {"board", "f10", "q"}, {"board", "q", "x"}, {"board", "x", ""}, {"data", "q", ""}, {"data", "x", "x"},
		{"board", "ctrl+n", "j"}, {"board", "j", ""}, {"board", "down", "down"}, {"board", "enter", "enter"}, {"board", "esc", "esc"},
	} {
		if got := m.Means(c.section, c.key); got != c.means {
			t.Errorf("%s on %s means %q, want %q", c.key, c.section, got, c.means)
		}
	}
	for _, c := range [][3]string{{"board", "x", "q"}, {"data", "q", "Q"}, {"board", "p", "p"}, {"board", "enter", "enter"}} {
		if got := m.Shown(c[0], c[1]); got != c[2] {
			t.Errorf("%s on %s is shown as %q, want %q", c[1], c[0], got, c[2])
		}
	}
}

func TestWrongFilesNameTheLine(t *testing.T) {
	for text, want := range map[string]string{
		"[board\n":                                       "keys.toml:2: expected",
		"[bord]\npropose = 'P'\n":                        `keys.toml:1: no section "bord"; did you mean "board"?`,
		"board = 3\n":                                    "keys.toml:1: board is a section",
		"[board]\n\npropos = 'P'\n":                      `keys.toml:3: no action "propos"; did you mean "propose"?`,
		"[board]\npropose = 7\n":                         "keys.toml:2: board.propose: 7 is no key",
		"[board]\npropose = 'PP'\n":                      `keys.toml:2: board.propose: no key "PP"`,
		"[board]\npropose = ' '\n":                       `no key " "`,
		"[board]\npropose = 'ctrl+c'\n":                  "ctrl+c keeps its meaning",
		"[everywhere]\nquit = []\n":                      "keys.toml:2: everywhere.quit has no key left",
		"[board]\n# mine\npropose = 'd'\n":               "keys.toml:3: board.propose: d is the key of board.decide already",
		"[everywhere]\nhelp = 'p'\n":                     "p is the key of board.propose already",
		"[board]\npropose = 'a'\nseal = 'a'\n":           "a is the key of board.seal already",
		"[board]\npropose = 'enter'\n[run]\npause = 1\n": "keys.toml:4: run.pause: 1 is no key",
	} {
		_, err := Parse("keys.toml", text)
		if err == nil || !strings.Contains(err.Error(), want) || fault.KindOf(err) != fault.Config || fault.HintOf(err) == "" {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

// Whatever a file says, there is a way out: it is refused, or quit has a key.
func FuzzParse(f *testing.F) {
	f.Add(Map{}.TOML())
	f.Add("[everywhere]\nquit = ['Q', 'f10']\n[board]\njudge = 'q'\n")
	f.Add("[[board]]\npropose = 1\n")
	f.Add("everywhere.quit = '映'\n")
	f.Fuzz(func(t *testing.T, text string) {
		m, err := Parse("keys.toml", text)
		if err != nil {
			return
		}
		for _, key := range fixed {
			if m.Means("board", key) != key {
				t.Errorf("%s means %q", key, m.Means("board", key))
			}
		}
		for _, a := range Actions() {
			if m.Means(a.Section, m.Shown(a.Section, a.Key)) != a.Key {
				t.Errorf("%s.%s can't be reached", a.Section, a.Name)
			}
		}
		if again, err := Parse("keys.toml", m.TOML()); err != nil || again.TOML() != m.TOML() {
			t.Errorf("what is printed is not taken: %v\n%s", err, m.TOML())
		}
	})
}
