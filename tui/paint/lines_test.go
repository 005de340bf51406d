package paint

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/charmbracelet/lipgloss"
)

// At any size down to one cell, exactly that many lines and columns; what is
// chosen and the last line are in sight, and scrolling reaches every word.
func TestLinesFillTheTerminal(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 16))
	text := "Board.\n映像の正解率は 71.0 % です。\n" + strings.Repeat("words of a long sentence ", 6) + "\n* the chosen one.\nｶﾅ\nthe end.\n"
	for range 500 {
		size := Size{1 + rng.IntN(70), 1 + rng.IntN(18)}
		got, _ := Lines(text, "* ", "q leaves", size, Scroll{rng.IntN(40), rng.IntN(2) == 0})
		lines := strings.Split(got, "\n")
		if len(lines) != size.Height {
			t.Fatalf("%d lines at %v", len(lines), size)
		}
		for _, line := range lines {
			if w := lipgloss.Width(line); w != size.Width {
				t.Fatalf("a line of %d cells at %v: %q", w, size, line)
			}
		}
		if last := lines[len(lines)-1]; size.Width > 9 && !strings.HasPrefix(last, "q leaves") {
			t.Fatalf("the last line at %v is %q", size, last)
		}
	}
	if got, _ := Lines(text, "* ", "", Size{30, 4}, Scroll{}); !strings.Contains(got, "* the chosen one.") {
		t.Errorf("what is chosen is out of sight:\n%s", got)
	}
	var all []string
	for from := range 20 {
		got, used := Lines(text, "* ", "", Size{30, 4}, Scroll{from, true})
		if all = append(all, strings.Split(got, "\n")...); used.Lines != from && !strings.Contains(got, "the end.") {
			t.Errorf("from line %d on the end is not reached:\n%s", from, got)
		}
	}
	if !slices.ContainsFunc(all, func(line string) bool { return strings.HasPrefix(line, "カナ") }) {
		t.Errorf("scrolled through are %q", all)
	}
}
