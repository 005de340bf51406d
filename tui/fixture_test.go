package tui

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"framepilot/adapt"
	"framepilot/adapt/live"
	"framepilot/internal/fault"
	"framepilot/internal/lang"
	"framepilot/internal/stat"
	"framepilot/internal/words"
	"framepilot/model/video"
	"framepilot/pilot"
	"framepilot/pilot/gate"
	"framepilot/pilot/roi"
	"framepilot/tui/page"
)

func TestMain(m *testing.M) {
	time.Local = time.UTC // frames hold times of day
	var err error
	if home, err = os.Getwd(); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// home is the folder of the package; some tests change theirs.
var home string

// noon is the time of everything in the fixture.
var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// must stops a test that can't set up.
func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// newFolder is a pilot in its second stage of trouble: a gate passes, one is
// undecided, one waits for a signature, and a run of two sites is done.
func newFolder(t testing.TB, dir string) {
	t.Helper()
	ctx := context.Background()
	must(t, os.MkdirAll(dir, 0o755))
	must(t, os.WriteFile(filepath.Join(dir, planFile), []byte("schema = 1\nname = \"line 3\"\n[model]\nid = \"demo\"\n"), 0o644))
	l, err := pilot.Open(ctx, adapt.LedgerFile(dir))
	must(t, err)
	defer l.Close()
	l.Now = func() time.Time { return noon }
	entry := func(_ pilot.Entry, err error) { t.Helper(); must(t, err) }
	entry(l.Create(ctx, "line 3", "Can it tell reaching in from lifting, at night too?", "K. Sato"))
	for _, c := range []gate.Criterion{
		{Name: "G1", Text: "recognises night footage", Metric: "top1", Site: "night", Recipe: "gda, 4 shots, prompts: names #1", Bound: gate.AtLeast, Threshold: 0.66},
		{Name: "G2", Text: "recognises day footage", Metric: "top1", Site: "day", Recipe: "gda, 4 shots, prompts: names #1", Bound: gate.AtLeast, Threshold: 0.6},
		{Name: "G3", Text: "licence of the weights", Metric: "sign-off"},
	} {
		c.Stage = gate.Pilot
		entry(l.Propose(ctx, "", "K. Sato", c))
		entry(l.SealGate(ctx, "", "K. Sato", c.Name, ""))
	}
	measure(t, dir, l, pilot.Run{ID: "0be7c0de-1", Key: "j", Seed: 7, PlanText: "[model]\nid = \"tvtsv2-b32\"\n",
		Params: map[string]string{"model": "tvtsv2-b32", "frames": "8"}}, 1)
	measure(t, dir, l, pilot.Run{ID: "41c0e7aa-1", Key: "k", Seed: 7, PlanText: "[model]\nid = \"tvtsv2-b16\"\n", Environment: map[string]string{pilot.ClipsPerHourKey: "400"},
		Params: map[string]string{"model": "tvtsv2-b16", "frames": "8"}}, 0)
	entry(l.CheckGate(ctx, "", "K. Sato", "G1", "", ""))
	entry(l.CheckGate(ctx, "", "K. Sato", "G2", "", ""))
	entry(l.Note(ctx, "", "M. Tanaka", "new helmets since Monday"))
	entry(l.Doubt(ctx, "", "K. Sato", pilot.Doubt{Clip: "day/141.mp4", Shows: "reach-in", Reason: "the box stays on the shelf"}))
	assume := func(name string, low, base, high float64) {
		entry(l.Assume(ctx, "", "K. Sato", pilot.Assumption{Name: name, Range: roi.Range{Low: low, Base: base, High: high}, Source: "HR"}))
	}
	entry(l.Assume(ctx, "", "K. Sato", pilot.Assumption{Name: pilot.Currency, Text: "JPY"}))
	assume(roi.ClipsPerMonth, 9000, 10000, 12000)
	assume(roi.MinutesPerClip, 2, 2, 2)
	assume(roi.WagePerHour, 2500, 3000, 3500)
	assume(roi.HandledShare, 0.8, 0.8, 0.8)
	assume(roi.MachinePerHour, 100, 100, 100)
	assume(roi.SetupCost, 1e6, 2e6, 4e6)
	assume(roi.RunningCost, 50000, 50000, 50000)
	assume(roi.ErrorCost, 100, 200, 300)
	assume(pilot.SecondsPerLabel, 20, 20, 20)
	assume(pilot.LabelWage, 2000, 2000, 2000)
}

// pretend makes files for clips; some were moved since they were measured.
func pretend(t testing.TB, dir string, clips []pilot.Clip) {
	t.Helper()
	for i, c := range clips {
		if path := filepath.Join(dir, c.ID); i%10 != 7 {
			must(t, os.MkdirAll(filepath.Dir(path), 0o755))
			must(t, os.WriteFile(path, nil, 0o644))
		}
	}
}

// measure records a run of 160 test clips of 32 recordings at each of two
// sites: by night it is right three times in four, by day nine times in ten, by
// so many tenths less.
func measure(t testing.TB, dir string, l *pilot.Ledger, run pilot.Run, less int) {
	t.Helper()
	ctx := context.Background()
	run.Pilot, run.Question, run.PlanPath = "line 3", "Can it?", planFile
	must(t, l.Begin(ctx, run))
	classes := []string{"lift", "reach-in", "walk"}
	var clips []pilot.Clip
	for _, site := range []string{"day", "night"} {
		for i := range 160 {
			clips = append(clips, pilot.Clip{ID: fmt.Sprintf("%s/%03d.mp4", site, i), Site: site, Split: "test", Class: classes[i%3], Recording: fmt.Sprint(site, i/5)})
		}
	}
	must(t, l.Clips(ctx, run.ID, clips))
	pretend(t, dir, clips)
	result := func(site, method, label string, shots, draw, rightOf10 int) {
		r := pilot.Result{Key: fmt.Sprint(method, shots, site, draw), Task: pilot.Classification, Method: method, Label: label, Prompts: "names", Site: site,
			Shots: shots, Draw: draw, Classes: classes, Look: 1, Agreed: 1, Confusion: [][]int{{0, 0, 0}, {0, 0, 0}, {0, 0, 0}}}
		if method != pilot.ZeroShot {
			r.TrainSite = "day"
		}
		right, n := 0, 0
		of, hits := make([]int, 3), make([]int, 3)
		for i, c := range clips {
			if c.Site != site {
				continue
			}
			truth, said := i%160%3, i%160%3
			if (i*7+i/10*3)%10 >= rightOf10 {
				said = (truth + 1) % 3
			}
			p := pilot.Prediction{Clip: c.ID, Truth: classes[truth], Predicted: classes[said], P: 0.5 + float64(i%50)/100, Correct: truth == said}
			if truth != said {
				p.Next = []pilot.Guess{{Class: classes[truth], P: 0.7 * (1 - p.P)}, {Class: classes[3-truth-said], P: 0.3 * (1 - p.P)}}
			}
			r.Predictions = append(r.Predictions, p)
			r.Confusion[truth][said]++
			n++
			of[truth]++
			if p.Correct {
				right++
				hits[truth]++
			}
		}
		share := float64(right) / float64(n)
		in := stat.Wilson(right, n, 0.95)
		m := pilot.Metric{Name: "top1", Value: share, N: n, Low: in.Low, High: in.High, HasInterval: true, Interval: "Wilson 95 %"}
		r.Metrics = []pilot.Metric{m}
		for k, class := range classes {
			x := float64(hits[k]) / float64(of[k])
			in := stat.Wilson(hits[k], of[k], 0.95)
			r.PerClass = append(r.PerClass, pilot.ClassScore{Class: class, N: of[k], Correct: hits[k], Recall: x, Low: in.Low, High: in.High, Interval: "Wilson 95 %"})
		}
		must(t, l.Result(ctx, run.ID, r))
	}
	for _, site := range []string{"day", "night"} {
		worse := map[string]int{"day": 0, "night": 2}[site] + less
		result(site, pilot.ZeroShot, "zero-shot", 0, 0, 6-worse/2)
		for draw := 1; draw <= 3; draw++ {
			result(site, "gda", "gda, 1 shot", 1, draw, 6-worse+draw%2)
			result(site, "gda", "gda, 4 shots", 4, draw, 9-worse)
		}
	}
	must(t, l.Evidence(ctx, run.ID, []pilot.Comparison{{
		Result: "gda4day1", Against: "zero-shot0day0", Metric: "top1", N: 160, OnlyThis: 60, OnlyOther: 12, Difference: 0.3,
		Low: 0.21, High: 0.39, Interval: "bootstrap over recordings 95 %", P: 1e-8, MidP: 1e-8, Holm: 2e-8, Verdict: pilot.Better,
	}}, nil))
	must(t, l.Finish(ctx, run.ID, pilot.Done, ""))
}

// fakeCommands answers the commands the UI reads from, and remembers the rest.
type fakeCommands struct {
	ran     []string
	started []string
	answer  map[string]Output // by the first two words
	refused map[string]error  // likewise
	ended   chan int
}

func newFakeCommands(t testing.TB) *fakeCommands {
	t.Helper()
	seconds, low, high := 240.0, 200.0, 390.0
	tried := live.Estimate{Seconds: &seconds, Low: &low, High: &high, AtLeast: seconds, Bytes: 1.2e6, Basis: live.BasisTry}
	part := live.Estimate{AtLeast: seconds, Bytes: 1.2e6, Basis: live.BasisUnknown}
	asJSON := func(v any) Output {
		text, err := json.Marshal(v)
		must(t, err)
		return Output{Out: string(text)}
	}
	return &fakeCommands{ended: make(chan int, 1), answer: map[string]Output{
		"plan choices": asJSON([]adapt.Choice{
			{Recipe: adapt.RecipeWords, Measure: 320, Estimate: tried, Clips: 520, Sites: []string{"day", "night"}, Classes: []string{"lift", "reach-in", "walk"}},
			{Recipe: adapt.RecipeFewShot, Learn: 48, Measure: 320, Shots: []int{1, 4, 16}, Estimate: part, Advised: true},
			{Recipe: adapt.RecipeProbe, Learn: 200, Measure: 320, Estimate: part},
			{Recipe: adapt.RecipeSite, Why: "one-site"},
		}),
		"data check": asJSON(adapt.Check{
			Clips: 520, Sites: []string{"day", "night"}, Embedded: 0,
			Classes: []adapt.ClassCount{{Class: "lift", Train: 70, Test: 107, Recordings: 40}, {Class: "reach-in", Train: 66, Test: 107, Recordings: 41}, {Class: "walk", Train: 64, Test: 106, Recordings: 39}},
			Findings: []adapt.Finding{
				found(adapt.SeverityError, "identical-files", "a clip that was learned from is known, not recognised", "keep one of each pair, or list the other under limits.exclude",
					words.Say("%s of one split copied into another", words.Counted(2, "clip")), "day/004.mp4 (train) = day/009.mp4 (test)", "day/014.mp4 (train) = day/019.mp4 (test)"),
				found(adapt.SeverityWarning, "unreadable-clips", "they are left out: scores are of the clips that can be read", "mend or remove them; framepilot video inspect FILE says what is wrong with one",
					words.Say("%s of %d unreadable", words.Counted(1, "clip"), 520), "night/088.mp4: no video stream in it (wav)"),
			},
		}),
		"run plan.toml": asJSON(dryRun()),
	}}
}

// found is a finding as a check says it.
func found(severity adapt.Severity, check, why, fix string, what words.Sentence, where ...string) adapt.Finding {
	return adapt.Finding{Severity: severity, Check: check, Where: where, Said: adapt.Saying{What: what, Where: words.Plains(where), Why: words.Say(why), Fix: words.Say(fix)}}
}

// dryRun is what a run would take that a small disk has no room for.
func dryRun() adapt.Summary {
	seconds, low, high := 240.0, 200.0, 390.0
	some := live.Estimate{Seconds: &seconds, Low: &low, High: &high, AtLeast: seconds, Bytes: 1.2e6, Basis: live.BasisTry}
	return adapt.Summary{Pilot: "line 3", Run: "9f3c11aa-1", Before: "interrupted", Computed: 500, Cached: 20, New: 121,
		Stages: []adapt.StageSummary{
			{Name: live.StageData, Status: adapt.StatusDone, Said: words.Say("%s of %s at %s: %d to learn from, %d to test on", words.Counted(520, "clip"), words.Counted(3, "class"), "day, night", 200, 320)},
			{Name: live.StageEmbed, Status: adapt.StatusWillRun, Said: words.Say("%s to embed, %d cached", words.Counted(500, "clip"), 20), Cost: &some},
			{Name: live.StageFit, Status: adapt.StatusStale, Said: words.Say("%s: %s to measure", "gda, 4 shots", words.Counted(40, "result")), Cost: &live.Estimate{}},
		},
		Cost: &live.Forecast{Estimate: live.Estimate{AtLeast: seconds, Bytes: 1.2e6, Basis: live.BasisUnknown}, Clips: 500, Results: 121,
			DiskFree: 1e6, Memory: 3e9, MemoryFree: 9e9, Money: &live.Money{Currency: "JPY", PerHour: 100}, Budget: live.Budget{Hours: 6, Cost: 600}},
	}
}

// printed is an error as a command prints it.
func printed(l lang.Language, err error) string {
	text := "framepilot: " + l.Error(err) + "\n"
	if fix := fault.Fix(err); !fix.IsZero() {
		text += l.Say(words.Say("  try: %s", fix)) + "\n"
	}
	return text
}

func (f *fakeCommands) Run(_ context.Context, l lang.Language, _ string, hear func(string), args ...string) (Output, error) {
	f.ran = append(f.ran, f.Line(args...))
	if hear != nil {
		hear(l.Say(words.Say("decoding every clip to see whether it can be read: %d of %d", 260, 520)))
	}
	if len(args) > 1 {
		if err := f.refused[args[0]+" "+args[1]]; err != nil {
			return Output{Code: 7, Errs: printed(l, err)}, nil
		}
		if out, ok := f.answer[args[0]+" "+args[1]]; ok {
			return out, nil
		}
	}
	return Output{Errs: "done\n"}, nil
}

func (f *fakeCommands) Start(_ lang.Language, _, _ string, args ...string) (<-chan int, error) {
	f.started = append(f.started, f.Line(args...))
	return f.ended, nil
}

func (f *fakeCommands) Line(args ...string) string {
	return "framepilot " + strings.Join(args, " ")
}

// newApp is an App in a folder, with what it read at first.
func newApp(t testing.TB, dir string, language lang.Language) (*App, *fakeCommands) {
	t.Helper()
	return newAppKnowing(t, dir, language, results{})
}

// newAppKnowing is newApp with what another one has read of the ledger.
func newAppKnowing(t testing.TB, dir string, language lang.Language, known results) (*App, *fakeCommands) {
	t.Helper()
	f := newFakeCommands(t)
	a := New(Options{
		Dir: dir, Language: language, Commands: f, By: "K. Sato", Now: func() time.Time { return noon },
		Models: func() []string { return []string{"tvtsv2-b16", "demo"} },
		Doctor: func(context.Context) []Check {
			return []Check{{Name: words.Say("processor"), Text: words.Say("%s, %d usable cores", "Xeon", 8)},
				{Name: words.Say("decoder"), Text: words.Say("%s; only GIF and folders of pictures can be read", words.Say("ffmpeg not found")), Fix: words.Say("install ffmpeg 4.3 or newer (%s), or set FRAMEPILOT_FFMPEG to its path", "apt install ffmpeg"), Bad: true}}
		},
		Frames: func(_ context.Context, clip Clip, n int) (page.Picture, error) {
			if strings.HasPrefix(filepath.Base(clip.Path), "1") {
				return page.Picture{}, &video.Error{Class: video.TruncatedHeader, Detail: words.Say("the container's index is missing or broken")}
			}
			return page.Picture{Width: 40 * n, Height: 30, RGB: make([]byte, 3*40*n*30), Columns: 16 * n}, nil
		},
		Player: Player{Why: "ssh"},
	})
	a.results = known
	settle(a, a.Open())
	return a, f
}

// settle carries tasks out, and what follows from them.
func settle(a *App, tasks []Task) {
	for len(tasks) > 0 {
		task := tasks[0]
		tasks = append(tasks[1:], a.Done(task(context.Background()))...)
	}
}

// press presses keys, one after the other, and waits for what they start.
func press(a *App, keys ...string) {
	for _, key := range keys {
		settle(a, a.Key(key))
		a.Page() // is shown after each
	}
}

// fill types text.
func fill(a *App, text string) {
	for _, r := range text {
		key := string(r)
		if r == ' ' {
			key = "space"
		}
		settle(a, a.Key(key))
	}
}
