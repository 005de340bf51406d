package adapt

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"framepilot/internal/fault"
	"framepilot/internal/words"
	"framepilot/model/video"
)

// write makes a file with its folders.
func write(t testing.TB, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// planIn returns a checked plan in dir: shortPlan's head, then the given text.
func planIn(t testing.TB, dir, text string) Plan {
	t.Helper()
	p, err := ParsePlan(filepath.Join(dir, "plan.toml"), "schema = 1\nname = \"x\"\nmodel = {id = \"fake\"}\n"+text)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func ids(items []Item) string {
	var out []string
	for _, item := range items {
		out = append(out, item.ID)
	}
	return strings.Join(out, " ")
}

const zeroShotOnly = "[[method]]\nname = \"zero-shot\"\n"

func TestFolders(t *testing.T) {
	dir := t.TempDir()
	for _, f := range []string{
		"day/lift/clip10.gif", "day/lift/clip2.gif", "day/lift/deeper/clip1.mp4", "day/lift/notes.txt", "day/lift/.hidden.gif",
		"day/put/frames/1.png", "day/put/frames/2.png", "day/.git/x.gif", "day/loose.mp4", "elsewhere/one.gif",
	} {
		write(t, filepath.Join(dir, f), f)
	}
	for link, to := range map[string]string{"day/put/link.gif": "elsewhere/one.gif", "day/put/folder": "elsewhere", "day/away": "elsewhere"} {
		if err := os.Symlink(filepath.Join(dir, to), filepath.Join(dir, link)); err != nil {
			t.Skip("no symbolic links here: ", err)
		}
	}
	items, warnings, err := readFolders(filepath.Join(dir, "day"), dir, "day")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := ids(items), "day/lift/clip2.gif day/lift/clip10.gif day/lift/deeper/clip1.mp4 day/put/frames day/put/link.gif"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if items[0].Label != "lift" || items[3].Label != "put" || items[0].Site != "day" {
		t.Errorf("items: %+v", items)
	}
	root := filepath.Join(dir, "day")
	want := []string{
		root + ": 1 video directly in it, in no class folder, not used",
		root + ": files that are not videos, not used: 1 .txt",
		root + ": 2 links to folders not followed",
	}
	if !slices.EqualFunc(warnings, want, func(s words.Sentence, want string) bool { return s.String() == want }) {
		t.Errorf("warnings %q", warnings)
	}
}

func TestFolderErrors(t *testing.T) {
	for name, c := range map[string]struct {
		files []string
		want  string
	}{
		"missing":         {nil, "no such file or directory"},
		"no folders":      {[]string{"day/a.gif", "day/b.gif"}, "holds 2 videos but no folders"},
		"nothing":         {[]string{"day/.keep"}, "holds no folders"},
		"empty class":     {[]string{"day/lift/a.gif", "day/put/readme.txt"}, "holds no clips"},
		"frames as class": {[]string{"day/lift/1.png", "day/put/a.gif"}, "holds pictures: it is a clip, not a class"},
		"splits":          {[]string{"day/train/lift/a.gif", "day/test/lift/b.gif"}, "are called test, train: splits, not classes"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for _, f := range c.files {
				write(t, filepath.Join(dir, f), f)
			}
			_, _, err := readFolders(filepath.Join(dir, "day"), dir, "day")
			if err == nil || !strings.Contains(err.Error(), c.want) || fault.KindOf(err) != fault.Input {
				t.Errorf("got %v of kind %v", err, fault.KindOf(err))
			}
		})
	}
}

func TestNaturalOrder(t *testing.T) {
	names := []string{"a10", "b", "a2", "a02", "a", "a1b10", "a1b9", "10", "9", "a99999999999999999999", "A"}
	slices.SortFunc(names, video.NaturalCompare)
	if got, want := strings.Join(names, " "), "9 10 A a a1b9 a1b10 a02 a2 a10 a99999999999999999999 b"; got != want {
		t.Errorf("got %s", got)
	}
}

func TestCaptions(t *testing.T) {
	dir := t.TempDir()
	for _, f := range []string{"day/lift/a.gif", "day/lift/b.gif", "day/put/c.gif"} {
		write(t, filepath.Join(dir, f), f)
	}
	items, _, err := readFolders(filepath.Join(dir, "day"), dir, "day")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "captions.csv")
	write(t, file, "path,caption\nday/lift/b.gif,going up\nnight/x.gif,at night\nday/put/c.gif,down\n")
	if err := addCaptions(file, items); err != nil {
		t.Fatal(err)
	}
	if items[0].Caption != "" || items[1].Caption != "going up" || items[2].Caption != "down" {
		t.Errorf("captions: %+v", items)
	}
	write(t, file, "path,caption\nnight/x.gif,at night\n")
	if err := addCaptions(file, items); err == nil || !strings.Contains(err.Error(), "none of the 1 row of") {
		t.Errorf("captions of other clips: %v", err)
	}
	write(t, file, "path,caption\nday/lift/b.gif,up\nday/lift/b.gif,down\n")
	if err := addCaptions(file, items); err == nil || !strings.Contains(err.Error(), "name the same clip") {
		t.Errorf("two captions: %v", err)
	}
}

// manifestData reads a plan whose only source is the manifest.
func manifestData(t *testing.T, manifest, extra string) (Data, error) {
	t.Helper()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "m.csv"), manifest)
	for _, line := range strings.Split(manifest, "\n")[1:] {
		if path, _, ok := strings.Cut(line, ","); ok {
			write(t, filepath.Join(dir, path), path)
		}
	}
	return ReadData(planIn(t, dir, "[data.a]\nmanifest = \"m.csv\"\n"+extra+zeroShotOnly))
}

func TestLeaksAreRefused(t *testing.T) {
	for name, c := range map[string]struct{ manifest, extra, want string }{
		"group column": {
			"path,label,split,group\nr1a.gif,x,train,r1\nr1b.gif,y,test,r1\nr2.gif,x,test,r2\n", "",
			"1 recording in two of train, val and test:\n  r1: r1a.gif is train (%s:2), r1b.gif is test (%[1]s:3)",
		},
		"pattern": {
			"path,label,split\nrec1/a.gif,x,train\nrec1/b.gif,y,test\nrec2/c.gif,y,test\n", "group_by = '(rec\\d+)'\n",
			"1 recording in two of train, val and test:\n  a/rec1: rec1/a.gif is train (%s:2), rec1/b.gif is test (%[1]s:3)",
		},
		"ranges of one file": {
			"path,label,split,start,end\nlong.gif,x,train,0,5\nlong.gif,y,test,5,10\n", "",
			"1 recording in two of train, val and test:\n  long.gif: long.gif#0-5 is train (%s:2), long.gif#5-10 is test (%[1]s:3)",
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := manifestData(t, c.manifest, c.extra)
			if err == nil || fault.KindOf(err) != fault.Input {
				t.Fatalf("got %v of kind %v", err, fault.KindOf(err))
			}
			_, rest, _ := strings.Cut(err.Error(), "(")
			file, _, _ := strings.Cut(rest, ":")
			if want := fmt.Sprintf(c.want, file); err.Error() != want {
				t.Errorf("got:\n%v\nwant:\n%s", err, want)
			}
		})
	}
}

// A recording may stand in two tables, the two parts of one site.
func TestLeakBetweenTables(t *testing.T) {
	dir := t.TempDir()
	for _, f := range []string{"a.gif", "b.gif", "c.gif"} {
		write(t, filepath.Join(dir, f), f)
	}
	write(t, filepath.Join(dir, "train.csv"), "path,label,split,group\na.gif,x,train,cam1\nc.gif,y,train,cam2\n")
	write(t, filepath.Join(dir, "test.csv"), "path,label,split,group\nb.gif,x,test,cam1\n")
	_, err := ReadData(planIn(t, dir, "[data.one]\nmanifest = \"train.csv\"\n[data.two]\nmanifest = \"test.csv\"\n"+zeroShotOnly))
	if err == nil || !strings.Contains(err.Error(), "cam1: a.gif is train") {
		t.Errorf("got %v", err)
	}
}

func TestValIsKeptApart(t *testing.T) {
	d, err := manifestData(t, "path,label,split,group\na.gif,x,train,r1\nb.gif,y,val,r4\nc.gif,y,test,r2\nd.gif,y,train,r3\n", "")
	if err != nil {
		t.Fatal(err)
	}
	p := Plan{}
	if got := fmt.Sprint(d.trainRows(p), d.testRows("a"), d.validationRows(p), d.Warnings); got != "[0 3] [2] [1] [1 clip marked val, used to choose settings (rung L3), neither to learn from nor to test on]" {
		t.Errorf("got %s", got)
	}
}

func TestGroupPatternMustMatch(t *testing.T) {
	_, err := manifestData(t, "path,label\nrec1/a.gif,x\nb.gif,y\n", "group_by = '(rec\\d+)'\n")
	if err == nil || fault.KindOf(err) != fault.Config || !strings.Contains(err.Error(), `finds no recording in 1 path of 2:`) {
		t.Errorf("got %v", err)
	}
}

func TestSameClipInTwoTables(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "day", "lift", "a.gif"), "a")
	write(t, filepath.Join(dir, "day", "put", "b.gif"), "b")
	_, err := ReadData(planIn(t, dir, "[data.day]\nfolders = \"day\"\n[data.night]\nfolders = \"day\"\n"+zeroShotOnly))
	if err == nil || !strings.Contains(err.Error(), "name the same clip day/lift/a.gif") {
		t.Errorf("got %v", err)
	}
}

func TestPlanAgainstData(t *testing.T) {
	_, err := manifestData(t, "path,label,site\na.gif,lift,day\nb.gif,put,day\n",
		"[split]\ntrain = \"dya\"\n[prompts.p.classes]\nlfit = \"up\"\n")
	if err == nil || fault.KindOf(err) != fault.Config ||
		!strings.Contains(err.Error(), `split.train: no site "dya"; did you mean "day"?`) ||
		!strings.Contains(err.Error(), `prompts.p.classes.lfit: no class "lfit"; did you mean "lift"?`) {
		t.Errorf("got %v", err)
	}
	_, err = manifestData(t, "path,label\na.gif,lift\nb.gif,lift\n", "")
	if err == nil || !strings.Contains(err.Error(), "the clips have 1 label; telling classes apart needs two") {
		t.Errorf("got %v", err)
	}
}

// sceneManifest has 4 recordings of 2 clips a class at each of two sites.
func sceneManifest() string {
	var b strings.Builder
	b.WriteString("path,label,group,site\n")
	for _, site := range []string{"day", "night"} {
		for _, class := range []string{"lift", "put", "turn"} {
			for i := range 8 {
				fmt.Fprintf(&b, "%s-%s%d.gif,%s,%s%d,%s\n", site, class, i, class, class, i/2, site)
			}
		}
	}
	return b.String()
}

func TestDrawnSplit(t *testing.T) {
	draw := func(seed string) Data {
		d, err := manifestData(t, sceneManifest(), "[split]\ntrain = \"day\"\n"+seed)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	a, b := draw(""), draw("")
	p := Plan{Split: SplitPlan{Train: []string{"day"}}}
	if fmt.Sprint(a.trainRows(p)) != fmt.Sprint(b.trainRows(p)) {
		t.Error("the same seed gives another split")
	}
	if n := len(a.trainRows(p)); n != 12 {
		t.Errorf("%d training clips, want half of day's 24", n)
	}
	for _, site := range []string{"day", "night"} {
		if n := len(a.testRows(site)); n != 12 {
			t.Errorf("%d test clips at %s, want 12", n, site)
		}
	}
	side := map[string]string{}
	for _, item := range a.Items {
		if s, ok := side[item.Group]; ok && s != item.Split {
			t.Errorf("recording %s is split", item.Group)
		}
		side[item.Group] = item.Split
	}
}

// Where a clip may be of several classes, their names are joined, and none may
// read as two.
func TestNamesOfSeveral(t *testing.T) {
	dir := t.TempDir()
	var list strings.Builder
	list.WriteString("path\tlabels\n")
	for i := range 8 {
		name := fmt.Sprintf("c%d.gif", i)
		write(t, filepath.Join(dir, name), "x")
		fmt.Fprintf(&list, "%s\t\"[\"\"%s\"\", \"\"moves\"\"]\"\n", name, []string{"up|down", "left"}[i%2])
	}
	write(t, filepath.Join(dir, "list.tsv"), list.String())
	p, err := PlanFor(filepath.Join(dir, "list.tsv"), Source{}, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ReadData(p); fault.KindOf(err) != fault.Input || !strings.Contains(err.Error(), `"up|down"`) {
		t.Errorf("got %v", err)
	}
}

// A list or a folder is divided alike whatever a plan calls its site, and where
// it is read without a plan.
func TestOneDraw(t *testing.T) {
	dir := t.TempDir()
	var one, several strings.Builder
	one.WriteString("path,label,group\n")
	several.WriteString("path,labels,group\n")
	for _, class := range []string{"lift", "put", "turn"} {
		for i := range 12 {
			name := fmt.Sprintf("day/%s/r%d_%d.gif", class, i/2, i)
			write(t, filepath.Join(dir, name), "x")
			fmt.Fprintf(&one, "%s,%s,%s%d\n", name, class, class, i/2)
			fmt.Fprintf(&several, "%s,%s|often,%s%d\n", name, class, class, i/2)
		}
	}
	write(t, filepath.Join(dir, "one.csv"), one.String())
	write(t, filepath.Join(dir, "several.csv"), several.String())
	parts := func(p Plan) string {
		d, err := ReadData(p)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, item := range d.Part(p, Train).Items {
			names = append(names, filepath.Base(item.ID))
		}
		return strings.Join(names, " ")
	}
	for _, c := range []struct{ path, table string }{{"one.csv", `manifest = "one.csv"`}, {"several.csv", `manifest = "several.csv"`}, {"day", `folders = "day"`}} {
		bare, err := PlanFor(filepath.Join(dir, c.path), Source{}, 0)
		if err != nil {
			t.Fatal(err)
		}
		want := parts(bare)
		for _, site := range []string{"day", "hall7"} {
			plan := planIn(t, dir, "[data."+site+"]\n"+c.table+"\n[[method]]\nname = \"ridge\"\n")
			if got := parts(plan); got != want || want == "" {
				t.Errorf("%s as site %s: %s, without a plan %s", c.path, site, got, want)
			}
		}
	}
}

func TestTooFewShots(t *testing.T) {
	d, err := manifestData(t, sceneManifest(), "[split]\ntrain = [\"day\"]\n")
	if err != nil {
		t.Fatal(err)
	}
	p := Plan{Split: SplitPlan{Train: []string{"day"}}, Methods: []Method{{Name: "logistic", Shots: []int{1, 5}}}}
	err = refusal(d.shots(p))
	want := "too few training clips (site day):\n  class \"lift\" has 4 training clips, logistic with 5 shots needs 5\n" +
		"  class \"put\" has 4 training clips, logistic with 5 shots needs 5\n  class \"turn\" has 4 training clips, logistic with 5 shots needs 5"
	if err == nil || err.Error() != want || fault.KindOf(err) != fault.Input {
		t.Errorf("got %v", err)
	}
	p.Methods[0].Shots = []int{0, 4}
	if err := refusal(d.shots(p)); err != nil {
		t.Errorf("4 of 4: %v", err)
	}
}

func TestClipsIn(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, f := range []string{"a/clip10.gif", "a/clip2.gif", "a/b/c.mp4", "a/notes.txt", "frames/1.png", "frames/2.png", "odd.name", "empty/x.txt"} {
		write(t, f, f)
	}
	items, warnings, err := ClipsIn([]string{"odd.name", "./a/", "frames", filepath.Join("a", "b")})
	if err != nil || ids(items) != "odd.name a/b/c.mp4 a/clip2.gif a/clip10.gif frames" || items[1].Group != "a/b/c.mp4" {
		t.Errorf("got %+v, %v", items, err)
	}
	if words.Join(warnings, "\n").String() != "./a/: files that are not videos, not used: 1 .txt" {
		t.Errorf("warnings %q", warnings)
	}
	if _, _, err := ClipsIn([]string{"no1", "a", "no2"}); err == nil || err.Error() != "not found: no1, no2" || fault.KindOf(err) != fault.Input {
		t.Errorf("missing: %v", err)
	}
	if _, _, err := ClipsIn([]string{"empty"}); err == nil || fault.KindOf(err) != fault.Input {
		t.Errorf("empty: %v", err)
	}
}
