package tui

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/muesli/termenv"

	"framepilot/internal/lang"
	"framepilot/tui/edit"
	"framepilot/tui/page"
	"framepilot/tui/paint"
)

// What every screen promises, in every state of the golden set.

// eachScene shows every scene to a test.
func eachScene(t *testing.T, language lang.Language, show func(t *testing.T, fresh func() *App)) {
	full, empty := folders(t)
	known := map[string]results{} // by folder: much is worked out of a ledger
	for _, s := range scenes {
		t.Run(s.name, func(t *testing.T) {
			if testing.Short() {
				t.Skip("takes seconds")
			}
			show(t, func() *App {
				dir := full
				if s.empty {
					dir = empty
				}
				a, _ := newAppKnowing(t, dir, language, known[dir])
				known[dir] = a.results
				s.reach(a)
				return a
			})
		})
	}
}

// seen is all that a person could notice of an App.
func seen(a *App) string {
	return fmt.Sprintf("%+v %+v %v %v %v", a.Page(), a.Footer(), a.Quit(), a.Mouse(), a.Turned())
}

// A key that is shown does something, or starts something; one that is shown
// as not to be done says why.
func TestShownKeysWork(t *testing.T) {
	eachScene(t, lang.English, func(t *testing.T, fresh func() *App) {
		keys := fresh().Page().Actions
		if !strings.Contains(t.Name(), "-") && !fresh().Typing() {
			keys = append(keys, page.Action{Key: "?"}, page.Action{Key: ":"}, page.Action{Key: "q"}, page.Action{Key: "L"}, page.Action{Key: "%"}, page.Action{Key: "T"})
		}
		for _, x := range keys {
			a := fresh()
			a.status = ""
			before := seen(a)
			tasks := a.Key(x.Key)
			if after := seen(a); after == before && len(tasks) == 0 && !strings.Contains(after, a.text("ask.empty")) && !strings.Contains(after, a.text("open.none")) {
				t.Errorf("[%s] %s does nothing and says nothing", x.Key, x.Label)
			}
			if x.Why != "" && !strings.Contains(a.Page().Status, x.Why) {
				t.Errorf("[%s] %s is not to be done because %q, and says %q", x.Key, x.Label, x.Why, a.Page().Status)
			}
			settle(a, tasks)
		}
	})
}

// Ctrl-C leaves at once; Esc, however deep one is, comes to where q leaves.
func TestThereIsAWayOut(t *testing.T) {
	eachScene(t, lang.Japanese, func(t *testing.T, fresh func() *App) {
		a := fresh()
		press(a, "ctrl+c")
		if !a.Quit() {
			t.Error("ctrl+c does not leave")
		}
		a = fresh()
		for range 4 {
			press(a, "esc")
		}
		press(a, "q")
		if !a.Quit() {
			t.Errorf("esc and q do not lead out: %+v", a.Page())
		}
	})
}

// The palette finds whatever can be done by its name in any language.
func TestPaletteKnowsEveryName(t *testing.T) {
	full, _ := folders(t)
	a, _ := newApp(t, full, lang.English)
	for i := range a.tabs {
		press(a, a.tabs[i].key) // all has been read once
	}
	for i, tab := range a.tabs {
		press(a, tab.key)
		for _, l := range lang.All() {
			var names []string
			for _, x := range a.actionsOf(i)[l] {
				names = append(names, x.Label)
			}
			for k, other := range a.tabs {
				names = append(names, l.Text("tab."+other.name))
				if k != i {
					for _, x := range a.actionsOf(k)[l] {
						names = append(names, l.Text("tab."+other.name)+": "+x.Label)
					}
				}
			}
			for _, g := range a.everywhere() {
				names = append(names, l.Text(g.text))
			}
			p := newPalette(a)
			for _, name := range names {
				p.words = edit.New(name)
				if !slices.ContainsFunc(p.matches(), func(e paletteEntry) bool { return slices.Contains(e.names, strings.ToLower(name)) }) {
					t.Errorf("on %s nothing is called %q", tab.name, name)
				}
			}
		}
	}
}

// At the corners of what is promised, and anywhere in between, a frame is
// exactly as large as the terminal; in the largest one nothing lies below the
// fold.
func TestFramesFitEverySize(t *testing.T) {
	plain := paint.NewStyle(termenv.Ascii, true)
	styles := []paint.Style{plain, paint.NewStyle(termenv.ANSI, true), paint.NewStyle(termenv.ANSI256, false), paint.NewStyle(termenv.TrueColor, true)}
	for i, language := range lang.All() {
		n := i
		eachScene(t, language, func(t *testing.T, fresh func() *App) {
			a := fresh()
			for _, size := range []paint.Size{{Width: 60, Height: 16}, {Width: 200, Height: 50}, {Width: 60, Height: 50}, {Width: 200, Height: 16}, {Width: 139, Height: 30}, {Width: 140, Height: 30}} {
				checkFrame(t, a, size, plain)
			}
			for range 12 { // widths and heights that together come to all of them
				n++
				checkFrame(t, a, paint.Size{Width: 60 + n*37%141, Height: 16 + n*11%35}, styles[n%4])
			}
			frame, _ := paint.Frame(a.Page(), a.Footer(), paint.Size{Width: 200, Height: 50}, paint.Scroll{}, plain)
			long := slices.ContainsFunc(a.Page().All(), func(b page.Block) bool {
				t, ok := b.(page.Table)
				return ok && len(t.Rows) > 30
			})
			if !long && strings.Contains(frame, "more below") {
				t.Errorf("at 200 x 50 more lies below:\n%s", frame)
			}
		})
	}
}

// What can be done now is in sight, however small the terminal.
func TestWhatCanBeDoneIsInSight(t *testing.T) {
	plain := paint.NewStyle(termenv.Ascii, true)
	for _, language := range lang.All() {
		eachScene(t, language, func(t *testing.T, fresh func() *App) {
			a := fresh()
			for _, size := range sizes {
				frame, _ := paint.Frame(a.Page(), a.Footer(), size, paint.Scroll{}, plain)
				for _, x := range a.Page().Actions {
					if x.Why == "" && x.Key != "r" && !strings.Contains(frame, "["+x.Key+"] ") { // screens look again by themselves
						t.Errorf("%s %v: [%s] %s is hidden:\n%s", language, size, x.Key, x.Label, frame)
					}
				}
			}
		})
	}
}
