package adapt

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"framepilot/pilot"
)

// unlabelledPlan is the test plan whose site night has no labels.
func unlabelledPlan() string {
	return strings.Replace(testPlan, "folders = \"night\"\n", "folders = \"night\"\nlabels = \"none\"\n", 1)
}

func TestSiteWithoutLabels(t *testing.T) {
	dir := newPilot(t)
	write(t, filepath.Join(dir, "plan.toml"), unlabelledPlan())
	promised := func() (detail string) {
		dry := newSession()
		dry.opt.DryRun = true
		sum, err := dry.run(t.Context(), t, dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range sum.Stages {
			if s.Name == StageSites {
				detail += s.Detail
			}
		}
		return detail
	}
	if got := promised(); got != "night: 4 results to measure" {
		t.Errorf("the dry run promises %q", got)
	}
	sum, _ := mustRun(t, dir)
	if got := promised(); got != "night: 0 results to measure, 4 kept" {
		t.Errorf("after the run the dry run promises %q", got)
	}
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
	if len(rec.Sites) != 1 || !reflect.DeepEqual(rec.Sites[0].Words["en"], shift.Sentences) || len(rec.Sites[0].Words["ja"]) != len(shift.Sentences) {
		t.Errorf("the ledger holds %+v", rec.Sites)
	}
	checkAnswers(t, sum, rec)

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

// checkAnswers holds the list of answers against the ledger and the summary.
func checkAnswers(t *testing.T, sum Summary, rec pilot.Record) {
	t.Helper()
	f, err := os.Open(sum.Predictions)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	answered := map[string]int{}
	sets := 0
	for _, row := range rows[1:] {
		answered[row[2]]++
		if !strings.HasPrefix(row[0], "night/") || row[1] != "night" || testClasses[row[3]] == [2]string{} {
			t.Errorf("%q", row)
		}
		if p, err := strconv.ParseFloat(row[4], 64); err != nil || p < 1.0/3-1e-3 || p > 1 {
			t.Errorf("probability of the likeliest of three classes: %q", row)
		}
		if row[5] != "" {
			sets++
		}
	}
	// Draws of a few clips are there to measure with.
	if want := map[string]int{"zero-shot (names)": 24, "zero-shot (described)": 24, "logistic, all clips": 24}; !reflect.DeepEqual(answered, want) || sets == 0 {
		t.Errorf("answers %v, %d sets; want %v", answered, sets, want)
	}
	for i, x := range rec.Expectations {
		told := sum.Sites[0].Expected[i]
		if !x.HasRange || told.Accuracy == nil || *told.Accuracy != [2]float64{x.Low, x.High} || told.Name != x.Name() || x.Low >= x.High {
			t.Errorf("%+v is told as %+v", x, told)
		}
		if as := sum.Sites[0].Shift.EstimatedAccuracy; x.Method == "logistic" && *as != *told.Accuracy {
			t.Errorf("the classifier of the diagnosis is expected at %v there and %v here", *as, *told.Accuracy)
		}
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
