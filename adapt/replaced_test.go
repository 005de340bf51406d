package adapt

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
)

// replaced are the warnings that a report takes another's place.
func replaced(sum Summary) (all []string) {
	for _, w := range sum.Warnings {
		if strings.Contains(w, "this report replaces") {
			all = append(all, w)
		}
	}
	return all
}

// Two plans in one folder that name the same files: the second says whose report
// it replaces and how to get that again, before it does and as it does. A plan
// that renews its own says nothing.
func TestReportOfAnotherPlanIsReplacedAloud(t *testing.T) {
	dir := newPilot(t)
	first, _ := mustRun(t, dir)
	edited := strings.Replace(testPlan, "seed = 7", "seed = 8", 1)
	write(t, filepath.Join(dir, "plan.toml"), edited)
	if again, _ := mustRun(t, dir); len(replaced(again)) > 0 || again.Run == first.Run {
		t.Errorf("a plan's own report: %q", replaced(again))
	}
	owner := madeFrom(filepath.Join(dir, "report.json"))

	other := strings.NewReplacer("seed = 7", "seed = 9", `name = "colours"`, `name = "other"`).Replace(testPlan)
	write(t, filepath.Join(dir, "other.toml"), other)
	carryOut := func(dry bool) Summary {
		t.Helper()
		plan, err := ReadPlan(filepath.Join(dir, "other.toml"))
		if err != nil {
			t.Fatal(err)
		}
		s := newSession()
		s.opt.DryRun, plan.Limits.Workers = dry, 1
		sum, err := Run(context.Background(), plan, s.opt)
		if err != nil {
			t.Fatal(err)
		}
		return sum
	}
	for _, dry := range []bool{true, false} {
		said := replaced(carryOut(dry))
		if len(said) != 1 {
			t.Fatalf("dry %v: warned %q", dry, said)
		}
		for _, part := range []string{"report.json", `pilot "colours"`, "plan plan.toml", "framepilot report " + owner} {
			if !strings.Contains(said[0], part) {
				t.Errorf("dry %v: %q does not say %s", dry, said[0], part)
			}
		}
	}
	if said := replaced(carryOut(false)); len(said) > 0 {
		t.Errorf("the second time it is its own: %q", said)
	}
}

// What is no report of a run known here is no report of another plan.
func TestStrangeFilesAreNoReports(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"a.html": "<p>ours", "b.json": "{", "c.xlsx": "PK", "d.csv": "", "e.txt": "x"} {
		write(t, filepath.Join(dir, name), text)
		if id := madeFrom(filepath.Join(dir, name)); id != "" {
			t.Errorf("%s is of run %q", name, id)
		}
	}
	if id := madeFrom(filepath.Join(dir, "none.html")); id != "" {
		t.Errorf("no file is of run %q", id)
	}
}

// A draft leaves the report of its neighbour alone.
func TestDraftTakesAFreeReport(t *testing.T) {
	dir := newPilot(t)
	sites, err := FindSites(dir, dir)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "second.toml")
	reports := func() []string {
		t.Helper()
		all, err := Choices(t.Context(), Draft{Name: "second", Model: "fake", Sites: sites}, file, RunOptions{})
		if err != nil {
			t.Fatal(err)
		}
		plan, err := ParsePlan(file, all[0].Plan)
		if err != nil {
			t.Fatal(err)
		}
		return plan.Report.Files
	}
	write(t, filepath.Join(dir, "broken.toml"), "name =")
	if got := reports(); got[0] != "report.html" { // the neighbour writes report.json
		t.Errorf("alone: %q", got)
	}
	write(t, filepath.Join(dir, "plan.toml"), strings.Replace(testPlan, `"report.json"`, `"report.json", "./report.html"`, 1))
	if got := reports(); got[0] != "report-second.html" {
		t.Errorf("beside a plan that writes it: %q", got)
	}
}
