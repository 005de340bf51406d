package tui_test

import (
	"bufio"
	"slices"
	"strings"
	"testing"

	"framepilot/internal/lang"
	"framepilot/tui"
	"framepilot/tui/linear"
)

// Read out, every screen says its words without line art or drawings.
func TestLinearTranscripts(t *testing.T) {
	for _, language := range lang.All() {
		text := tui.Transcript(t, language, linear.Text)
		for _, r := range text {
			if r >= 0x2500 && r <= 0x259f || r >= 0x2600 && r <= 0x27bf || r >= 0x2800 && r <= 0x28ff || r >= 0x1f000 && r <= 0x1faff {
				t.Errorf("%s: %q is read out", language, r)
			}
		}
		for _, drawing := range []string{"[#", "...|", "--|", "+--"} {
			if strings.Contains(text, drawing) {
				t.Errorf("%s: a drawing is read out: %s", language, drawing)
			}
		}
		tui.Golden(t, "linear."+string(language)+".txt", text)
	}
}

// A person who listens gets from the board to a written report by numbers: the
// page's own first, then the screens'.
func TestListenerWritesAReport(t *testing.T) {
	app, ran := tui.AppInPilot(t)
	var out strings.Builder
	answers := "0\n15\n1\nboard.md\n99\nq\n" // no such number, Report, write it, its name, no such number
	if err := linear.Run(t.Context(), app, bufio.NewReader(strings.NewReader(answers)), &out, linear.Options{}); err != nil {
		t.Fatal(err)
	}
	if text := out.String(); !strings.Contains(text, "15 Report") || !strings.Contains(text, "There is no 0.") || !strings.Contains(text, "There is no 99.") {
		t.Errorf("read out was\n%s", text)
	}
	if want := "framepilot report 41c0e7aa-1 -o board.md --lang en --audience board"; !slices.Contains(ran(), want) {
		t.Errorf("ran %q, want %q; read out was\n%s", ran(), want, out.String())
	}
}
