package tui

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"framepilot/internal/fault"
	"framepilot/internal/lang"
	"framepilot/internal/words"
	"framepilot/pilot"
	"framepilot/pilot/roi"
	"framepilot/tui/page"
)

// returnScreen says whether it pays, and which assumption matters most.
type returnScreen struct {
	site, recipe string // as chosen; "" = of which the report tells
	worth        pilot.Worth
	read         bool
	err          error
}

// valued is what a look at the return brings back.
type valued struct {
	dir   string
	worth pilot.Worth
	err   error
}

func (s *returnScreen) open(a *App) []Task {
	if !a.results.read {
		return []Task{a.readResults()}
	}
	return s.compute(a)
}

// compute reads the return of the chosen result.
func (s *returnScreen) compute(a *App) []Task {
	if a.results.err != nil {
		return nil
	}
	if !slices.Contains(a.results.sites(), s.site) {
		s.site, s.recipe = "", "" // another run is the latest, and was not there
	} else if !slices.Contains(a.results.recipes(s.site), s.recipe) {
		s.recipe = a.results.best(s.site)
	}
	dir, site, recipe := a.dir, s.site, s.recipe
	return []Task{func(ctx context.Context) any {
		got := valued{dir: dir}
		got.err = readLedger(ctx, dir, func(l *pilot.Ledger) (err error) {
			got.worth, err = l.Worth(ctx, "", "", site, recipe)
			return err
		})
		return got
	}}
}

func (s *returnScreen) done(a *App, result any) []Task {
	switch r := result.(type) {
	case valued:
		if r.dir == a.dir {
			s.worth, s.err, s.read = r.worth, r.err, true
		}
	case resultsRead, ran:
		if a.current() == s {
			return s.compute(a)
		}
	}
	return nil
}

func (s *returnScreen) key(a *App, key string) []Task {
	if a.results.err != nil || !a.results.read {
		return nil
	}
	switch key {
	case "enter":
		return s.askAssumptions(a)
	case "f":
		return s.askRecipe(a)
	case "p":
		return s.askMistake(a)
	case "r":
		return s.compute(a)
	}
	return nil
}

// askRecipe asks whose return it is to be.
func (s *returnScreen) askRecipe(a *App) []Task {
	return a.ask(&dialog{
		title: a.text("return.which"),
		inputs: []input{
			{name: "site", label: a.text("return.site"), value: s.worth.Site, choices: a.results.sites()},
			{name: "recipe", label: a.text("return.recipe"), value: s.worth.Recipe, choices: a.results.recipes("")},
		},
		then: func(a *App, v values) []Task {
			s.site, s.recipe = v["site"], v["recipe"]
			return s.compute(a)
		},
	})
}

// assumptions are what the return and the prices rest on, in the order they
// are asked for. Accuracy is measured.
func assumptions() []string {
	names := slices.DeleteFunc(roi.Names(), func(n string) bool { return n == roi.Accuracy })
	return append([]string{pilot.Currency}, append(names, pilot.SecondsPerLabel, pilot.LabelWage)...)
}

// assumed is an assumption as it stands, as a person types it.
func (a *App) assumed(name string) string {
	for _, e := range a.board.Assumed {
		x := e.Assumption
		if x.Name != name || x.Truth != "" {
			continue
		}
		if x.Text != "" {
			return x.Text
		}
		if r := x.Range; r.Low == r.High {
			return plain(r.Base)
		}
		return plain(x.Range.Low) + "," + plain(x.Range.Base) + "," + plain(x.Range.High)
	}
	return ""
}

// askAssumptions asks for all of them; what is not changed is not recorded
// again.
func (s *returnScreen) askAssumptions(a *App) []Task {
	d := &dialog{title: a.text("return.assume"), text: a.text("return.assume_text")}
	before := map[string]string{}
	for _, name := range assumptions() {
		before[name] = a.assumed(name)
		in := input{name: name, label: a.text("assume." + name), hint: a.text("assume.hint." + name), value: before[name], may: true}
		switch {
		case roi.IsShare(name):
			in.tidy = tidyShare
		case name != pilot.Currency:
			in.tidy = tidyMoney
		}
		d.inputs = append(d.inputs, in)
	}
	d.inputs = append(d.inputs, input{name: "source", label: a.text("return.source"), hint: a.text("return.source_hint"), may: true}, a.by())
	changed := func(v values) []string {
		var out []string
		for _, name := range assumptions() {
			if x := strings.ReplaceAll(v[name], " ", ""); x != "" && x != before[name] {
				out = append(out, name+"="+x)
			}
		}
		return out
	}
	d.test = func(a *App, v values) (wrong []problem) {
		for _, name := range assumptions() {
			if v[name] != "" {
				wrong = append(wrong, a.checkAmount(name, name, v[name])...)
			}
		}
		return wrong
	}
	d.args = func(v values) []string {
		return append(append([]string{"pilot", "assume"}, changed(v)...), flags("--source", v["source"], "--by", v["by"])...)
	}
	d.then = func(a *App, v values) []Task {
		if len(changed(v)) == 0 {
			a.status = a.text("return.same")
			return nil
		}
		return d.send(a)
	}
	return a.ask(d)
}

func (s *returnScreen) page(a *App) page.Page {
	if p, none := a.missing(); none {
		return p
	}
	line := a.o.Commands.Line
	p := page.Page{Actions: []page.Action{
		{Key: "enter", Label: a.text("return.change"), Command: line("pilot", "assume", "NAME=LOW,BASE,HIGH", "--by", "NAME")},
		{Key: "p", Label: a.text("return.mistake"), Command: line("pilot", "assume", "error_cost:TRUE:SAID=LOW,BASE,HIGH", "--by", "NAME")},
		{Key: "f", Label: a.text("return.which")},
		{Key: "r", Label: a.text("app.again"), Reads: true, Command: line(append([]string{"pilot", "return"}, flags("--site", s.site, "--recipe", s.recipe)...)...)},
	}}
	switch {
	case !s.read:
		p.Blocks = []page.Block{page.Text{Text: a.text("app.reading"), Tone: page.Dim}}
		return p
	case s.err != nil && fault.KindOf(s.err) == fault.Usage:
		p.Blocks = []page.Block{page.Text{Text: a.text("return.ask")}}
		if names := a.lacking(); len(names) > 0 {
			p.Blocks = append(p.Blocks, page.Text{Text: a.text("rests.lacking", lang.Args{"Names": strings.Join(names, ", ")}), Tone: page.Warn})
		} else {
			p.Blocks = append(p.Blocks, a.problem(s.err)...)
		}
		p.Right = []page.Block{s.rests(a)}
		return p
	case s.err != nil:
		p.Blocks = a.problem(s.err)
		return p
	}
	w := s.worth
	p.Blocks = append(p.Blocks, page.Text{Text: a.text("return.of", lang.Args{"Recipe": w.Recipe, "Site": w.Site}), Tone: page.Strong}, s.verdict(a), s.months(a))
	bars := page.Bars{Name: a.text("return.tornado"), Unit: cmp.Or(w.Currency, " "), Selected: -1}
	var even float64 // where a month leaves nothing over
	for _, b := range w.Bars {
		low, high := min(b.Low, b.High), max(b.Low, b.High)
		bars.Rows = append(bars.Rows, page.Bar{Label: a.text("assume." + b.Name), Value: w.Base.Net, Low: low, High: high, Need: &even, Text: words.Grouped(low) + " .. " + words.Grouped(high)})
	}
	if len(bars.Rows) > 0 {
		p.Blocks = append(p.Blocks, bars)
	}
	p.Blocks = append(p.Blocks, page.Text{Text: a.text("return.low_high"), Tone: page.Dim})
	p.Right = []page.Block{s.rests(a)}
	return p
}

// verdict says in a sentence whether it pays.
func (s *returnScreen) verdict(a *App) page.Text {
	w := s.worth
	switch {
	case w.BreakEven > 1:
		return page.Text{Text: a.text("return.never"), Tone: page.Bad}
	case w.BreakEven <= 0:
		return page.Text{Text: a.text("return.always") + s.worst(a), Tone: page.Good}
	}
	tone := page.Good
	if w.Base.Net < 0 {
		tone = page.Bad
	}
	return page.Text{Tone: tone, Text: follow(a.text("return.even", lang.Args{
		"Even": fmt.Sprintf("%.1f", 100*w.BreakEven), "Now": fmt.Sprintf("%.1f", 100*w.Ranges[roi.Accuracy].Base)}), s.worst(a))}
}

// worst says what can be lost in a month, where something can.
func (s *returnScreen) worst(a *App) string {
	if s.worth.Low.Net >= 0 {
		return ""
	}
	return a.text("rests.worst", lang.Args{"Money": strings.TrimSpace(words.Grouped(math.Round(-s.worth.Low.Net)) + " " + s.worth.Currency)})
}

// months is a month in its worst, likely and best case.
func (s *returnScreen) months(a *App) page.Table {
	w := s.worth
	t := page.Table{
		Name:     a.text("return.month", lang.Args{"Currency": w.Currency}),
		Columns:  []page.Column{{}, {Head: a.text("return.low"), Right: true}, {Head: a.text("return.base"), Right: true}, {Head: a.text("return.high"), Right: true}},
		Selected: -1,
	}
	months := [][]roi.Line{w.Low.Lines(), w.Base.Lines(), w.High.Lines()}
	for i, line := range months[0] {
		r := page.Row{Cells: []string{a.text("return.row." + line.Name)}}
		for _, lines := range months {
			r.Cells = append(r.Cells, words.Grouped(math.Round(lines[i].Amount)))
		}
		if line.Name == "net" {
			r.Tone = page.Strong
		}
		t.Rows = append(t.Rows, r)
	}
	pay := page.Row{Cells: []string{a.text("return.payback")}}
	for _, x := range w.Payback {
		text := a.text("return.no_payback")
		if x != roi.Forever {
			text = fmt.Sprintf("%.1f", x)
		}
		pay.Cells = append(pay.Cells, text)
	}
	t.Rows = append(t.Rows, pay)
	return t
}
