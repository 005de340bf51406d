// Package keys says which key of the keyboard does what in the terminal UI,
// and reads the file a person may keep to have it otherwise.
//
// Screens know each action by one key, the one it has from the start; a Map
// stands between them and the keyboard. Enter, Esc, Tab, the arrows and Ctrl-C
// keep their meaning whatever a file says, so that there is always a way out.
// Text that is typed is never translated.
package keys

import "slices"

// Everywhere is the section of what works on all screens; the other sections
// are the names of screens.
const Everywhere = "everywhere"

// Action is something a key is for.
type Action struct {
	Section, Name string
	Key           string // the key screens know it by, and its key unless a file says otherwise
}

// Actions are all that can be bound, in the order they are listed in.
func Actions() []Action {
	var all []Action
	for _, s := range []struct {
		name string
		keys [][2]string
	}{
		{Everywhere, [][2]string{
			{"quit", "q"}, {"help", "?"}, {"find", ":"}, {"commands", "="}, {"filter", "/"}, {"copy", "c"}, {"save", "C"},
			{"language", "L"}, {"theme", "T"}, {"mouse", "%"}, {"up", "k"}, {"down", "j"}, {"last", "G"},
			{"welcome", "0"}, {"board", "1"}, {"data", "2"}, {"recipe", "3"}, {"run", "4"}, {"compare", "5"}, {"return", "6"}, {"report", "7"}, {"ledger", "8"}}},
		{"welcome", [][2]string{{"new", "n"}, {"open", "o"}, {"demo", "d"}}},
		{"board", [][2]string{{"ways", "n"}, {"propose", "p"}, {"reword", "e"}, {"seal", "s"}, {"judge", "x"}, {"sign", "i"}, {"waive", "w"}, {"decide", "d"}, {"again", "r"}}},
		{"data", [][2]string{{"turn", "v"}, {"places", "o"}, {"again", "r"}}},
		{"recipe", [][2]string{{"clips", "f"}, {"view", "v"}, {"again", "r"}}},
		{"run", [][2]string{{"pause", "p"}, {"stop", "s"}, {"leave", "d"}, {"cost", "e"}, {"log", "l"}, {"again", "a"}}},
		{"compare", [][2]string{{"view", "v"}, {"back", "V"}, {"mark", "space"}, {"site", "s"}, {"changes", "w"}, {"other-run", "u"}, {"play", "o"}, {"path", "p"}, {"unfit", "x"}, {"mislabelled", "m"}, {"again", "r"}}},
		{"return", [][2]string{{"mistake", "p"}, {"result", "f"}, {"again", "r"}}},
		{"report", [][2]string{{"language", "g"}, {"readers", "a"}, {"names", "x"}, {"again", "r"}}},
		{"ledger", [][2]string{{"note", "n"}, {"again", "r"}}},
	} {
		for _, k := range s.keys {
			all = append(all, Action{s.name, k[0], k[1]})
		}
	}
	return all
}

// Map is which keys are for which action. The zero value leaves every action
// its own.
type Map struct {
	File  string              // it was read from; "" where there is none
	bound map[Action][]string // of actions that were bound otherwise
}

// Of are the keys of an action, the one to show first.
func (m Map) Of(a Action) []string {
	if keys, ok := m.bound[a]; ok {
		return keys
	}
	return []string{a.Key}
}

// Means is the key a screen knows for a key of the keyboard; "" where its
// action was given other keys.
func (m Map) Means(section, key string) string {
	if len(m.bound) == 0 {
		return key
	}
	taken := false
	for _, s := range []string{section, Everywhere} {
		for _, a := range Actions() {
			if a.Section != s {
				continue
			}
			if slices.Contains(m.Of(a), key) {
				return a.Key
			}
			taken = taken || a.Key == key
		}
	}
	if taken {
		return ""
	}
	return key
}

// Shown is the key to show for one a screen knows.
func (m Map) Shown(section, key string) string {
	for _, s := range []string{section, Everywhere} {
		for _, a := range Actions() {
			if a.Section == s && a.Key == key {
				return m.Of(a)[0]
			}
		}
	}
	return key
}
