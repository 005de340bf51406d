package adapt

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"framepilot/internal/fault"
	"framepilot/internal/words"
)

const fullPlan = `# a plan that says everything
schema = 1
name = "line3"
question = "Can it tell the five steps apart at night?"
seed = 20261123

[model]
id = "demo"
sha256 = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789ABCDEF"
recipe = "features"
frames = 8
device = "cpu"
precision = "fp32"

[data.night]
manifest = "night.csv"
root = "clips"

[data.day]
folders = "day"
captions = "captions.csv"
group_by = '(rec\d+)'

[split]
train = "day"
test_share = 0.25

[test]
looks = 3
alpha = "5%"
conformal = "per-class"

[limits]
max_failed = "2.5%"
workers = 3
batch = 4

[prompts.names]
templates = ["a person {}"]

[prompts.described]
templates = ["{}", "a video of {}"]
[prompts.described.classes]
lift = ["a part moving up", "a part going up"]
"put down" = "a part moving down"

[[method]]
name = "zero-shot"
prompts = ["names", "described"]

[[method]]
name = "nearest-mean"
shots = [1, 4, 16]

[[method]]
name = "logistic"
shots = 2
draws = 3
C = 10

[retrieval]
prompts = "described"
dual_softmax = true

[rates]
by = "K. Sato"
source = "HR"
currency = "JPY"
[rates.values]
wage_per_hour = [2500, 3000, 3500]
"error_cost:lift:put down" = 20

[report]
files = ["report.html", "report.md", "report.json", "report.csv"]
`

func TestPlanSaysEverything(t *testing.T) {
	got, err := ParsePlan("dir/plan.toml", fullPlan)
	if err != nil {
		t.Fatal(err)
	}
	want := Plan{
		Schema: 1, Name: "line3", Question: "Can it tell the five steps apart at night?", Seed: 20261123,
		Model: ModelPlan{ID: "demo", SHA256: "0123456789abcdef0123456789abcdef0123456789abcdef0123456789ABCDEF",
			Recipe: "features", Frames: 8, Device: "cpu", Precision: "fp32"},
		Data: []Source{
			{Name: "night", Manifest: "night.csv", Root: "clips"},
			{Name: "day", Folders: "day", Captions: "captions.csv", GroupBy: `(rec\d+)`},
		},
		Split:  SplitPlan{Train: []string{"day"}, TestShare: 0.25},
		Test:   TestPlan{Looks: 3, Alpha: 0.05, Conformal: "per-class"},
		Limits: Limits{MaxFailed: 0.025, Workers: 3, Batch: 4},
		Prompts: []PromptSet{
			{Name: "names", Templates: []string{"a person {}"}},
			{Name: "described", Templates: []string{"{}", "a video of {}"}, Classes: map[string][]string{
				"lift": {"a part moving up", "a part going up"}, "put down": {"a part moving down"},
			}},
		},
		Methods: []Method{
			{Name: ZeroShot, Prompts: []string{"names", "described"}, Draws: 5},
			{Name: "nearest-mean", Shots: []int{1, 4, 16}, Draws: 20},
			{Name: "logistic", Shots: []int{2}, Draws: 3, C: 10},
		},
		Retrieval: &Retrieval{Prompts: "described", DualSoftmax: true},
		Rates: RatesPlan{By: "K. Sato", Source: "HR", Currency: "JPY",
			Values: map[string][]float64{"wage_per_hour": {2500, 3000, 3500}, "error_cost:lift:put down": {20}}},
		Report: ReportPlan{Files: []string{"report.html", "report.md", "report.json", "report.csv"}},
		File:   "dir/plan.toml", Text: fullPlan,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if p := got.Resolve("day"); p != filepath.Join("dir", "day") {
		t.Errorf("day resolves to %s", p)
	}
}

const shortPlan = `schema = 1
name = "x"
[model]
id = "demo"
[data.day]
folders = "day"
[[method]]
name = "zero-shot"
[[method]]
name = "logistic"
`

func TestPlanDefaults(t *testing.T) {
	p, err := ParsePlan("plan.toml", "\ufeff"+strings.ReplaceAll(shortPlan, "\n", "\r\n"))
	if err != nil {
		t.Fatal(err)
	}
	if p.Model.Recipe != "eval" || p.Split.TestShare != 0.5 || p.Limits.MaxFailed != 0.01 {
		t.Errorf("defaults: %+v", p)
	}
	wantPrompts := []PromptSet{{Name: "names", Templates: []string{"a person {}"}}}
	if !reflect.DeepEqual(p.Prompts, wantPrompts) || !reflect.DeepEqual(p.Methods[0].Prompts, []string{"names"}) {
		t.Errorf("prompts: %+v, method: %+v", p.Prompts, p.Methods[0])
	}
	if !reflect.DeepEqual(p.Methods[1].Shots, []int{0}) || p.Methods[1].Draws != 5 {
		t.Errorf("logistic: %+v", p.Methods[1])
	}
}

// A table [prompts] without a set in it says nothing: the words are the
// published ones.
func TestEmptyPrompts(t *testing.T) {
	text := "schema = 1\nname = \"x\"\n[model]\nid = \"demo\"\n[prompts]\n[data.a]\nfolders = \"a\"\n[[method]]\nname = \"nearest-mean\"\n[retrieval]\n"
	p, err := ParsePlan("plan.toml", text)
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Prompts) != 1 || p.Retrieval.Prompts != p.Prompts[0].Name {
		t.Errorf("prompts %+v, of retrieval %q", p.Prompts, p.Retrieval.Prompts)
	}
}

// TestPlanErrors holds every message a wrong plan can get against its exact
// words, file and lines included.
func TestPlanErrors(t *testing.T) {
	for name, c := range map[string]struct{ plan, want string }{
		"syntax": {
			"schema = 1\nname = \"x\nseed = 2\n",
			"plan p.toml:2:10: strings cannot contain newlines",
		},
		"key twice": {
			"schema = 1\nschema = 2\n",
			"plan p.toml:2:12: Key 'schema' has already been defined.",
		},
		"unknown key": {
			shortPlan + "shot = [1]\n",
			`plan p.toml:11: method[2].shot: unknown key; did you mean "shots"?`,
		},
		"unknown key, nothing near": {
			shortPlan + "[limits]\nzzzzzz = 1\n",
			"plan p.toml:12: limits.zzzzzz: unknown key; known here: max_failed, max_hours, max_cost, exclude, workers, batch",
		},
		"unknown table": {
			shortPlan + "[reprot]\nfiles = \"a.html\"\n",
			`plan p.toml:11: reprot: unknown key; did you mean "report"?`,
		},
		"wrong case": {
			strings.Replace(shortPlan, "name = \"x\"", "Name = \"x\"", 1),
			`plan p.toml:2: Name: unknown key; did you mean "name"?`,
		},
		"wrong types, in the right table of an array": {
			strings.Replace(shortPlan, `name = "zero-shot"`, "name = \"zero-shot\"\nprompts = [1]\nshots = \"all\"", 1) + "draws = 2.5\n",
			"plan p.toml has 3 problems:\n" +
				"  p.toml:9: method[1].prompts: want a string in quotes, not the number 1\n" +
				"  p.toml:10: method[1].shots: want a whole number, not the string \"all\"\n" +
				"  p.toml:13: method[2].draws: want a whole number, not the number 2.5",
		},
		"table instead of value": {
			shortPlan + "[split]\ntest_share = {a = 1}\n[retrieval]\ndual_softmax = 1\n",
			"plan p.toml has 2 problems:\n" +
				"  p.toml:12: split.test_share: want a number, not a table\n" +
				"  p.toml:14: retrieval.dual_softmax: want true or false, not the number 1",
		},
		"value instead of table": {
			"schema = 1\nname = \"x\"\ndata = \"day\"\nmodel = 1\nmethod = \"logistic\"\n",
			"plan p.toml has 3 problems:\n" +
				"  p.toml:3: data: want tables [data.NAME], not the string \"day\"\n" +
				"  p.toml:4: model: want a table, not the number 1\n" +
				"  p.toml:5: method[1]: want a table, not the string \"logistic\"",
		},
		"share": {
			shortPlan + "[limits]\nmax_failed = \"1 in 10\"\n",
			`plan p.toml:12: limits.max_failed: "1 in 10" is not a share; write one like "1%" or 0.01, from 0 to 1`,
		},
		"nothing said": {
			"",
			"plan p.toml has 5 problems:\n" +
				"  p.toml: schema: want schema = 1, the version of the plan format this program reads\n" +
				"  p.toml: name: missing; give the pilot a name, e.g. name = \"line3\"\n" +
				"  p.toml: model.id: missing; name an imported model, or \"demo\" for the one inside the program\n" +
				"  p.toml: data: no clips; add a table like [data.day] with folders = \"day\"\n" +
				"  p.toml: method: nothing to do; add a table like [[method]] with name = \"zero-shot\", or [retrieval]",
		},
		"model": {
			strings.Replace(shortPlan, `id = "demo"`, "id = \"demo\"\nsha256 = \"41c0..e7\"\nrecipe = \"evla\"\nframes = -1", 1),
			"plan p.toml has 3 problems:\n" +
				"  p.toml:5: model.sha256: want the 64 hexadecimal digits of the checkpoint's SHA-256\n" +
				"  p.toml:6: model.recipe: \"evla\" is not a recipe; want \"eval\" or \"features\"\n" +
				"  p.toml:7: model.frames: -1 is negative; 0 means as many as the model was trained with",
		},
		"data": {
			shortPlan + "[data.a]\n[data.b]\nfolders = \"x\"\nformat = \"xls\"\nmanifest = \"x\"\ngroup_by = '('\n" +
				"[data.c]\nmanifest = \"c.csv\"\ncaptions = \"x.csv\"\ngroup_by = 'rec'\n[data.d]\nfolders = \"d\"\nroot = \"r\"\n",
			"plan p.toml has 7 problems:\n" +
				"  p.toml:11: data.a: names no clips; add folders = \"...\" (one folder a class) or manifest = \"....csv\"\n" +
				"  p.toml:12: data.b: has folders and a manifest; keep one, or make two tables\n" +
				"  p.toml:14: data.b.format: no format \"xls\"; there is \"ucf101\", \"hmdb51\", \"ssv2\", \"ssv2-mc\", \"kinetics\", \"msrvtt\", \"didemo\", \"lsmdc\", \"tvts\", \"label-studio\", \"fiftyone\" or \"table\"\n" +
				"  p.toml:16: data.b.group_by: not a regular expression: error parsing regexp: missing closing ): `(`\n" +
				"  p.toml:19: data.c.captions: goes with folders; a manifest has its own caption column\n" +
				"  p.toml:20: data.c.group_by: captures nothing; put parentheses around the part that names the recording, e.g. '(rec\\d+)'\n" +
				"  p.toml:23: data.d.root: goes with a manifest",
		},
		"split and limits": {
			shortPlan + "[split]\ntrain = [\"day\", \"dya\"]\ntest_share = 1\n[limits]\nworkers = -1\nbatch = -2\n",
			"plan p.toml has 4 problems:\n" +
				"  p.toml:12: split.train: no site \"dya\"; did you mean \"day\"?\n" +
				"  p.toml:13: split.test_share: 1 is not between 0 and 1; 0.5 keeps half of each site's recordings for testing\n" +
				"  p.toml:15: limits.workers: -1 is negative; 0 means one a core\n" +
				"  p.toml:16: limits.batch: -2 is negative; 0 means as many as the model likes",
		},
		"prompts": {
			shortPlan + "[prompts.a]\ntemplates = [\"a person\"]\n[prompts.a.classes]\nlift = []\n[retrieval]\nprompts = \"b\"\n",
			"plan p.toml has 3 problems:\n" +
				"  p.toml:12: prompts.a.templates: \"a person\" has no {}, so that every class would get the same words; write e.g. \"a person {}\"\n" +
				"  p.toml:14: prompts.a.classes.lift: no words; write what is seen, e.g. [\"a part moving up\"]\n" +
				"  p.toml:16: retrieval.prompts: no prompt set \"b\"; did you mean \"a\"?",
		},
		"methods": {
			strings.Replace(shortPlan, `name = "zero-shot"`, "name = \"zero-shot\"\nshots = [1]\nC = 1\nprompts = \"nmaes\"", 1) +
				"prompts = \"names\"\nshots = [2, 2, -1]\ndraws = -1\nC = -3\n[[method]]\nname = \"logistik\"\n[[method]]\nshots = 1\n",
			"plan p.toml has 10 problems:\n" +
				"  p.toml:9: method[1].shots: zero-shot learns from no clips; shots go with methods that do\n" +
				"  p.toml:10: method[1].C: zero-shot has no such setting\n" +
				"  p.toml:11: method[1].prompts: no prompt set \"nmaes\"; did you mean \"names\"?\n" +
				"  p.toml:14: method[2].prompts: logistic learns from clips alone; prompts go with zero-shot and with methods that start from the classes' words\n" +
				"  p.toml:15: method[2].shots: 2 stands there twice\n" +
				"  p.toml:15: method[2].shots: -1 is negative; 0 means all training clips\n" +
				"  p.toml:16: method[2].draws: -1 is negative; 0 means 5\n" +
				"  p.toml:17: method[2].C: -3 is not from 1e-6 to 1e6; 0 means chosen by cross-validation on training rows\n" +
				"  p.toml:19: method[3].name: no method \"logistik\"; did you mean \"logistic\"?\n" +
				"  p.toml:20: method[4].name: missing; want " + words.Quoted(methodNames()),
		},
		"measured twice": {
			shortPlan + "shots = [1, 2]\nC = 1\n[[method]]\nname = \"logistic\"\nshots = [2, 4]\nC = 1.0\n[[method]]\nname = \"logistic\"\nshots = 2\n" +
				"[[method]]\nname = \"zero-shot\"\n",
			"plan p.toml has 2 problems:\n" +
				"  p.toml:13: method[3]: logistic with shots 2 and C = 1 is in method[2] already\n" +
				"  p.toml:20: method[5]: zero-shot with prompts \"names\" is in method[1] already",
		},
		"report and seed": {
			"seed = -1\n" + shortPlan + "[report]\nfiles = [\"a.pdf\", \"a.html\", \"a.html\"]\n",
			"plan p.toml has 3 problems:\n" +
				"  p.toml:1: seed: -1 is negative; any whole number from 0 will do\n" +
				"  p.toml:13: report.files: \"a.pdf\" has an unknown ending; want .html, .md, .json, .csv, .xlsx\n" +
				"  p.toml:13: report.files: \"a.html\" stands there twice",
		},
		"rates": {
			shortPlan + "[rates.values]\nwages = 3\nwage_per_hour = [3, 2, 1]\nsetup_cost = [1, 2]\n\"error_cost:lift\" = 1\n",
			"plan p.toml has 4 problems:\n" +
				"  p.toml:12: rates.values.wages: no assumption \"wages\"\n" +
				"  p.toml:13: rates.values.wage_per_hour: wage_per_hour can't be 3, 2, 1\n" +
				"  p.toml:14: rates.values.setup_cost: setup_cost has 2 numbers\n" +
				"  p.toml:15: rates.values.error_cost:lift: \"error_cost:lift\" names no two classes",
		},
		"inline tables name the line of their table": {
			"schema = 1\nname = \"x\"\nmodel = {id = \"demo\", recpie = \"eval\"}\n[data]\nday = {folders = \"d\"}\n[[method]]\nname = \"logistic\"\n",
			`plan p.toml:3: model.recpie: unknown key; did you mean "recipe"?`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ParsePlan("p.toml", c.plan)
			if err == nil {
				t.Fatal("no error")
			}
			if err.Error() != c.want {
				t.Errorf("got:\n%v\nwant:\n%s", err, c.want)
			}
			if fault.KindOf(err) != fault.Config {
				t.Errorf("kind %v, want Config", fault.KindOf(err))
			}
		})
	}
}

func TestReadPlan(t *testing.T) {
	file := filepath.Join(t.TempDir(), "plan.toml")
	if _, err := ReadPlan(file); fault.KindOf(err) != fault.Config {
		t.Errorf("missing plan: %v", err)
	}
	if err := os.WriteFile(file, []byte(shortPlan), 0o644); err != nil {
		t.Fatal(err)
	}
	p, err := ReadPlan(file)
	if err != nil || p.File != file {
		t.Errorf("%+v, %v", p.File, err)
	}
}

func FuzzPlan(f *testing.F) {
	f.Add(fullPlan)
	f.Add(shortPlan)
	f.Add(shortPlan + "[data.night]\nfolders = \"night\"\nlabels = \"none\"\n[split]\ntrain = \"night\"\n")
	f.Add("[[method]]\nname = [[]]\n[data.\"a.b\".c]\n")
	f.Add("method = [{name = 'x', shots = [1, 'a']}, {}]\nprompts = {a = {classes = {b = 1979-05-27}}}")
	f.Fuzz(func(t *testing.T, text string) {
		p, err := ParsePlan("p.toml", text)
		if err != nil {
			if fault.KindOf(err) != fault.Config || !strings.HasPrefix(err.Error(), "plan p.toml") {
				t.Errorf("error %q of kind %v", err, fault.KindOf(err))
			}
			return
		}
		if len(p.Prompts) == 0 || len(p.Data) == 0 || !(p.Split.TestShare > 0 && p.Split.TestShare < 1) {
			t.Errorf("accepted %+v", p)
		}
	})
}

// A plan made in Go is checked like one that was read.
func TestCheckPlanMadeInGo(t *testing.T) {
	p := Plan{Schema: 1, Name: "x", Model: ModelPlan{ID: "demo", Recipe: "eval"}, Data: []Source{{Name: "day", Folders: "day"}},
		Split: SplitPlan{TestShare: 0.5}, Methods: []Method{{Name: "logistic"}}}
	if err := p.Check(); err != nil || !reflect.DeepEqual(p.Methods[0].Shots, []int{0}) {
		t.Errorf("%+v, %v", p.Methods, err)
	}
	p.Methods[0].Name = "logistik"
	if err := p.Check(); fault.KindOf(err) != fault.Config {
		t.Errorf("got %v", err)
	}
}
