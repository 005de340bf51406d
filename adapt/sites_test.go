package adapt

import (
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"framepilot/adapt/bundle"
	"framepilot/adapt/lists"
	"framepilot/adapt/live"
	"framepilot/pilot"
	"framepilot/pilot/report"
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
			if s.Name == live.StageSites {
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
		if told := row[6] == "yes" || row[6] == "no"; told != (row[2] == "logistic, all clips") || !told && row[6] != "" {
			t.Errorf("none of the above: %q", row)
		}
	}
	// Draws of a few clips are there to measure with.
	if want := map[string]int{"zero-shot (names)": 24, "zero-shot (described)": 24, "logistic, all clips": 24}; !reflect.DeepEqual(answered, want) || sets == 0 {
		t.Errorf("answers %v, %d sets; want %v", answered, sets, want)
	}
	for i, x := range rec.Expectations {
		told := sum.Sites[0].Classifiers[i]
		if !x.HasRange || told.Expected == nil || *told.Expected != (report.Expected{Low: x.Low, High: x.High}) || told.Label != x.Label || x.Low >= x.High || told.Confirmed != nil {
			t.Errorf("%+v is told as %+v", x, told)
		}
		if as := sum.Sites[0].Shift.EstimatedAccuracy; x.Method == "logistic" && *as != [2]float64{told.Expected.Low, told.Expected.High} {
			t.Errorf("the classifier of the diagnosis is expected at %v there and %+v here", *as, told.Expected)
		}
	}
}

// A classifier that is taken to a site by a map of its clips tells strangers as
// it did at home; of one that weighs classes anew nobody knows.
func TestNoneOfTheAboveAtANewSite(t *testing.T) {
	dir := newPilot(t)
	plan := unlabelledPlan() + "[[method]]\nname = \"coral\"\nbase = \"logistic\"\n[[method]]\nname = \"em-prior\"\nbase = \"logistic\"\n"
	plan = strings.Replace(plan, "[report]\n", "[report]\nbundles = \"kept\"\n", 1)
	write(t, filepath.Join(dir, "plan.toml"), plan)
	sum, _ := mustRun(t, dir)
	told := map[string]int{}
	for _, x := range load(t, dir, sum.Run).Expectations {
		for _, a := range x.Answers {
			if a.None != nil {
				told[x.Method]++
			}
		}
	}
	if told["coral"] != 24 || told["logistic"] != 24 || told["em-prior"] != 0 {
		t.Errorf("told of %v clips", told)
	}
	b, err := bundle.Read(filepath.Join(dir, "kept", "coral-logistic-night.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	if b.Unknown == nil || b.Unknown.Known == 0 || b.Temperature == 1 {
		t.Fatalf("its bundle has %+v and temperature %g", b.Unknown, b.Temperature)
	}
}

// Where clips may be of several classes, a site without labels is answered with
// all of each clip's classes, and nothing is expected of it.
func TestSeveralClassesAtASiteWithoutLabels(t *testing.T) {
	dir := newPilot(t)
	var table strings.Builder
	table.WriteString("path,labels,group\n")
	for i, path := range sceneFiles(t, dir) {
		labels := filepath.Base(filepath.Dir(path))
		if i%3 == 0 {
			labels += "|often"
		}
		fmt.Fprintf(&table, "%s,%s,%s\n", path, labels, strings.Split(filepath.Base(path), "_")[0])
	}
	write(t, filepath.Join(dir, "multi.csv"), table.String())
	write(t, filepath.Join(dir, "plan.toml"), "schema = 1\nname = \"multi\"\nmodel = {id = \"fake\"}\n[data.day]\nmanifest = \"multi.csv\"\n"+
		"[data.night]\nfolders = \"night\"\nlabels = \"none\"\n[[method]]\nname = \"zero-shot\"\n[[method]]\nname = \"sigmoid\"\n")
	dry := newSession()
	dry.opt.DryRun = true
	promise, err := dry.run(t.Context(), t, dir)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(promise.Stages, func(s StageSummary) bool {
		return s.Name == live.StageSites && s.Detail == "night: 2 results to measure"
	}) {
		t.Errorf("the dry run promises %+v", promise.Stages)
	}
	sum, _ := mustRun(t, dir)
	rec := load(t, dir, sum.Run)
	if len(rec.Expectations) != 1 || rec.Expectations[0].Method != "sigmoid" || rec.Expectations[0].HasRange || len(rec.Expectations[0].Answers) != 24 {
		t.Fatalf("expectations %+v", rec.Expectations)
	}
	right := 0
	for _, a := range rec.Expectations[0].Answers {
		if a.None == nil || *a.None != (a.Class == pilot.NoClass) {
			t.Errorf("%+v", a)
		}
		if slices.Contains(strings.Split(a.Class, lists.LabelSeparator), filepath.Base(filepath.Dir(a.Clip))) {
			right++
		}
	}
	if right < 16 {
		t.Errorf("%d of 24 clips have their class among the answers", right)
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

// confirming is what a pilot at a site without labels says once these rows are
// in its table of labels.
func confirming(t *testing.T, rows string) (dir string, err error) {
	t.Helper()
	dir = newPilot(t)
	write(t, filepath.Join(dir, "plan.toml"), strings.Replace(unlabelledPlan(), "labels = \"none\"\n", "labels = \"none\"\nconfirm = \"seen/night.csv\"\n", 1))
	if err := os.MkdirAll(filepath.Join(dir, "seen"), 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "seen", "night.csv"), "path,label\n"+rows)
	p, err := ReadPlan(filepath.Join(dir, "plan.toml"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = ReadData(p)
	return dir, err
}

func TestConfirm(t *testing.T) {
	// Named as predictions name them, relative to the table, and one to come.
	dir, err := confirming(t, "night/lift/rec00_0.gif,lift\n../night/put/rec00_0.gif,put\nnight/turn/rec00_0.gif,turn\n"+
		"night/lift/rec01_0.gif,lift\nnight/put/rec01_1.gif,put\nnight/turn/rec02_0.gif,\n")
	if err != nil {
		t.Fatal(err)
	}
	sum, _ := mustRun(t, dir)
	for _, o := range sum.Sites[0].Classifiers {
		c := o.Confirmed
		if c == nil || c.Clips != 5 || c.Recordings != 2 || c.Verdict == "" || !(c.Interval.Low <= c.Accuracy && c.Accuracy <= c.Interval.High) {
			t.Fatalf("%s: %+v", o.Label, c)
		}
		if want := c.Interval.High < o.Expected.Low; (c.Verdict == report.Lower) != want {
			t.Errorf("%s: measured %+v, expected %+v: %s", o.Label, c.Interval, o.Expected, c.Verdict)
		}
		if c.LabelMore < 10 || c.LabelMore > 19 {
			t.Errorf("%s: %d clips more to label of 19, with an interval of %+v", o.Label, c.LabelMore, c.Interval)
		}
	}
	measured := 0
	for _, r := range load(t, dir, sum.Run).Results {
		if r.Site == "night" && r.Task == pilot.Classification {
			measured++
			if len(r.Predictions) != 5 || r.Look != 1 {
				t.Errorf("%s is scored on %d clips, look %d", r.Label, len(r.Predictions), r.Look)
			}
		}
		if strings.Contains(r.TrainSite, "night") {
			t.Errorf("%s learned from clips that are to confirm", r.Label)
		}
	}
	if measured == 0 {
		t.Error("nothing is measured")
	}
}

func TestConfirmIsRefused(t *testing.T) {
	for rows, want := range map[string]string{
		"day/lift/rec00_0.gif,lift\n":                               `night.csv:2: "day/lift/rec00_0.gif" is no clip of this site`,
		"night/lift/rec00_0.gif,lyft\n":                             `night.csv:2: no class "lyft"; did you mean "lift"?`,
		"night/lift/rec00_0.gif,lift\nnight/lift/rec00_0.gif,put\n": `night.csv:3: the clip has the label "lift" in`,
	} {
		if _, err := confirming(t, rows); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v\nwant %s", rows, err, want)
		}
	}
	dir := newPilot(t)
	for plan, want := range map[string]string{
		strings.Replace(testPlan, "folders = \"night\"\n", "folders = \"night\"\nconfirm = \"c.csv\"\n", 1):     `data.night.confirm: goes with labels = "none"`,
		strings.Replace(unlabelledPlan(), "labels = \"none\"\n", "labels = \"none\"\nconfirm = \"c.xls\"\n", 1): `data.night.confirm: "c.xls" has an unknown ending`,
	} {
		write(t, filepath.Join(dir, "plan.toml"), plan)
		if _, err := ReadPlan(filepath.Join(dir, "plan.toml")); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v\nwant %s", err, want)
		}
	}
}
