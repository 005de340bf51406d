package keys

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/BurntSushi/toml"

	"framepilot/internal/fault"
	"framepilot/internal/tomllines"
	"framepilot/internal/words"
)

// Read reads the file of a person's own keys; where there is none, every action
// keeps its key. The error of a file that can't be taken is a fault.Config and
// names each line to mend.
func Read(file string) (Map, error) {
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return Map{}, nil
	}
	if err != nil {
		return Map{}, fault.New(fault.Config, "make it readable, or move it away", "keys: %w", err)
	}
	return Parse(file, string(text))
}

// Parse reads the text of such a file: a table for each section, in it the
// names of actions, each with one key or a list of keys.
func Parse(file, text string) (Map, error) {
	hint := "mend these lines, or move the file away; `framepilot tui keys` prints one that is right"
	var tree map[string]any
	if _, err := toml.Decode(text, &tree); err != nil {
		var syntax toml.ParseError
		if errors.As(err, &syntax) {
			return Map{}, fault.New(fault.Config, hint, "%s: %s", words.At(file, syntax.Position.Line), syntax.Message)
		}
		return Map{}, fault.New(fault.Config, hint, "%s: %w", file, err)
	}
	r := reader{file: file, lines: tomllines.Find(text), m: Map{File: file, bound: map[Action][]string{}}}
	for _, section := range slices.Sorted(maps.Keys(tree)) {
		r.section(section, tree[section])
	}
	r.conflicts()
	if len(r.wrong) > 0 {
		slices.SortStableFunc(r.wrong, func(a, b wrong) int { return a.line - b.line })
		var all []string
		for _, w := range r.wrong {
			all = append(all, words.At(file, w.line)+": "+w.what)
		}
		return Map{}, fault.New(fault.Config, hint, "%s", strings.Join(all, "\n"))
	}
	return r.m, nil
}

type reader struct {
	file  string
	lines tomllines.Lines
	m     Map
	wrong []wrong
}

// wrong is what can't be taken of a line.
type wrong struct {
	line int
	what string
}

func (r *reader) bad(key, format string, args ...any) {
	r.wrong = append(r.wrong, wrong{r.lines.Of(key), fmt.Sprintf(format, args...)})
}

func (r *reader) section(section string, value any) {
	var sections, names []string
	for _, a := range Actions() {
		sections = append(sections, a.Section)
		if a.Section == section {
			names = append(names, a.Name)
		}
	}
	if names == nil {
		r.bad(section, "%s", words.NoSuch("section", section, slices.Compact(sections)))
		return
	}
	table, ok := value.(map[string]any)
	if !ok {
		r.bad(section, "%s is a section: write [%s] on a line of its own and the names of actions below", section, section)
		return
	}
	for _, name := range slices.Sorted(maps.Keys(table)) {
		at := tomllines.Child(section, name)
		if !slices.Contains(names, name) {
			r.bad(at, "%s", words.NoSuch("action", name, names))
			continue
		}
		if keys := r.keys(at, table[name]); keys != nil {
			i := slices.IndexFunc(Actions(), func(a Action) bool { return a.Section == section && a.Name == name })
			r.m.bound[Actions()[i]] = keys
		}
	}
}

// keys are the keys of an action: one, or a list.
func (r *reader) keys(at string, value any) []string {
	list, ok := value.([]any)
	if !ok {
		list = []any{value}
	}
	if len(list) == 0 {
		r.bad(at, "%s has no key left; give it one", at)
		return nil
	}
	var keys []string
	for _, x := range list {
		key, ok := x.(string)
		switch {
		case !ok:
			r.bad(at, "%s: %v is no key; write it in quotes", at, x)
			return nil
		case slices.Contains(fixed, key):
			r.bad(at, "%s: %s keeps its meaning everywhere", at, key)
			return nil
		case !isKey(key):
			r.bad(at, "%s: no key %q; write a character, \"space\", \"f1\" to \"f12\", or one after ctrl+ or alt+", at, key)
			return nil
		}
		keys = append(keys, key)
	}
	return keys
}

// fixed are the keys that mean the same whatever a file says: with them one
// always gets on and out.
var fixed = []string{"ctrl+c", "enter", "esc", "tab", "shift+tab", "up", "down", "left", "right", "home", "end", "pgup", "pgdown", "backspace"}

// named are keys that are no single character. Terminals send Tab, Enter and
// Esc for ctrl+i, ctrl+m and ctrl+[, and keep ctrl+s, ctrl+q and ctrl+z for
// themselves.
var named = regexp.MustCompile(`^(space|f[1-9]|f1[0-2]|ctrl\+[abdefghjklnoprtuvwxy]|alt\+[!-~])$`)

func isKey(key string) bool {
	if r, n := utf8.DecodeRuneInString(key); n == len(key) && r != utf8.RuneError && r != ' ' && unicode.IsPrint(r) {
		return true
	}
	return named.MatchString(key)
}

// conflicts finds keys that would mean two things on one screen.
func (r *reader) conflicts() {
	said := map[Action]bool{}
	for _, a := range Actions() {
		mine, ok := r.m.bound[a]
		if !ok {
			continue
		}
		for _, b := range Actions() {
			together := a.Section == b.Section || a.Section == Everywhere || b.Section == Everywhere
			if a == b || !together || said[b] {
				continue
			}
			for _, key := range mine {
				if slices.Contains(r.m.Of(b), key) {
					said[a] = true
					r.bad(tomllines.Child(a.Section, a.Name), "%s.%s: %s is the key of %s.%s already", a.Section, a.Name, key, b.Section, b.Name)
				}
			}
		}
	}
}

// TOML is a Map as the text of a file that Parse takes: every action, the ones
// that keep their key too.
func (m Map) TOML() string {
	var b strings.Builder
	b.WriteString("# Which key does what. One key, or several: [\"q\", \"f10\"]. What is left out keeps its key.\n" +
		"# Enter, Esc, Tab, the arrows and Ctrl-C mean the same whatever is written here.\n")
	section := ""
	for _, a := range Actions() {
		if a.Section != section {
			section = a.Section
			fmt.Fprintf(&b, "\n[%s]\n", section)
		}
		var quoted []string
		for _, key := range m.Of(a) {
			quoted = append(quoted, quote(key))
		}
		value := strings.Join(quoted, ", ")
		if len(quoted) > 1 {
			value = "[" + value + "]"
		}
		fmt.Fprintf(&b, "%-9s = %s\n", a.Name, value)
	}
	return b.String()
}

// quote writes a key as TOML takes it.
func quote(key string) string {
	if key == "'" {
		return `"'"`
	}
	return "'" + key + "'"
}
