package lang

import "testing"

func TestForSpreadsheets(t *testing.T) {
	for text, want := range map[string]string{"": "", "clip,label\na,lift\n": "clip,label\na,lift\n", "clip,label\na,持つ\n": "\ufeffclip,label\na,持つ\n"} {
		if got := string(ForSpreadsheets([]byte(text))); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
