package words

import (
	"strings"
	"testing"
)

func TestNoSuch(t *testing.T) {
	known := []string{"zero-shot", "linear-probe", "prototypes"}
	for name, want := range map[string]string{
		"linear-porbe": `no method "linear-porbe"; did you mean "linear-probe"?`,
		"Zero-Shot":    `no method "Zero-Shot"; did you mean "zero-shot"?`,
		"forest":       `no method "forest"; there is "zero-shot", "linear-probe" or "prototypes"`,
	} {
		if got := NoSuch("method", name, known).String(); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
	long := strings.Repeat("x", longestName+1)
	if got := DidYouMean(long, []string{long + "y"}); got != "" {
		t.Errorf("a text of %d bytes is no slip of the finger: %q", len(long), got)
	}
}

func TestEditDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "abc", 3}, {"abc", "abc", 0}, {"abc", "acb", 1}, {"kitten", "sitting", 3}, {"猫", "犬", 1}} {
		if got := editDistance(c.a, c.b); got != c.want || got != editDistance(c.b, c.a) {
			t.Errorf("%q %q: %d, want %d", c.a, c.b, got, c.want)
		}
	}
}

func TestCountAndLists(t *testing.T) {
	for got, want := range map[string]string{
		Count(1, "clip"): "1 clip", Count(0, "clip"): "0 clips", Count(2, "class"): "2 classes",
		FirstFew([]string{"a", "b", "c"}, 2, ", "): "a, b, and 1 more", FirstFew([]string{"a", "b"}, 2, ", "): "a, b",
		Quoted([]string{"a", "b", "c"}): `"a", "b" or "c"`, Quoted(nil): "",
		At("m.csv", 3): "m.csv:3", At("m.csv", 0): "m.csv",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
