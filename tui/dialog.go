package tui

import (
	"fmt"
	"slices"
	"strings"

	"framepilot/internal/lang"
	"framepilot/tui/edit"
	"framepilot/tui/page"
)

// dialog asks for a few words before something is done. What will be done is
// shown as a command while they are typed.
type dialog struct {
	title  string
	text   string // what it is about; may be empty
	inputs []input
	at     int       // the one being typed into
	line   edit.Line // its answer, where any text will do

	args func(v values) []string         // the command; nil where there is none
	in   string                          // the folder it is run in; "" = the pilot's
	test func(a *App, v values) *problem // nil: anything will do
	then func(a *App, v values) []Task   // instead of the command; nil: it is run
	done func(a *App, v values) []Task   // after the command; may be nil

	bad     *problem
	refused string // what the command said when it would not
}

// input is one question of a dialog.
type input struct {
	name        string // in values
	label, hint string
	value       string
	choices     []string // all that will do; nil = any text
	may         bool     // be left empty
}

// values are the answers of a dialog by name.
type values map[string]string

// problem is why an answer won't do.
type problem struct{ name, text string }

// ask shows a dialog, from its first empty question on: the name, which stands
// last, comes when it is reached.
func (a *App) ask(d *dialog) []Task {
	if a.o.ReadOnly {
		a.status = a.text("app.readonly")
		return nil
	}
	for i, in := range d.inputs {
		if in.value == "" && !in.may && in.name != "by" {
			d.at = i
			break
		}
	}
	d.turn(d.at)
	a.dialog = d
	return nil
}

// turn goes to an input.
func (d *dialog) turn(i int) {
	d.at, d.line = i, edit.New(d.inputs[i].value)
}

// by is the question for a name, which is remembered.
func (a *App) by() input {
	return input{name: "by", label: a.text("ask.by"), hint: a.text("ask.by_hint"), value: a.name}
}

func (d *dialog) values() values {
	v := values{}
	for _, in := range d.inputs {
		v[in.name] = strings.TrimSpace(in.value)
	}
	return v
}

func (d *dialog) key(a *App, key string) []Task {
	in := &d.inputs[d.at]
	switch key {
	case "esc":
		a.dialog = nil
	case "up", "shift+tab":
		d.turn((d.at + len(d.inputs) - 1) % len(d.inputs))
	case "down", "tab":
		d.turn((d.at + 1) % len(d.inputs))
	case "enter":
		if d.bad = d.unanswered(a, *in); d.bad != nil {
			return nil
		}
		if d.at+1 < len(d.inputs) {
			d.turn(d.at + 1)
			return nil
		}
		return d.submit(a)
	default:
		d.bad, d.refused = nil, ""
		if n := len(in.choices); n > 0 && (key == "left" || key == "right") {
			step := map[string]int{"left": n - 1, "right": 1}[key]
			in.value = in.choices[(max(0, slices.Index(in.choices, in.value))+step)%n]
			d.line = edit.New(in.value)
			return nil
		}
		d.line = d.line.Key(key)
		in.value = d.line.String()
	}
	return nil
}

// unanswered is what is wrong with one answer by itself: nothing is there, or
// none of the choices.
func (d *dialog) unanswered(a *App, in input) *problem {
	value := strings.TrimSpace(in.value)
	switch {
	case value == "" && !in.may:
		return &problem{in.name, a.text("ask.empty")}
	case in.choices != nil && value != "" && !slices.Contains(in.choices, value):
		return &problem{in.name, a.text("ask.choose", lang.Args{"Choices": strings.Join(in.choices, ", ")})}
	}
	return nil
}

// submit does what was asked for, or goes to the answer that won't do.
func (d *dialog) submit(a *App) []Task {
	v := d.values()
	d.bad = nil
	for _, in := range d.inputs {
		if d.bad = d.unanswered(a, in); d.bad != nil {
			break
		}
	}
	if d.bad == nil && d.test != nil {
		d.bad = d.test(a, v)
	}
	if d.bad != nil {
		d.turn(slices.IndexFunc(d.inputs, func(in input) bool { return in.name == d.bad.name }))
		return nil
	}
	if v["by"] != "" {
		a.name = v["by"]
	}
	a.dialog = nil
	if d.then != nil {
		return d.then(a, v)
	}
	return d.send(a)
}

// send runs the command of the dialog. If it is refused, the dialog is shown
// again as it was left.
func (d *dialog) send(a *App) []Task {
	return a.carryOut(d, orElse(d.in, a.dir), d.args(d.values())...)
}

// back takes what the command of the dialog brought back.
func (d *dialog) back(a *App, r ran) []Task {
	switch {
	case r.refused():
		if a.dialog == nil && a.palette == nil {
			d.refused = orElse(strings.TrimSpace(r.Errs), fmt.Sprint(r.err))
			a.dialog, a.notice, a.status = d, nil, ""
		}
	case d.done != nil:
		return d.done(a, d.values())
	}
	return nil
}

func (d *dialog) page(a *App) page.Page {
	form := page.Form{At: d.at}
	for i, in := range d.inputs {
		shown := page.Input{Label: in.label, Value: in.value, Hint: in.hint, Choices: in.choices}
		if d.bad != nil && d.bad.name == in.name {
			shown.Problem = d.bad.text
		}
		if i == d.at {
			shown.Cursor = d.line.At()
		}
		form.Inputs = append(form.Inputs, shown)
	}
	p := page.Page{Blocks: []page.Block{form}}
	if d.text != "" {
		p.Blocks = []page.Block{page.Text{Text: d.text}, form}
	}
	label := a.text("ask.next")
	if d.at == len(d.inputs)-1 {
		label = a.text("ask.do")
	}
	p.Actions = []page.Action{{Key: "enter", Label: label}, {Key: "esc", Label: a.text("palette.leave")}}
	switch {
	case d.refused != "":
		p.Foot = []page.Block{page.Text{Text: d.refused, Tone: page.Bad}}
	case d.args != nil:
		p.Foot = []page.Block{page.Fields{Items: []page.Field{{Label: a.text("ask.same"), Value: a.line(orElse(d.in, a.dir), d.args(d.values())...), Tone: page.Dim}}}}
	}
	return p
}

// flags are command-line flags of those values that are not empty, in the
// order of pairs: flag, value, flag, value …
func flags(pairs ...string) []string {
	var out []string
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			out = append(out, pairs[i], pairs[i+1])
		}
	}
	return out
}
