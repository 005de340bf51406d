package tui_test

import (
	"regexp"
	"strings"
	"testing"

	"framepilot/internal/lang"
	"framepilot/tui"
	"framepilot/tui/linear"
)

// othersWords are English in a Japanese screen for good reason: what the people
// of the pilot wrote, commands, and names of methods and settings.
var othersWords = []*regexp.Regexp{
	regexp.MustCompile(`framepilot( [!-~]+)+`),
	regexp.MustCompile(`Can it tell reaching in from lifting, at night too\?|Does it see a fall\?|K\. Sato|M\. Tanaka`),
	regexp.MustCompile(`recognises (night|day) footage|licence of the weights|sees falls|new helmets since Monday|the box stays on the shelf`),
	regexp.MustCompile(`apt install ffmpeg`),
	regexp.MustCompile(`go, conditions, no-go, undecided|at-least, at-most`),
	regexp.MustCompile(`top1(, [a-z_0-9-]+)+`),
	regexp.MustCompile(`(gda|zero-shot), (\d shots?, )?prompts: names( #\d)?`),
}

// sentence is three English words in a row.
var sentence = regexp.MustCompile(`[A-Za-z][a-z']+([ ,;:]+[A-Za-z][a-z']*){2,}`)

// A person who reads Japanese meets no English sentence on any screen.
func TestNoEnglishInJapanese(t *testing.T) {
	if testing.Short() {
		t.Skip("every scene and question")
	}
	scene := ""
	for line := range strings.Lines(tui.Transcript(t, lang.Japanese, linear.Text)) {
		if name, ok := strings.CutPrefix(line, "== "); ok {
			scene = strings.TrimSpace(name)
			continue
		}
		if scene == "report-engineer" { // the preview of a report in English
			continue
		}
		for _, known := range othersWords {
			line = known.ReplaceAllString(line, "…")
		}
		if found := sentence.FindString(line); found != "" {
			t.Errorf("%s: %q", scene, found)
		}
	}
}
