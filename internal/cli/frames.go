package cli

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"framepilot/internal/fault"
	"framepilot/model/video"
	"framepilot/tui"
	"framepilot/tui/page"
)

// The pictures of the terminal UI: how high a frame is, in pixels, how high
// they are in cells where there is room, and how long a clip may keep one
// waiting.
const (
	frameHeight = 120
	frameCells  = 6
	widestFrame = 3 // times as wide as high; what is more is squeezed
	frameWait   = 20 * time.Second
)

// frames are n frames of a clip, evenly from its first to its last, beside
// each other.
func (a *app) frames(ctx context.Context, clip tui.Clip, n int) (page.Picture, error) {
	// Of every other of 2n + 1, so that of one it is that in the middle.
	c, err := a.decoder.Read(ctx, clip.Path, video.Options{
		Recipe: video.Features, Frames: 2*n + 1, Size: frameHeight, Start: clip.Start, End: clip.End, Timeout: frameWait,
	})
	if err != nil {
		return page.Picture{}, err
	}
	aspect := min(widestFrame, max(1.0/widestFrame, c.Aspect))
	wide := int(frameHeight*aspect + 0.5)
	p := page.Picture{Width: n * wide, Height: frameHeight, Columns: int(2*frameCells*aspect*float64(n) + 0.5)}
	p.RGB = make([]byte, 3*p.Width*p.Height)
	for k := range n {
		frame := c.Pix[(2*k+1)*c.Size*c.Size*3:]
		for y := range frameHeight {
			for x := range wide {
				from := 3 * (y*c.Size + x*c.Size/wide)
				copy(p.RGB[3*(y*p.Width+k*wide+x):], frame[from:from+3])
			}
		}
	}
	return p, nil
}

// player is what opens a video on this system and where that can be seen.
func player(system string, getenv func(string) string, find func(string) (string, error)) tui.Player {
	remote := getenv("SSH_CONNECTION") != "" || getenv("SSH_TTY") != ""
	p := tui.Player{Program: "xdg-open", Open: func(_ context.Context, path string) error { return openFile("xdg-open", path) }}
	screen := getenv("DISPLAY") != "" || getenv("WAYLAND_DISPLAY") != ""
	if system == "darwin" {
		p = tui.Player{Program: "open", Open: func(_ context.Context, path string) error { return openFile("open", path) }}
		screen = !remote
	}
	switch _, err := find(p.Program); {
	case !screen && remote:
		return tui.Player{Why: "ssh"}
	case !screen:
		return tui.Player{Why: "display"}
	case err != nil:
		return tui.Player{Why: "program"}
	}
	return p
}

// openFile starts a program that opens a file, apart from this terminal, and
// does not wait for it.
func openFile(program, path string) error {
	path, err := filepath.Abs(path)
	if err != nil {
		return fmt.Errorf("find %s: %w", path, err)
	}
	cmd := exec.Command(program, path)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return fault.New(fault.Missing, "open the file yourself", "start %s: %w", program, err)
	}
	go func() { _ = cmd.Wait() }() // what it says is nobody's here
	return nil
}
