package tui

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/muesli/termenv"

	"framepilot/adapt"
	"framepilot/internal/lang"
	"framepilot/tui/paint"
)

// Ten thousand keys, pastes and resizes from every screen: nothing panics, no
// line leaves the frame, q leads out, and nobody is left behind.
func TestRandomWalks(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	dir, _ := folders(t)
	before := runtime.NumGoroutine()
	keys := []string{"enter", "esc", "up", "down", "left", "right", "tab", "shift+tab", "backspace", "ctrl+u", "space", "home", "end", "/", "?", ":", "=", "L", "T", "%", "c",
		"0", "1", "2", "3", "4", "5", "6", "7", "8", "a", "d", "e", "f", "g", "i", "k", "l", "m", "n", "o", "p", "r", "s", "u", "v", "V", "w", "x", "9", ".", "漢", "ﾊ", "é", "q"}
	styles := []paint.Style{paint.NewStyle(termenv.Ascii, true), paint.NewStyle(termenv.ANSI256, false)}
	for i := range 9 {
		a, _ := newApp(t, dir, lang.English)
		rng := rand.New(rand.NewPCG(uint64(i), 7))
		start := a.tabs[i].name
		press(a, a.tabs[i].key)
		if i == 4 {
			atWork(a)
		}
		size := paint.Size{Width: 80, Height: 24}
		for step := range 10_000 {
			switch rng.IntN(50) {
			case 0:
				size = paint.Size{Width: 60 + rng.IntN(141), Height: 16 + rng.IntN(35)}
			case 1:
				fill(a, strings.Repeat("ペースト paste ", 3))
			default:
				key := keys[rng.IntN(len(keys))]
				tasks := a.Key(key)
				if len(tasks) > 0 && rng.IntN(8) > 0 {
					tasks = nil // most work is still under way when the next key comes
					a.runs.busy = false
				}
				settle(a, tasks)
			}
			a.quit = false
			if a.dir != dir {
				a.enter(dir)
			}
			if step%10 == 0 {
				checkFrame(t, a, size, styles[rng.IntN(2)])
			}
		}
		for range 4 {
			press(a, "esc")
		}
		press(a, "q", "q")
		if !a.Quit() {
			t.Errorf("from %s: q does not lead out", start)
		}
	}
	for end := time.Now().Add(time.Minute); runtime.NumGoroutine() > before; { // closed databases take a moment
		if time.Now().After(end) {
			stacks := make([]byte, 1<<16)
			t.Fatalf("%d goroutines before, %d after:\n%s", before, runtime.NumGoroutine(), stacks[:runtime.Stack(stacks, true)])
		}
		time.Sleep(10 * time.Millisecond)
	}
}

var literal = regexp.MustCompile(`\b(?:text|Text|add)\("([a-z_]+\.[A-Za-z_.-]*[a-z_])"`)

// Every message that the screens name is in the catalogue.
func TestMessagesAreThere(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(home, "*.go"))
	must(t, err)
	found := 0
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		text, err := os.ReadFile(file)
		must(t, err)
		for _, m := range literal.FindAllStringSubmatch(string(text), -1) {
			found++
			for _, language := range lang.All() {
				if !language.Has(m[1]) {
					t.Errorf("%s: %s is missing in %s", file, m[1], language)
				}
			}
		}
	}
	if found < 200 {
		t.Errorf("only %d messages found", found)
	}
}

// A panic in a plain goroutine leaves the terminal raw: guard starts them all.
func TestOnlyGuardSaysGo(t *testing.T) {
	bare := regexp.MustCompile(`(?m)^\s*go (func|[a-z])`)
	err := filepath.WalkDir(".", func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.HasPrefix(path, "guard") {
			return err
		}
		text, err := os.ReadFile(path)
		if err == nil && bare.Match(text) {
			t.Errorf("%s starts a goroutine of its own", path)
		}
		return err
	})
	must(t, err)
}

// A screen that is left before its answer comes has it when it is shown again,
// and asks anew then: neither waits for ever.
func TestAnswersFindTheirScreen(t *testing.T) {
	dir, _ := folders(t)
	a, _ := newApp(t, dir, lang.English)
	for _, s := range []struct {
		key  string
		busy func() bool
	}{
		{"2", func() bool { return a.tabs[2].screen.(*dataScreen).busy }},
		{"3", func() bool { return a.tabs[3].screen.(*recipeScreen).busy }},
	} {
		tasks := a.Key(s.key)
		if !s.busy() {
			t.Fatalf("%s asks for nothing", s.key)
		}
		a.Key("1")
		settle(a, tasks)
		if s.busy() {
			t.Errorf("%s still waits", s.key)
		}
	}
	press(a, "3")
	press(a, "v")
	if !a.tabs[3].screen.(*recipeScreen).showing {
		t.Error("the plan there is can't be shown")
	}
}

// A look that began before a run was started knows nothing of it: whenever it
// comes back, the run is starting until it speaks.
func TestLookOfBeforeTheStart(t *testing.T) {
	for _, first := range []string{"the look", "the start"} {
		dir, _ := folders(t)
		a, f := newApp(t, dir, lang.English)
		f.ended = make(chan int)
		late := a.runs.look(noon)
		begin := a.start("run", planFile)
		looked := late[0](t.Context())
		results := []any{looked, begin[0](t.Context())}
		if first == "the start" {
			slices.Reverse(results)
		}
		for _, result := range results {
			a.Done(result)
			if s := a.runs.seen.standing(); s != "starting" {
				t.Errorf("%s first: the run is said to be %s", first, s)
			}
		}
		if a.runs.ended == nil {
			t.Errorf("%s first: how it ends is not waited for", first)
		}
	}
}

// Up and down move the view where there is nothing to choose, and only there.
func TestScroll(t *testing.T) {
	dir, empty := folders(t)
	a, _ := newApp(t, dir, lang.English)
	press(a, "3", "v", "down", "j", "up", "down")
	if n := a.Scroll(); n != 2 {
		t.Errorf("the plan is moved by %d lines", n)
	}
	press(a, "v", "down")
	if n := a.Scroll(); n != 0 {
		t.Errorf("the recipes are moved by %d lines", n)
	}
	a, _ = newApp(t, empty, lang.English)
	press(a, "5", "enter")
	if a.tabs[5].screen.(*compareScreen).bad.shown {
		t.Error("mistakes of nothing are shown")
	}
}

// Who has not said a name yet is asked for the assumptions first.
func TestNameIsAskedLast(t *testing.T) {
	dir, _ := folders(t)
	a, _ := newApp(t, dir, lang.English)
	a.name = ""
	press(a, "6", "enter")
	if a.dialog == nil || a.dialog.at != 0 {
		t.Errorf("the first question is not the first one: %+v", a.dialog)
	}
}

// What was worked out of a ledger stands until the ledger is written to.
func TestResultsAreReadOnce(t *testing.T) {
	dir, _ := folders(t)
	a, _ := newApp(t, dir, lang.English)
	a.results.rec.Results = nil
	settle(a, []Task{a.readResults()})
	if a.results.rec.Results != nil {
		t.Error("an unchanged ledger is read again")
	}
	later := time.Now().Add(time.Hour)
	if err := os.Chtimes(adapt.LedgerFile(dir), later, later); err != nil {
		t.Fatal(err)
	}
	settle(a, []Task{a.readResults()})
	if a.results.rec.Results == nil {
		t.Error("a changed ledger is not read again")
	}
}
