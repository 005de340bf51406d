package shell

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"github.com/muesli/termenv"
	"golang.org/x/sys/unix"
	"golang.org/x/term"

	"framepilot/internal/lang"
	"framepilot/tui"
	"framepilot/tui/paint"
)

// patient is how long a test waits for what must come, on a machine that may be
// very busy: one that passes waits no longer than it takes.
const patient = 2 * time.Minute

// until waits until it is so, and says whether it ever was.
func until(so func() bool) bool {
	for end := time.Now().Add(patient); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if so() {
			return true
		}
	}
	return so()
}

// asUI makes the test binary the UI itself, for a terminal of its own; its
// value says what is to go wrong in it.
const asUI = "SHELL_TEST_UI"

func TestMain(m *testing.M) {
	if wrong, ok := os.LookupEnv(asUI); ok {
		if file, measures := strings.CutPrefix(wrong, measuresWidths); measures {
			os.Exit(measureWidths(file))
		}
		os.Exit(runUI(wrong))
	}
	os.Exit(m.Run())
}

// runUI is the UI in an empty folder.
func runUI(wrong string) int {
	dir, err := os.MkdirTemp("", "ui")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	app := tui.New(tui.Options{Dir: dir, Commands: noCommands{wrong}, Doctor: func(context.Context) []tui.Check {
		if wrong == "task" {
			panic("a task breaks")
		}
		return nil
	}})
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	told := make(chan os.Signal, 1)
	signal.Notify(told, syscall.SIGUSR1)
	go func() {
		<-told
		if wrong == "cancel" {
			cancel()
		} else {
			breaks.Store(true)
		}
	}()
	style, graphics := paint.NewStyle(termenv.Ascii, true), NoGraphics
	if strings.HasPrefix(wrong, showsPictures) {
		app, style = withPictures(dir, wrong), paint.NewStyle(termenv.ANSI256, true)
		wait := patient // a terminal that answers is waited for no longer
		if wrong == showsPictures+", late" {
			wait = patience
		}
		traits := ask(os.Stdin, os.Stdout, way(os.Getenv, tmuxOption(wait)), wait)
		style.Pictures, graphics = traits.HalfBlocks, traits.Graphics
	}
	if err := Run(ctx, app, Terminal{In: os.Stdin, Out: os.Stdout, Style: style, Other: style, Graphics: graphics}); err != nil {
		fmt.Fprintln(os.Stderr, "ended:", err)
		return 3
	}
	return 0
}

// breaks makes the next page break.
var breaks atomic.Bool

// noCommands are commands that do nothing, or break where wrong says so.
type noCommands struct{ wrong string }

func (c noCommands) Run(context.Context, lang.Language, string, func(string), ...string) (tui.Output, error) {
	return tui.Output{}, errors.New("nothing is run here")
}

func (c noCommands) Start(lang.Language, string, string, ...string) (<-chan int, error) {
	return nil, errors.New("nothing is started here")
}

func (c noCommands) Line(args ...string) string {
	if c.wrong == "page" || breaks.Load() {
		panic("a page breaks")
	}
	return "framepilot " + strings.Join(args, " ")
}

// terminal is a UI on a terminal of its own, and all it has sent there.
type terminal struct {
	t      *testing.T
	cmd    *exec.Cmd
	master *os.File
	slave  *os.File
	before *unix.Termios

	mu   sync.Mutex
	sent bytes.Buffer
	done chan struct{} // nothing more will be sent
}

// open starts a UI on a terminal that answers what libraries ask at start.
func open(t *testing.T, wrong string) *terminal {
	return openAnswered(t, wrong, func(sent string) string {
		return strings.Repeat("\x1b[1;1R", strings.Count(sent, "\x1b[6n"))
	})
}

// openAnswered is open on a terminal that answers what it is sent.
func openAnswered(t *testing.T, wrong string, answer func(sent string) string) *terminal {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), asUI+"="+wrong, "TMUX=")
	return openProgram(t, cmd, answer)
}

func openProgram(t *testing.T, cmd *exec.Cmd, answer func(sent string) string) *terminal {
	t.Helper()
	master, slave, err := pty.Open()
	if err != nil {
		t.Skipf("no pseudo-terminals here: %v", err)
	}
	if err := pty.Setsize(master, &pty.Winsize{Rows: 32, Cols: 80}); err != nil {
		t.Fatal(err)
	}
	u := &terminal{t: t, master: master, slave: slave, done: make(chan struct{})}
	u.before = u.mode()
	u.cmd = cmd
	if cmd.Env == nil {
		cmd.Env = append(os.Environ(), "TMUX=")
	}
	cmd.Env = append(cmd.Env, "TERM=xterm-256color")
	u.cmd.Stdin, u.cmd.Stdout, u.cmd.Stderr = slave, slave, slave
	u.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := u.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(u.done)
		buf := make([]byte, 4096)
		rest := "" // of what was sent, since the last answer
		for {
			n, err := master.Read(buf)
			u.mu.Lock()
			u.sent.Write(buf[:n])
			u.mu.Unlock()
			rest += string(buf[:n])
			if text := answer(rest); text != "" {
				_, _ = io.WriteString(master, text)
				rest = ""
			}
			if err != nil {
				return
			}
		}
	}()
	t.Cleanup(func() {
		_ = u.cmd.Process.Kill()
		slave.Close()
		master.Close()
		<-u.done
	})
	return u
}

// mode is what the terminal does with keys: echo, lines, signals.
func (u *terminal) mode() *unix.Termios {
	u.t.Helper()
	m, err := unix.IoctlGetTermios(int(u.slave.Fd()), unix.TCGETS)
	if err != nil {
		u.t.Fatal(err)
	}
	return m
}

func (u *terminal) output() string {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.sent.String()
}

// shows waits until the UI has sent a text.
func (u *terminal) shows(text string) {
	u.t.Helper()
	if !until(func() bool { return strings.Contains(u.output(), text) }) {
		u.t.Fatalf("%q was never shown; sent: %q", text, u.output())
	}
}

func (u *terminal) types(keys string) {
	u.t.Helper()
	if _, err := io.WriteString(u.master, keys); err != nil {
		u.t.Fatal(err)
	}
}

// signal sends the UI a signal.
func (u *terminal) signal(name string) {
	u.t.Helper()
	if err := u.cmd.Process.Signal(map[string]syscall.Signal{"TERM": syscall.SIGTERM, "HUP": syscall.SIGHUP, "USR1": syscall.SIGUSR1}[name]); err != nil {
		u.t.Fatal(err)
	}
}

// unread is how much of what was typed nobody has read.
func (u *terminal) unread() int {
	u.t.Helper()
	if _, err := term.MakeRaw(int(u.slave.Fd())); err != nil {
		u.t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(int(u.slave.Fd()), unix.TIOCINQ)
	if err != nil {
		u.t.Fatal(err)
	}
	return n
}

// restored checks that the terminal was given back: its own screen, a cursor,
// no mouse, its mode as before.
func (u *terminal) restored() {
	u.t.Helper()
	_ = u.cmd.Wait() // the exit code is checked elsewhere
	undone := func() (undone []string) {
		out := u.output()
		for on, off := range map[string]string{"\x1b[?1049h": "\x1b[?1049l", "\x1b[?25l": "\x1b[?25h", "\x1b[?2004h": "\x1b[?2004l", "\x1b[?1002h": "\x1b[?1002l"} {
			if strings.LastIndex(out, on) > strings.LastIndex(out, off) {
				undone = append(undone, on)
			}
		}
		return undone
	}
	taken := func() bool { return strings.Contains(u.output(), "\x1b[?1049h") }
	until(func() bool { return taken() && len(undone()) == 0 }) // what was sent last may still be under way
	if left := undone(); len(left) > 0 {
		u.t.Errorf("%q were never undone", left)
	}
	if !taken() {
		u.t.Error("the UI never took the screen")
	}
	if after := u.mode(); *after != *u.before {
		u.t.Errorf("the terminal's mode is %+v, was %+v", after, u.before)
	}
}

// welcome is on the first frame of an empty folder.
const welcome = "framepilot answers"

// However the UI ends, the terminal is as it was.
func TestTerminalIsRestored(t *testing.T) {
	for name, end := range map[string]func(u *terminal){
		"q":       func(u *terminal) { u.types("q") },
		"ctrl-c":  func(u *terminal) { u.types("\x03") },
		"mouse":   func(u *terminal) { u.types("%"); u.shows("\x1b[?1002h"); u.types("q") },
		"SIGTERM": func(u *terminal) { _ = u.cmd.Process.Signal(syscall.SIGTERM) },
		"SIGINT":  func(u *terminal) { _ = u.cmd.Process.Signal(syscall.SIGINT) },
		"SIGHUP":  func(u *terminal) { _ = u.cmd.Process.Signal(syscall.SIGHUP) },
		"cancel":  func(u *terminal) { u.signal("USR1") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u := open(t, map[string]string{"cancel": "cancel"}[name])
			u.shows(welcome)
			end(u)
			u.restored()
		})
	}
}

// A panic gives the terminal back, and says what broke.
func TestTerminalIsRestoredAfterAPanic(t *testing.T) {
	for _, wrong := range []string{"task", "page"} {
		t.Run(wrong, func(t *testing.T) {
			t.Parallel()
			u := open(t, wrong)
			u.restored()
			u.shows("breaks")
			if u.cmd.ProcessState.ExitCode() != 3 {
				t.Errorf("exit code %d", u.cmd.ProcessState.ExitCode())
			}
		})
	}
}

// An idle UI sends nothing, though it looks for news all the time.
func TestIdleSendsNothing(t *testing.T) {
	t.Parallel()
	u := open(t, "")
	u.shows("This machine can do it")
	sent, quiet := 0, 0
	if !until(func() bool { // for six looks for news
		time.Sleep(tick)
		if now := len(u.output()); now == sent {
			quiet++
		} else {
			sent, quiet = now, 0
		}
		return quiet == 6
	}) {
		t.Errorf("it goes on sending while nothing happens: %q", u.output()[max(0, sent-1000):sent])
	}
	u.types("?")
	u.shows("Keys")
}

// A text pasted where none is asked for is no row of commands; where one is, it
// is typed, without its line breaks.
func TestPaste(t *testing.T) {
	t.Parallel()
	u := open(t, "")
	u.shows("This machine can do it")
	paste := func(text string) { u.types("\x1b[200~" + text + "\x1b[201~") }
	paste("quit: q\n?") // leaves, if it were keys
	u.types("n")
	u.shows("New pilot")
	paste("line 3\nin the hall")
	u.shows("line 3 in the hall_")
	u.types("\x1b[D\x1b[D\x1b[D\x1b[D")
	u.shows("line 3 in the _hall")
}

// Once the mouse is wanted, a click does what the key that it points at does,
// and goes to the row it points at.
func TestClicks(t *testing.T) {
	t.Parallel()
	u := open(t, "")
	u.shows("This machine can do it")
	click := func(line, cell int) { u.types(fmt.Sprintf("\x1b[<0;%d;%dM\x1b[<0;%[1]d;%[2]dm", cell, line)) }
	u.types("%")
	u.shows("\x1b[?1002h")
	click(32, 14) // in the line of screens
	u.shows("<1 Board>")
	u.types("?")
	u.shows("> enter")
	click(6, 20) // three rows below
	u.shows("> 2 ")
	click(30, 3) // [enter] do it
	u.shows("<2 Data>")
	u.types("q")
	u.restored()
}

// The terminal's answer decides about pictures and colours.
func TestAsk(t *testing.T) {
	for reply, want := range map[string]Traits{
		"\x1b[5;2R\x1b[?62;c": {HalfBlocks: true},
		"\x1b[5;3R\x1b[?62;c": {}, // two cells
		"\x1b[5;2R\x1b]11;rgb:ffff/fafa/f0f0\x1b\\\x1b[?62;c": {HalfBlocks: true, Light: true},
		"\x1b]11;rgb:ee/ee/ee\x07\x1b[?62;c":                  {Light: true},
		"\x1b]11;rgb:0000/0000/ffff\x1b\\\x1b[?62;c":          {}, // blue is dark
		"\x1b[?1;2c": {},
		"":           {}, // no answer
	} {
		master, slave, err := pty.Open()
		if err != nil {
			t.Skipf("no pseudo-terminals here: %v", err)
		}
		if _, err := io.WriteString(master, reply); err != nil {
			t.Fatal(err)
		}
		before, err := unix.IoctlGetTermios(int(slave.Fd()), unix.TCGETS)
		if err != nil {
			t.Fatal(err)
		}
		wait := patient
		if reply == "" {
			wait = patience
		}
		if got := ask(slave, slave, Direct, wait); got != want {
			t.Errorf("%q: %+v, want %+v", reply, got, want)
		}
		if after, err := unix.IoctlGetTermios(int(slave.Fd()), unix.TCGETS); err != nil || *after != *before {
			t.Errorf("%q: the terminal's mode changed", reply)
		}
		slave.Close()
		master.Close()
	}
}

// A program that holds this package asks the terminal nothing before a UI
// starts.
func TestStartsUnasked(t *testing.T) {
	cmd := exec.Command(os.Args[0], "-test.run", "^$")
	cmd.Env = append(os.Environ(), "TERM=xterm-256color")
	master, err := pty.Start(cmd)
	if err != nil {
		t.Skipf("no pseudo-terminals here: %v", err)
	}
	defer master.Close()
	said, _ := io.ReadAll(master) // the end of a pseudo-terminal is an error
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(said), "\x1b") || !strings.Contains(string(said), "PASS") {
		t.Errorf("on starting it says %q", said)
	}
}
