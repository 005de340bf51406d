package cli

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
)

// The table of leaks names tests that exist, and all that are called after a
// leak.
func TestLeakTable(t *testing.T) {
	table, err := os.ReadFile("../../docs/leaks.md")
	if err != nil {
		t.Fatal(err)
	}
	var named, there []string
	for _, m := range regexp.MustCompile("`([a-z]+\\.Test\\w+)`").FindAllStringSubmatch(string(table), -1) {
		named = append(named, m[1])
	}
	declared := regexp.MustCompile(`(?m)^func (Test\w+)\(`)
	for _, dir := range []string{"probe", "fewshot", "domain", "adapt"} {
		files, err := filepath.Glob("../../" + dir + "/*_test.go")
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range declared.FindAllStringSubmatch(string(text), -1) {
				there = append(there, dir+"."+m[1])
			}
		}
	}
	for _, test := range named {
		if !slices.Contains(there, test) {
			t.Errorf("docs/leaks.md names %s, which is not there", test)
		}
	}
	leak := regexp.MustCompile(`\.TestLeak[A-Z]`)
	for _, test := range there {
		if leak.MatchString(test) && !slices.Contains(named, test) {
			t.Errorf("docs/leaks.md does not name %s", test)
		}
	}
	if len(named) < 20 {
		t.Errorf("%d tests named", len(named))
	}
}
