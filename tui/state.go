package tui

import (
	"errors"
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

// Open is to be called first.
func (a *App) Open() []Task {
	return append(append([]Task{a.readBoard()}, a.runs.look(a.o.Now())...), a.current().open(a)...)
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

// problem is an error as blocks: what, and what to do.
func (a *App) problem(err error) []page.Block {
	blocks := []page.Block{page.Text{Text: a.o.Language.Error(err), Tone: page.Bad}}
	if hint := a.say(fault.Fix(err)); hint != "" {
		blocks = append(blocks, page.Text{Text: a.text("app.try", lang.Args{"Hint": hint})})
	}
	return blocks
}
