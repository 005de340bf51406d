package tui

import (
	"slices"
	"strings"
	"testing"

	"framepilot/internal/lang"
	"framepilot/tui/page"
)

// What is chosen on the screen is what the command says, and the preview is of
// it.
func TestReportIsWrittenAsShown(t *testing.T) {
	full, _ := folders(t)
	a, f := newApp(t, full, lang.English)
	press(a, "7")
	if text := said(a); !strings.Contains(text, "not enough evidence") || strings.Contains(text, "根拠不足") {
		t.Errorf("an English preview says %s", text)
	}
	contents := func() int { return len(a.Page().Right[0].(page.Table).Rows) }
	board := contents()
	press(a, "g", "a", "x")
	if text := said(a); !strings.Contains(text, "根拠不足") || !strings.Contains(text, "without names") {
		t.Errorf("a Japanese preview says %s", text)
	}
	if contents() <= board {
		t.Error("a report for engineers has no more sections than one for the board")
	}
	press(a, "enter", "ctrl+u")
	fill(a, "x.doc")
	press(a, "enter")
	if p := a.Page().Blocks[1].(page.Form); p.Inputs[0].Problem == "" {
		t.Error("a .doc is taken")
	}
	press(a, "ctrl+u")
	fill(a, "x.md")
	press(a, "enter")
	if want := "framepilot report 41c0e7aa-1 -o x.md --lang ja --audience engineer --redact"; !slices.Contains(f.ran, want) {
		t.Errorf("ran %q, want %q", f.ran, want)
	}
	if text := said(a); !strings.Contains(text, "Written: line3/x.md") {
		t.Errorf("nobody says where it is: %s", text)
	}
}

// said is all texts and fields of the page.
func said(a *App) string {
	var all []string
	for _, b := range a.Page().Blocks {
		switch b := b.(type) {
		case page.Text:
			all = append(all, b.Text)
		case page.Fields:
			for _, f := range b.Items {
				all = append(all, f.Label+": "+f.Value)
			}
		}
	}
	return strings.Join(all, "\n")
}
