package fault

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
	"testing"

	"framepilot/internal/words"
)

func TestSaid(t *testing.T) {
	missing := New(Missing, "look elsewhere", "%s: no such clip", "a.mp4")
	dynamic := Say(Input, words.Say("take %s", "b"), "%d wrong: %w", 2, missing)
	_, read := os.ReadFile("no/such/file")
	for _, c := range []struct {
		err    error
		format string // of what is said
		fix    string
	}{
		{errors.New("plain"), "plain", ""},
		{missing, "%s: no such clip", "look elsewhere"},
		{fmt.Errorf("step: %w", missing), "%s%s", "look elsewhere"},
		{dynamic, "%d wrong: %w", "take b"},
		{errors.Join(missing, dynamic), "%s\n%s", "look elsewhere"},
		{errors.Join(missing), "%s", "look elsewhere"},
		{read, "%s%s", ""},
		{&fs.PathError{Op: "open", Path: "x", Err: syscall.ENOSPC}, "%s%s", ""},
		{syscall.ENOSPC, syscall.ENOSPC.Error(), ""},
		{&Error{Kind: Input, Hint: "try", Err: missing}, "%s: no such clip", "try"},
	} {
		said := Said(c.err)
		if said.Format() != c.format || said.String() != c.err.Error() {
			t.Errorf("%v: said %q by %q, want %q", c.err, said, said.Format(), c.format)
		}
		if got := Fix(c.err).String(); got != c.fix || got != HintOf(c.err) {
			t.Errorf("%v: fix %q, hint %q, want %q", c.err, got, HintOf(c.err), c.fix)
		}
	}
	// A cause is said as it says itself, not as its text.
	inner, ok := Said(dynamic).Values()[1].(words.Sentence)
	if !ok || inner.Format() != "%s: no such clip" {
		t.Errorf("the cause is %v", Said(dynamic).Values())
	}
	if s := Said(nil); !s.IsZero() {
		t.Errorf("no error says %q", s)
	}
}
