package report

import (
	"testing"

	"framepilot/internal/lang"
	said "framepilot/internal/words"
)

// What a ledger keeps as a sentence is worded; what it has as one text is looked
// for as a whole; what nobody says any more stays as it is.
func TestToldInTheReadersLanguage(t *testing.T) {
	kept := said.Say("on %d clips of the validation split", 3)
	for _, c := range []struct{ kept, text, english, japanese string }{
		{kept.Keep(), kept.String(), "on 3 clips of the validation split", "調整用の映像 3 件による"},
		{"", "the default", "the default", "既定値"},
		{"", "by an older rule, 50 % sure", "by an older rule, 50 % sure", "by an older rule, 50 % sure"},
		{"{broken", "the default", "the default", "既定値"},
		{"", "", "", ""},
	} {
		for language, want := range map[lang.Language]string{lang.English: c.english, lang.Japanese: c.japanese} {
			if got := (words{language: language}).told(c.kept, c.text); got != want {
				t.Errorf("%s: %q, want %q", language, got, want)
			}
		}
	}
}
