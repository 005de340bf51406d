package linear

import (
	"bufio"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"framepilot/adapt/live"
	"framepilot/internal/lang"
	"framepilot/tui"
)

// quiet are commands nobody runs.
type quiet struct{}

func (quiet) Run(context.Context, lang.Language, string, func(string), ...string) (tui.Output, error) {
	return tui.Output{}, nil
}
func (quiet) Start(lang.Language, string, string, ...string) (<-chan int, error) { return nil, nil }
func (quiet) Line(args ...string) string                                         { return strings.Join(args, " ") }

// heard is what was read out, line by line as it comes.
type heard struct{ lines chan string }

func (h heard) Write(b []byte) (int, error) {
	h.lines <- string(b)
	return len(b), nil
}

// until waits for a line that holds text, with what was read out before.
func (h heard) until(t *testing.T, text string) {
	t.Helper()
	for {
		select {
		case line := <-h.lines:
			if strings.Contains(line, text) {
				return
			}
		case <-t.Context().Done():
			t.Fatalf("%q was never read out", text)
		}
	}
}

// Nobody types: what a run at work does is told all the same, its end with a
// bell. Nothing is asked anew for it.
func TestUnaskedWhileARunGoes(t *testing.T) {
	dir := t.TempDir()
	unlock, err := live.Lock(filepath.Join(dir, ".framepilot"), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	path := live.EventsFile(dir, "0041be7c-1")
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	log := ""
	say := func(event string) {
		log += `{"time":"2026-11-23T11:50:00Z","run":"0041be7c-1",` + event + "}\n"
		if err := os.WriteFile(path, []byte(log), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	say(`"event":"run","status":"started"`)
	say(`"event":"stage","stage":"embed","status":"started"`)
	say(`"event":"progress","stage":"embed","done":5,"total":50`)
	looks := 0
	app := tui.New(tui.Options{Dir: dir, Commands: quiet{}, Now: func() time.Time {
		looks++
		return time.Date(2026, 11, 23, 12, 0, 2*looks, 0, time.UTC)
	}})
	in, typed := io.Pipe()
	out, tick, ended := heard{make(chan string)}, make(chan time.Time), make(chan error, 1)
	go func() {
		ended <- run(t.Context(), app, bufio.NewReader(in), out, Options{Bell: true}, tick)
		close(out.lines)
	}()
	out.until(t, "10 %") // at once: a run is at work
	say(`"event":"progress","stage":"embed","done":25,"total":50`)
	tick <- time.Time{}
	out.until(t, "50 %")
	say(`"event":"run","status":"interrupted","text":"somebody stopped it"`)
	unlock()
	tick <- time.Time{}
	out.until(t, "\a")
	out.until(t, "somebody stopped it")
	tick <- time.Time{} // nothing more is said
	if _, err := io.WriteString(typed, "q\n"); err != nil {
		t.Fatal(err)
	}
	if line, more := <-out.lines; more {
		t.Errorf("read out %q", line)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
