// Package shell puts an App on a terminal with Bubble Tea. It is the only
// place that knows that library.
//
// Whatever happens, the terminal is given back as it was: after a panic in a
// task, on SIGTERM and on SIGHUP.
package shell

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"framepilot/internal/fault"
	_ "framepilot/internal/unasked" // before Bubble Tea
	"framepilot/tui"
	"framepilot/tui/guard"
	"framepilot/tui/linear"
	"framepilot/tui/paint"
)

// Terminal is what the App is shown on.
type Terminal struct {
	In, Out *os.File
	Style   paint.Style // for its background
	Other   paint.Style // for the other one: dark for light, light for dark

	Graphics Graphics // it draws pictures itself; not to be where there are fewer than 256 colours
	Notify   Notice   // what is sent when a run ends while the UI is open
}

const (
	// tick is how often the App looks at what changed outside. A frame that is the
	// same is not sent again.
	tick = 250 * time.Millisecond
	// between is the least time between two frames: at most ten a second go to the
	// terminal, however far away it is.
	between = 100 * time.Millisecond
	// turns is how often a second the renderer sees whether there is a frame to
	// send.
	turns = 30
)

// ErrHangup ends Run when the terminal went away.
var ErrHangup = errors.New("the terminal was closed")

// Run shows the App until the user leaves or ctx ends.
func Run(ctx context.Context, app *tui.App, t Terminal) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	// Bubble Tea restores the terminal on SIGTERM and SIGINT; a closed window
	// sends SIGHUP.
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	defer signal.Stop(hangup)
	out := &output{f: t.Out, way: t.Graphics}
	m := &model{ctx: ctx, app: app, terminal: t, out: out, now: time.Now}
	if t.Graphics != NoGraphics {
		m.gallery = newGallery(out)
		m.terminal.Style.Images, m.terminal.Other.Images = m.gallery, m.gallery
	}
	p := tea.NewProgram(m, tea.WithContext(ctx), tea.WithInput(&input{f: t.In}), tea.WithOutput(out), tea.WithAltScreen(), tea.WithFPS(turns))
	stopped := make(chan struct{})
	defer close(stopped)
	guard.Go(func() {
		select {
		case <-hangup:
			cancel(ErrHangup)
			p.Kill()
		case <-stopped:
		}
	}, func(err error) { cancel(err); p.Kill() })
	_, err := p.Run()
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	if m.crash != nil {
		return m.crash
	}
	if err != nil {
		return fmt.Errorf("terminal: %w", err)
	}
	return nil
}

// model adapts an App to Bubble Tea.
type model struct {
	ctx      context.Context
	app      *tui.App
	terminal Terminal
	out      *output
	gallery  *gallery // nil where the terminal draws no pictures
	size     paint.Size
	title    string // of the page shown
	scroll   paint.Scroll
	frame    string // as painted last
	sent     string // what the renderer has of it
	at       time.Time
	waits    bool // a frame is to be sent later
	now      func() time.Time
	mouse    bool
	crash    error
}

type ticked struct{}

// due ends the time between two frames.
type due struct{}

// finished is what a task brought back, or why it broke.
type finished struct {
	result any
	crash  error
}

func (m *model) Init() tea.Cmd { return tea.Batch(m.start(m.app.Open()), next()) }

func next() tea.Cmd { return tea.Tick(tick, func(time.Time) tea.Msg { return ticked{} }) }

// start runs tasks beside the UI. One that panics ends the UI with an error,
// not the terminal with it.
func (m *model) start(tasks []tui.Task) tea.Cmd {
	var cmds []tea.Cmd
	for _, task := range tasks {
		cmds = append(cmds, func() (msg tea.Msg) {
			defer guard.Catch(func(err error) { msg = finished{crash: err} })
			return finished{result: task(m.ctx)}
		})
	}
	return tea.Batch(cmds...)
}

func (m *model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	var tasks []tui.Task
	var more tea.Cmd
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.size, m.at = paint.Size{Width: msg.Width, Height: msg.Height}, time.Time{} // the old frame does not fit
	case ticked:
		if tasks, more = m.app.Tick(), next(); len(tasks) == 0 {
			return m, more // nothing changed
		}
	case due:
		m.waits = false
	case finished:
		if msg.crash != nil {
			m.crash = msg.crash
			return m, tea.Quit
		}
		tasks = m.app.Done(msg.result)
	case handed:
		if m.gallery.over(msg); msg.err != nil {
			m.crash = msg.err
			return m, tea.Quit
		}
	case tea.KeyMsg:
		tasks = m.key(msg)
	case tea.MouseMsg:
		switch {
		case msg.Button == tea.MouseButtonWheelUp:
			tasks = m.app.Key("up")
		case msg.Button == tea.MouseButtonWheelDown:
			tasks = m.app.Key("down")
		case msg.Button == tea.MouseButtonLeft && msg.Action == tea.MouseActionPress:
			tasks = m.click(msg.Y, msg.X)
		}
		m.scroll.Free = false
	}
	if m.app.Quit() {
		return m, tea.Quit
	}
	cmds := []tea.Cmd{m.start(tasks), more}
	if m.app.Mouse() != m.mouse {
		m.mouse = m.app.Mouse()
		if m.mouse {
			cmds = append(cmds, tea.EnableMouseCellMotion)
		} else {
			cmds = append(cmds, tea.DisableMouse)
		}
	}
	if text := m.app.Clip(); text != "" { // into the terminal's clipboard (OSC 52)
		cmds = append(cmds, m.say("\x1b]52;c;"+base64.StdEncoding.EncodeToString([]byte(text))+"\a"))
	}
	for _, n := range m.app.News() {
		if sequence := m.terminal.Notify.sequence(n.Text); n.Ended && sequence != "" {
			cmds = append(cmds, m.say(sequence))
		}
	}
	return m, tea.Batch(append(cmds, m.draw(), m.send())...)
}

// send gives the renderer the frame: at once where none was sent of late, so
// that a key is answered at once, else when one is due.
func (m *model) send() tea.Cmd {
	if m.frame == m.sent {
		return nil
	}
	now := m.now()
	if left := between - now.Sub(m.at); left > 0 {
		if m.waits {
			return nil
		}
		m.waits = true
		return tea.Tick(left, func(time.Time) tea.Msg { return due{} })
	}
	m.sent, m.at = m.frame, now
	return nil
}

// say gives the terminal a sequence that moves nothing on the screen, so that
// it may come between two frames.
func (m *model) say(sequence string) tea.Cmd {
	return func() tea.Msg {
		if err := m.out.say(sequence); err != nil {
			return finished{crash: err}
		}
		return nil
	}
}

// key hands a key to the App, a paste character by character.
func (m *model) key(msg tea.KeyMsg) []tui.Task {
	m.scroll.Free = false
	switch name := msg.String(); {
	case name == "pgdown":
		m.scroll = paint.Scroll{Lines: m.scroll.Lines + max(1, m.size.Height-8), Free: true}
		return nil
	case name == "pgup":
		m.scroll = paint.Scroll{Lines: max(0, m.scroll.Lines-max(1, m.size.Height-8)), Free: true}
		return nil
	case msg.Paste && !m.app.Typing(): // a text that strays here is no row of commands
		return nil
	case msg.Type == tea.KeyRunes && (msg.Paste || len(msg.Runes) > 1):
		var tasks []tui.Task
		for _, r := range msg.Runes {
			tasks = append(tasks, m.app.Key(string(r))...)
		}
		return tasks
	case name == " ":
		return m.app.Key("space")
	default:
		return m.app.Key(name)
	}
}

// click does what is pointed at: an action or a screen, as its key does, or it
// goes to a row.
func (m *model) click(line, cell int) []tui.Task {
	if m.readsOut() {
		return nil
	}
	at, _ := paint.At(m.app.Page(), m.app.Footer(), m.size, m.scroll, m.style(), line, cell)
	if at.Key != "" {
		return m.app.Key(at.Key)
	}
	var tasks []tui.Task
	for range max(at.Rows, -at.Rows) {
		tasks = append(tasks, m.app.Key(map[bool]string{true: "down", false: "up"}[at.Rows > 0])...)
	}
	return tasks
}

// readsOut says whether the terminal is too small for a frame.
func (m *model) readsOut() bool {
	return m.size.Width < paint.MinWidth || m.size.Height < paint.MinHeight
}

// style is the one that is wanted.
func (m *model) style() paint.Style {
	if m.app.Turned() {
		return m.terminal.Other
	}
	return m.terminal.Style
}

// draw paints the frame, and has the pictures in it handed to the terminal.
func (m *model) draw() tea.Cmd {
	if m.size.Width == 0 {
		return nil
	}
	if m.gallery != nil {
		m.gallery.clear()
	}
	p := m.app.Page()
	if title := strings.Join(p.Title, "/"); title != m.title {
		m.title, m.scroll = title, paint.Scroll{}
	}
	m.scroll.Lines += m.app.Scroll()
	if foot := m.app.Footer(); m.readsOut() {
		m.frame, m.scroll = paint.Lines(linear.Keyed(p), linear.Mark, foot.Keys, m.size, m.scroll)
	} else {
		m.frame, m.scroll = paint.Frame(p, foot, m.size, m.scroll, m.style())
	}
	if m.gallery == nil {
		return nil
	}
	return m.gallery.turn()
}

func (m *model) View() string { return m.sent }

// Needs is the error of a UI that was asked for where there is no terminal;
// command does the same without.
func Needs(command string) error {
	return fault.New(fault.Usage, "run "+command, "the terminal UI needs a terminal")
}
