package tui

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"framepilot/adapt"
	"framepilot/internal/fault"
	"framepilot/internal/lang"
	"framepilot/pilot"
	"framepilot/tui/page"
)

// tab is a screen and the key it is under.
type tab struct {
	key, name string // name is part of message ids: "tab.board"
	screen    screen
}

// App is the whole UI between keys and pages. It is not safe for several
// goroutines: whoever drives it calls one method at a time.
type App struct {
	o    Options
	tabs []tab
	at   int

	help    bool
	palette *palette
	twin    bool // the commands behind the actions are shown
	mouse   bool
	quit    bool
	status  string

	board    pilot.Board // as last read
	boardErr error       // why there is none
}

// New makes an App that shows the board, or the welcome screen where there is
// no pilot yet.
func New(o Options) *App {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Language == "" {
		o.Language = lang.English
	}
	a := &App{o: o, boardErr: errNotRead}
	a.tabs = []tab{
		{"0", "welcome", &welcomeScreen{}},
		{"1", "board", &boardScreen{}},
		{"8", "ledger", &ledgerScreen{}},
	}
	return a
}

var errNotRead = errors.New("not read yet")

// text is a message in the reader's language.
func (a *App) text(id string, args ...lang.Args) string { return a.o.Language.Text(id, args...) }

// Quit says whether the user wants to leave.
func (a *App) Quit() bool { return a.quit }

// Mouse says whether the mouse is wanted.
func (a *App) Mouse() bool { return a.mouse }

// Language is the one the App speaks now.
func (a *App) Language() lang.Language { return a.o.Language }

// Open is to be called first.
func (a *App) Open() []Task {
	return append([]Task{a.readBoard()}, a.current().open(a)...)
}

func (a *App) current() screen { return a.tabs[a.at].screen }

// goTo shows the screen of this name.
func (a *App) goTo(name string) []Task {
	i := slices.IndexFunc(a.tabs, func(t tab) bool { return t.name == name })
	if i < 0 {
		panic("tui: no screen " + name)
	}
	a.at, a.status, a.help, a.twin = i, "", false, false
	return a.current().open(a)
}

// boardRead is what readBoard brings back.
type boardRead struct {
	board pilot.Board
	err   error
}

// readBoard reads where the pilot stands.
func (a *App) readBoard() Task {
	dir := a.o.Dir
	return func(ctx context.Context) any {
		path := adapt.LedgerFile(dir)
		if _, err := os.Stat(path); err != nil {
			return boardRead{err: pilot.ErrNoPilot}
		}
		l, err := pilot.OpenReadOnly(ctx, path)
		if err != nil {
			return boardRead{err: err}
		}
		b, err := l.Board(ctx, "")
		return boardRead{b, errors.Join(err, l.Close())}
	}
}

// ran is what a command that was run to its end brings back.
type ran struct {
	args   []string
	output string
	code   int
	err    error
}

// run runs one of the program's commands, in the pilot's folder.
func (a *App) run(args ...string) []Task {
	if a.o.ReadOnly {
		a.status = a.text("app.readonly")
		return nil
	}
	a.status = a.o.Commands.Line(args...)
	return []Task{func(ctx context.Context) any {
		output, code, err := a.o.Commands.Run(ctx, args...)
		return ran{args, output, code, err}
	}}
}

// Done takes the result of a task.
func (a *App) Done(result any) []Task {
	var more []Task
	switch r := result.(type) {
	case nil:
		return nil
	case boardRead:
		a.board, a.boardErr = r.board, r.err
	case ran:
		a.status = r.summary()
		more = append(more, a.readBoard())
	}
	return append(more, a.current().done(a, result)...)
}

// summary is the last line of what a command said, and how it ended.
func (r ran) summary() string {
	if r.err != nil {
		return r.err.Error()
	}
	lines := strings.Split(strings.TrimSpace(r.output), "\n")
	last := lines[len(lines)-1]
	if hint, ok := strings.CutPrefix(strings.TrimSpace(last), "try:"); ok && len(lines) > 1 {
		last = lines[len(lines)-2] + " (" + strings.TrimSpace(hint) + ")"
	}
	if r.code != 0 {
		return fmt.Sprintf("%s [%d]", last, r.code)
	}
	return last
}

// Tick is to be called a few times a second; it looks at what may have
// changed outside.
func (a *App) Tick() []Task {
	if t, ok := a.current().(interface{ tick(*App) []Task }); ok {
		return t.tick(a)
	}
	return nil
}

// Key takes a key by name: "a", "enter", "up", "ctrl+c", …
func (a *App) Key(key string) []Task {
	if key == "ctrl+c" {
		a.quit = true
		return nil
	}
	if a.palette != nil {
		return a.palette.key(a, key)
	}
	if t, ok := a.current().(typist); ok && t.typing() {
		return a.current().key(a, key)
	}
	switch key {
	case "q":
		if a.help || a.twin {
			a.help, a.twin = false, false
			return nil
		}
		a.quit = true
		return nil
	case "esc":
		if a.help || a.twin {
			a.help, a.twin = false, false
			return nil
		}
	case "?":
		a.help = !a.help
		return nil
	case ":":
		a.palette = newPalette(a)
		return nil
	case "=":
		a.twin = !a.twin
		return nil
	case "L":
		all := lang.All()
		a.o.Language = all[(slices.Index(all, a.o.Language)+1)%len(all)]
		return nil
	case "%":
		a.mouse = !a.mouse
		return nil
	case "tab":
		return a.goTo(a.tabs[(a.at+1)%len(a.tabs)].name)
	case "shift+tab":
		return a.goTo(a.tabs[(a.at+len(a.tabs)-1)%len(a.tabs)].name)
	}
	for _, t := range a.tabs {
		if t.key == key {
			return a.goTo(t.name)
		}
	}
	return a.current().key(a, key)
}

// Page is what is to be shown now.
func (a *App) Page() page.Page {
	var p page.Page
	switch {
	case a.palette != nil:
		p = a.palette.page(a)
	default:
		p = a.current().page(a)
		if a.help {
			p.Blocks = []page.Block{a.helpTable(p)}
			p.Actions = nil
		} else if a.twin {
			p.Blocks = append(p.Blocks, a.twins(p))
		}
	}
	name := a.text("tab." + a.tabs[a.at].name)
	p.Title = []string{name}
	if a.boardErr == nil {
		p.Title = []string{a.board.Pilot, name}
	}
	if p.Status == "" {
		p.Status = a.status
	}
	return p
}

// helpTable lists every key that works here.
func (a *App) helpTable(p page.Page) page.Table {
	t := page.Table{Name: a.text("help.title"), Columns: []page.Column{{}, {}}, Selected: -1}
	for _, action := range p.Actions {
		label := action.Label
		if action.Why != "" {
			label += " (" + action.Why + ")"
		}
		t.Rows = append(t.Rows, page.Row{Cells: []string{action.Key, label}})
	}
	for _, tab := range a.tabs {
		t.Rows = append(t.Rows, page.Row{Cells: []string{tab.key, a.text("tab." + tab.name)}})
	}
	for _, key := range [][2]string{{"=", "help.twin"}, {":", "help.palette"}, {"L", "help.language"}, {"%", "help.mouse"}, {"?", "help.help"}, {"q", "help.quit"}} {
		t.Rows = append(t.Rows, page.Row{Cells: []string{key[0], a.text(key[1])}})
	}
	return t
}

// twins shows the commands that do the same as the actions.
func (a *App) twins(p page.Page) page.Fields {
	f := page.Fields{Name: a.text("help.same")}
	for _, action := range p.Actions {
		if action.Command != "" {
			f.Items = append(f.Items, page.Field{Label: "[" + action.Key + "] " + action.Label, Value: action.Command})
		}
	}
	return f
}

// Footer is the line of keys that work everywhere.
func (a *App) Footer() string {
	var parts []string
	for i, t := range a.tabs {
		part := t.key + " " + a.text("tab."+t.name)
		if i == a.at {
			part = "<" + part + ">"
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, "  ") + "  " + a.text("footer.keys")
}

// problem is an error as blocks: what, and what to do.
func (a *App) problem(err error) []page.Block {
	blocks := []page.Block{page.Text{Text: err.Error(), Tone: page.Bad}}
	if hint := fault.HintOf(err); hint != "" {
		blocks = append(blocks, page.Text{Text: a.text("app.try", lang.Args{"Hint": hint})})
	}
	return blocks
}

// Typing says whether text is asked for, so that letters are no commands.
func (a *App) Typing() bool {
	t, ok := a.current().(typist)
	return a.palette != nil || ok && t.typing()
}

// Type gives a whole line of text where text is asked for, and goes on to what
// is asked next, as enter does.
func (a *App) Type(text string) []Task {
	tasks := a.Key("ctrl+u")
	for _, r := range text {
		key := string(r)
		if r == ' ' {
			key = "space"
		}
		tasks = append(tasks, a.Key(key)...)
	}
	return append(tasks, a.Key("enter")...)
}

// Knows says whether a key does anything on this page.
func (a *App) Knows(key string) bool {
	if slices.Contains([]string{"q", "?", ":", "=", "L", "%", "esc", "tab", "enter", "up", "down"}, key) {
		return true
	}
	if slices.ContainsFunc(a.tabs, func(t tab) bool { return t.key == key }) {
		return true
	}
	return slices.ContainsFunc(a.Page().Actions, func(x page.Action) bool { return x.Key == key })
}
