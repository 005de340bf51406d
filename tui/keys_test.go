package tui

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"framepilot/internal/lang"
	"framepilot/tui/keys"
	"framepilot/tui/page"
)

// always are keys that no file changes.
var always = []string{"enter", "esc", "space"}

// What a page offers can be bound to another key.
func TestEveryActionCanBeBound(t *testing.T) {
	full, empty := folders(t)
	read := map[string]results{} // by folder
	known := keys.Actions()
	for _, s := range scenes {
		dir := full
		if s.empty {
			dir = empty
		}
		a, _ := newAppKnowing(t, dir, lang.English, read[dir])
		read[dir] = a.results
		s.reach(a)
		if a.dialog != nil || a.palette != nil || a.help != nil {
			continue
		}
		section := a.tabs[a.at].name
		for _, x := range a.Page().Actions {
			if !slices.Contains(always, x.Key) && !slices.ContainsFunc(known, func(k keys.Action) bool {
				return k.Key == x.Key && (k.Section == section || k.Section == keys.Everywhere)
			}) {
				t.Errorf("%s: [%s] %s is not in the table of package keys", s.name, x.Key, x.Label)
			}
		}
	}
	a, _ := newApp(t, full, lang.English)
	for _, g := range a.everywhere() {
		if !slices.ContainsFunc(known, func(k keys.Action) bool { return k.Key == g.key && k.Section == keys.Everywhere }) {
			t.Errorf("%s is not in the table of package keys", g.key)
		}
	}
}

// Keys of one's own are shown wherever keys are shown, do what they are for,
// and the old ones do nothing.
func TestOwnKeys(t *testing.T) {
	full, _ := folders(t)
	own, err := keys.Parse("mine.toml", "[everywhere]\nquit = 'Q'\nhelp = 'f1'\nboard = 'b'\n[board]\npropose = 'P'\n")
	must(t, err)
	a, _ := newApp(t, full, lang.English)
	a.o.Keys = own
	press(a, "1", "q", "p", "?")
	if a.Quit() || a.dialog != nil || a.help != nil {
		t.Error("keys that were given away still work")
	}
	press(a, "2", "b")
	if a.tabs[a.at].name != "board" {
		t.Error("b does not lead to the board")
	}
	if i := slices.IndexFunc(a.Page().Actions, func(x page.Action) bool { return x.Key == "P" }); i < 0 {
		t.Errorf("P is not shown: %+v", a.Page().Actions)
	}
	foot := a.Footer()
	if text := fmt.Sprint(foot); !strings.Contains(text, "b Board") || !strings.Contains(text, "f1 help") || !strings.Contains(text, "Q quit") {
		t.Errorf("the footer says %s", text)
	}
	press(a, "f1")
	help := a.Page().Blocks[0].(page.Table)
	if !strings.Contains(help.Name, "mine.toml") || !slices.ContainsFunc(help.Rows, func(r page.Row) bool { return r.Cells[0] == "P" && r.Cells[1] == "agree on a gate" }) {
		t.Errorf("help says %+v", help)
	}
	press(a, "f1", "P")
	fill(a, "Qp?") // text is text
	if f := a.Page().Blocks[1].(page.Form); f.Inputs[1].Value != "Qp?" {
		t.Errorf("typed was Qp?, there is %q", f.Inputs[1].Value)
	}
	press(a, "esc", "Q")
	if !a.Quit() {
		t.Error("Q does not lead out")
	}
}
