package shell

import (
	"bytes"
	"compress/zlib"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/lipgloss"
	"github.com/muesli/termenv"

	"framepilot/adapt"
	"framepilot/internal/lang"
	"framepilot/tui"
	"framepilot/tui/page"
	"framepilot/tui/paint"
)

// showsPictures makes the UI of runUI one with a clip to show.
const showsPictures = "pictures"

// withPictures is a folder of clips of two classes, and an App that has frames
// of them.
func withPictures(dir, wrong string) *tui.App {
	for _, class := range []string{"a", "b"} {
		if err := os.MkdirAll(filepath.Join(dir, "clips", class), 0o755); err != nil {
			panic(err)
		}
		for i := range 8 {
			if err := os.WriteFile(filepath.Join(dir, "clips", class, fmt.Sprint(i, ".mp4")), nil, 0o644); err != nil {
				panic(err)
			}
		}
	}
	plan := "schema = 1\nname = \"p\"\n[model]\nid = \"demo\"\n[data.clips]\nfolders = \"clips\"\n[[prompts]]\nname = \"n\"\n[[method]]\nname = \"zero-shot\"\n"
	plan = strings.ReplaceAll(plan, "[[prompts]]\nname = \"n\"\n", "[prompts.names]\n")
	if err := os.WriteFile(filepath.Join(dir, "plan.toml"), []byte(plan), 0o644); err != nil {
		panic(err)
	}
	return tui.New(tui.Options{Dir: dir, Commands: checking{noCommands{wrong}}, Frames: func(context.Context, tui.Clip, int) (page.Picture, error) {
		return page.Picture{Width: 160, Height: 120, RGB: somePixels(160, 120), Columns: 32}, nil
	}, Doctor: func(context.Context) []tui.Check { return nil }})
}

// somePixels compress badly enough to take several pieces.
func somePixels(w, h int) []byte {
	rgb := make([]byte, 3*w*h)
	x := uint32(1)
	for i := range rgb {
		x = x*1664525 + 1013904223
		rgb[i] = byte(x >> 24)
	}
	return rgb
}

// checking are commands of which data check says that all is well.
type checking struct{ noCommands }

func (c checking) Run(_ context.Context, _ lang.Language, _ string, _ func(string), args ...string) (tui.Output, error) {
	if args[0] != "data" {
		return tui.Output{}, nil
	}
	text, err := json.Marshal(adapt.Check{Clips: 16, Sites: []string{"clips"}, Classes: []adapt.ClassCount{{Class: "a", Train: 4, Test: 4}, {Class: "b", Train: 4, Test: 4}}})
	return tui.Output{Out: string(text)}, err
}

// A terminal that plays kitty: it draws, and knows placeholders.
func playKitty(sent string) string {
	var says strings.Builder
	for _, m := range asked.FindAllString(sent, -1) {
		switch {
		case strings.HasPrefix(m, "\x1b_G"):
			says.WriteString("\x1b_Gi=31;OK\x1b\\")
		case m == "\x1b[6n" && strings.Contains(sent, "\u2580"):
			says.WriteString("\x1b[1;2R")
		case m == "\x1b[6n":
			says.WriteString("\x1b[1;1R")
		case m == "\x1b[c":
			says.WriteString("\x1b[?62;4c")
		}
	}
	return says.String()
}

// playKonsole draws as kitty does, but knows no placeholders: a picture is
// drawn where the cursor is, which moves on.
func playKonsole(sent string) string {
	if strings.Contains(sent, "U=1") {
		return "\x1b[1;3R\x1b[?62;4c"
	}
	return playKitty(sent)
}

var asked = regexp.MustCompile(`\x1b_G[^\x1b]*a=q[^\x1b]*\x1b\\|\x1b\[6n|\x1b\[c`)

// The pieces a picture comes in, and the numbers of those deleted.
var (
	pieces  = regexp.MustCompile(`\x1b_G([^;\x1b]*);([A-Za-z0-9+/=]*)\x1b\\`)
	deleted = regexp.MustCompile(`\x1b_Ga=d,d=I,q=2,i=(\d+)\x1b\\`)
	number  = regexp.MustCompile(`,i=(\d+),`)
)

// given are the pictures handed over in what was sent: their numbers, and the
// pixels of the last.
func given(t *testing.T, sent string) (ids []string, rgb []byte) {
	t.Helper()
	var data strings.Builder
	for _, m := range pieces.FindAllStringSubmatch(sent, -1) {
		options := m[1]
		if strings.Contains(options, "a=q") || strings.Contains(options, "f=32") {
			continue // a question
		}
		if strings.Contains(options, "a=T") {
			for _, want := range []string{"U=1", "q=2", "f=24", "o=z"} {
				if !strings.Contains(options, want) {
					t.Errorf("%s is missing in %q", want, options)
				}
			}
			ids = append(ids, number.FindStringSubmatch(options)[1])
			data.Reset()
		}
		if len(m[2]) > 4096 {
			t.Errorf("a piece of %d bytes", len(m[2]))
		}
		data.WriteString(m[2])
		if strings.Contains(options, "m=1") {
			continue
		}
		packed, err := base64.StdEncoding.DecodeString(data.String())
		if err != nil {
			t.Fatal(err)
		}
		z, err := zlib.NewReader(bytes.NewReader(packed))
		if err != nil {
			t.Fatal(err)
		}
		if rgb, err = io.ReadAll(z); err != nil {
			t.Fatal(err)
		}
	}
	return ids, rgb
}

// A terminal that draws gets a picture once, then the cells it stands in; it is
// deleted when another screen comes, and before the screen is given back.
func TestKitty(t *testing.T) {
	for name, end := range map[string]func(u *terminal){
		"q":       func(u *terminal) { u.types("q") },
		"SIGTERM": func(u *terminal) { u.signal("TERM") },
		"SIGHUP":  func(u *terminal) { u.signal("HUP") },
		"panic":   func(u *terminal) { u.signal("USR1") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u := openAnswered(t, showsPictures, playKitty)
			u.shows("There is no pilot")
			u.types("2")
			cells := func() int { return strings.Count(u.output(), "\U0010EEEE") }
			until(func() bool { return cells() >= 32*12 })
			time.Sleep(2*tick + tick/2) // looks for news twice
			ids, rgb := given(t, u.output())
			if len(ids) != 1 || !bytes.Equal(rgb, somePixels(160, 120)) {
				t.Fatalf("pictures %v were handed over, the last of %d bytes", ids, len(rgb))
			}
			if n := cells(); n != 32*12 {
				t.Errorf("it stands in %d cells", n)
			}
			u.types("1")
			u.shows("d=I,q=2,i=" + ids[0])
			u.types("2")
			if !until(func() bool { ids, _ = given(t, u.output()); return len(ids) == 2 }) {
				t.Fatalf("on coming back, pictures %v were handed over", ids)
			}
			end(u)
			u.restored()
			out := u.output()
			gone := deleted.FindAllStringSubmatchIndex(out, -1)
			var last string
			if len(gone) > 0 {
				last = out[gone[len(gone)-1][2]:gone[len(gone)-1][3]]
			}
			if last != ids[1] || gone[len(gone)-1][0] > strings.LastIndex(out, "\x1b[?1049l") {
				t.Errorf("picture %s was not deleted before the screen was given back", ids[1])
			}
		})
	}
}

// Terminals that don't draw, or put pictures elsewhere than where placeholders
// stand, get half blocks, and nothing but the question.
func TestNoKitty(t *testing.T) {
	for name, play := range map[string]func(string) string{
		"draws elsewhere": playKonsole,
		"does not draw": func(sent string) string {
			return strings.ReplaceAll(playKitty(sent), "\x1b_Gi=31;OK\x1b\\", "")
		},
		"refuses": func(sent string) string {
			return strings.ReplaceAll(playKitty(sent), ";OK", ";EINVAL:no")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u := openAnswered(t, showsPictures, play)
			u.shows("There is no pilot")
			u.types("2")
			u.shows("▀")
			u.shows("clips/a")
			u.types("q")
			u.restored()
			if ids, _ := given(t, u.output()); len(ids) > 0 || strings.Contains(u.output(), "\U0010EEEE") {
				t.Errorf("pictures %v were handed over", ids)
			}
		})
	}
}

// A terminal that never answers gets words. One that answers when the UI is
// there already presses no keys, and nothing is left for the prompt.
func TestKittyAnswersLate(t *testing.T) {
	t.Parallel()
	u := openAnswered(t, showsPictures+", late", func(string) string { return "" })
	u.shows("There is no pilot")
	u.types("2")
	u.shows("clips/a/")
	boards := strings.Count(u.output(), "1 Board>")
	for _, part := range []string{"\x1b_", "Gi=31;OK\x1b", "\\\x1b]11;rgb:1111/1111/1111\x1b\\\x1b[1;2R\x1b[?62;4c"} {
		u.types(part)
		time.Sleep(50 * time.Millisecond)
	}
	u.types("?")
	u.shows("Keys")
	if strings.Contains(u.output(), "▀\x1b[0m") || strings.Count(u.output(), "1 Board>") != boards {
		t.Error("the late answer did something")
	}
	u.types("qq")
	u.restored()
	if left := u.unread(); left > 0 {
		t.Errorf("%d bytes are left for the prompt", left)
	}
}

// Keys come through as they are; answers don't.
func TestInput(t *testing.T) {
	for came, want := range map[string]string{
		"abc":                   "abc",
		"\x1b":                  "\x1b", // the key
		"\x1b[A":                "\x1b[A",
		"\x1b_Gi=31;OK\x1b\\q":  "q",
		"a\x1b]11;rgb:1/2/3\ab": "ab",
		"\x1b]x":                "\x1b]x", // alt and a key
		"\x1b_x":                "\x1b_x",
		"\x1b\x1b":              "\x1b\x1b",
		"\x1b_G" + strings.Repeat("1", 2*maxAnswer) + "\x1b\\": strings.Repeat("1", 2*maxAnswer-maxAnswer-1) + "\x1b\\", // no answer is that long
		"\x1b_Gi\x03":            "",
		"漢字 \x1b[200~x\x1b[201~": "漢字 \x1b[200~x\x1b[201~",
	} {
		for _, piece := range []int{1 << 20, 3} {
			if piece == 3 && strings.HasPrefix(came, "\x1b\x1b") {
				continue
			}
			var in input
			var got []byte
			for rest := []byte(came); len(rest) > 0; {
				n := min(piece, len(rest))
				got = append(got, in.typed(rest[:n])...)
				rest = rest[n:]
			}
			if string(got) != want {
				t.Errorf("%q in pieces of %d: %q, want %q", came, piece, got, want)
			}
		}
	}
}

// tmux passes a question on only where its user allows that, and takes a bare
// one for a title; so do others of its kind.
func TestWay(t *testing.T) {
	for _, c := range []struct {
		env     map[string]string
		allowed string
		want    Graphics
	}{
		{map[string]string{"TERM": "xterm-256color"}, "", Direct},
		{map[string]string{"TERM": "tmux-256color", "TMUX": "/tmp/x"}, "off", NoGraphics},
		{map[string]string{"TERM": "tmux-256color", "TMUX": "/tmp/x"}, "", NoGraphics},
		{map[string]string{"TERM": "xterm", "TMUX": "/tmp/x"}, "on", ThroughTmux},
		{map[string]string{"TERM": "screen", "TMUX": "/tmp/x"}, "all", ThroughTmux},
		{map[string]string{"TERM": "screen.xterm-256color"}, "on", NoGraphics},
		{map[string]string{"TERM": "tmux-256color"}, "on", NoGraphics}, // reached by ssh
	} {
		got := way(func(name string) string { return c.env[name] }, func(string) string { return c.allowed })
		if got != c.want {
			t.Errorf("%v, allow-passthrough %q: %d, want %d", c.env, c.allowed, got, c.want)
		}
	}
}

// A picture counts as the cells it stands in, by another measure than the one
// it was painted with, and fits at every size.
func TestPlaceholdersAreCounted(t *testing.T) {
	style := paint.NewStyle(termenv.ANSI256, true)
	style.Images = held{}
	p := page.Page{Title: []string{"x"}, Blocks: []page.Block{page.Picture{Width: 160, Height: 40, RGB: make([]byte, 3*160*40), Columns: 90, Text: "a clip"}}}
	for width := 60; width <= 200; width++ {
		frame, _ := paint.Frame(p, page.Footer{}, paint.Size{Width: width, Height: 30}, paint.Scroll{}, style)
		for _, line := range strings.Split(frame, "\n") {
			if n := lipgloss.Width(line); n != width {
				t.Fatalf("a line of %d cells at %d: %q", n, width, line)
			}
		}
		if want := min(90, width-4); strings.Count(frame, "\U0010EEEE")%want != 0 || !strings.Contains(frame, "\x1b[38;5;77m\U0010EEEE\u0305\u0305\u030D") {
			t.Fatalf("%d placeholders at %d", strings.Count(frame, "\U0010EEEE"), width)
		}
	}
}

// held holds every picture under one number.
type held struct{}

func (held) Image(page.Picture, int, int) (uint32, bool) { return 1<<24 | 77, true }

// Whatever comes, nothing is made up, and what holds no escape is all keys.
func FuzzInput(f *testing.F) {
	for _, seed := range []string{"abc", "\x1b_Gi=31;OK\x1b\\q", "a\x1b]11;rgb:1/2/3\ab", "\x1b\x1b_\x1b]1\x1b", "\x1b[A漢"} {
		f.Add([]byte(seed), uint8(3))
	}
	f.Fuzz(func(t *testing.T, came []byte, at uint8) {
		var in input
		cut := min(int(at), len(came))
		got := append(in.typed(came[:cut]), in.typed(came[cut:])...)
		if len(got)+len(in.begun) > len(came) {
			t.Errorf("%q became %q", came, got)
		}
		if !bytes.Contains(came, []byte{0x1b}) && !bytes.Equal(got, came) {
			t.Errorf("%q became %q", came, got)
		}
		rest := came
		for _, b := range got { // in the order they came
			i := bytes.IndexByte(rest, b)
			if i < 0 {
				t.Fatalf("%q became %q", came, got)
			}
			rest = rest[i+1:]
		}
	})
}
