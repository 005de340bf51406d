package shell

import (
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/lipgloss"
	"github.com/muesli/termenv"

	"framepilot/tui"
	"framepilot/tui/paint"
)

// newModel is the UI of an empty folder, without a terminal.
func newModel(t *testing.T, now func() time.Time) *model {
	style := paint.NewStyle(termenv.Ascii, true)
	return &model{ctx: t.Context(), app: tui.New(tui.Options{Dir: t.TempDir(), Commands: noCommands{}, Now: now}), terminal: Terminal{Style: style, Other: style}, now: now}
}

// A key is answered at once; of many, ten frames a second are sent, the last
// of them too; a terminal of another size gets its frame at once.
func TestFramesASecond(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	m := newModel(t, func() time.Time { return now })
	key := func(r rune) { m.Update(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune{r}}) }
	shows := func(text string) bool { return strings.Contains(m.View(), text) }
	m.Update(tea.WindowSizeMsg{Width: 80, Height: 24})
	now = now.Add(time.Second)
	if key('5'); !shows("<5 Compare>") {
		t.Error("a key is not answered at once")
	}
	frames, last := 0, m.View()
	for i := range 30 {
		now = now.Add(time.Second / 30)
		if m.waits && now.Sub(m.at) >= between {
			m.Update(due{})
		}
		key(rune('1' + i%8))
		if m.View() != last {
			frames, last = frames+1, m.View()
		}
	}
	if frames < 5 || frames > 10 {
		t.Errorf("%d frames in a second of keys", frames)
	}
	key('8')
	now = now.Add(between)
	if m.Update(due{}); !shows("<8 Ledger>") {
		t.Errorf("the last frame is not sent: %s", m.View())
	}
	m.Update(tea.WindowSizeMsg{Width: 100, Height: 30})
	if line, _, _ := strings.Cut(m.View(), "\n"); lipgloss.Width(line) != 100 {
		t.Errorf("the frame of another size: %q", line)
	}
}

// A terminal that looks for news and finds none is not painted anew.
func TestNothingNewIsNotPainted(t *testing.T) {
	now := time.Now()
	m := newModel(t, func() time.Time { return now })
	m.app.Open()
	m.Update(tea.WindowSizeMsg{Width: 80, Height: 24})
	m.frame = "as it was"
	if m.Update(ticked{}); m.frame != "as it was" {
		t.Error("painted")
	}
}

// Below the smallest frame the page is read out where it stands: with the keys
// that work, a way out in the last line, and no line wider than the terminal.
func TestSmallTerminals(t *testing.T) {
	m := newModel(t, time.Now)
	m.Update(tea.WindowSizeMsg{Width: 40, Height: 9})
	key := func(k tea.KeyType) { m.Update(tea.KeyMsg{Type: k}); m.draw() }
	for _, want := range []string{"Welcome.", "framepilot answers", "q quit"} {
		if !strings.Contains(m.frame, want) {
			t.Errorf("%q is not on\n%s", want, m.frame)
		}
	}
	for range 9 {
		key(tea.KeyPgDown)
	}
	if !strings.Contains(m.frame, "[n] new pilot.") || strings.Contains(m.frame, "Welcome.") {
		t.Errorf("PgDn does not lead to the keys:\n%s", m.frame)
	}
	m.Update(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("n")})
	m.Update(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("x")})
	if m.draw(); !strings.Contains(m.frame, "* Name: x.") {
		t.Errorf("what is typed is out of sight:\n%s", m.frame)
	}
	for width := 1; width < paint.MinWidth; width += 3 {
		for height := 1; height < paint.MinHeight+3; height++ {
			m.Update(tea.WindowSizeMsg{Width: width, Height: height})
			lines := strings.Split(m.View(), "\n")
			if len(lines) != height {
				t.Fatalf("%d lines at %d x %d", len(lines), width, height)
			}
			for _, line := range lines {
				if lipgloss.Width(line) != width {
					t.Fatalf("%q at %d x %d", line, width, height)
				}
			}
		}
	}
}
