package tui

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/muesli/termenv"

	"framepilot/internal/lang"
	"framepilot/tui/page"
	"framepilot/tui/paint"
)

// mistakesPage opens the clips that the first recipe got wrong.
func mistakesPage(t *testing.T) (*App, *fakeCommands, *compareScreen) {
	t.Helper()
	dir, _ := folders(t)
	a, f := newApp(t, dir, lang.English)
	press(a, "5", "enter")
	return a, f, a.current().(*compareScreen)
}

// shown is the page as it is painted, spaces drawn together.
func shown(a *App) string {
	frame, _ := paint.Frame(a.Page(), a.Footer(), paint.Size{Width: 130, Height: 40}, paint.Scroll{}, paint.NewStyle(termenv.Ascii, true))
	return strings.Join(strings.Fields(frame), " ")
}

// The frames of one clip at a time are fetched beside the keys, those of the
// clip under the cursor next, and not all of them are kept.
func TestFramesAreFetchedBesideTheKeys(t *testing.T) {
	a, _, s := mistakesPage(t)
	var asked []string
	a.o.Frames = func(_ context.Context, clip Clip, n int) (page.Picture, error) {
		asked = append(asked, filepath.Base(clip.Path))
		return page.Picture{Width: 1, Height: 1, RGB: make([]byte, 3)}, nil
	}
	s.bad.sheet = sheets{}
	first := a.Key("down")
	if len(first) != 1 {
		t.Fatalf("%d tasks for the second clip", len(first))
	}
	for range 5 {
		if tasks := a.Key("down"); len(tasks) > 0 {
			t.Fatal("another clip is fetched while one is under way")
		}
	}
	settle(a, first)
	at, _ := s.bad.chosen(a, s)
	if len(asked) != 2 || asked[1] != filepath.Base(at.Clip) {
		t.Errorf("fetched were %v; the cursor is on %s", asked, at.Clip)
	}
	press(a, "up", "down")
	if n := len(asked); n != 3 { // the one above, which was passed over
		t.Errorf("%d clips were fetched", n)
	}
	for i := range 3 * maxSheets {
		s.bad.sheet.take(sheetRead{clip: fmt.Sprint(i)})
	}
	if len(s.bad.sheet.kept) != maxSheets {
		t.Errorf("%d are kept", len(s.bad.sheet.kept))
	}
}

// A clip that is gone says so and can't be played; one that can't be read says
// why.
func TestClipsThatAreGone(t *testing.T) {
	a, _, s := mistakesPage(t)
	opened := ""
	a.o.Player = Player{Program: "xdg-open", Open: func(_ context.Context, path string) error {
		opened = path
		return errors.New("no application for it")
	}}
	p, _ := s.bad.chosen(a, s)
	s.bad.sheet = sheets{}
	must(t, os.Remove(filepath.Join(a.dir, p.Clip)))
	press(a, "down", "up")
	text := shown(a)
	for _, want := range []string{"It is " + p.Truth, "It was said " + p.Predicted, "moved or deleted", "play it (the file is not there any more"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not said: %s", want, text)
		}
	}
	if press(a, "o"); opened != "" {
		t.Errorf("%s was opened", opened)
	}
	press(a, "down", "o")
	p, _ = s.bad.chosen(a, s)
	if want := filepath.Join(a.dir, p.Clip); opened != want {
		t.Errorf("%q was opened, want %q", opened, want)
	}
	if text := shown(a); !strings.Contains(text, "no application for it") {
		t.Errorf("nothing is said of the player: %s", text)
	}
	press(a, "p")
	if got := a.Clip(); got != absolute(opened) || !filepath.IsAbs(got) {
		t.Errorf("copied %q", got)
	}
}

// A doubt is recorded by the command, with its reason; one that is there can
// be taken back.
func TestDoubtsByKey(t *testing.T) {
	a, f, s := mistakesPage(t)
	p, _ := s.bad.chosen(a, s)
	press(a, "x")
	fill(a, "black")
	press(a, "enter", "enter")
	press(a, "m", "up", "right", "down")
	fill(a, "both hands")
	press(a, "enter", "enter")
	press(a, "u")
	if len(f.ran) < 2 || a.dialog != nil {
		t.Fatalf("ran %q", f.ran)
	}
	for i, want := range []string{"framepilot pilot doubt " + p.Clip + " --reason black --by K. Sato", "framepilot pilot doubt " + p.Clip + " --shows "} {
		if got := f.ran[len(f.ran)-2+i]; !strings.HasPrefix(got, want) || strings.Contains(got, "--shows "+p.Truth) {
			t.Errorf("ran %q, want %q", got, want)
		}
	}
	press(a, "/")
	fill(a, "141")
	press(a, "enter", "u")
	fill(a, "seen again")
	press(a, "enter", "enter")
	if got, want := f.ran[len(f.ran)-1], "framepilot pilot doubt day/141.mp4 --withdraw --reason seen again --by K. Sato"; got != want {
		t.Errorf("ran %q, want %q", got, want)
	}
	if text := shown(a); !strings.Contains(text, "shows reach-in: the box stays on the shelf (K. Sato)") {
		t.Errorf("the doubt is not shown: %s", text)
	}
}
