package paint

import (
	"fmt"
	"io"
	"math"

	"github.com/charmbracelet/lipgloss"
	"github.com/muesli/termenv"

	"framepilot/tui/page"
)

// Style is how tones look: with the colours a terminal has, on its background.
type Style struct {
	tones   map[page.Tone]lipgloss.Style
	frame   lipgloss.Style
	picked  lipgloss.Style
	colour  bool
	profile termenv.Profile
	dark    bool

	// Pictures says that half blocks take one cell here, so that pictures can be
	// drawn with them; without it their words stand alone.
	Pictures bool
	// Images draws pictures where the terminal can do so itself; nil where it
	// can't.
	Images Images
}

// ink is a colour of text: as it is, and as the nearest of the 16 colours that
// can be read whatever a terminal makes of them; "" = as other text.
type ink struct{ exact, of16 string }

// The inks by tone, on a light and on a dark background.
var inks = map[page.Tone][2]ink{
	page.Good: {{"#00558f", "4"}, {"#7fc4ff", "14"}},
	page.Bad:  {{"#9c2a00", "1"}, {"#ff9d6f", "9"}},
	page.Warn: {{"#6b5200", "5"}, {"#e8c350", "11"}},
	page.Dim:  {{"#5f5f5f", ""}, {"#a8a8a8", "7"}},
}

// NewStyle makes the style of a terminal: profile says how many colours it
// has; termenv.Ascii is none, as NO_COLOR asks for. The colours are told apart
// by people who can't tell red from green, and have a contrast of 4.5 or more.
func NewStyle(profile termenv.Profile, dark bool) Style {
	r := lipgloss.NewRenderer(io.Discard)
	r.SetColorProfile(profile)
	s := Style{
		tones:  map[page.Tone]lipgloss.Style{page.Plain: r.NewStyle(), page.Strong: r.NewStyle().Bold(true)},
		picked: r.NewStyle().Reverse(true),
		colour: profile != termenv.Ascii, profile: profile, dark: dark,
	}
	for tone, both := range inks {
		ink := both[0]
		if dark {
			ink = both[1]
		}
		colour := ink.exact
		if profile == termenv.ANSI {
			colour = ink.of16
		}
		s.tones[tone] = r.NewStyle().Foreground(lipgloss.Color(colour))
	}
	s.frame = s.tones[page.Dim]
	return s
}

// tone paints text that has no line breaks.
func (s Style) tone(t page.Tone, text string) string {
	if t == page.Plain || !s.colour {
		return text
	}
	return s.tones[t].Render(text)
}

// heat paints text on a background as strong as a share: blue for what is
// right, orange for what is wrong. Sixteen colours have no shades.
func (s Style) heat(text string, share float64, right bool) string {
	if s.profile > termenv.ANSI256 {
		return text
	}
	behind, ink := s.heatColours(share, right)
	return s.tones[page.Plain].Background(lipgloss.Color(behind)).Foreground(lipgloss.Color(ink)).Render(text)
}

// heatColours are a background, and black or white: what can be read on it.
func (s Style) heatColours(share float64, right bool) (behind, ink string) {
	full := [3]float64{213, 94, 0}
	if right {
		full = [3]float64{0, 114, 178}
	}
	none := 255.0
	if s.dark {
		none = 24
	}
	part := math.Sqrt(share) // so that a few can be seen
	var rgb [3]float64
	for i := range rgb {
		rgb[i] = none + part*(full[i]-none)
	}
	behind = fmt.Sprintf("#%02x%02x%02x", int(rgb[0]), int(rgb[1]), int(rgb[2]))
	if contrast(s.shown(behind), [3]float64{}) >= contrast(s.shown(behind), [3]float64{1, 1, 1}) {
		return behind, "#000000"
	}
	return behind, "#ffffff"
}

// shown is a colour as the terminal will show it, in [0, 1].
func (s Style) shown(hex string) [3]float64 {
	c := termenv.ConvertToRGB(s.profile.Color(hex))
	return [3]float64{c.R, c.G, c.B}
}

// contrast is that of two colours by WCAG 2.2, from 1 to 21.
func contrast(a, b [3]float64) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func luminance(rgb [3]float64) (sum float64) {
	for i, weight := range [3]float64{0.2126, 0.7152, 0.0722} {
		linear := rgb[i] / 12.92
		if rgb[i] > 0.04045 {
			linear = math.Pow((rgb[i]+0.055)/1.055, 2.4)
		}
		sum += weight * linear
	}
	return sum
}
