package shell

import (
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/muesli/termenv"

	"framepilot/tui"
	"framepilot/tui/paint"
)

// A key is answered at once; of many, ten frames a second are sent, the last
// of them too; a terminal of another size gets its frame at once.
func TestFramesASecond(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	style := paint.NewStyle(termenv.Ascii, true)
	m := &model{ctx: t.Context(), app: tui.New(tui.Options{Dir: t.TempDir(), Commands: noCommands{}}), terminal: Terminal{Style: style, Other: style}, now: func() time.Time { return now }}
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
	if line, _, _ := strings.Cut(m.View(), "\n"); len(line) != 100 {
		t.Errorf("the frame of another size: %q", line)
	}
}

// A terminal that looks for news and finds none is not painted anew.
func TestNothingNewIsNotPainted(t *testing.T) {
	now := time.Now()
	style := paint.NewStyle(termenv.Ascii, true)
	m := &model{ctx: t.Context(), app: tui.New(tui.Options{Dir: t.TempDir(), Commands: noCommands{}, Now: func() time.Time { return now }}), terminal: Terminal{Style: style, Other: style}, now: time.Now}
	m.app.Open()
	m.Update(tea.WindowSizeMsg{Width: 80, Height: 24})
	m.frame = "as it was"
	if m.Update(ticked{}); m.frame != "as it was" {
		t.Error("painted")
	}
}
