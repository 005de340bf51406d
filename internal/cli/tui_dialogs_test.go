package cli

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"framepilot/internal/demo"
	"framepilot/internal/lang"
	"framepilot/pilot"
	"framepilot/tui"
	"framepilot/tui/page"
)

// recorder runs the program's own commands and keeps what it ran, as a person
// would type it.
type recorder struct {
	commands
	ran []string
}

func (r *recorder) Run(ctx context.Context, l lang.Language, dir string, hear func(string), args ...string) (tui.Output, error) {
	line := r.Line(args...)
	if dir != "." {
		line = "cd " + tui.Quote(dir) + " && " + line
	}
	r.ran = append(r.ran, line)
	return r.commands.Run(ctx, l, dir, hear, args...)
}

// person sits before an App and looks at its pages.
type person struct {
	t   *testing.T
	app *tui.App
	rec *recorder
}

func newPerson(t *testing.T, dir string) *person {
	t.Helper()
	t.Setenv(asProgram, "1")
	rec := &recorder{commands: commands{os.Args[0]}}
	p := &person{t, tui.New(tui.Options{Dir: dir, Language: lang.English, By: "K. Sato", Commands: rec, Models: func() []string { return []string{"demo"} }}), rec}
	p.settle(p.app.Open())
	return p
}

func (p *person) settle(tasks []tui.Task) {
	for len(tasks) > 0 {
		task := tasks[0]
		tasks = append(tasks[1:], p.app.Done(task(p.t.Context()))...)
	}
}

func (p *person) press(keys ...string) {
	p.t.Helper()
	for _, key := range keys {
		p.settle(p.app.Key(key))
	}
}

// form is the dialog on the page.
func (p *person) form() (f page.Form, ok bool) {
	for _, b := range p.app.Page().Blocks {
		if f, ok = b.(page.Form); ok {
			return f, true
		}
	}
	return f, false
}

// answer goes to a question by its label and writes over what stands there.
func (p *person) answer(label, text string) {
	p.t.Helper()
	f, ok := p.form()
	if !ok {
		p.t.Fatalf("nothing is asked; the page is %+v", p.app.Page())
	}
	want := slices.IndexFunc(f.Inputs, func(in page.Input) bool { return in.Label == label })
	if want < 0 {
		p.t.Fatalf("nobody asks %q: %+v", label, f.Inputs)
	}
	for f.At != want {
		p.press("down")
		f, _ = p.form()
	}
	p.press("ctrl+u")
	for _, r := range text {
		p.press(map[bool]string{true: "space", false: string(r)}[r == ' '])
	}
	if f, _ := p.form(); len(f.Inputs[want].Choices) > 0 && f.Inputs[want].Value != text {
		p.settle(p.app.Type(text)) // no key leads there: as whoever is read to would say it
	}
}

// submit presses Enter until the dialog is sent or an answer is refused, and
// returns the twin that stood on the page last.
func (p *person) submit() (twin string) {
	p.t.Helper()
	for range 30 {
		f, ok := p.form()
		if !ok {
			return twin
		}
		for _, b := range p.app.Page().Foot {
			if same, ok := b.(page.Fields); ok {
				twin = same.Items[0].Value
			}
		}
		p.press("enter")
		if _, wrong := p.problem(); wrong != "" || f.At == len(f.Inputs)-1 {
			return twin
		}
	}
	p.t.Fatal("the dialog has no end")
	return ""
}

// problem is what stands beside an answer, or below the form.
func (p *person) problem() (label, text string) {
	f, _ := p.form()
	for _, in := range f.Inputs {
		if in.Problem != "" {
			return in.Label, in.Problem
		}
	}
	for _, b := range p.app.Page().Foot {
		if said, ok := b.(page.Text); ok {
			return "", said.Text
		}
	}
	return "", ""
}

// last is the latest entry of the ledger in a folder.
func last(t *testing.T, dir string) pilot.Entry {
	t.Helper()
	var b pilot.Board
	err := readLedger(t.Context(), dir, func(l *pilot.Ledger) (err error) {
		b, err = l.Board(t.Context(), "")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.Entries[len(b.Entries)-1]
}

// asked is one dialog: how it is opened, a wrong answer and what is said of
// it, the right ones, and what the ledger then holds.
type asked struct {
	name  string
	open  []string
	wrong [][2]string // answers by label
	label string      // beside which the problem stands; "" = the command says it
	says  string
	right [][2]string
	kind  pilot.EntryKind // of the entry; "" = none
	holds func(e pilot.Entry) bool
}

// journey is a pilot from its first question to the next stage: every dialog
// of the UI once, each answered wrongly first.
func journey(clips string) []asked {
	gate := func(name string, e pilot.Entry) bool { return e.Gate == name && e.By == "K. Sato" }
	return []asked{
		{"note", []string{"8", "n"}, nil, "Note", "fill this in", [][2]string{{"Note", "new helmets; 'since' Monday"}}, pilot.Noted,
			func(e pilot.Entry) bool { return e.Text == "new helmets; 'since' Monday" && e.By == "K. Sato" }},
		{"propose", []string{"1", "p"}, [][2]string{{"What must be shown", "tells up from down"}, {"Threshold", "70"}, {"Site", "day"}}, "Threshold", "0.7 is 70 %",
			[][2]string{{"Threshold", "0.2"}}, pilot.Proposed,
			func(e pilot.Entry) bool {
				return e.Criterion.Text == "tells up from down" && e.Criterion.Threshold == 0.2 && e.Criterion.Site == "day"
			}},
		{"reword", []string{"1", "home", "e"}, [][2]string{{"Looks", "0"}}, "Looks", "from 1 to 100", [][2]string{{"Looks", "3"}}, pilot.Proposed,
			func(e pilot.Entry) bool { return e.Criterion.Looks == 3 }},
		{"seal", []string{"1", "home", "s"}, [][2]string{{"Your name", ""}}, "Your name", "fill this in", [][2]string{{"Your name", "K. Sato"}}, pilot.Sealed,
			func(e pilot.Entry) bool { return gate("G1", e) && e.Seal.Hash != "" }},
		{"propose a signature", []string{"1", "p"}, [][2]string{{"What must be shown", "licence"}, {"Measured by", "signature"}}, "Measured by", "Choose one of",
			[][2]string{{"Measured by", "sign-off"}}, pilot.Proposed, func(e pilot.Entry) bool { return e.Gate == "G2" && e.Criterion.Metric == "sign-off" }},
		{"seal the signature", []string{"1", "end", "s"}, nil, "", "", nil, pilot.Sealed, func(e pilot.Entry) bool { return gate("G2", e) }},
		{"sign", []string{"1", "end", "i"}, [][2]string{{"Your name", " "}}, "Your name", "fill this in", [][2]string{{"Your name", "K. Sato"}, {"What was signed", "contract 7"}}, pilot.Signed,
			func(e pilot.Entry) bool { return gate("G2", e) && e.Text == "contract 7" }},
		{"propose a speed", []string{"1", "p"}, [][2]string{{"What must be shown", "fast enough"}, {"Measured by", "recall"}}, "Class", "is of one class",
			[][2]string{{"Measured by", "clips_per_hour"}, {"Threshold", "1e12"}}, pilot.Proposed, func(e pilot.Entry) bool { return e.Gate == "G3" }},
		{"waive", []string{"1", "end", "w"}, [][2]string{{"Reason", ""}}, "Reason", "fill this in", [][2]string{{"Reason", "not needed by day"}}, pilot.Waived,
			func(e pilot.Entry) bool { return gate("G3", e) && e.Text == "not needed by day" }},
		{"decide too early", []string{"1", "d"}, [][2]string{{"Decision", "go"}}, "", "G1 UNDECIDED", [][2]string{{"Decision", "undecided"}}, pilot.Decided,
			func(e pilot.Entry) bool { return e.Decision.Answer == pilot.NotYet }},
		{"clips and model", []string{"3", "f"}, [][2]string{{"Model", "big"}}, "Model", "Choose one of", [][2]string{{"Model", "demo"}, {"Folder", clips}}, "", nil},
	}
}

// afterRun is what can be asked once something was measured.
func afterRun() []asked {
	return []asked{
		{"seal the speed", []string{"1", "end", "s"}, nil, "", "", nil, pilot.Sealed, func(e pilot.Entry) bool { return e.Gate == "G3" }},
		{"check", []string{"1", "home", "x"}, [][2]string{{"Recipe", "none such"}}, "Recipe", "Choose one of", [][2]string{{"Recipe", "zero-shot, prompts: names"}}, pilot.Checked,
			func(e pilot.Entry) bool { return e.Gate == "G1" && e.Check.Recipe == "zero-shot, prompts: names" }},
		{"assume", []string{"6", "enter"}, [][2]string{{"Clips a month", "3,2,1"}}, "Clips a month", "rising order",
			[][2]string{{"Clips a month", "9000,10000,12000"}, {"Source", "HR, 2026"}}, pilot.Assumed,
			func(e pilot.Entry) bool { return e.Assumption.Range.High == 12000 && e.Assumption.Source == "HR, 2026" }},
		{"price of an error", []string{"6", "p"}, [][2]string{{"It is", "lift"}, {"Taken for", "lift"}, {"One costs", "5"}}, "Taken for", "no error",
			[][2]string{{"Taken for", "drop"}, {"One costs", "1500,2000,2500"}}, pilot.Assumed,
			func(e pilot.Entry) bool {
				x := e.Assumption
				return x.Truth == "lift" && x.Predicted == "drop" && x.Range.Base == 2000
			}},
		{"other result", []string{"6", "f"}, [][2]string{{"Site", "moon"}}, "Site", "Choose one of", [][2]string{{"Site", "day"}}, "", nil},
		{"report", []string{"7", "enter"}, [][2]string{{"File", "report.doc"}}, "File", "End the name", [][2]string{{"File", "for the board.html"}}, "", nil},
		{"waive the gate", []string{"1", "home", "w"}, nil, "Reason", "fill this in", [][2]string{{"Reason", "shown elsewhere"}}, pilot.Waived, nil},
		{"decide", []string{"1", "d"}, [][2]string{{"Decision", "conditions"}, {"Why, conditions", "by day only"}, {"Approved by", "k. sato"}}, "Approved by", "can't approve",
			[][2]string{{"Why, conditions", "by day only"}, {"Approved by", "M. Tanaka"}}, pilot.Decided,
			func(e pilot.Entry) bool {
				return e.Decision.Note == "by day only" && e.Decision.Approved == "M. Tanaka"
			}},
		{"promote", []string{"1", "enter"}, [][2]string{{"Your name", ""}}, "Your name", "fill this in", [][2]string{{"Your name", "K. Sato"}}, pilot.Promoted, nil},
	}
}

// Every dialog, opened and submitted in a real pilot: a wrong answer is told
// beside its question and nothing typed is lost; the command that ran is the
// one that stood on the page; the ledger holds it.
func TestEveryDialogIsSubmitted(t *testing.T) {
	if testing.Short() {
		t.Skip("starts some fifty processes")
	}
	dir, clips := emptyPilot(t)
	p := newPerson(t, ".")
	p.press("n")
	p.answer("Folder", "taken.txt")
	p.answer("Name", "line 3")
	p.answer("Question", "Is it up or down?")
	p.submit()
	if label, text := p.problem(); label != "Folder" || !strings.Contains(text, "is a file") {
		t.Errorf("a file as folder: %s: %s", label, text)
	}
	p.answer("Folder", dir)
	twin := p.submit()
	if !slices.Contains(p.rec.ran, twin) {
		t.Errorf("the page said %q, what ran is %q", twin, p.rec.ran)
	}
	if e := last(t, dir); e.Kind != pilot.Created || e.Text != "Is it up or down?" {
		t.Fatalf("the ledger holds %+v", e)
	}
	for _, d := range journey(clips) {
		p.holds(dir, d)
	}
	p.press("3", "enter", "4") // the plan of the recommended recipe
	if out, err := p.rec.Run(t.Context(), lang.English, dir, nil, "run", "plan.toml"); err != nil || out.Code != 0 {
		t.Fatalf("run: %v %+v", err, out)
	}
	p = newPerson(t, dir)
	p.press("3", "enter")
	if label, _ := p.problem(); label != "" {
		t.Errorf("%s has a problem from the start", label)
	}
	p.answer("Replace it", "perhaps")
	if label, text := p.problem(); label != "Replace it" || !strings.Contains(text, "no, yes") {
		t.Errorf("%s: %s", label, text)
	}
	p.answer("Replace it", "yes")
	if twin := p.submit(); !slices.Contains(p.rec.ran, twin) {
		t.Errorf("the page said %q, what ran is %q", twin, p.rec.ran)
	}
	for _, d := range afterRun() {
		p.holds(dir, d)
	}
	if _, err := os.Stat(filepath.Join(dir, "for the board.html")); err != nil {
		t.Error(err)
	}
}

// holds opens one dialog, answers it wrongly, then rightly.
func (p *person) holds(dir string, d asked) {
	t := p.t
	t.Helper()
	before := len(p.rec.ran)
	p.press(d.open...)
	if _, ok := p.form(); !ok {
		t.Fatalf("%s: no dialog opens: %+v", d.name, p.app.Page())
	}
	if d.says != "" {
		for _, answer := range d.wrong {
			p.answer(answer[0], answer[1])
		}
		if _, said := p.problem(); said == "" {
			p.submit()
		}
		label, text := p.problem()
		if label != d.label || !strings.Contains(text, d.says) {
			t.Errorf("%s: beside %q stands %q, want %q beside %q", d.name, label, text, d.says, d.label)
		}
		f, ok := p.form()
		if !ok {
			t.Fatalf("%s: the dialog is gone with what was typed", d.name)
		}
		for _, answer := range d.wrong {
			i := slices.IndexFunc(f.Inputs, func(in page.Input) bool { return in.Label == answer[0] })
			if len(f.Inputs[i].Choices) == 0 && f.Inputs[i].Value != answer[1] {
				t.Errorf("%s: %s is %q now, %q was typed", d.name, answer[0], f.Inputs[i].Value, answer[1])
			}
		}
	}
	for _, answer := range d.right {
		p.answer(answer[0], answer[1])
	}
	twin := p.submit()
	if label, text := p.problem(); text != "" {
		t.Fatalf("%s: %s: %s", d.name, label, text)
	}
	if twin != "" && !slices.Contains(p.rec.ran[before:], twin) {
		t.Errorf("%s: the page said %q, what ran is %q", d.name, twin, p.rec.ran[before:])
	}
	if d.kind == "" {
		return
	}
	if e := last(t, dir); e.Kind != d.kind || d.holds != nil && !d.holds(e) {
		t.Errorf("%s: the ledger holds %+v", d.name, e)
	}
}

// emptyPilot is a folder for a pilot, not there yet, and a folder of clips.
func emptyPilot(t *testing.T) (dir, clips string) {
	t.Helper()
	t.Chdir(t.TempDir())
	for _, name := range []string{"XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"} {
		t.Setenv(name, filepath.Join(t.TempDir(), name))
	}
	clips = filepath.Join(t.TempDir(), "clips")
	if err := demo.WriteDataset(t.Context(), clips, demo.Options{Seed: demoSeed, DayClips: 8, NightClips: 20}); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("taken.txt", nil, 0o644); err != nil {
		t.Fatal(err)
	}
	return filepath.Join("my pilot", "line3"), clips
}
