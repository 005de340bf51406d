package cli

import (
	"testing"

	"framepilot/internal/lang"
	"framepilot/probe"
)

// What a gate was judged by is said in the words of the report, in both
// languages; the ledger's own word is a group.
func TestIntervalsAreOverRecordings(t *testing.T) {
	for kind, want := range map[probe.IntervalMethod][2]string{
		probe.IntervalClips:     {"Wilson", "ウィルソン"},
		probe.IntervalGroups:    {"Wilson over recordings", "録画単位のウィルソン"},
		probe.IntervalBootstrap: {"bootstrap over recordings", "録画単位のブートストラップ"},
		probe.IntervalBCa:       {"BCa bootstrap over recordings", "録画単位の BCa ブートストラップ"},
		"of a later version":    {"of a later version", "of a later version"},
	} {
		for i, language := range []lang.Language{lang.English, lang.Japanese} {
			if got := language.Say(intervalText(string(kind))); got != want[i] {
				t.Errorf("%s, %s: %q, want %q", kind, language, got, want[i])
			}
		}
	}
}
