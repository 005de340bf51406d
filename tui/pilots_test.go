package tui

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"framepilot/adapt"
	"framepilot/internal/lang"
	"framepilot/pilot"
)

// A folder whose ledger holds two pilots shows the one of its plan: another
// plan that was run there must not leave its owner without a board.
func TestPilotOfThePlanIsShown(t *testing.T) {
	ctx := context.Background()
	dir := filepath.Join(t.TempDir(), "line")
	newFolder(t, dir)
	l, err := pilot.Open(ctx, adapt.LedgerFile(dir))
	must(t, err)
	must(t, l.Begin(ctx, pilot.Run{ID: "99c0e7aa-1", Pilot: "line 4", Question: "And line 4?", PlanPath: "p2.toml", Key: "q"}))
	must(t, l.Finish(ctx, "99c0e7aa-1", pilot.Done, ""))
	must(t, l.Close())
	a, _ := newApp(t, dir, lang.English)
	if text := said(a); !strings.Contains(text, "Can it tell reaching in") {
		t.Errorf("the board says %s", text)
	}
	press(a, "5")
	if id := a.results.rec.Run.ID; id != "41c0e7aa-1" {
		t.Errorf("the results are of run %s", id)
	}

	must(t, os.WriteFile(filepath.Join(dir, planFile), []byte("schema = 1\nname = \"line 4\"\n[model]\nid = \"demo\"\n"), 0o644))
	a, _ = newApp(t, dir, lang.English)
	if text := said(a); !strings.Contains(text, "And line 4?") {
		t.Errorf("the board says %s", text)
	}
}
