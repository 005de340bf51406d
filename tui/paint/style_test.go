package paint

import (
	"strings"
	"testing"

	"github.com/muesli/termenv"

	"framepilot/tui/page"
)

// grounds are backgrounds people have: of xterm, Windows Terminal, GNOME,
// Solarized, One Dark and plain grey.
var grounds = map[bool][]string{
	true:  {"#000000", "#0c0c0c", "#1e1e1e", "#002b36", "#282c34", "#300a24"},
	false: {"#ffffff", "#fdf6e3", "#f2f2f2", "#fafafa"},
}

// rgb is a colour written as "#rrggbb".
func rgb(hex string) [3]float64 {
	c := termenv.ConvertToRGB(termenv.RGBColor(hex))
	return [3]float64{c.R, c.G, c.B}
}

// Black on white has the contrast 21, grey 119 the one that WCAG names.
func TestContrast(t *testing.T) {
	for hex, want := range map[string]float64{"#000000": 21, "#ffffff": 1, "#767676": 4.54, "#ff0000": 4.0} {
		if got := contrast(rgb(hex), rgb("#ffffff")); got < want-0.01 || got > want+0.01 {
			t.Errorf("%s on white has a contrast of %.2f, want %.2f", hex, got, want)
		}
	}
}

// Text of every tone can be read on the backgrounds people have, in as many
// colours as the terminal has.
func TestTonesCanBeRead(t *testing.T) {
	// The 16 colours are the terminal's own: those of xterm, VGA and Windows.
	sixteen := []map[string]string{
		{"1": "#cd0000", "4": "#0000ee", "5": "#cd00cd", "7": "#e5e5e5", "9": "#ff0000", "11": "#ffff00", "14": "#00ffff"},
		{"1": "#aa0000", "4": "#0000aa", "5": "#aa00aa", "7": "#aaaaaa", "9": "#ff5555", "11": "#ffff55", "14": "#55ffff"},
		{"1": "#c50f1f", "4": "#0037da", "5": "#881798", "7": "#cccccc", "9": "#e74856", "11": "#f9f1a5", "14": "#61d6d6"},
	}
	check := func(what string, ink [3]float64, ground string) {
		if c := contrast(ink, rgb(ground)); c < 4.5 {
			t.Errorf("%s on %s has a contrast of %.2f", what, ground, c)
		}
	}
	for _, dark := range []bool{false, true} {
		for tone, both := range inks {
			ink := both[0]
			if dark {
				ink = both[1]
			}
			for _, ground := range grounds[dark] {
				for _, profile := range []termenv.Profile{termenv.TrueColor, termenv.ANSI256} {
					check(ink.exact, NewStyle(profile, dark).shown(ink.exact), ground)
				}
			}
			for _, palette := range sixteen {
				if ink.of16 == "" {
					continue // as other text
				}
				ground := grounds[dark][0]
				if palette[ink.of16] == "" {
					t.Errorf("tone %v: colour %s of 16 was not looked at", tone, ink.of16)
					continue
				}
				check("colour "+ink.of16, rgb(palette[ink.of16]), ground)
			}
		}
	}
}

// A number of a heat map can be read on any shade.
func TestHeatCanBeRead(t *testing.T) {
	for _, profile := range []termenv.Profile{termenv.TrueColor, termenv.ANSI256} {
		for _, dark := range []bool{false, true} {
			s := NewStyle(profile, dark)
			for percent := range 101 {
				for _, right := range []bool{false, true} {
					behind, ink := s.heatColours(float64(percent)/100, right)
					if c := contrast(s.shown(behind), rgb(ink)); c < 4.5 {
						t.Errorf("%s on %s has a contrast of %.2f", ink, behind, c)
					}
				}
			}
		}
	}
}

// Of 16 colours and of none a heat map is words alone, and every tone has a
// style in all of them.
func TestFewColours(t *testing.T) {
	for _, profile := range []termenv.Profile{termenv.ANSI, termenv.Ascii} {
		if text := NewStyle(profile, true).heat(" #12", 0.5, true); text != " #12" {
			t.Errorf("%v: %q", profile, text)
		}
	}
	for tone := page.Plain; tone <= page.Strong; tone++ {
		if text := NewStyle(termenv.ANSI, false).tone(tone, "x"); !strings.Contains(text, "x") {
			t.Errorf("tone %v says %q", tone, text)
		}
	}
}
