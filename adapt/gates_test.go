package adapt

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"framepilot/pilot"
	"framepilot/pilot/gate"
)

// A gate that wants what the plan does not measure is told of before the run,
// in it and in its report; one that the plan answers is not.
func TestGatesThatThePlanCanNotAnswer(t *testing.T) {
	dir := newPilot(t)
	l, err := pilot.Open(t.Context(), LedgerFile(dir))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.Create(t.Context(), "colours", "", "K. Sato"); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]gate.Criterion{
		"answered": {Site: "night", Recipe: "nearest-mean, 1 shot"},
		"draw":     {Site: "night", Recipe: "nearest-mean, 1 shot #2"},
		"words":    {Recipe: "zero-shot, prompts: names"},
		"any":      {Site: "day"},
		"method":   {Site: "night", Recipe: "logistic, 16 shots"},
		"site":     {Site: "dusk", Recipe: "zero-shot, prompts: names"},
	} {
		c.Name, c.Text, c.Stage, c.Metric, c.Bound, c.Threshold = name, name, gate.Pilot, "top1", gate.AtLeast, 0.5
		if _, err := l.Propose(t.Context(), "", "K. Sato", c); err != nil {
			t.Fatal(err)
		}
		if _, err := l.SealGate(t.Context(), "", "K. Sato", name, ""); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	for _, dry := range []bool{true, false, true} {
		s := newSession()
		s.opt.DryRun = dry
		sum, err := s.run(context.Background(), t, dir)
		if err != nil {
			t.Fatal(err)
		}
		var told []string
		for _, w := range sum.Warnings {
			if name, ok := strings.CutPrefix(w, "gate "); ok {
				told = append(told, strings.SplitN(name, " wants", 2)[0])
			}
		}
		if got := strings.Join(told, ","); got != "method,site" && got != "site,method" {
			t.Errorf("dry %v: told of %q", dry, got)
		}
	}
	if text := readFile(t, filepath.Join(dir, "report.json")); !strings.Contains(text, "which this plan does not measure") {
		t.Error("the report does not tell")
	}
}
