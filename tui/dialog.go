package tui

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"framepilot/internal/lang"
	"framepilot/internal/words"
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
	finder finder    // of its answer, where it is a choice
	fresh  bool      // nothing was typed yet: what stands there is a proposal

	args func(v values) []string          // the command; nil where there is none
	in   string                           // the folder it is run in; "" = the pilot's
	test func(a *App, v values) []problem // nil: anything will do
	then func(a *App, v values) []Task    // instead of the command; nil: it is run
	done func(a *App, v values) []Task    // after the command; may be nil

	before  values // the answers it began with
	leaving bool   // Esc was pressed once, and much was typed
	refused string // what the command said when it would not
}

// input is one question of a dialog.
type input struct {
	name        string // in values
	label, hint string
	about       func(v values) string // of the answers so far, before the hint; may be nil
	when        func(v values) bool   // it is asked, by the other answers; nil = always
	value       string
	choices     []string                             // all that will do; nil = any text
	known       func(v values) []string              // what is there already: anything else is asked about once; nil = nothing is
	tidy        func(answer string, v values) string // an answer as it is taken, 0.8 for 80 %; nil = as it stands
	may         bool                                 // be left empty
	over        bool                                 // the value is a proposal: typing writes over it

	bad  string // why the answer won't do; "" = nobody objects
	kept string // the unknown answer that was asked about
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
	d.before = d.typed()
	d.turn(d.at)
	a.dialog = d
	return nil
}

// turn goes to an input.
func (d *dialog) turn(i int) {
	in := d.inputs[i]
	d.at, d.line, d.finder = i, edit.New(in.value), finder{}
	d.fresh = in.over && in.value != "" && in.value == d.before[in.name]
}

// by is the question for a name, which is remembered.
func (a *App) by() input {
	return input{name: "by", label: a.text("ask.by"), hint: a.text("ask.by_hint"), value: a.name}
}

// typed are all answers; values those to what is asked.
func (d *dialog) typed() values {
	v := values{}
	for _, in := range d.inputs {
		v[in.name] = strings.TrimSpace(in.value)
	}
	return v
}

func (d *dialog) values() values {
	v, asked := d.typed(), values{}
	for _, in := range d.inputs {
		if in.asked(v) {
			asked[in.name] = v[in.name]
		}
	}
	return asked
}

func (in input) asked(v values) bool { return in.when == nil || in.when(v) }

// next is the question that is asked after this one, by steps of 1 or, before
// it, of -1; around is false where it comes again from the other end.
func (d *dialog) next(by int) (i int, around bool) {
	n, v := len(d.inputs), d.typed()
	for i = d.at + by; !d.inputs[(i+n)%n].asked(v); i += by {
	}
	return (i + n) % n, i < 0 || i >= n
}

func (d *dialog) key(a *App, key string) []Task {
	in := &d.inputs[d.at]
	leaving, fresh := d.leaving, d.fresh
	d.leaving, d.fresh = false, false
	switch key {
	case "esc":
		if d.leaving = !leaving && d.changed() > 1; !d.leaving {
			a.dialog = nil
		}
	case "up", "shift+tab":
		d.pass(a, -1)
	case "down", "tab":
		d.pass(a, 1)
	case "enter":
		if d.leave(a); in.bad != "" {
			return nil
		}
		if i, last := d.next(1); !last {
			d.turn(i)
			return nil
		}
		return d.submit(a)
	default:
		in.bad, d.refused = "", ""
		switch {
		case len(in.choices) > 0:
			in.value = d.finder.key(in.choices, in.value, key, a.o.Now())
			return nil
		case key == "right" && d.line.AtEnd() && in.known != nil:
			d.line = edit.New(following(in.known(d.values()), in.value))
		case fresh && len([]rune(key)) == 1:
			d.line = d.line.Key("ctrl+u").Key(key) // which ctrl+z takes back
		default:
			d.line = d.line.Key(key)
		}
		in.value = d.line.String()
	}
	return nil
}

// choose takes a whole answer to a choice, and goes on.
func (d *dialog) choose(a *App, text string) []Task {
	in := &d.inputs[d.at]
	i := meant(in.choices, text)
	if i < 0 {
		in.bad = a.text("ask.choose", lang.Args{"Choices": strings.Join(in.choices, ", ")})
		return nil
	}
	in.value = in.choices[i]
	return d.key(a, "enter")
}

// pass goes on to the question before or behind, whatever is wrong with this
// one. One may come back to what is empty.
func (d *dialog) pass(a *App, by int) {
	if d.inputs[d.at].value != "" {
		d.leave(a)
	}
	i, _ := d.next(by)
	d.turn(i)
}

// changed is how many answers are not as they were at first.
func (d *dialog) changed() int {
	n := 0
	for name, text := range d.typed() {
		if text != d.before[name] {
			n++
		}
	}
	return n
}

// leave looks at the answer that is typed: what is wrong with it is said
// beside it, before anybody goes on to the next. An answer nobody knows is
// asked about once.
func (d *dialog) leave(a *App) {
	in := &d.inputs[d.at]
	if in.tidy != nil {
		in.value = in.tidy(in.value, d.values())
		d.line = edit.New(in.value)
	}
	wrong := d.wrong(a)
	for i := range d.inputs {
		if other := &d.inputs[i]; i == d.at || other.bad != "" { // what was wrong may have come right
			other.bad = wrong[other.name]
		}
	}
	if in.bad != "" || in.known == nil || in.value == in.kept {
		return
	}
	v := d.values()
	if all := in.known(v); v[in.name] != "" && len(all) > 0 && !slices.Contains(all, v[in.name]) {
		in.kept = in.value
		in.bad = a.text("ask.unknown", lang.Args{"Known": cmp.Or(words.Nearest(v[in.name], all), few(all))})
	}
}

// wrong is what is wrong with the answers, by name.
func (d *dialog) wrong(a *App) map[string]string {
	wrong := map[string]string{}
	if d.test != nil {
		for _, p := range d.test(a, d.values()) {
			wrong[p.name] = p.text
		}
	}
	v := d.typed()
	for _, in := range d.inputs {
		if text := d.unanswered(a, in); text != "" && in.asked(v) {
			wrong[in.name] = text
		}
	}
	return wrong
}

// unanswered is what is wrong with one answer by itself: nothing is there, or
// none of the choices.
func (d *dialog) unanswered(a *App, in input) string {
	value := strings.TrimSpace(in.value)
	switch {
	case value == "" && !in.may:
		return a.text("ask.empty")
	case len(in.choices) > 0 && value != "" && !slices.Contains(in.choices, value):
		return a.text("ask.choose", lang.Args{"Choices": strings.Join(in.choices, ", ")})
	}
	return ""
}

// submit does what was asked for, or goes to the first answer that won't do.
func (d *dialog) submit(a *App) []Task {
	wrong := d.wrong(a)
	for i := range d.inputs {
		d.inputs[i].bad = wrong[d.inputs[i].name]
	}
	if i := slices.IndexFunc(d.inputs, func(in input) bool { return in.bad != "" }); i >= 0 {
		d.turn(i)
		return nil
	}
	v := d.values()
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
	return a.carryOut(d, cmp.Or(d.in, a.dir), d.args(d.values())...)
}

// back takes what the command of the dialog brought back.
func (d *dialog) back(a *App, r ran) []Task {
	switch {
	case r.refused():
		if a.dialog == nil && a.palette == nil {
			d.refused = cmp.Or(strings.TrimSpace(r.Errs), fmt.Sprint(r.err))
			a.dialog, a.notice, a.status = d, nil, ""
		}
	case d.done != nil:
		return d.done(a, d.values())
	}
	return nil
}

func (d *dialog) page(a *App) page.Page {
	var form page.Form
	typed := d.typed()
	for i, in := range d.inputs {
		if !in.asked(typed) {
			continue
		}
		shown := page.Input{Label: in.label, Value: in.value, Hint: in.hint, Choices: in.choices, Problem: in.bad}
		if in.about != nil {
			shown.Hint = follow(in.about(typed), in.hint)
		}
		if i == d.at {
			form.At = len(form.Inputs)
			d.help(a, &shown, in)
		}
		form.Inputs = append(form.Inputs, shown)
	}
	p := page.Page{Blocks: []page.Block{form}}
	if d.text != "" {
		p.Blocks = []page.Block{page.Text{Text: d.text}, form}
	}
	label := a.text("ask.next")
	if _, last := d.next(1); last {
		label = a.text("ask.do")
	}
	p.Actions = []page.Action{{Key: "enter", Label: label}, {Key: "esc", Label: a.text("palette.leave")}}
	switch {
	case d.leaving:
		p.Foot = []page.Block{page.Text{Text: a.text("ask.leaving"), Tone: page.Warn}}
	case d.refused != "":
		p.Foot = []page.Block{page.Text{Text: d.refused, Tone: page.Bad}}
	case d.args != nil:
		p.Foot = []page.Block{page.Fields{Items: []page.Field{{Label: a.text("ask.same"), Value: a.line(cmp.Or(d.in, a.dir), d.args(d.values())...), Tone: page.Dim}}}}
	}
	return p
}

// help is what is shown of the question that is asked alone.
func (d *dialog) help(a *App, shown *page.Input, in input) {
	if len(in.choices) > 0 {
		shown.Keys = a.text("ask.arrows")
		return
	}
	shown.Cursor = d.line.At()
	if d.fresh {
		shown.Keys = a.text("ask.over")
	}
	if in.known == nil {
		return
	}
	if all := in.known(d.values()); len(all) > 0 {
		shown.Hint = follow(shown.Hint, a.text("ask.known", lang.Args{"Known": few(all)}))
		shown.Keys = a.text("ask.right")
	}
}

// few are the first of many names.
func few(names []string) string {
	const most = 4
	if len(names) > most {
		names = append(slices.Clone(names[:most]), "...")
	}
	return strings.Join(names, "; ") // names of recipes hold commas
}

// named is a command about what a person named or wrote, which stands behind --
// where it could be taken for a flag.
func named(what string, command []string, flags ...string) []string {
	if strings.HasPrefix(what, "-") {
		return append(append(command, flags...), "--", what)
	}
	return append(append(command, what), flags...)
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
