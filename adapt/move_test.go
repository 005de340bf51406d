package adapt

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"framepilot/adapt/bundle"
	"framepilot/pilot"
)

// movePlan is the test plan with other methods.
func movePlan(methods string) string {
	head, _, _ := strings.Cut(testPlan, "[[method]]")
	return head + methods + "\n[report]\nfiles = [\"report.json\"]\nbundles = \"out\"\n"
}

func TestMethodForANewSite(t *testing.T) {
	dir := newPilot(t)
	write(t, filepath.Join(dir, "plan.toml"), movePlan(`
[[method]]
name = "coral"
shots = [2, 0]
draws = 2
[[method]]
name = "logistic"
[[method]]
name = "em-prior"
base = "zero-shot"
prompts = "described"
target = "night"
`))
	dry := newSession()
	dry.opt.DryRun = true
	ahead, err := dry.run(t.Context(), t, dir)
	if err != nil {
		t.Fatal(err)
	}
	sum, _ := mustRun(t, dir)
	if ahead.New != sum.New || sum.New != 2+1+2+1 {
		t.Errorf("%d results, the dry run promised %d", sum.New, ahead.New)
	}
	labels := map[string]string{}
	for _, r := range load(t, dir, sum.Run).Results {
		labels[r.Label] += " " + r.Site
		if strings.Contains(r.Label, "after") && r.Params["clips of the site without labels"] == "" {
			t.Errorf("%s does not say what it has seen: %v", r.Label, r.Params)
		}
		if r.Label == "coral after logistic, all clips" {
			var names []string
			for _, c := range r.Choices {
				names = append(names, c.Name)
			}
			if want := []string{"C", "strength", "reweight", "temperature"}; !reflect.DeepEqual(names, want) {
				t.Errorf("it stands on %q, want %q", names, want)
			}
			if !slices.ContainsFunc(r.Metrics, func(m pilot.Metric) bool { return m.Name == "set_coverage" }) {
				t.Error("no sets of answers, which clips in the old space leave as good as they were")
			}
		}
	}
	want := map[string]string{
		"coral after logistic, 2 shots": " night night", "coral after logistic, all clips": " night",
		"logistic, all clips": " day night", "em-prior after zero-shot": " night",
	}
	if !reflect.DeepEqual(labels, want) {
		t.Errorf("measured %v\nwant %v", labels, want)
	}
	for _, name := range []string{"coral-logistic-night", "logistic", "em-prior-zero-shot-night-described"} {
		if _, err := bundle.Read(filepath.Join(dir, "out", name+".safetensors")); err != nil {
			t.Error(err)
		}
	}
	if again, _ := mustRun(t, dir); !again.Unchanged() || again.Kept != sum.New {
		t.Errorf("again: %d new, %d kept", again.New, again.Kept)
	}
}

// A site's labels, shuffled, change no answer of a method that is to work
// without them and none of its settings, and where the plan says not to look
// at them nothing at all.
func TestTargetLabelsChangeNoAnswer(t *testing.T) {
	for _, labels := range []string{"", "labels = \"none\"\n"} {
		want, got := saidOfNight(t, labels, false), saidOfNight(t, labels, true)
		if len(want) < 6*12 || !reflect.DeepEqual(got, want) {
			t.Errorf("%s%d answers; with shuffled labels at the new site\n%q\nwant\n%q", labels, len(want), got, want)
		}
	}
}

// saidOfNight runs methods for a new site on one with some labels, and lists
// their answers and settings, and what else is said of the site.
func saidOfNight(t *testing.T, labels string, shuffled bool) (said []string) {
	dir := newPilot(t)
	for _, site := range []string{"day", "night"} {
		list := "path,label,split,group\n"
		var rows [][2]string
		for _, class := range sortedKeys(testClasses) {
			for i := range 8 {
				rows = append(rows, [2]string{fmt.Sprintf("%s/%s/rec%02d_%d.gif", site, class, i/2, i%2), class})
			}
		}
		if shuffled && site == "night" {
			rng := rand.New(rand.NewPCG(3, 4))
			rng.Shuffle(len(rows), func(i, j int) { rows[i][1], rows[j][1] = rows[j][1], rows[i][1] })
		}
		for i, r := range rows {
			split := Train
			if i%8 >= 4 {
				split = Test
			}
			list += fmt.Sprintf("%s,%s,%s,%s%d\n", r[0], r[1], split, filepath.Base(filepath.Dir(r[0])), i%8/2)
		}
		write(t, filepath.Join(dir, site+".csv"), list)
	}
	plan := movePlan("[[method]]\nname = \"linear-ot\"\n[[method]]\nname = \"shot\"\n[[method]]\nname = \"stata\"\n[[method]]\nname = \"bbse\"\n[[method]]\nname = \"tda\"\nbase = \"zero-shot\"\n")
	head, rest, _ := strings.Cut(plan, "[data.day]")
	_, rest, _ = strings.Cut(rest, "[split]")
	write(t, filepath.Join(dir, "plan.toml"), head+"[data.day]\nmanifest = \"day.csv\"\n[data.night]\nmanifest = \"night.csv\"\n"+labels+"[split]"+rest)
	sum, _ := mustRun(t, dir)
	rec := load(t, dir, sum.Run)
	for _, r := range rec.Results {
		for _, p := range r.Predictions {
			said = append(said, fmt.Sprintf("%s %s %s %s %v", r.Label, r.Prompts, p.Clip, p.Predicted, p.P))
		}
		for _, c := range r.Choices {
			said = append(said, fmt.Sprintf("%s %s %+v", r.Label, r.Prompts, c))
		}
	}
	for _, x := range rec.Expectations {
		for _, a := range x.Answers {
			text, err := json.Marshal(a)
			if err != nil {
				t.Fatal(err)
			}
			said = append(said, fmt.Sprintf("%s %s", x.Name(), text))
		}
		said = append(said, fmt.Sprintf("%s %v %v", x.Name(), x.Low, x.High))
	}
	for _, f := range rec.Sites {
		said = append(said, string(f.Numbers))
	}
	return said
}

func TestMethodForANewSiteIsRefused(t *testing.T) {
	coral := "[[method]]\nname = \"coral\"\n"
	for _, c := range []struct{ methods, split, want string }{
		{coral + "base = \"corl\"\n", "", `method[1].base: no method "corl"`},
		{coral + "base = \"bbse\"\n", "", `method[1].base: no method "bbse"`},
		{coral + "target = \"nigt\"\n", "", `method[1].target: no site "nigt"; did you mean "night"?`},
		{coral + "target = \"day\"\n", "", `method[1].target: split.train names "day"`},
		{coral + "target = \"night\"\n", "all", `nothing is learned from, and there is none`},
		{coral, "all", `nothing is learned from, and there is none`},
		{coral + "C = 1\n", "", `method[1].C: coral has no such setting`},
		{coral + "set = { strengt = 1 }\n", "", `no setting "strengt"; did you mean "strength"?`},
		{coral + "base = \"zero-shot\"\nshots = 2\n", "", `method[1].shots: zero-shot learns from no clips`},
		{coral + "prompts = \"names\"\n", "", `method[1].prompts: logistic learns from clips alone`},
		{coral + coral + "target = \"night\"\n", "", `method[2]: coral after logistic with shots 0 at night is in method[1] already`},
		{"[[method]]\nname = \"logistic\"\ntarget = \"night\"\n", "", `method[1].target: goes with methods for a new site`},
		{"[[method]]\nname = \"logistic\"\nbase = \"ridge\"\n", "", `method[1].base: goes with methods for a new site`},
	} {
		dir := newPilot(t)
		plan := movePlan(c.methods)
		if c.split == "all" {
			plan = strings.Replace(plan, "train = \"day\"\n", "", 1)
		}
		write(t, filepath.Join(dir, "plan.toml"), plan)
		p, err := ReadPlan(filepath.Join(dir, "plan.toml"))
		if err == nil {
			_, err = ReadData(p)
		}
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s%s: %v\nwant %s", c.methods, c.split, err, c.want)
		}
	}
}
