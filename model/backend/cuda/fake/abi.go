//go:build linux && (amd64 || arm64) && !nogpu

package fake

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"framepilot/model/backend/cuda/dl"
)

// CheckABI holds functions and values against what headers say, one file of
// facts a version (testdata/README.md of the packages says how they are made):
// lines of "function", "constant" or "size", a name, and a number, or none for
// a function the version does not have.
func CheckABI(t *testing.T, pattern string, functions []dl.Function, constants, sizes map[string]int) {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) < 2 {
		t.Fatalf("facts of %d versions in %s: %v", len(files), pattern, err)
	}
	for _, file := range files {
		facts := readFacts(t, file)
		for _, f := range functions {
			args, ok := facts["function "+f.Name]
			if !ok && f.Else != "" {
				args, ok = facts["function "+f.Else]
			}
			if !ok || args != f.Args {
				t.Errorf("%s: %s takes %d arguments (present: %v), the table says %d", file, f.Name, args, ok, f.Args)
			}
		}
		for kind, want := range map[string]map[string]int{"constant ": constants, "size ": sizes} {
			for name, value := range want {
				if fact, ok := facts[kind+name]; !ok || fact != value {
					t.Errorf("%s: %s%s is %d (present: %v), here it is %d", file, kind, name, fact, ok, value)
				}
			}
		}
	}
}

func readFacts(t *testing.T, path string) map[string]int {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	facts := map[string]int{}
	for {
		var kind, name, number string
		if n, _ := fmt.Fscanln(f, &kind, &name, &number); n < 3 {
			break
		}
		var value int
		if _, err := fmt.Sscan(number, &value); err == nil {
			facts[kind+" "+name] = value
		}
	}
	return facts
}
