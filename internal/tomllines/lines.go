// Package tomllines says on which line of a TOML text each key stands, which
// the TOML library does not tell: so that an error can name the line to mend.
// The text must be one the library has accepted.
package tomllines

import (
	"fmt"
	"regexp"
	"strings"
)

// Lines maps the keys of a TOML text to their lines, counted from 1, e.g.
// "model.recipe" or "method[2].shots", arrays of tables counted from 1. Where
// an array of tables repeats a key the library names the last.
type Lines map[string]int

var (
	tomlName  = `(?:[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|'[^']*')`
	tomlKey   = tomlName + `(?:\s*\.\s*` + tomlName + `)*`
	tomlTable = regexp.MustCompile(`^\s*(\[\[?)\s*(` + tomlKey + `)\s*\]`)
	tomlPair  = regexp.MustCompile(`^\s*(` + tomlKey + `)\s*=`)
	tomlPart  = regexp.MustCompile(tomlName)
)

// Find reads the lines of a text the TOML library has accepted.
// Keys inside inline tables are not found; Lines.Of then names their
// table's line.
func Find(text string) Lines {
	found := Lines{}
	count := map[string]int{} // array of tables → how many so far
	table, inString := "", ""
	for i, line := range strings.Split(text, "\n") {
		if inString != "" { // inside a string of several lines
			if strings.Count(line, inString)%2 == 1 {
				inString = ""
			}
			continue
		}
		if m := tomlTable.FindStringSubmatch(line); m != nil {
			table = indexed(joinKey("", m[2]), count)
			if m[1] == "[[" {
				count[table]++
				table = fmt.Sprintf("%s[%d]", table, count[table])
			}
			found.note(table, i+1)
		} else if m := tomlPair.FindStringSubmatch(line); m != nil {
			found.note(joinKey(table, m[1]), i+1)
		}
		for _, quotes := range []string{`"""`, `'''`} {
			if strings.Count(line, quotes)%2 == 1 {
				inString = quotes
			}
		}
	}
	return found
}

// note keeps the first line of a key.
func (l Lines) note(key string, line int) {
	if _, ok := l[key]; !ok {
		l[key] = line
	}
}

// Of returns the line of key, or of the nearest table around it, or 0.
func (l Lines) Of(key string) int {
	for key != "" {
		if line, ok := l[key]; ok {
			return line
		}
		cut := strings.LastIndexAny(key, ".[")
		if cut < 0 {
			return 0
		}
		key = key[:cut]
	}
	return 0
}

// joinKey appends a TOML key, dotted and quoted as it stands in the text.
func joinKey(table, key string) string {
	for _, part := range tomlPart.FindAllString(key, -1) {
		if part[0] == '"' || part[0] == '\'' {
			part = part[1 : len(part)-1]
		}
		table = Child(table, part)
	}
	return table
}

// Child is the path of a key in a table.
func Child(table, key string) string {
	if table == "" {
		return key
	}
	return table + "." + key
}

// indexed puts the current index behind the arrays a table lies in:
// [[method]] twice, then [method.x] is method[2].x.
func indexed(table string, count map[string]int) string {
	out := ""
	parts := strings.Split(table, ".")
	for i, part := range parts {
		out = Child(out, part)
		if n := count[out]; n > 0 && i < len(parts)-1 {
			out = fmt.Sprintf("%s[%d]", out, n)
		}
	}
	return out
}
