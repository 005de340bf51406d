package report

import (
	"strings"
	"testing"

	"framepilot/internal/lang"
	"framepilot/pilot"
	"framepilot/pilot/gate"
)

// Where no gate was agreed on, none can say anything, nor be settled.
func TestBriefWithoutGates(t *testing.T) {
	w := words{lang.English}
	for _, decision := range []*Decision{nil, {Answer: pilot.Go, By: "K. Sato"}} {
		c := Case{Stage: gate.Pilot, Next: Next{Kind: pilot.DoPropose}, Evidence: pilot.NotYet, Decision: decision, Stages: []StageState{{Stage: gate.Pilot}, {Stage: gate.OnSite, Gates: 2}}}
		b := w.brief(Document{Case: &c})
		said := strings.Join(append(b.Lines, b.Head, b.Stage), "; ")
		if strings.Contains(said, "gates say") || strings.Contains(said, "0 of 0") || !strings.Contains(said, "no gate agreed") {
			t.Errorf("%v: %s", decision, said)
		}
	}
}
