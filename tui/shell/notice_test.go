package shell

import (
	"strings"
	"testing"

	"framepilot/internal/fault"
)

func TestNotices(t *testing.T) {
	hostile := "done\x1b]0;owned\a\x1b[2J\u009b2J" + strings.Repeat("長", 300)
	plain := "done ]0;owned  [2J 2J" + strings.Repeat("長", 179) // 200 characters
	for setting, want := range map[string]string{
		"off": "", "bell": "\a",
		"":       "\a\x1b]9;framepilot: " + plain + "\x1b\\",
		"osc9":   "\a\x1b]9;framepilot: " + plain + "\x1b\\",
		"osc777": "\a\x1b]777;notify;framepilot;" + plain + "\x1b\\",
	} {
		n, err := ParseNotice(setting)
		if err != nil {
			t.Fatal(err)
		}
		if got := n.sequence(hostile); got != want {
			t.Errorf("%q sends %q, want %q", setting, got, want)
		}
	}
	if got := Notice("").sequence("done"); got != "" {
		t.Errorf("the zero value sends %q", got)
	}
	if _, err := ParseNotice("siren"); fault.KindOf(err) != fault.Usage {
		t.Errorf("siren: %v", err)
	}
}
