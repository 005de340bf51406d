package cli

import (
	"errors"
	"image"
	"image/color"
	"image/gif"
	"os"
	"path/filepath"
	"testing"

	"framepilot/model/video"
	"framepilot/tui"
)

// A player needs a program and a screen; over SSH there is none, unless it is
// forwarded.
func TestPlayer(t *testing.T) {
	for _, c := range []struct {
		system       string
		env          map[string]string
		has          bool
		program, why string
	}{
		{"linux", map[string]string{"DISPLAY": ":0"}, true, "xdg-open", ""},
		{"linux", map[string]string{"WAYLAND_DISPLAY": "wayland-0"}, true, "xdg-open", ""},
		{"linux", map[string]string{"DISPLAY": "localhost:10.0", "SSH_CONNECTION": "x"}, true, "xdg-open", ""},
		{"linux", map[string]string{"SSH_CONNECTION": "x"}, true, "", "ssh"},
		{"linux", nil, true, "", "display"},
		{"linux", map[string]string{"DISPLAY": ":0"}, false, "", "program"},
		{"darwin", nil, true, "open", ""},
		{"darwin", map[string]string{"SSH_TTY": "/dev/ttys1"}, true, "", "ssh"},
	} {
		p := player(c.system, func(name string) string { return c.env[name] }, func(string) (string, error) {
			if c.has {
				return "/bin/it", nil
			}
			return "", errors.New("not found")
		})
		if p.Program != c.program || p.Why != c.why || (p.Open != nil) != (c.program != "") {
			t.Errorf("%s %v: %q, %q", c.system, c.env, p.Program, p.Why)
		}
	}
}

// Frames stand beside each other in their order and their shape.
func TestFrames(t *testing.T) {
	g := gif.GIF{}
	for i := range 9 {
		img := image.NewPaletted(image.Rect(0, 0, 60, 30), color.Palette{color.Gray{Y: uint8(20 * i)}})
		g.Image, g.Delay = append(g.Image, img), append(g.Delay, 10)
	}
	path := filepath.Join(t.TempDir(), "x.gif")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(gif.EncodeAll(f, &g), f.Close()); err != nil {
		t.Fatal(err)
	}
	a := &app{decoder: video.NewDecoder(video.DecoderOptions{})}
	for n, want := range map[int][]byte{1: {80}, 4: {20, 60, 100, 140}} {
		p, err := a.frames(t.Context(), tui.Clip{Path: path}, n)
		if err != nil {
			t.Fatal(err)
		}
		if p.Height != frameHeight || p.Width != n*2*frameHeight || len(p.RGB) != 3*p.Width*p.Height {
			t.Fatalf("%d frames are %d x %d", n, p.Width, p.Height)
		}
		for k, level := range want {
			if got := p.RGB[3*(5*p.Width+k*2*frameHeight+7)]; got != level {
				t.Errorf("frame %d of %d is %d, want %d", k, n, got, level)
			}
		}
	}
	if _, err := a.frames(t.Context(), tui.Clip{Path: filepath.Join(t.TempDir(), "none.mp4")}, 1); err == nil {
		t.Error("a clip that is not there has frames")
	}
}
