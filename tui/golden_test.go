package tui

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/lipgloss"
	"github.com/muesli/termenv"

	"framepilot/adapt"
	"framepilot/adapt/live"
	"framepilot/internal/fault"
	"framepilot/internal/lang"
	"framepilot/internal/words"
	"framepilot/model/video"
	"framepilot/pilot"
	"framepilot/pilot/gate"
	"framepilot/tui/page"
	"framepilot/tui/paint"
)

var update = flag.Bool("update", false, "write the golden frames anew")

// scenes are the screens as people meet them: in a folder with a pilot unless
// the scene is of an empty one.
var scenes = []struct {
	name  string
	empty bool
	reach func(a *App)
}{
	{"welcome", true, func(*App) {}},
	{"welcome-new", true, func(a *App) { press(a, "n"); fill(a, "line 3") }},
	{"board", false, func(a *App) { press(a, "1") }},
	{"board-ways", false, func(a *App) { press(a, "1", "n") }},
	{"board-propose", false, func(a *App) { press(a, "1", "p", "enter") }},
	{"board-twins", false, func(a *App) { press(a, "1", "=") }},
	{"data", false, func(a *App) { press(a, "2") }},
	{"data-places", false, func(a *App) { press(a, "2", "o", "down") }},
	{"data-busy", false, func(a *App) { press(a, "2"); a.Key("enter")[0](context.Background()) }}, // said, and not done yet
	{"data-classes", false, func(a *App) { press(a, "2", "v", "down") }},
	{"recipe", false, func(a *App) { press(a, "3") }},
	{"run-idle", false, func(a *App) { press(a, "4") }},
	{"run", false, func(a *App) { atWork(a); press(a, "4") }},
	{"compare", false, func(a *App) { press(a, "5") }},
	{"compare-confusion", false, func(a *App) { press(a, "5", "v") }},
	{"compare-curve", false, func(a *App) { press(a, "5", "v", "v", "v") }},
	{"compare-reliability", false, func(a *App) { press(a, "5", "v", "v", "v", "v") }},
	{"compare-classes", false, func(a *App) { press(a, "5", "v", "v") }},
	{"compare-two", false, func(a *App) { press(a, "5", "space", "down", "down", "space") }},
	{"compare-find", false, func(a *App) { press(a, "5", "/", "z", "e", "r", "v") }},
	{"compare-mistakes", false, func(a *App) { press(a, "5", "v", "v", "v", "v", "v", "s") }},
	{"compare-changes", false, func(a *App) { press(a, "5", "w", "down") }},
	{"compare-runs", false, func(a *App) { press(a, "5", "w", "u") }},
	{"compare-clips", false, func(a *App) { press(a, "5", "enter", "down", "down") }},
	{"compare-clips-find", false, func(a *App) { press(a, "5", "enter", "/", "1", "1", "enter", "o") }},
	{"compare-doubt", false, func(a *App) { press(a, "5", "enter", "down", "m", "up") }},
	{"return", false, func(a *App) { press(a, "6") }},
	{"return-assume", false, func(a *App) { press(a, "6", "enter", "down") }},
	{"report", false, func(a *App) { press(a, "7") }},
	{"report-engineer", false, func(a *App) { press(a, "7", "a", "g", "x") }},
	{"report-write", false, func(a *App) { press(a, "7", "enter") }},
	{"ledger", false, func(a *App) { press(a, "8", "down", "enter") }},
	{"welcome-pilots", false, func(a *App) { press(a, "0") }},
	{"welcome-open", true, func(a *App) { press(a, "o", "enter") }},
	{"board-none", true, func(a *App) { press(a, "1") }},
	{"board-fresh", false, func(a *App) { fresh(a); press(a, "1") }},
	{"board-running", false, func(a *App) { atWork(a); press(a, "1") }},
	{"board-seal", false, func(a *App) { fresh(a); press(a, "1", "down", "s") }},
	{"board-check", false, func(a *App) { press(a, "1", "x") }},
	{"board-sign", false, func(a *App) { press(a, "1", "end", "i") }},
	{"board-waive", false, func(a *App) { press(a, "1", "w", "enter") }},
	{"board-decide", false, func(a *App) { press(a, "1", "d") }},
	{"board-refused", false, func(a *App) { refuse(a); press(a, "1", "d", "up", "enter") }},
	{"board-disabled", false, func(a *App) { press(a, "1", "s") }},
	{"data-none", true, func(a *App) { press(a, "2") }},
	{"recipe-plan", false, func(a *App) { press(a, "3", "v") }},
	{"recipe-replace", false, func(a *App) { press(a, "3", "enter") }},
	{"recipe-where", false, func(a *App) { press(a, "3", "f") }},
	{"run-none", true, func(a *App) { press(a, "4") }},
	{"run-starting", false, func(a *App) { press(a, "4"); a.runs.seen.starting, a.runs.busy = true, true }},
	{"run-broke", false, func(a *App) {
		press(a, "4")
		a.runs.seen.broke, a.runs.seen.printed, a.runs.busy = true, printed(a.o.Language, fault.New(fault.Missing, "", "plan %s: no such file", "plan.toml")), true
	}},
	{"run-paused", false, func(a *App) { atWork(a); became(a, live.EventPaused, true); press(a, "4") }},
	{"run-killed", false, func(a *App) { atWork(a); became(a, string(pilot.Running), false); press(a, "4") }},
	{"run-stopped", false, func(a *App) { atWork(a); became(a, string(pilot.Interrupted), false); press(a, "4") }},
	{"run-failed", false, func(a *App) { atWork(a); became(a, string(pilot.Failed), false); press(a, "4") }},
	{"run-done", false, func(a *App) { atWork(a); became(a, string(pilot.Done), false); press(a, "4") }},
	{"run-cost", false, func(a *App) { press(a, "4", "e") }},
	{"compare-soon", false, func(a *App) { fresh(a); atWork(a); press(a, "5") }},
	{"compare-none", true, func(a *App) { press(a, "5") }},
	{"return-none", true, func(a *App) { press(a, "6") }},
	{"return-mistake", false, func(a *App) { press(a, "6", "p") }},
	{"return-which", false, func(a *App) { press(a, "6", "f") }},
	{"report-none", false, func(a *App) { fresh(a); press(a, "7") }},
	{"ledger-none", true, func(a *App) { press(a, "8") }},
	{"ledger-note", false, func(a *App) { press(a, "8", "n") }},
	{"palette-all", true, func(a *App) { press(a, ":") }},
	{"help", false, func(a *App) { press(a, "1", "?") }},
	{"palette", false, func(a *App) { press(a, "1", ":"); fill(a, "re") }},
}

// atWork lets the App see a run that is half done.
func atWork(a *App) {
	s := watch{alive: true, owner: live.Owner{PID: 4711, Host: "pc", Since: noon}, run: "9f3c11aa-1"}
	dir := a.dir
	text := `{"time":"2026-11-23T11:49:50Z","event":"stage","stage":"data","status":"started"}
{"time":"2026-11-23T11:50:00Z","event":"run","run":"9f3c11aa-1","status":"started"}
{"time":"2026-11-23T11:50:00Z","event":"forecast","run":"9f3c11aa-1","forecast":{"seconds":900,"seconds_low":700,"seconds_high":1400,"seconds_at_least":900,"clips":500,"results":121,` +
		`"after":{"seconds":300,"seconds_low":250,"seconds_high":400,"seconds_at_least":300},"money":{"currency":"JPY","per_hour":100},"budget":{"max_hours":6,"max_cost":600,"max_failed":0.01}}}
{"time":"2026-11-23T11:50:01Z","event":"stage","run":"9f3c11aa-1","stage":"embed","status":"started"}
`
	for i := 1; i <= 8; i++ {
		text += fmt.Sprintf(`{"time":"2026-11-23T11:5%d:00Z","event":"progress","run":"9f3c11aa-1","stage":"embed","done":%d,"total":520,"cached":20,"rate":%g,"failed":1,"decoding":0.7,"model":0.28,"disk":0.02,"memory":1500000000,"disk_free":212000000000}`+"\n", i, 20+i*30, 3+float64(i%3)/10)
	}
	bad := &video.Error{Class: video.NoVideoStream, Detail: words.Say("no video stream in it (%s)", "mov,mp4")}
	failed := words.Say("%s: %s", "night/088.mp4", bad.Said())
	line, err := json.Marshal(live.Event{Time: noon.Add(-time.Minute), Kind: live.EventFailure, Run: s.run, Stage: live.StageEmbed, Clip: "night/088.mp4",
		Text: failed.String(), Hint: fault.HintOf(bad), Said: failed, Fix: fault.Fix(bad)})
	if err != nil {
		panic(err)
	}
	text += string(line) + "\n"
	path := live.EventsFile(dir, "9f3c11aa-1")
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		panic(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		panic(err)
	}
	if s.state, _, err = live.Follow(dir, s.run).Look(); err != nil {
		panic(err)
	}
	a.runs.seen, a.runs.busy = s, true // no look of its own in between
}

// fresh turns to a pilot with one gate, not sealed, and nothing measured.
func fresh(a *App) { settle(a, a.turnTo("fresh")) }

// became lets the run at work end, or wait.
func became(a *App, status string, alive bool) {
	a.runs.seen.state.Status, a.runs.seen.alive = status, alive
}

// refuse lets every decision be refused.
func refuse(a *App) {
	a.o.Commands.(*fakeCommands).refused = map[string]error{
		"pilot decide": fault.New(fault.Undecided, "pass them, or waive them by name: framepilot pilot gate waive GATE --by NAME --reason TEXT", "stage %s: %s", "pilot", "G1 UNDECIDED, G3 BLOCKED"),
	}
}

var sizes = []paint.Size{{Width: 60, Height: 16}, {Width: 80, Height: 24}, {Width: 120, Height: 40}, {Width: 200, Height: 50}}

var escape = regexp.MustCompile("\x1b\\[[0-9;]*m")

// Every screen at every size, in both languages, with and without colours. The
// coloured frame says the same, character by character.
func TestGoldenFrames(t *testing.T) {
	full, empty := folders(t)
	known := map[string]results{} // by folder
	plain, coloured := paint.NewStyle(termenv.Ascii, true), paint.NewStyle(termenv.ANSI256, true)
	for _, s := range scenes {
		t.Run(s.name, func(t *testing.T) {
			var got strings.Builder
			for _, language := range lang.All() {
				dir := full
				if s.empty {
					dir = empty
				}
				a, _ := newAppKnowing(t, dir, language, known[dir])
				known[dir] = a.results
				s.reach(a)
				for _, size := range sizes {
					if size.Width == 200 && strings.Contains(s.name, "-") {
						continue // of every screen one
					}
					frame, _ := paint.Frame(a.Page(), a.Footer(), size, paint.Scroll{}, plain)
					colour, _ := paint.Frame(a.Page(), a.Footer(), size, paint.Scroll{}, coloured)
					if !strings.Contains(colour, "\x1b[") {
						t.Error("no colours")
					}
					if s.name != "data-classes" && escape.ReplaceAllString(colour, "") != frame {
						t.Errorf("%s %v: in colour it says something else", language, size)
					}
					fmt.Fprintf(&got, "== %s %d x %d\n%s\n", language, size.Width, size.Height, frame)
					if language == lang.English && size.Width == 80 {
						fmt.Fprintf(&got, "== colours\n%s\n", onlyColoured(colour))
					}
				}
			}
			golden(t, s.name+".txt", got.String())
		})
	}
}

// onlyColoured are the lines that hold colours beyond the frame's, with their
// codes made visible.
func onlyColoured(frame string) string {
	var lines []string
	for _, line := range strings.Split(frame, "\n") {
		if strings.Count(line, "\x1b[") > 4 {
			lines = append(lines, strings.ReplaceAll(line, "\x1b", "^"))
		}
	}
	return strings.Join(lines, "\n")
}

// folders are one with a pilot and an empty one, under names that do not vary.
func folders(t *testing.T) (full, empty string) {
	t.Helper()
	t.Chdir(t.TempDir())
	must(t, os.Mkdir("empty", 0o755))
	newFolder(t, "line3")
	must(t, os.Mkdir("fresh", 0o755))
	l, err := pilot.Open(t.Context(), adapt.LedgerFile("fresh"))
	must(t, err)
	l.Now = func() time.Time { return noon }
	_, err = l.Create(t.Context(), "line 4", "Does it see a fall?", "K. Sato")
	must(t, err)
	_, err = l.Propose(t.Context(), "", "K. Sato", gate.Criterion{Name: "G1", Text: "sees falls", Metric: "recall", Class: "fall", Bound: gate.AtLeast, Threshold: 0.9, Stage: gate.Pilot})
	must(t, err)
	must(t, l.Close())
	return "line3", "empty"
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join(home, "testdata", name)
	if *update {
		must(t, os.MkdirAll(filepath.Dir(path), 0o755))
		must(t, os.WriteFile(path, []byte(got), 0o644))
		return
	}
	want, err := os.ReadFile(path)
	if err != nil || got != string(want) {
		t.Errorf("%s differs (go test ./tui -update writes it anew): %v\n%s", path, err, firstDifference(got, string(want)))
	}
}

func firstDifference(got, want string) string {
	a, b := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range a {
		if i >= len(b) || a[i] != b[i] {
			other := ""
			if i < len(b) {
				other = b[i]
			}
			return fmt.Sprintf("line %d\n got %q\nwant %q", i+1, a[i], other)
		}
	}
	return "the end is missing"
}

// checkFrame wants exactly the lines and columns of the terminal, by a measure
// of widths that is not the one the frame was painted with.
func checkFrame(t *testing.T, a *App, size paint.Size, style paint.Style) {
	t.Helper()
	frame, _ := paint.Frame(a.Page(), a.Footer(), size, paint.Scroll{}, style)
	lines := strings.Split(frame, "\n")
	if len(lines) != size.Height {
		t.Fatalf("%d lines at %v", len(lines), size)
	}
	for _, line := range lines {
		if w := lipgloss.Width(line); w != size.Width {
			t.Fatalf("a line of %d cells at %v: %q", w, size, line)
		}
	}
}

// Transcript reads every scene in one language.
func Transcript(t *testing.T, language lang.Language, read func(page.Page) string) string {
	t.Helper()
	full, empty := folders(t)
	var all strings.Builder
	for _, s := range scenes {
		dir := full
		if s.empty {
			dir = empty
		}
		a, _ := newApp(t, dir, language)
		s.reach(a)
		fmt.Fprintf(&all, "== %s\n%s", s.name, read(a.Page()))
	}
	return all.String()
}

// AppInPilot is an App on the fixture's board; ran are the commands it ran.
func AppInPilot(t *testing.T) (app *App, ran func() []string) {
	t.Helper()
	full, _ := folders(t)
	a, f := newApp(t, full, lang.English)
	press(a, "1")
	return a, func() []string { return f.ran }
}

// Golden compares with a golden file, or writes it.
var Golden = golden
