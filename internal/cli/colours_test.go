package cli

import (
	"testing"

	"github.com/muesli/termenv"

	"framepilot/internal/fault"
)

// What is asked for counts, then what the environment says; NO_COLOR before
// whatever else it says.
func TestColours(t *testing.T) {
	for _, c := range []struct {
		asked, no, term, colorterm string
		want                       termenv.Profile
	}{
		{"auto", "", "xterm-256color", "", termenv.ANSI}, // no terminal is asked for it here: CLICOLOR_FORCE
		{"auto", "1", "xterm-256color", "truecolor", termenv.Ascii},
		{"256", "1", "dumb", "", termenv.ANSI256},
		{"16", "", "xterm-256color", "truecolor", termenv.ANSI},
		{"true", "", "xterm", "", termenv.TrueColor},
		{"none", "", "xterm-256color", "", termenv.Ascii},
	} {
		for name, value := range map[string]string{"NO_COLOR": c.no, "TERM": c.term, "COLORTERM": c.colorterm, "CLICOLOR": "", "CLICOLOR_FORCE": "1", "CI": "", "GOOGLE_CLOUD_SHELL": ""} {
			t.Setenv(name, value)
		}
		got, err := colours(c.asked)
		if err != nil || got != c.want {
			t.Errorf("%+v: %v, %v", c, got, err)
		}
	}
	if _, err := colours("8"); fault.KindOf(err) != fault.Usage {
		t.Errorf("8: %v", err)
	}
}
