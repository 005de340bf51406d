package adapt

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// unlabelledPlan is the test plan whose site night has no labels.
func unlabelledPlan() string {
	return strings.Replace(testPlan, "folders = \"night\"\n", "folders = \"night\"\nlabels = \"none\"\n", 1)
}

func TestSiteWithoutLabels(t *testing.T) {
	dir := newPilot(t)
	write(t, filepath.Join(dir, "plan.toml"), unlabelledPlan())
	sum, _ := mustRun(t, dir)
	if len(sum.Sites) != 1 || sum.Sites[0].Site != "night" || sum.Sites[0].Classifier != "logistic" {
		t.Fatalf("%+v", sum.Sites)
	}
	shift := sum.Sites[0].Shift
	if shift.TargetClips != 24 || shift.EstimatedAccuracy == nil || shift.ClipsToConfirm == 0 || len(shift.Sentences) < 3 {
		t.Errorf("%+v", shift)
	}
	rec := load(t, dir, sum.Run)
	for _, r := range rec.Results {
		if r.Task == "classification" && r.Site == "night" {
			t.Errorf("%s was scored where nothing has a label", r.Label)
		}
	}
	said := false
	for _, s := range rec.Stages {
		said = said || s.Name == StageSites && strings.Contains(s.Detail, shift.Sentences[0])
	}
	if !said {
		t.Error("the ledger has no word of it")
	}

	// The folders mean nothing: the same clips in one folder say the same.
	for _, class := range []string{"put", "turn"} {
		list, err := os.ReadDir(filepath.Join(dir, "night", class))
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range list {
			if err := os.Rename(filepath.Join(dir, "night", class, e.Name()), filepath.Join(dir, "night", "lift", class+e.Name())); err != nil {
				t.Fatal(err)
			}
		}
	}
	again, _ := mustRun(t, dir)
	got := again.Sites[0].Shift
	if got.TargetClips != 24 || got.Verdict != shift.Verdict || !reflect.DeepEqual(rounded(got.EMPrior), rounded(shift.EMPrior)) {
		t.Errorf("other folders: %+v\nwas %+v", got, shift)
	}
}

// rounded forgives the order sums are taken in.
func rounded(x []float64) []int {
	var out []int
	for _, v := range x {
		out = append(out, int(v*1e6+0.5))
	}
	return out
}

func TestSiteWithTooFewClips(t *testing.T) {
	dir := newPilot(t)
	write(t, filepath.Join(dir, "plan.toml"), unlabelledPlan())
	if err := os.RemoveAll(filepath.Join(dir, "night")); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(dir, "night"), 0o755); err != nil {
		t.Fatal(err)
	}
	p, err := ReadPlan(filepath.Join(dir, "plan.toml"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ReadData(p); err == nil || !strings.Contains(err.Error(), "holds no clips") {
		t.Errorf("empty folder: %v", err)
	}
	if err := os.Rename(filepath.Join(dir, "day", "lift", "rec03_1.gif"), filepath.Join(dir, "night", "one.gif")); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "plan.toml"), strings.Replace(unlabelledPlan(), "group_by = '(rec\\d+)'\n[split]", "[split]", 1))
	sum, _ := mustRun(t, dir)
	if len(sum.Sites) != 0 || !strings.Contains(strings.Join(sum.Warnings, "\n"), "site night: too few clips to compare") {
		t.Errorf("%+v, warnings %q", sum.Sites, sum.Warnings)
	}
}
