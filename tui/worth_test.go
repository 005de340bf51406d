package tui

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"framepilot/adapt"
	"framepilot/internal/lang"
	"framepilot/pilot"
	"framepilot/pilot/gate"
)

// The return is of the result the report tells of, also when that has changed
// since the screen was looked at; what was chosen stays.
func TestReturnIsOfWhatTheReportTellsOf(t *testing.T) {
	full, _ := folders(t)
	a, _ := newApp(t, full, lang.English)
	check := func(name, site string) {
		t.Helper()
		l, err := pilot.Open(context.Background(), adapt.LedgerFile(full))
		must(t, err)
		defer l.Close()
		_, err = l.Propose(context.Background(), "", "K. Sato", gate.Criterion{Name: name, Text: name, Stage: gate.Pilot, Metric: "top1", Site: site, Recipe: "gda, 4 shots, prompts: names #1", Bound: gate.AtLeast, Threshold: 0.5})
		must(t, err)
		_, err = l.SealGate(context.Background(), "", "K. Sato", name, "agreed late")
		must(t, err)
		_, err = l.CheckGate(context.Background(), "", "K. Sato", name, "", "")
		must(t, err)
	}
	for i, site := range []string{"night", "day"} {
		check(fmt.Sprint("H", i), site)
		press(a, "1", "6")
		if text := said(a); !strings.Contains(text, "at "+site) {
			t.Errorf("a gate was held against %s last, and the return is of %s", site, text)
		}
	}
	press(a, "f", "right", "enter", "enter")
	chosen, _, _ := strings.Cut(said(a), "\n")
	check("H2", "night")
	press(a, "1", "6")
	if text := said(a); !strings.HasPrefix(text, chosen) {
		t.Errorf("%s was chosen, and the return is of %s", chosen, text)
	}
}
