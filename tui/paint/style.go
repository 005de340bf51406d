package paint

import (
	"io"

	"github.com/charmbracelet/lipgloss"
	"github.com/muesli/termenv"

	"framepilot/tui/page"
)

// Style is how tones look: with the colours a terminal has, on its background.
type Style struct {
	tones  map[page.Tone]lipgloss.Style
	frame  lipgloss.Style
	picked lipgloss.Style
	colour bool

	// Pictures says that half blocks take one cell here, so that pictures can be
	// drawn with them; without it their words stand alone.
	Pictures bool
	// Images draws pictures where the terminal can do so itself; nil where it
	// can't.
	Images Images
}

// NewStyle makes the style of a terminal: profile says how many colours it
// has; termenv.Ascii is none, as NO_COLOR asks for. The colours are told apart
// by people who can't tell red from green, and have a contrast of 4.5 or more.
func NewStyle(profile termenv.Profile, dark bool) Style {
	r := lipgloss.NewRenderer(io.Discard)
	r.SetColorProfile(profile)
	r.SetHasDarkBackground(dark)
	colour := func(light, dark string) lipgloss.Style {
		return r.NewStyle().Foreground(lipgloss.AdaptiveColor{Light: light, Dark: dark})
	}
	return Style{
		tones: map[page.Tone]lipgloss.Style{
			page.Plain:  r.NewStyle(),
			page.Good:   colour("#00558f", "#7fc4ff"),
			page.Bad:    colour("#a83200", "#ff9d6f"),
			page.Warn:   colour("#6b5200", "#e8c350"),
			page.Dim:    colour("#5f5f5f", "#a0a0a0"),
			page.Strong: r.NewStyle().Bold(true),
		},
		frame:  colour("#5f5f5f", "#a0a0a0"),
		picked: r.NewStyle().Reverse(true),
		colour: profile != termenv.Ascii,
	}
}

// tone paints text that has no line breaks.
func (s Style) tone(t page.Tone, text string) string {
	if t == page.Plain || !s.colour {
		return text
	}
	return s.tones[t].Render(text)
}
