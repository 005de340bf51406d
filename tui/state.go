package tui

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"time"

	"framepilot/adapt"
	"framepilot/internal/fault"
	"framepilot/internal/lang"
	"framepilot/internal/words"
	"framepilot/pilot"
	"framepilot/pilot/report"
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

	help    *list // the keys that work here are shown
	palette *palette
	dialog  *dialog
	twin    bool // the commands behind the actions are shown
	mouse   bool
	turned  bool // the other theme than the terminal's is wanted
	quit    bool
	status  string
	notice  []page.Block // what a command said; until the next key
	clip    string
	scroll  int // lines to move the view by, where there is nothing to choose

	dir  string // of the pilot; Options.Dir to begin with
	name string // of the person, as last given

	board    pilot.Board // as last read
	boardErr error       // why there is none
	runs     watcher
	herald   herald
	results  results
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
	a := &App{o: o, name: o.By}
	a.enter(o.Dir)
	return a
}

// enter turns to the pilot of a folder: nothing that was read of another one
// stays.
func (a *App) enter(dir string) {
	a.dir, a.board, a.boardErr, a.runs = dir, pilot.Board{}, errNotRead, watcher{dir: dir}
	a.herald, a.results, a.dialog, a.palette = herald{}, results{}, nil, nil
	a.tabs = []tab{
		{"0", "welcome", &welcomeScreen{}},
		{"1", "board", &boardScreen{}},
		{"2", "data", &dataScreen{}},
		{"3", "recipe", &recipeScreen{}},
		{"4", "run", &runScreen{}},
		{"5", "compare", &compareScreen{}},
		{"6", "return", &returnScreen{}},
		{"7", "report", &reportScreen{options: report.Options{Language: a.o.Language, Audience: report.Board}}},
		{"8", "ledger", &ledgerScreen{}},
	}
	a.at = 0
	if adapt.IsPilot(dir) {
		a.at = 1
	}
}

var errNotRead = errors.New("not read yet")

// text is a message in the reader's language.
func (a *App) text(id string, args ...lang.Args) string { return a.o.Language.Text(id, args...) }

// say is what was said elsewhere, in the reader's language.
func (a *App) say(s words.Sentence) string { return a.o.Language.Say(s) }

// follow puts a sentence behind another; a Japanese full stop needs no space.
func follow(text, next string) string {
	if text == "" || next == "" || strings.HasSuffix(text, "。") {
		return text + next
	}
	return text + " " + next
}

// Quit says whether the user wants to leave.
func (a *App) Quit() bool { return a.quit }

// Scroll is how many lines down the view is to be moved since it was last
// asked: up and down do that on a page where there is nothing to choose.
func (a *App) Scroll() int {
	n := a.scroll
	a.scroll = 0
	return n
}

// Turned says whether the other theme is wanted than the one that fits the
// terminal's background.
func (a *App) Turned() bool { return a.turned }

// Mouse says whether the mouse is wanted.
func (a *App) Mouse() bool { return a.mouse }

// Language is the one the App speaks now.
func (a *App) Language() lang.Language { return a.o.Language }

// Open is to be called first.
func (a *App) Open() []Task {
	return append(append([]Task{a.readBoard()}, a.runs.look(a.o.Now())...), a.current().open(a)...)
}

func (a *App) current() screen { return a.tabs[a.at].screen }

// goTo shows the screen of this name.
func (a *App) goTo(name string) []Task {
	i := slices.IndexFunc(a.tabs, func(t tab) bool { return t.name == name })
	if i < 0 {
		panic("tui: no screen " + name)
	}
	a.at, a.status, a.help, a.twin, a.notice = i, "", nil, false, nil
	return a.current().open(a)
}

// boardRead is what readBoard brings back.
type boardRead struct {
	dir   string
	board pilot.Board
	err   error
}

// readBoard reads where the pilot stands.
func (a *App) readBoard() Task {
	dir := a.dir
	return func(ctx context.Context) any {
		var b pilot.Board
		err := readLedger(ctx, dir, func(l *pilot.Ledger) (err error) {
			b, err = l.Board(ctx, "")
			return err
		})
		return boardRead{dir, b, err}
	}
}

// readLedger reads from the ledger of a folder; pilot.ErrNoPilot where there
// is none.
func readLedger(ctx context.Context, dir string, read func(*pilot.Ledger) error) error {
	path := adapt.LedgerFile(dir)
	if _, err := os.Stat(path); err != nil {
		return pilot.ErrNoPilot
	}
	l, err := pilot.OpenReadOnly(ctx, path)
	if err != nil {
		return err
	}
	l.Own = adapt.PilotOf(dir)
	return errors.Join(read(l), l.Close())
}

// ran is what a command that was run to its end brings back.
type ran struct {
	args []string
	asks *dialog // that asked for it; nil where none did
	Output
	err error
}

// run runs one of the program's commands, in the pilot's folder.
func (a *App) run(args ...string) []Task { return a.carryOut(nil, a.dir, args...) }

// carryOut runs one of the program's commands in a folder.
func (a *App) carryOut(asks *dialog, dir string, args ...string) []Task {
	if a.o.ReadOnly {
		a.status = a.text("app.readonly")
		return nil
	}
	a.status = a.line(dir, args...)
	language := a.o.Language
	return []Task{func(ctx context.Context) any {
		out, err := a.o.Commands.Run(ctx, language, dir, args...)
		return ran{args, asks, out, err}
	}}
}

// line is a command as a person would type it where the UI was started.
func (a *App) line(dir string, args ...string) string {
	line := a.o.Commands.Line(args...)
	if dir != "." {
		line = "cd " + Quote(dir) + " && " + line
	}
	return line
}

// Quote is a word as a shell takes it.
func Quote(word string) string {
	if word == "" || strings.ContainsAny(word, " \t\n\"'$&|;<>()*?#~`!{}[]\\") {
		return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
	}
	return word
}

// refused says whether the command would not do it. A gate that is held and
// not passed has its own exit code, and says so where results go.
func (r ran) refused() bool {
	return r.err != nil || r.Code != 0 && strings.TrimSpace(r.Out) == ""
}

// began is a command that was started and goes on by itself.
type began struct {
	dir   string
	at    time.Time
	ended <-chan int
	err   error
}

// start starts a command that outlives the UI, in the pilot's folder.
func (a *App) start(args ...string) []Task {
	if a.o.ReadOnly {
		a.status = a.text("app.readonly")
		return nil
	}
	dir, language := a.dir, a.o.Language
	a.runs.begins = true
	a.runs.seen.starting, a.runs.seen.broke, a.runs.seen.printed = true, false, ""
	return []Task{func(context.Context) any {
		at := a.o.Now()
		ended, err := a.o.Commands.Start(language, dir, runLog(dir), args...)
		return began{dir, at, ended, err}
	}}
}

// Done takes the result of a task.
func (a *App) Done(result any) []Task {
	var more []Task
	switch r := result.(type) {
	case nil:
		return nil
	case boardRead:
		if r.dir != a.dir {
			return nil
		}
		a.board, a.boardErr = r.board, r.err
	case resultsRead:
		if r.dir != a.dir {
			return nil
		}
		a.results = r.results
		a.herald.read(a)
	case looked:
		ended := a.runs.take(r)
		a.herald.hear(a, ended)
		if ended {
			more = append(more, a.readBoard(), a.readResults())
			more = append(more, a.current().open(a)...)
		}
	case began:
		if r.dir == a.dir {
			a.runs.begins = false
		}
		if r.err != nil {
			a.runs.seen.starting = false
			a.notice = a.problem(r.err)
			return nil
		}
		if r.dir == a.dir {
			a.runs.ended, a.runs.since = r.ended, r.at
		}
	case wrote:
		a.status = a.text("copy.wrote", lang.Args{"File": r.path})
		if r.err != nil {
			a.notice = a.problem(r.err)
		}
	case ran:
		a.status = r.summary()
		a.notice = r.say(a.o.Language)
		more = append(more, a.readBoard())
		if r.asks != nil {
			more = append(more, r.asks.back(a, r)...)
		}
	}
	for _, t := range a.tabs { // who asked may not be shown any more, and must not wait for ever
		more = append(more, t.screen.done(a, result)...)
	}
	return more
}

// summary is the last line of what a command said beside its result.
func (r ran) summary() string {
	lines := strings.Split(strings.TrimSpace(r.Errs), "\n")
	return strings.TrimSpace(lines[len(lines)-1])
}

// say is what a person should read of a command: its result where it printed
// one, and why it failed.
func (r ran) say(l lang.Language) []page.Block {
	var blocks []page.Block
	if r.err != nil {
		return []page.Block{page.Text{Text: l.Error(r.err), Tone: page.Bad}}
	}
	if text := strings.TrimSpace(r.Out); text != "" && !strings.HasPrefix(text, "{") {
		blocks = append(blocks, page.Text{Text: text, Tone: page.Strong})
	}
	if text := strings.TrimSpace(r.Errs); r.Code != 0 && text != "" {
		blocks = append(blocks, page.Text{Text: text, Tone: page.Bad})
	}
	return blocks
}

// Tick is to be called a few times a second; it looks at what may have
// changed outside.
func (a *App) Tick() []Task {
	now := a.o.Now()
	if now.Sub(a.runs.at) < watchEvery {
		return nil
	}
	return a.runs.look(now)
}

// Key takes a key of the keyboard by name: "a", "enter", "up", "ctrl+c", …
func (a *App) Key(key string) []Task {
	if !a.Typing() {
		if key = a.o.Keys.Means(a.tabs[a.at].name, key); key == "" {
			return nil
		}
	}
	return a.press(key)
}

// shown is the key of the keyboard for one the screens know.
func (a *App) shown(key string) string { return a.o.Keys.Shown(a.tabs[a.at].name, key) }

// press takes a key as the screens know it.
func (a *App) press(key string) []Task {
	if key == "ctrl+c" {
		a.quit = true
		return nil
	}
	a.notice = nil
	if a.palette != nil {
		return a.palette.key(a, key)
	}
	if a.dialog != nil {
		return a.dialog.key(a, key)
	}
	if a.help != nil {
		if tasks, used := a.keyHelp(key); used {
			return tasks
		}
	} else if t, ok := a.current().(typist); ok && t.typing() {
		return a.current().key(a, key)
	}
	switch key {
	case "q":
		if a.help != nil || a.twin {
			a.help, a.twin = nil, false
			return nil
		}
		a.quit = true
		return nil
	case "esc":
		if a.help != nil || a.twin {
			a.help, a.twin = nil, false
			return nil
		}
	case "?":
		if a.help != nil {
			a.help = nil
		} else {
			a.help = &list{}
		}
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
	case "T":
		a.turned = !a.turned
		return nil
	case "c":
		return a.copyTable()
	case "C":
		return a.saveTable()
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
	p := a.withoutHelp()
	if i := slices.IndexFunc(p.Actions, func(x page.Action) bool { return x.Key == key && x.Why != "" }); i >= 0 {
		a.status = p.Actions[i].Label + ": " + p.Actions[i].Why
		if p.Actions[i].Why == a.text("app.readonly_why") {
			a.status = a.text("app.readonly")
		}
		return nil
	}
	a.help = nil
	if lines, moves := map[string]int{"up": -1, "k": -1, "down": 1, "j": 1}[key]; moves && !p.Chooses() {
		a.scroll += lines
	}
	return a.current().key(a, key)
}

// keyHelp moves through the keys, and does the chosen one.
func (a *App) keyHelp(key string) (tasks []Task, used bool) {
	if key != "enter" {
		return nil, a.help.key(key)
	}
	keys := a.keys(a.withoutHelp())
	i, ok := a.help.chosen()
	if !ok || i >= len(keys) {
		return nil, true
	}
	a.help = nil
	return a.press(keys[i][0]), true
}

// withoutHelp is the page of the screen.
func (a *App) withoutHelp() page.Page {
	p := a.current().page(a)
	a.forbid(p.Actions)
	return p
}

// Page is what is to be shown now.
func (a *App) Page() page.Page {
	var p page.Page
	switch {
	case a.palette != nil:
		p = a.palette.page(a)
	case a.dialog != nil:
		p = a.dialog.page(a)
	default:
		p = a.withoutHelp()
		p.Blocks = append(slices.Clone(a.notice), p.Blocks...)
		if a.help != nil {
			p = page.Page{Blocks: []page.Block{a.helpTable(p)}, Actions: []page.Action{{Key: "enter", Label: a.text("palette.do")}, {Key: "esc", Label: a.text("palette.leave")}}}
			break
		}
		if a.Typing() { // what rows are narrowed by: other keys are letters
			p.Actions = []page.Action{{Key: "enter", Label: a.text("list.keep")}, {Key: "esc", Label: a.text("list.all")}}
			break
		}
		for i := range p.Actions {
			p.Actions[i].Key = a.shown(p.Actions[i].Key)
		}
		if a.twin {
			p.Blocks, p.Right, p.Below, p.Aside = []page.Block{a.twins(p)}, nil, nil, nil
		}
	}
	name := a.text("tab." + a.tabs[a.at].name)
	p.Title = []string{name}
	if a.boardErr == nil {
		p.Title = []string{a.board.Pilot, name}
	} else if a.dir != "." {
		p.Title = []string{a.dir, name}
	}
	if a.dialog != nil && a.palette == nil {
		p.Title = []string{name, a.dialog.title}
	}
	if p.Status == "" {
		p.Status = a.status
	}
	return p
}

// forbid marks what can't be done read-only.
func (a *App) forbid(actions []page.Action) {
	for i := range actions {
		if a.o.ReadOnly && actions[i].Command != "" && !actions[i].Reads && actions[i].Why == "" {
			actions[i].Why = a.text("app.readonly_why")
		}
	}
}

// helpTable lists every key that works here, to read or to choose one.
func (a *App) helpTable(p page.Page) page.Table {
	t := page.Table{Name: a.text("help.title"), Columns: []page.Column{{}, {}}}
	for _, key := range a.keys(p) {
		t.Rows = append(t.Rows, page.Row{Cells: []string{a.shown(key[0]), key[1]}})
	}
	if a.o.Keys.File != "" {
		t.Name = a.text("help.yours", lang.Args{"File": a.o.Keys.File})
	}
	return a.help.table(a, t)
}

// keys are the keys that work on a page, each with what it does.
func (a *App) keys(p page.Page) [][2]string {
	var all [][2]string
	for _, action := range p.Actions {
		label := action.Label
		if action.Why != "" {
			label += " (" + action.Why + ")"
		}
		all = append(all, [2]string{action.Key, label})
	}
	for _, tab := range a.tabs {
		all = append(all, [2]string{tab.key, a.text("tab." + tab.name)})
	}
	for _, key := range a.everywhere() {
		all = append(all, [2]string{key.key, a.text(key.text)})
	}
	return all
}

// globalKey works on every screen; text is the id of what it does.
type globalKey struct{ key, text string }

// everywhere are the keys that work on every screen.
func (a *App) everywhere() []globalKey {
	return []globalKey{{"=", "help.twin"}, {":", "help.palette"}, {"/", "help.filter"}, {"c", "help.copy"}, {"C", "help.file"},
		{"L", "help.language"}, {"T", "help.theme"}, {"%", "help.mouse"}, {"?", "help.help"}, {"q", "help.quit"}}
}

// twins shows the commands that do the same as the actions.
func (a *App) twins(p page.Page) page.Table {
	t := page.Table{Name: a.text("help.same"), Empty: a.text("help.no_twin"), Selected: -1, Columns: []page.Column{{}, {Wrap: true, Least: 16}, {Wrap: true, Least: 30}}}
	for _, action := range p.Actions {
		if action.Command != "" {
			t.Rows = append(t.Rows, page.Row{Cells: []string{"[" + action.Key + "]", action.Label, action.Command}})
		}
	}
	if len(t.Rows) > 0 && a.dir != "." {
		t.Rows = append([]page.Row{{Cells: []string{"", a.text("help.folder"), "cd " + Quote(a.dir)}}}, t.Rows...)
	}
	return t
}

// Footer is what works beside the actions of the page.
func (a *App) Footer() page.Footer {
	foot := page.Footer{Below: a.text("footer.below"), Above: a.text("footer.above"), Both: a.text("footer.both")}
	if a.Typing() {
		foot.Keys = a.text("footer.typing")
		if d := a.dialog; d != nil && len(d.values()) > 1 && a.palette == nil {
			foot.Keys = a.text("footer.form")
		}
		return foot
	}
	var parts, short []string
	for i, t := range a.tabs {
		name := a.shown(t.key)
		part := name + " " + a.text("tab."+t.name)
		if i == a.at {
			part = "<" + part + ">"
			name = part
		}
		parts, short = append(parts, part), append(short, name)
	}
	foot.Screens = []string{strings.Join(parts, " "), strings.Join(short, " ")}
	foot.Keys = a.text("footer.keys", lang.Args{"Help": a.shown("?"), "Find": a.shown(":"), "Quit": a.shown("q")})
	return foot
}

// Screens are the screens there are, each with the key it is under.
func (a *App) Screens() []page.Action {
	var all []page.Action
	for _, t := range a.tabs {
		all = append(all, page.Action{Key: a.shown(t.key), Label: a.text("tab." + t.name)})
	}
	return all
}

// problem is an error as blocks: what, and what to do.
func (a *App) problem(err error) []page.Block {
	blocks := []page.Block{page.Text{Text: a.o.Language.Error(err), Tone: page.Bad}}
	if hint := a.say(fault.Fix(err)); hint != "" {
		blocks = append(blocks, page.Text{Text: a.text("app.try", lang.Args{"Hint": hint})})
	}
	return blocks
}

// Typing says whether text is asked for, so that letters are no commands.
func (a *App) Typing() bool {
	t, ok := a.current().(typist)
	return a.palette != nil || a.dialog != nil || a.help != nil && a.help.asking || a.help == nil && ok && t.typing()
}

// Type gives a whole line of text where text is asked for, and goes on to what
// is asked next, as enter does.
func (a *App) Type(text string) []Task {
	if d := a.dialog; d != nil && a.palette == nil && len(d.inputs[d.at].choices) > 0 {
		return d.choose(a, text)
	}
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
	key = a.o.Keys.Means(a.tabs[a.at].name, key)
	known := slices.Contains([]string{"esc", "tab", "enter", "up", "down", "left", "right"}, key) ||
		slices.ContainsFunc(a.everywhere(), func(x globalKey) bool { return x.key == key }) ||
		slices.ContainsFunc(a.tabs, func(t tab) bool { return t.key == key })
	return known || slices.ContainsFunc(a.Page().Actions, func(x page.Action) bool { return x.Key == a.shown(key) })
}
