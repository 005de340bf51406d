package adapt

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"framepilot/adapt/live"
	"framepilot/internal/fault"
	"framepilot/model/video"
	"framepilot/pilot"
)

var testColours = map[string]color.RGBA{"red": {220, 20, 20, 255}, "green": {20, 220, 20, 255}, "blue": {20, 20, 220, 255}}

// testClasses turn from one colour to another.
var testClasses = map[string][2]string{"lift": {"red", "blue"}, "put": {"blue", "red"}, "turn": {"green", "red"}}

const testPlan = `schema = 1
name = "colours"
question = "Does it see colours turn?"
seed = 7
[model]
id = "fake"
recipe = "features"
[data.day]
folders = "day"
captions = "captions.csv"
group_by = '(rec\d+)'
[data.night]
folders = "night"
group_by = '(rec\d+)'
[split]
train = "day"
[limits]
max_failed = "0%"
batch = 4
[prompts.names]
templates = ["a person {}"]
[prompts.described]
templates = ["from {}", "{} of a part"]
[prompts.described.classes]
lift = "red to blue"
put = "blue to red"
turn = ["green to red", "green into red"]
[[method]]
name = "zero-shot"
[[method]]
name = "nearest-mean"
shots = [1, 2]
draws = 2
[[method]]
name = "logistic"
shots = [2, 0]
draws = 2
[retrieval]
prompts = "described"
dual_softmax = true
[report]
files = ["out/report.html", "report.md", "report.json", "report.csv"]
`

// newPilot writes a plan and its clips: 2 sites × 3 classes × 4 recordings × 2.
func newPilot(t testing.TB) (dir string) { return newPilotOf(t, 8) }

// newPilotOf writes so many clips of each class at each site.
func newPilotOf(t testing.TB, clips int) (dir string) {
	t.Helper()
	dir = t.TempDir()
	rng := rand.New(rand.NewPCG(1, 2))
	captions := "path,caption\n"
	for _, site := range []string{"day", "night"} {
		for _, class := range sortedKeys(testClasses) {
			for i := range clips {
				path := fmt.Sprintf("%s/%s/rec%02d_%d.gif", site, class, i/2, i%2)
				writeGIF(t, filepath.Join(dir, path), class, site == "night", rng)
				if i < 2 {
					captions += fmt.Sprintf("%s,%s to %s\n", path, testClasses[class][0], testClasses[class][1])
				}
			}
		}
	}
	write(t, filepath.Join(dir, "captions.csv"), captions)
	write(t, filepath.Join(dir, "plan.toml"), testPlan)
	return dir
}

// writeGIF draws six frames of 12 × 12: three of one colour, three of the
// other, darker at night, each clip a little off.
func writeGIF(t testing.TB, path, class string, night bool, rng *rand.Rand) {
	t.Helper()
	g := &gif.GIF{}
	for i := range 6 {
		c := testColours[testClasses[class][i/3]]
		shift := func(v uint8) uint8 {
			x := int(v) + rng.IntN(30) - 15
			if night {
				x = x*2/3 + 20
			}
			return uint8(max(0, min(255, x)))
		}
		frame := image.NewPaletted(image.Rect(0, 0, 12, 12), color.Palette{color.RGBA{shift(c.R), shift(c.G), shift(c.B), 255}})
		g.Image, g.Delay = append(g.Image, frame), append(g.Delay, 4)
	}
	var b bytes.Buffer
	if err := gif.EncodeAll(&b, g); err != nil {
		t.Fatal(err)
	}
	write(t, path, b.String())
}

// countingReader is the real decoder, counted.
type countingReader struct {
	*video.Decoder
	reads int
	after func(path string) error
}

func (r *countingReader) Read(ctx context.Context, path string, o video.Options) (*video.Clip, error) {
	r.reads++
	if r.after != nil {
		if err := r.after(path); err != nil {
			return nil, err
		}
	}
	return r.Decoder.Read(ctx, path, o)
}

// session is one process's view of a pilot.
type session struct {
	model  *fakeModel
	reader *countingReader
	events []live.Event
	opt    RunOptions
}

func newSession() *session {
	s := &session{model: &fakeModel{}, reader: &countingReader{Decoder: video.NewDecoder(video.DecoderOptions{})}}
	s.opt = RunOptions{
		Open:   func(context.Context, ModelPlan) (Embedder, error) { return s.model, nil },
		Reader: s.reader,
		Out:    func(e live.Event) { s.events = append(s.events, e) },
	}
	return s
}

func (s *session) run(ctx context.Context, t testing.TB, dir string) (Summary, error) {
	t.Helper()
	p, err := ReadPlan(filepath.Join(dir, "plan.toml"))
	if err != nil {
		t.Fatal(err)
	}
	p.Limits.Workers = 1 // countingReader
	return Run(ctx, p, s.opt)
}

func mustRun(t testing.TB, dir string) (Summary, *session) {
	t.Helper()
	s := newSession()
	sum, err := s.run(context.Background(), t, dir)
	if err != nil {
		t.Fatal(err)
	}
	return sum, s
}

// numbers is the part of report.json that must not depend on how a run went.
func numbers(t testing.TB, dir string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "report.json"))
	if err != nil {
		t.Fatal(err)
	}
	var doc struct{ Results json.RawMessage }
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	return string(doc.Results)
}

func load(t testing.TB, dir, id string) pilot.Record {
	t.Helper()
	l, err := pilot.Open(context.Background(), LedgerFile(dir))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	rec, err := l.Load(context.Background(), id)
	if err != nil {
		t.Fatal(err)
	}
	return rec
}

func TestRunEndToEnd(t *testing.T) {
	dir := newPilot(t)
	sum, s := mustRun(t, dir)
	if sum.Clips != 48 || sum.Computed != 48 || sum.Cached != 0 || sum.Kept != 0 || s.reader.reads != 48 {
		t.Errorf("first run: %+v", sum)
	}
	// (2 prompt sets + 2 shots × 2 draws + 2 draws + all) × 2 sites, and 2 retrievals × 2 sites.
	if sum.New != (2+4+2+1)*2+4 {
		t.Errorf("%d results", sum.New)
	}
	rec := load(t, dir, sum.Run)
	if rec.Run.Status != pilot.Done || len(rec.Clips) != 48 || len(rec.Results) != sum.New || rec.Run.Seed != 7 {
		t.Errorf("ledger: %+v with %d clips, %d results", rec.Run, len(rec.Clips), len(rec.Results))
	}
	value := func(label, prompts, site, metric string) float64 {
		for _, r := range rec.Results {
			if r.Label != label || r.Prompts != prompts || r.Site != site {
				continue
			}
			for _, m := range r.Metrics {
				if m.Name == metric {
					return m.Value
				}
			}
		}
		t.Errorf("no %s of %s (%s) at %s", metric, label, prompts, site)
		return 0
	}
	for _, site := range []string{"day", "night"} {
		for _, c := range [][3]string{
			{"zero-shot", "described", "top1"}, {"logistic, all clips", "", "top1"}, {"nearest-mean, 2 shots", "", "top1"},
			{"cosine similarity", "described", "text_to_video_r1"}, {"cosine similarity", "described", "video_to_text_r1"},
		} {
			if v := value(c[0], c[1], site, c[2]); v < 0.9 {
				t.Errorf("%s of %s at %s is %v", c[2], c[0], site, v)
			}
		}
	}
	if v := value("zero-shot", "names", "day", "top1"); v > 0.9 {
		t.Errorf("words the model does not know give %v", v)
	}
	for _, name := range []string{"out/report.html", "report.md", "report.json", "report.csv"} {
		if st, err := os.Stat(filepath.Join(dir, name)); err != nil || st.Size() == 0 {
			t.Errorf("report: %v", err)
		}
	}
	log, err := os.ReadFile(filepath.Join(dir, ".framepilot", "runs", sum.Run, "events.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(string(log), "\n"), "\n")
	if len(lines) != len(s.events) {
		t.Errorf("%d lines logged, %d events heard", len(lines), len(s.events))
	}
	for _, line := range lines {
		var e live.Event
		if err := json.Unmarshal([]byte(line), &e); err != nil || e.Run != sum.Run || e.Time.IsZero() || e.Kind == "" {
			t.Errorf("event %s: %v", line, err)
		}
	}

	want := numbers(t, dir)
	again, s := mustRun(t, dir)
	if !again.Unchanged() || again.Cached != 48 || again.Kept != sum.New || s.reader.reads != 0 || s.model.clips.Load() != 0 || s.model.texts.Load() != 0 {
		t.Errorf("second run: %+v, %d read", again, s.reader.reads)
	}
	if again.Run != sum.Run || numbers(t, dir) != want {
		t.Error("the second run says something else")
	}
	if last := s.events[len(s.events)-1]; last.Text != "nothing to compute: all was done before" {
		t.Errorf("last event: %+v", last)
	}
}

// Stopped after any batch or any result, a run ends in the same numbers.
func TestResumeAnywhere(t *testing.T) {
	whole := newPilot(t)
	sum, _ := mustRun(t, whole)
	want := numbers(t, whole)
	for stop := 1; stop <= 12+sum.New; stop += 5 {
		dir := newPilot(t)
		s := newSession()
		ctx, cancel := context.WithCancel(context.Background())
		steps := 0
		step := func() {
			if steps++; steps == stop {
				cancel()
			}
		}
		s.model.before = func(int) error { step(); return nil }
		s.opt.Out = func(e live.Event) {
			if e.Kind == live.EventResult {
				step()
			}
		}
		first, err := s.run(ctx, t, dir)
		if stop < 12+sum.New && !errors.Is(err, context.Canceled) {
			t.Fatalf("stop %d: %v", stop, err)
		}
		if rec := load(t, dir, first.Run); rec.Run.Status != pilot.Interrupted {
			t.Errorf("stop %d: status %s", stop, rec.Run.Status)
		}
		second, s := mustRun(t, dir)
		if second.Run != first.Run || numbers(t, dir) != want {
			t.Errorf("stop %d: other numbers, or another run", stop)
		}
		if n := s.reader.reads; n > 48-4*(min(stop, 13)-1) {
			t.Errorf("stop %d: %d clips read again", stop, n)
		}
		cancel()
	}
}

func TestDryRunWritesNothing(t *testing.T) {
	dir := newPilot(t)
	before := tree(t, dir)
	dry := func() (Summary, *session) {
		s := newSession()
		s.opt.DryRun = true
		sum, err := s.run(context.Background(), t, dir)
		if err != nil {
			t.Fatal(err)
		}
		return sum, s
	}
	fresh, s := dry()
	if got := tree(t, dir); got != before {
		t.Errorf("a first dry run left\n%s", got)
	}
	if fresh.Computed != 48 || fresh.New != 18 || s.reader.reads != 2 || s.model.texts.Load() != 0 {
		t.Errorf("first dry run: %+v", fresh)
	}
	sum, _ := mustRun(t, dir)
	before = tree(t, dir)
	done, s := dry()
	if got := tree(t, dir); got != before {
		t.Errorf("a dry run changed\n%s\ninto\n%s", before, got)
	}
	if !done.Unchanged() || done.Kept != sum.New || done.Run != sum.Run || s.reader.reads != 0 {
		t.Errorf("dry run of a finished run: %+v", done)
	}
	for _, stage := range done.Stages[1:] {
		if stage.Status != StatusCached {
			t.Errorf("stage %+v", stage)
		}
	}
}

// tree lists every file with its size and time, but for what SQLite needs to
// read.
func tree(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		st, err := e.Info()
		if err == nil && !e.IsDir() && !strings.HasPrefix(e.Name(), "ledger.db-") {
			fmt.Fprintln(&b, path, st.Size(), st.ModTime().UnixNano())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// Methods that start from words are measured with every prompt set, by the
// settings the plan gives them.
func TestMethodsThatReadWords(t *testing.T) {
	dir := newPilot(t)
	head, _, _ := strings.Cut(testPlan, "[[method]]")
	write(t, filepath.Join(dir, "plan.toml"), head+`[[method]]
name = "tip"
shots = [1, 2]
draws = 2
set = { alpha = 2, beta = 5.5 }
`)
	sum, _ := mustRun(t, dir)
	rec := load(t, dir, sum.Run)
	seen := map[string]int{}
	for _, r := range rec.Results {
		if r.Task != pilot.Classification {
			continue
		}
		seen[r.Prompts]++
		if r.Params["alpha"] != "2" || r.Params["beta"] != "5.5" || !strings.Contains(r.Label, "alpha = 2, beta = 5.5") {
			t.Errorf("result %s: %v", r.Label, r.Params)
		}
	}
	if len(seen) < 2 {
		t.Errorf("prompt sets measured: %v", seen)
	}
	write(t, filepath.Join(dir, "plan.toml"), head+"[[method]]\nname = \"tip\"\nset = { alhpa = 2 }\n")
	if _, err := ReadPlan(filepath.Join(dir, "plan.toml")); err == nil || !strings.Contains(err.Error(), `no setting "alhpa"; did you mean "alpha"?`) {
		t.Errorf("a wrong setting: %v", err)
	}
	write(t, filepath.Join(dir, "plan.toml"), head+"[[method]]\nname = \"tip\"\nset = { compat = 2 }\n")
	if _, err := ReadPlan(filepath.Join(dir, "plan.toml")); err == nil || !strings.HasSuffix(err.Error(), "want a whole number from 0 to 1") {
		t.Errorf("a setting out of range: %v", err)
	}
}

func TestFailedClips(t *testing.T) {
	dir := newPilot(t)
	write(t, filepath.Join(dir, "night", "put", "rec03_1.gif"), "GIF89a and then nothing")
	s := newSession()
	sum, err := s.run(context.Background(), t, dir)
	if fault.KindOf(err) != fault.Partial || !strings.Contains(err.Error(), "1 of 48 clips failed") {
		t.Fatalf("got %v", err)
	}
	if len(sum.Failures) != 1 || len(sum.Reports) != 4 || sum.Failures[0].ID != "night/put/rec03_1.gif" {
		t.Errorf("summary: %+v", sum)
	}
	rec := load(t, dir, sum.Run)
	if rec.Run.Status != pilot.Done || len(rec.Failures) != 1 || rec.Run.Message == "" {
		t.Errorf("ledger: %+v, failures %+v", rec.Run, rec.Failures)
	}
	tolerant := strings.Replace(testPlan, `"0%"`, `"3%"`, 1)
	write(t, filepath.Join(dir, "plan.toml"), tolerant)
	again, s := mustRun(t, dir)
	if !again.Unchanged() || again.Run != sum.Run || s.reader.reads != 0 {
		t.Errorf("tolerance is not part of the numbers: %+v", again)
	}
}

// The quarantine list of a run, fed back, leaves out just what failed: the
// numbers stay, and nothing fails any more.
func TestQuarantineList(t *testing.T) {
	dir := newPilot(t)
	write(t, filepath.Join(dir, "night", "put", "rec03_1.gif"), "GIF89a and then nothing")
	first, err := newSession().run(context.Background(), t, dir)
	if fault.KindOf(err) != fault.Partial {
		t.Fatalf("got %v", err)
	}
	list := ".framepilot/runs/" + first.Run + "/quarantine.jsonl"
	write(t, filepath.Join(dir, "plan.toml"), strings.Replace(testPlan, `max_failed = "0%"`, `max_failed = "0%"`+"\nexclude = \""+list+"\"", 1))
	second, _ := mustRun(t, dir)
	if len(second.Failures) != 0 || second.Clips != first.Clips-1 {
		t.Errorf("%d clips, %d failures; want %d and none", second.Clips, len(second.Failures), first.Clips-1)
	}
	if a, b := first.Document.Results.Tasks, second.Document.Results.Tasks; !reflect.DeepEqual(a, b) {
		t.Errorf("leaving out what failed changed the numbers:\n%+v\n%+v", a, b)
	}
	write(t, filepath.Join(dir, list), "no list\n")
	if _, err := newSession().run(context.Background(), t, dir); fault.KindOf(err) != fault.Input || !strings.Contains(err.Error(), "line 1") {
		t.Errorf("a broken list: %v", err)
	}
}

func TestFailuresThatLeaveTooFewShots(t *testing.T) {
	dir := newPilot(t)
	write(t, filepath.Join(dir, "plan.toml"), strings.Replace(testPlan, "shots = [1, 2]", "shots = [4]", 1))
	p, err := ReadPlan(filepath.Join(dir, "plan.toml"))
	if err != nil {
		t.Fatal(err)
	}
	d, err := ReadData(p)
	if err != nil {
		t.Fatal(err)
	}
	write(t, d.Items[d.trainRows(p)[0]].Path, "GIF89a")
	_, err = newSession().run(context.Background(), t, dir)
	if fault.KindOf(err) != fault.Input || !strings.Contains(err.Error(), "1 clip can't be read: too few training clips") ||
		!strings.Contains(err.Error(), `class "lift" has 3 training clips, nearest-mean with 4 shots needs 4`) {
		t.Errorf("got %v", err)
	}
}

// A clip that could not be read for a while changes the numbers, so a new run
// begins: no run mixes results of two states of the data.
func TestClipsThatComeBackBeginAnotherRun(t *testing.T) {
	dir := newPilot(t)
	s := newSession()
	s.reader.after = func(path string) error {
		if strings.HasSuffix(path, "rec03_1.gif") {
			return &video.Error{Class: video.DecodeTimeout, Path: path}
		}
		return nil
	}
	first, err := s.run(context.Background(), t, dir)
	if fault.KindOf(err) != fault.Partial || len(first.Failures) != 6 {
		t.Fatalf("got %v, %+v", err, first.Failures)
	}
	second, _ := mustRun(t, dir)
	if second.Run == first.Run || len(second.Failures) != 0 || second.New != 22 {
		t.Errorf("second run: %+v", second)
	}
	if rec := load(t, dir, second.Run); len(rec.Results) != 22 || len(rec.Failures) != 0 {
		t.Errorf("%d results, %d failures", len(rec.Results), len(rec.Failures))
	}
	clean := newPilot(t)
	mustRun(t, clean)
	if numbers(t, dir) != numbers(t, clean) {
		t.Error("the second run's numbers are not those of a clean one")
	}
}

func TestEditedClipIsAnotherRun(t *testing.T) {
	dir := newPilot(t)
	first, _ := mustRun(t, dir)
	writeGIF(t, filepath.Join(dir, "day", "lift", "rec00_0.gif"), "lift", false, rand.New(rand.NewPCG(9, 9)))
	second, s := mustRun(t, dir)
	if second.Run == first.Run || second.Computed != 1 || s.reader.reads != 1 {
		t.Errorf("after an edit: %+v", second)
	}
}

// What only steers the work, or words the report, is no other run.
func TestWhatIsNoOtherRun(t *testing.T) {
	dir := newPilot(t)
	first, _ := mustRun(t, dir)
	plan := strings.NewReplacer("batch = 4", "batch = 7\nworkers = 2", "Does it see", "Can it see", `"report.md", `, "").Replace(testPlan)
	write(t, filepath.Join(dir, "plan.toml"), plan)
	second, _ := mustRun(t, dir)
	if second.Run != first.Run || !second.Unchanged() || second.Document.Results.Question != "Can it see colours turn?" {
		t.Errorf("%+v", second)
	}
	write(t, filepath.Join(dir, "plan.toml"), strings.Replace(testPlan, "seed = 7", "seed = 8", 1))
	if third, _ := mustRun(t, dir); third.Run == first.Run || third.Computed != 0 {
		t.Errorf("another seed: %+v", third)
	}
}

// Labels of test clips have no say in what is fitted.
func TestTestLabelsDoNotReachTheFit(t *testing.T) {
	predictions := func(swap bool) []string {
		dir := newPilot(t)
		var b strings.Builder
		b.WriteString("path,label,split,group\n")
		for _, class := range sortedKeys(testClasses) {
			for i := range 8 {
				label, split := class, Train
				if i >= 4 {
					split = Test
					if swap {
						label = map[string]string{"lift": "put", "put": "turn", "turn": "lift"}[class]
					}
				}
				fmt.Fprintf(&b, "night/%s/rec%02d_%d.gif,%s,%s,%s%d\n", class, i/2, i%2, label, split, class, i/2)
			}
		}
		write(t, filepath.Join(dir, "m.csv"), b.String())
		head, rest, _ := strings.Cut(testPlan, "[data.day]")
		_, rest, _ = strings.Cut(rest, "[limits]")
		write(t, filepath.Join(dir, "plan.toml"), head+"[data.here]\nmanifest = \"m.csv\"\n[limits]"+rest)
		sum, _ := mustRun(t, dir)
		var out []string
		for _, r := range load(t, dir, sum.Run).Results {
			for _, c := range r.Choices {
				out = append(out, fmt.Sprint(r.Label, r.Draw, c))
			}
			for _, p := range r.Predictions {
				out = append(out, fmt.Sprint(r.Label, r.Draw, p.Clip, p.P, p.Predicted))
			}
		}
		return out
	}
	if a, b := predictions(false), predictions(true); !slices.Equal(a, b) || len(a) < 100 {
		t.Error("predictions change with the labels of test clips")
	}
}

func TestOneRunAtATime(t *testing.T) {
	dir := newPilot(t)
	unlock, err := live.Lock(filepath.Join(dir, ".framepilot"), time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	_, err = newSession().run(context.Background(), t, dir)
	if fault.KindOf(err) != fault.Missing || !strings.Contains(err.Error(), fmt.Sprintf("another run is writing to %s (process %d on ",
		filepath.Join(dir, ".framepilot"), os.Getpid())) || !strings.Contains(err.Error(), "since 2026-11-23T09:00:00Z") {
		t.Errorf("got %v", err)
	}
	unlock()
	mustRun(t, dir)
}

func TestWrongModelIsRefused(t *testing.T) {
	dir := newPilot(t)
	write(t, filepath.Join(dir, "plan.toml"), strings.Replace(testPlan, `id = "fake"`, `id = "fake"`+"\nsha256 = \""+strings.Repeat("cd", 32)+"\"", 1))
	_, err := newSession().run(context.Background(), t, dir)
	if fault.KindOf(err) != fault.Config || !strings.Contains(err.Error(), "the plan wants cdcd") {
		t.Errorf("got %v", err)
	}
	if _, err := os.Stat(filepath.Join(dir, ".framepilot")); err == nil {
		t.Error("something was written")
	}
}

func TestNoClipCanBeRead(t *testing.T) {
	dir := newPilot(t)
	s := newSession()
	s.reader.after = func(path string) error { return &video.Error{Class: video.NotMedia, Path: path} }
	sum, err := s.run(context.Background(), t, dir)
	if fault.KindOf(err) != fault.Input || !strings.HasPrefix(err.Error(), "none of 48 clips can be used; the first: day/lift/rec00_0.gif: ") {
		t.Errorf("got %v", err)
	}
	if rec := load(t, dir, sum.Run); rec.Run.Status != pilot.Failed || len(rec.Failures) != 48 {
		t.Errorf("ledger: %s, %d failures", rec.Run.Status, len(rec.Failures))
	}
}

// What a person should know before trusting the numbers is said and kept.
func TestWarningsReachTheSummary(t *testing.T) {
	dir := newPilot(t)
	write(t, filepath.Join(dir, "day", "put", "notes.txt"), "x")
	sum, s := mustRun(t, dir)
	has := func(w string) bool { return strings.Contains(w, "files that are not videos, not used: 1 .txt") }
	if !slices.ContainsFunc(sum.Warnings, has) || !slices.ContainsFunc(s.events, func(e live.Event) bool { return e.Kind == live.EventWarning && has(e.Text) }) {
		t.Errorf("nobody said it: %q", sum.Warnings)
	}
	kept := func(s pilot.Stage) bool { return s.Status == pilot.Warned && has(s.Detail) }
	if rec := load(t, dir, sum.Run); !slices.ContainsFunc(rec.Stages, kept) {
		t.Errorf("the report will not know: %+v", rec.Stages)
	}
}

// A copy of a training clip among the test clips would be recognised by
// having been seen: no number comes of it.
func TestCopiesAcrossTheSplitAreRefused(t *testing.T) {
	dir := newPilot(t)
	text, err := os.ReadFile(filepath.Join(dir, "day", "put", "rec00_0.gif"))
	if err != nil {
		t.Fatal(err)
	}
	for i := range 4 { // a copy in every recording: whichever way they are split, one is on each side
		write(t, filepath.Join(dir, "day", "put", fmt.Sprintf("rec%02d_9.gif", i)), string(text))
	}
	sum, err := newSession().run(context.Background(), t, dir)
	if fault.KindOf(err) != fault.Input || !strings.Contains(err.Error(), "of one split copied into another") || !strings.Contains(fault.HintOf(err), "limits.exclude") {
		t.Errorf("got %v", err)
	}
	if rec := load(t, dir, sum.Run); rec.Run.Status != pilot.Failed || len(rec.Results) != 0 {
		t.Errorf("ledger: %s, %d results", rec.Run.Status, len(rec.Results))
	}
}

// Clips of several classes are scored by mean average precision, with an
// interval, and the same run again measures nothing.
func TestMultiLabelRun(t *testing.T) {
	dir := newPilot(t)
	var table strings.Builder
	table.WriteString("path,labels,group\n")
	for i, path := range sceneFiles(t, dir) {
		labels := filepath.Base(filepath.Dir(path))
		if i%3 == 0 {
			labels += "|often"
		}
		if i%7 == 0 {
			labels = ""
		}
		fmt.Fprintf(&table, "%s,%s,%s\n", path, labels, strings.Split(filepath.Base(path), "_")[0])
	}
	write(t, filepath.Join(dir, "multi.csv"), table.String())
	plan := "schema = 1\nname = \"multi\"\nmodel = {id = \"fake\"}\n[data.day]\nmanifest = \"multi.csv\"\n" +
		"[[method]]\nname = \"zero-shot\"\n[[method]]\nname = \"ridge\"\nshots = [1, 0]\ndraws = 2\n"
	write(t, filepath.Join(dir, "plan.toml"), plan)
	sum, _ := mustRun(t, dir)
	rec := load(t, dir, sum.Run)
	if len(rec.Results) != 4 {
		t.Fatalf("%d results", len(rec.Results))
	}
	for _, r := range rec.Results {
		m := r.Metrics[0]
		if m.Name != "map" || !m.HasInterval || !(m.Low <= m.Value && m.Value <= m.High) || !(m.Value > 0 && m.Value <= 1) || r.Look != 1 {
			t.Errorf("%s: %+v, look %d", r.Label, m, r.Look)
		}
		i := slices.IndexFunc(r.PerLabel, func(c pilot.LabelScore) bool { return c.Class == "often" })
		if i < 0 || !(r.PerLabel[i].AP > 0) || r.PerLabel[i].HasThreshold != (r.Method == "ridge") {
			t.Errorf("%s: classes %+v", r.Label, r.PerLabel)
		}
		if f1 := slices.IndexFunc(r.Metrics, func(m pilot.Metric) bool { return m.Name == "macro_f1" && m.HasInterval }); (f1 >= 0) != (r.Method == "ridge") {
			t.Errorf("%s: metrics %+v", r.Label, r.Metrics)
		}
	}
	for _, r := range rec.Results {
		for _, p := range r.Predictions {
			if len(p.Scores) != len(r.Classes) || p.Truth == "" || (p.Predicted != "") != (r.Method == "ridge") || p.Correct != (p.Truth == p.Predicted) || !(p.P >= 0 && p.P <= 1) {
				t.Errorf("%s: %+v", r.Label, p)
			}
		}
	}
	if len(rec.Comparisons) != 2 || rec.Comparisons[0].Metric != "map" || rec.Comparisons[0].Interval == "" || len(sum.Variances) != 0 {
		t.Errorf("comparisons %+v, variances %+v", rec.Comparisons, sum.Variances)
	}
	l, err := pilot.OpenReadOnly(context.Background(), LedgerFile(dir))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if wrong, err := l.Verify(context.Background()); err != nil || len(wrong) > 0 {
		t.Errorf("the ledger does not hold together: %q, %v", wrong, err)
	}
	again, _ := mustRun(t, dir)
	if !again.Unchanged() || again.Run != sum.Run {
		t.Errorf("the same plan again: %+v", again)
	}
	write(t, filepath.Join(dir, "plan.toml"), plan+"[[method]]\nname = \"clap\"\n")
	if _, err := newSession().run(context.Background(), t, dir); fault.KindOf(err) != fault.Config || !strings.Contains(err.Error(), "method[3].name: clap weighs the words") {
		t.Errorf("got %v", err)
	}
}

// Windows of one video are scored one by one and as the video they are of.
func TestWindowsAreScoredByVideo(t *testing.T) {
	dir := newPilot(t)
	var table strings.Builder
	table.WriteString("path,label,start,end\n")
	files := sceneFiles(t, dir)
	for _, path := range files {
		label := filepath.Base(filepath.Dir(path))
		fmt.Fprintf(&table, "%s,%s,0,0.12\n%[1]s,%[2]s,0.12,0.24\n", path, label)
	}
	write(t, filepath.Join(dir, "windows.csv"), table.String())
	write(t, filepath.Join(dir, "plan.toml"), "schema = 1\nname = \"windows\"\nmodel = {id = \"fake\"}\n[data.day]\nmanifest = \"windows.csv\"\n[[method]]\nname = \"nearest-mean\"\n")
	sum, _ := mustRun(t, dir)
	metrics := load(t, dir, sum.Run).Results[0].Metrics
	i := slices.IndexFunc(metrics, func(m pilot.Metric) bool { return m.Name == "video_top1" })
	if i < 0 || 2*metrics[i].N != metrics[0].N || !metrics[i].HasInterval {
		t.Errorf("metrics %+v", metrics)
	}
}

// sceneFiles lists the clips of newPilot's day, relative to dir.
func sceneFiles(t *testing.T, dir string) (paths []string) {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, "day", "*", "*.gif"))
	if err != nil || len(found) == 0 {
		t.Fatal(found, err)
	}
	for _, path := range found {
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			t.Fatal(err)
		}
		paths = append(paths, filepath.ToSlash(rel))
	}
	return paths
}

// Sets that keep their promise in every class are those of the classes' own
// clips: here too few to leave any class out.
func TestConformalPerClass(t *testing.T) {
	size := func(more string) (classes float64) {
		sum, _ := mustRun(t, namedPilot(t, "[[method]]\nname = \"ridge\"\n[test]\nalpha = 0.3\n"+more, func(string, string) string { return "" }))
		for _, m := range load(t, dirOf(sum), sum.Run).Results[0].Metrics {
			if m.Name == "set_size" {
				classes = m.Value
			}
		}
		return classes
	}
	together, apart := size(""), size("conformal = \"per-class\"\n")
	if together == 0 || apart <= together || apart != 3 {
		t.Errorf("%g classes a set, %g where every class has its own threshold", together, apart)
	}
}
