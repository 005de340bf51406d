package shell

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/term"

	"framepilot/internal/needed"
	"framepilot/tui/paint"
)

// measuresWidths makes the test binary ask its terminal how wide the characters
// of a file are, one a line; it writes the file anew, each with its cells.
const measuresWidths = "widths of "

func measureWidths(file string) int {
	text, err := os.ReadFile(file)
	if err != nil {
		panic(err)
	}
	state, err := term.MakeRaw(int(os.Stdin.Fd()))
	if err != nil {
		panic(err)
	}
	defer func() { _ = term.Restore(int(os.Stdin.Fd()), state) }()
	var b strings.Builder
	for r := range strings.FieldsSeq(string(text)) {
		fmt.Printf("\r%s\x1b[6n\r\x1b[K", r)
		said := answer(os.Stdin, patient, func(said []byte) bool { return cursorAt.Match(said) })
		fmt.Fprintf(&b, "%s %d\n", r, column(said)-1)
	}
	if err := os.WriteFile(file+".new", []byte(b.String()), 0o600); err != nil {
		panic(err)
	}
	if err := os.Rename(file+".new", file+".measured"); err != nil {
		panic(err)
	}
	return 0
}

// Every character of every golden frame, and what pictures are made of, takes
// the cells in a terminal that frames count for it.
func TestTerminalAgreesOnWidths(t *testing.T) {
	t.Parallel()
	program, err := exec.LookPath("tmux")
	if err != nil {
		needed.Missing(t, "tmux", err)
	}
	goldens, err := filepath.Glob("../testdata/*.txt")
	if err != nil || len(goldens) < 50 {
		t.Fatalf("%d golden frames: %v", len(goldens), err)
	}
	used := map[rune]bool{'\u2580': true}
	for _, golden := range goldens {
		if strings.HasPrefix(filepath.Base(golden), "linear.") {
			continue // read out, not painted
		}
		text, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range string(text) {
			used[r] = r > ' '
		}
	}
	delete(used, ' ')
	delete(used, '\n')
	dir := t.TempDir()
	file, server := filepath.Join(dir, "characters"), serverName(dir)
	var all strings.Builder
	for _, r := range slices.Sorted(maps.Keys(used)) {
		fmt.Fprintf(&all, "%c\n", r)
	}
	if err := os.WriteFile(file, []byte(all.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = exec.Command(program, "-L", server, "kill-server").Run() }) // it may have ended with its window
	if out, err := exec.Command(program, "-u", "-L", server, "-f", "/dev/null", "new-session", "-d", "env", asUI+"="+measuresWidths+file, os.Args[0]).CombinedOutput(); err != nil {
		t.Fatalf("tmux: %v: %s", err, out)
	}
	var measured []byte
	until(func() bool { measured, err = os.ReadFile(file + ".measured"); return err == nil })
	n, wide := 0, 0
	for line := range strings.Lines(string(measured)) {
		var r string
		var cells int
		if _, err := fmt.Sscan(line, &r, &cells); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		if want := paint.Cells(r); cells != want {
			t.Errorf("%s takes %d cells, and is counted as %d", r, cells, want)
		}
		n++
		wide += cells - 1
	}
	if n != len(used) || wide < 300 {
		t.Errorf("%d of %d characters were measured, %d of them wide", n, len(used), wide)
	}
}
