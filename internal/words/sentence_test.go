package words

import (
	"encoding/json"
	"errors"
	"testing"
)

func TestSentence(t *testing.T) {
	for _, c := range []struct {
		s    Sentence
		want string
	}{
		{Sentence{}, ""},
		{Say("100 % of it"), "100 % of it"},
		{Say("%s is %q, %5.1f %% of %d", "a", "b", 12.34, 7), `a is "b",  12.3 % of 7`},
		{Say("%s: %w", "read", errors.New("no %s")), "read: no %s"},
		{Say("%s and %s", Counted(1, "clip"), Counted(2, "class")), "1 clip and 2 classes"},
		{Plain("50 %s"), "50 %s"},
		{Plain(""), ""},
		{Join(Plains([]string{"a", "b"}), " % "), "a % b"},
		{Join(nil, ", "), ""},
		{Few(Plains([]string{"a", "b", "c"}), 2, ", "), "a, b, and 1 more"},
		{Few(Plains([]string{"a", "b"}), 2, ", "), "a, b"},
		{Either([]string{"a", "b", "c"}), `"a", "b" or "c"`},
		{Either([]string{"a"}), `"a"`},
		{Say("x %s", "a").With(func(int) (Sentence, bool) { return Say("y"), true }), "x y"},
	} {
		if got := c.s.String(); got != c.want || c.s.IsZero() != (c.want == "") {
			t.Errorf("got %q, want %q", got, c.want)
		}
		text, err := json.Marshal(c.s)
		var back Sentence
		if err == nil {
			err = json.Unmarshal(text, &back)
		}
		if err != nil || back.String() != c.want || back.Format() != c.s.Format() {
			t.Errorf("%s: %q, %v", text, back, err)
		}
	}
	if got := (Sentence{}).Or("old").String(); got != "old" {
		t.Errorf("got %q", got)
	}
	if got := Say("%s", "new").Or("old").String(); got != "new" {
		t.Errorf("got %q", got)
	}
}

// What is read may be of another version, or of nobody's making.
func FuzzSentence(f *testing.F) {
	f.Add(`{"say":"%s of %d","with":["a",{"say":"b"}]}`)
	f.Add(`{"say":"%s %s %% %","with":["a"]}`)
	f.Add(`{"say":"","with":[{}, "x"]}`)
	f.Fuzz(func(t *testing.T, text string) {
		var s Sentence
		if json.Unmarshal([]byte(text), &s) != nil {
			return
		}
		again, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		var back Sentence
		if err := json.Unmarshal(again, &back); err != nil || back.String() != s.String() {
			t.Errorf("%q becomes %q, %v", s, back, err)
		}
	})
}
