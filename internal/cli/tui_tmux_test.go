package cli

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"framepilot/internal/demo"
	"framepilot/internal/needed"
)

// patient is how long a screen is waited for, on a machine that may be very
// busy: a test that passes waits no longer than it takes.
const patient = 4 * time.Minute

// tmux is the program in a real terminal, driven by keys and read by what
// stands on the screen.
type tmux struct {
	t    *testing.T
	name string // of the server, no other's
	conf string
	dir  string
	term string // what the terminal is said to be; "" = what tmux says
}

func newTmux(t *testing.T) *tmux {
	t.Helper()
	if _, err := exec.LookPath("tmux"); err != nil {
		needed.Missing(t, "tmux", err)
	}
	dir := t.TempDir()
	m := &tmux{t: t, name: filepath.Base(filepath.Dir(dir)), conf: filepath.Join(t.TempDir(), "conf"), dir: dir}
	// A server that ended with its last window could be met on its way out.
	if err := os.WriteFile(m.conf, []byte("set -s exit-empty off\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = exec.Command("tmux", "-L", m.name, "kill-server").Run() }) // there may be none
	return m
}

func (m *tmux) call(args ...string) string {
	m.t.Helper()
	out, err := exec.Command("tmux", append([]string{"-L", m.name, "-f", m.conf}, args...)...).CombinedOutput()
	if err != nil {
		m.t.Fatalf("tmux %v: %v: %s", args, err, out)
	}
	return string(out)
}

// start opens a window with the program in it.
func (m *tmux) start(args ...string) {
	m.t.Helper()
	env := []string{"LC_ALL=C.UTF-8", asProgram + "=1"}
	for _, name := range []string{"HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"} {
		env = append(env, name+"="+filepath.Join(m.dir, ".home", name))
	}
	if m.term != "" {
		env = append(env, "TERM="+m.term)
	}
	words := append([]string{"new-session", "-d", "-x", "100", "-y", "30", "-c", m.dir, "env"}, env...)
	m.call(append(append(words, os.Args[0]), args...)...)
}

// gone waits until the window is.
func (m *tmux) gone() {
	for exec.Command("tmux", "-L", m.name, "list-panes").Run() == nil {
		time.Sleep(50 * time.Millisecond)
	}
}

func (m *tmux) screen() string { return m.call("capture-pane", "-p") }

// shows waits until a text is on the screen.
func (m *tmux) shows(text string) {
	m.t.Helper()
	for end := time.Now().Add(patient); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		if strings.Contains(m.screen(), text) {
			return
		}
	}
	m.t.Fatalf("%q never came; the screen is\n%s", text, m.screen())
}

// press sends keys by tmux's names.
func (m *tmux) press(keys ...string) {
	m.t.Helper()
	for _, key := range keys {
		m.call("send-keys", key)
		time.Sleep(50 * time.Millisecond)
	}
}

func (m *tmux) types(text string) {
	m.t.Helper()
	m.call("send-keys", "-l", text)
}

// sent waits until the terminal was sent texts in this order, wherever the
// screen shows them.
func (m *tmux) sent(texts ...string) {
	m.t.Helper()
	var all []byte
	for end := time.Now().Add(patient); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		all, _ = os.ReadFile(filepath.Join(m.dir, "sent")) // made by the first byte
		rest, found := string(all), true
		for _, text := range texts {
			_, rest, found = strings.Cut(rest, text)
			if !found {
				break
			}
		}
		if found {
			return
		}
	}
	m.t.Fatalf("%q was never sent, but\n%q", texts, all)
}

func (m *tmux) exists(path string) {
	m.t.Helper()
	if _, err := os.Stat(filepath.Join(m.dir, path)); err != nil {
		m.t.Error(err)
	}
}

// From an empty folder to a report, in a terminal: the demo, whose UI is
// killed in the middle and finds its run again, then a pilot of one's own.
func TestGuidedPilotInATerminal(t *testing.T) {
	if testing.Short() {
		t.Skip("takes half a minute")
	}
	m := newTmux(t)
	m.start()
	m.shows("new pilot")
	m.press("d")
	m.shows("looking at the clips")
	m.press("p")
	m.shows("is paused")
	pid := strings.TrimSpace(m.call("list-panes", "-F", "#{pane_pid}"))
	if out, err := exec.Command("kill", "-9", pid).CombinedOutput(); err != nil {
		t.Fatalf("kill: %v: %s", err, out)
	}
	again := func() {
		m.gone()
		m.start("tui", "--pilot", "framepilot-demo")
		m.shows("Next:")
		m.press("4")
		m.shows("is paused") // the run is found again, by its lock and its log
	}
	again()
	m.call("kill-window") // as closing a terminal, or losing a connection to it, does
	again()
	m.press("d")
	again()
	m.call("pipe-pane", "cat > "+filepath.Join(m.dir, "sent"))
	m.press("p")
	m.shows("is at work")
	m.press("s")
	m.shows("was stopped")
	m.press("Enter")
	m.shows("is done. Compare shows")
	m.sent("\a\x1b]9;framepilot: Run ", "stopped") // a run that ends is worth a bell
	m.sent("\a\x1b]9;framepilot: Run ", "The highest number at night: ")
	m.press("5")
	m.shows("Share of test clips recognised at day")
	m.press("7", "Enter")
	m.shows("Its ending says")
	m.press("C-u")
	m.types("mine.html")
	m.press("Enter")
	m.shows("wrote mine.html")
	m.exists("framepilot-demo/mine.html")
	m.press("q")

	clips := filepath.Join(m.dir, "clips")
	if err := demo.WriteDataset(context.Background(), clips, demo.Options{Seed: demoSeed, DayClips: 8, NightClips: 20}); err != nil {
		t.Fatal(err)
	}
	m.gone()
	m.start()
	m.shows("new pilot")
	m.press("n")
	m.shows("A pilot answers one question")
	m.press("Up", "C-u") // the folder here would do; another one is asked for
	m.types("mine")
	m.press("Enter")
	m.types("line 3")
	m.press("Enter")
	m.types("up or down?")
	m.press("Enter", "C-u")
	m.types("K. Sato")
	m.press("Enter")
	m.shows("holds no folder with one folder of videos") // nothing is in the pilot's own folder
	m.press("f")
	m.shows("Relative to the pilot")
	m.press("C-u")
	m.types("../clips")
	m.press("Enter", "Enter")
	m.shows("begin here")
	m.press("Enter")
	m.shows("the plan. It is yours to edit")
	m.exists("mine/plan.toml")
	m.press("Enter")
	m.shows("is done. Compare shows")
	m.press("1")
	m.shows("agree on what this stage must show")
	m.call("resize-window", "-x", "40", "-y", "12") // too small for a frame
	m.press("PPage")
	m.shows("line 3, Board.")
	m.press("NPage", "NPage", "NPage", "NPage", "NPage")
	m.shows("[p] agree on a gate.")
	m.call("resize-window", "-x", "60", "-y", "16")
	m.shows("+-- framepilot / line 3 / Board --")
	m.press("q")
	m.gone() // and closed its files
}

// In a terminal that can't draw, the screens are read out.
func TestDumbTerminal(t *testing.T) {
	m := newTmux(t)
	m.term = "dumb"
	m.start()
	m.shows("Screen-reader mode: on, from TERM=dumb.")
	m.shows("Type a number, a key, or q to leave.")
	m.types("q")
	m.press("Enter")
	m.gone()
}

// After kill -9 nobody gives the terminal back: the next command does.
func TestResetTerminalInATerminal(t *testing.T) {
	m := newTmux(t)
	env := []string{"env", "LC_ALL=C.UTF-8", asProgram + "=1", "HOME=" + m.dir, "XDG_DATA_HOME=" + m.dir}
	shell := []string{"sh", "-c", `"$0" tui; echo killed; read line; "$0" reset-terminal; echo given back; cat`, os.Args[0]}
	m.call(append(append([]string{"new-session", "-d", "-x", "100", "-y", "30", "-c", m.dir}, env...), shell...)...)
	state := func() string {
		return strings.TrimSpace(m.call("display-message", "-p", "#{alternate_on} #{mouse_any_flag} #{cursor_flag}"))
	}
	m.shows("new pilot")
	m.press("%")
	for end := time.Now().Add(patient); time.Now().Before(end) && state() != "1 1 0"; {
		time.Sleep(50 * time.Millisecond)
	}
	pane := strings.TrimSpace(m.call("list-panes", "-F", "#{pane_pid}"))
	children, err := os.ReadFile(fmt.Sprintf("/proc/%s/task/%[1]s/children", pane))
	if err != nil {
		t.Skipf("nobody says which process the UI is: %v", err)
	}
	if out, err := exec.Command("kill", append([]string{"-9"}, strings.Fields(string(children))...)...).CombinedOutput(); err != nil {
		t.Fatalf("kill: %v: %s", err, out)
	}
	m.shows("killed")
	if got := state(); got != "1 1 0" {
		t.Errorf("before, screen, mouse and cursor are %s", got)
	}
	m.press("C-j") // Enter is no line's end to a terminal that was left raw
	m.shows("given back")
	if got := state(); got != "0 0 1" {
		t.Errorf("given back, screen, mouse and cursor are %s", got)
	}
	m.types("seen")
	m.shows("seen")
}
