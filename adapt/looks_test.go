package adapt

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"framepilot/adapt/live"
	"framepilot/internal/fault"
	"framepilot/pilot"
)

// kinds are the intervals of a run's first metric, each once.
func kinds(rec pilot.Record) []string {
	var out []string
	for _, r := range rec.Results {
		if k := r.Metrics[0].Interval; !slices.Contains(out, k) {
			out = append(out, k)
		}
	}
	slices.Sort(out)
	return out
}

func wantLook(t *testing.T, rec pilot.Record, look, agreed int, level string) {
	t.Helper()
	for _, r := range rec.Results {
		if r.Look != look || r.Agreed != agreed {
			t.Errorf("%s at %s is look %d of %d, want %d of %d", r.Label, r.Site, r.Look, r.Agreed, look, agreed)
		}
	}
	for _, k := range kinds(rec) {
		if !strings.HasSuffix(k, " "+level) {
			t.Errorf("an interval is %q, want %s", k, level)
		}
	}
}

// One run is one look, however often it is carried out; another plan is
// another look, and every look beyond those agreed on widens its intervals.
func TestLooksAreCounted(t *testing.T) {
	dir := newPilot(t)
	plan := filepath.Join(dir, "plan.toml")
	first, s := mustRun(t, dir)
	wantLook(t, load(t, dir, first.Run), 1, 1, "95 %")
	if slices.ContainsFunc(first.Warnings, func(w string) bool { return strings.Contains(w, "look") }) {
		t.Errorf("warnings %q", first.Warnings)
	}
	told := 0
	for _, e := range s.events {
		if e.Kind == live.EventLook {
			told++
		}
	}
	if told != 2 {
		t.Errorf("told of %d looks at 2 sites", told)
	}
	again, _ := mustRun(t, dir)
	wantLook(t, load(t, dir, again.Run), 1, 1, "95 %")

	write(t, plan, strings.Replace(testPlan, "seed = 7", "seed = 8\n[test]\nlooks = 3", 1))
	second, _ := mustRun(t, dir)
	wantLook(t, load(t, dir, second.Run), 2, 3, "98.33 %")

	write(t, plan, strings.Replace(testPlan, "seed = 7", "seed = 9", 1))
	third, _ := mustRun(t, dir)
	wantLook(t, load(t, dir, third.Run), 3, 1, "98.33 %")
	if text := strings.Join(third.Warnings, "\n"); !strings.Contains(text, "day: look 3 at a test agreed for 1: treat as exploratory") {
		t.Errorf("warnings %q", text)
	}
	page, err := os.ReadFile(filepath.Join(dir, "report.md"))
	if err != nil || !strings.Contains(string(page), "look 3 at a test agreed for 1: treat as exploratory") {
		t.Errorf("the report keeps the looks to itself: %v", err)
	}

	// The number agreed on decides nothing, so it is no other look.
	write(t, plan, strings.Replace(testPlan, "seed = 7", "seed = 9\n[test]\nlooks = 5", 1))
	same, _ := mustRun(t, dir)
	wantLook(t, load(t, dir, same.Run), 3, 5, "99 %")
	if same.Run == third.Run {
		t.Error("results with other intervals are in the same run")
	}

	write(t, plan, strings.Replace(testPlan, "seed = 7", "seed = 9\n[test]\nlooks = -1\nalpha = 1", 1))
	_, err = ReadPlan(plan)
	if fault.KindOf(err) != fault.Config || !strings.Contains(err.Error(), "test.looks") || !strings.Contains(err.Error(), "test.alpha") {
		t.Errorf("a plan for -1 looks: %v", err)
	}
}

// A look counts before its number is known: killed in between, the run has
// been counted, has no result, and ends, run again, in the same look.
func TestKilledBetweenLookAndResult(t *testing.T) {
	dir := newPilot(t)
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), killDir+"="+dir, killAt+"=look 1")
	out, err := child.CombinedOutput()
	if err == nil || child.ProcessState.Exited() {
		t.Fatalf("the child was not killed: %v\n%s", err, out)
	}
	l, err := pilot.Open(context.Background(), LedgerFile(dir))
	if err != nil {
		t.Fatal(err)
	}
	run, err := l.Latest(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	rec, err := l.Load(context.Background(), run.ID)
	if err != nil || len(rec.Results) != 0 {
		t.Errorf("%d results: %v", len(rec.Results), err)
	}
	var day []string
	for _, c := range rec.Clips {
		if c.Site == "day" && c.Split == Test && c.Class != "" {
			day = append(day, c.ID)
		}
	}
	if n, err := l.Look(context.Background(), day, "somebody else"); err != nil || n != 2 {
		t.Errorf("the next look is number %d: %v", n, err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	sum, _ := mustRun(t, dir)
	wantLook(t, load(t, dir, sum.Run), 1, 1, "95 %")
}

// namedPilot writes a pilot whose manifest says every split: 4 clips a class in
// two recordings to train on, 4 to test on, and what more says.
func namedPilot(t *testing.T, methods string, more func(dir, class string) (rows string)) (dir string) {
	t.Helper()
	dir = newPilot(t)
	var b strings.Builder
	b.WriteString("path,label,split,group\n")
	for _, class := range sortedKeys(testClasses) {
		for i := range 8 {
			split := Train
			if i >= 4 {
				split = Test
			}
			fmt.Fprintf(&b, "night/%s/rec%02d_%d.gif,%s,%s,%s%d\n", class, i/2, i%2, class, split, class, i/2)
		}
		b.WriteString(more(dir, class))
	}
	write(t, filepath.Join(dir, "m.csv"), b.String())
	head, rest, _ := strings.Cut(testPlan, "[data.day]")
	_, rest, _ = strings.Cut(rest, "[limits]")
	rest, _, _ = strings.Cut(rest, "[[method]]")
	write(t, filepath.Join(dir, "plan.toml"), head+"[data.here]\nmanifest = \"m.csv\"\n[limits]"+rest+methods+"[report]\nfiles = [\"report.json\"]\n")
	return dir
}

// CLIP_benchmark trained on train and validation together; GDA and ReHARK tune
// on a validation split and do not say so. Here a validation split chooses,
// is not fitted to, and every choice names it.
func TestLeakGDAReHARKFullValidation(t *testing.T) {
	for _, val := range []bool{false, true} {
		dir := namedPilot(t, "[[method]]\nname = \"logistic\"\n", func(_, class string) string {
			if !val {
				return ""
			}
			return fmt.Sprintf("day/%s/rec00_0.gif,%s,val,day%s\n", class, class, class)
		})
		sum, _ := mustRun(t, dir)
		for _, r := range load(t, dir, sum.Run).Results {
			if r.Params["training clips"] != "12" {
				t.Errorf("fitted to %s clips", r.Params["training clips"])
			}
			for _, c := range r.Choices {
				if c.Name == "C" && (c.Rung == "L3") != val {
					t.Errorf("with a validation split (%v), C stands on %s: %s", val, c.Rung, c.Reason)
				}
				if c.Rung == "" || c.Rule == "" || c.Reason == "" {
					t.Errorf("%s: %+v says not what it stands on", r.Label, c)
				}
			}
		}
		if text := strings.Join(sum.Warnings, "\n"); strings.Contains(text, "L3") != val {
			t.Errorf("warnings %q", text)
		}
	}
}

// Copies of a clip inside its recording change no choice made by leaving
// groups out, nor any prediction.
func TestCopiesInsideAGroupChangeNoChoice(t *testing.T) {
	said := func(copies int) (choices, predictions []string) {
		dir := namedPilot(t, "[[method]]\nname = \"ridge\"\n[[method]]\nname = \"gda\"\n", func(dir, class string) string {
			var rows strings.Builder
			text, err := os.ReadFile(filepath.Join(dir, "night", class, "rec01_0.gif"))
			if err != nil {
				t.Fatal(err)
			}
			for i := range copies {
				path := fmt.Sprintf("night/%s/copy%d.gif", class, i)
				write(t, filepath.Join(dir, path), string(text))
				fmt.Fprintf(&rows, "%s,%s,train,%s1\n", path, class, class)
			}
			return rows.String()
		})
		sum, _ := mustRun(t, dir)
		for _, r := range load(t, dir, sum.Run).Results {
			for _, c := range r.Choices {
				choices = append(choices, fmt.Sprint(r.Label, " ", r.Prompts, " ", c))
			}
			for _, p := range r.Predictions {
				predictions = append(predictions, fmt.Sprint(r.Label, r.Prompts, p))
			}
		}
		return choices, predictions
	}
	choices, predictions := said(0)
	if !strings.Contains(fmt.Sprint(choices), "L1") || !strings.Contains(fmt.Sprint(choices), "temperature") {
		t.Fatalf("no choice by leaving groups out: %q", choices)
	}
	for _, copies := range []int{1, 5} {
		gotChoices, gotPredictions := said(copies)
		if !slices.Equal(gotChoices, choices) {
			t.Errorf("%d copies: choices\n%q\nwant\n%q", copies, gotChoices, choices)
		}
		if !slices.Equal(gotPredictions, predictions) {
			t.Errorf("%d copies: other predictions", copies)
		}
	}
}
