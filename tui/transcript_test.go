package tui_test

import (
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
