package tui

import (
	"context"
	"path/filepath"

	"framepilot/adapt"
	"framepilot/internal/lang"
	"framepilot/tui/page"
)

// demoDir is the folder the demo is written to.
const demoDir = "framepilot-demo"

// welcomeScreen says whether this machine can do it, and opens a pilot.
type welcomeScreen struct {
	checks []Check
	read   bool
	pilots []string // folders that hold one, below the one the UI was started in
	list   list
}

// examined is what the doctor and a look around bring back.
type examined struct {
	checks []Check
	pilots []string
}

func (s *welcomeScreen) typing() bool { return s.list.asking }

func (s *welcomeScreen) open(a *App) []Task {
	dir, doctor := a.o.Dir, a.o.Doctor
	return []Task{func(ctx context.Context) any {
		got := examined{pilots: pilotsIn(dir)}
		if doctor != nil {
			got.checks = doctor(ctx)
		}
		return got
	}}
}

// pilotsIn are the pilots in a folder and in those right below it.
func pilotsIn(dir string) []string {
	if adapt.IsPilot(dir) {
		return append([]string{dir}, adapt.PilotsBelow(dir)...)
	}
	return adapt.PilotsBelow(dir)
}

func (s *welcomeScreen) done(_ *App, result any) []Task {
	if r, ok := result.(examined); ok {
		s.checks, s.pilots, s.read = r.checks, r.pilots, true
	}
	return nil
}

func (s *welcomeScreen) key(a *App, key string) []Task {
	if s.list.key(key) {
		return nil
	}
	switch key {
	case "d":
		return s.demo(a)
	case "n":
		return s.askNew(a)
	case "o":
		return s.askOpen(a)
	case "enter":
		if i, ok := s.list.chosen(); ok && i < len(s.pilots) {
			return a.turnTo(s.pilots[i])
		}
		return s.askNew(a)
	}
	return nil
}

// turnTo opens the pilot of a folder.
func (a *App) turnTo(dir string) []Task {
	a.enter(dir)
	return append(a.Open(), a.readResults())
}

// demo carries out the demo in a folder of its own, and shows it at work.
func (s *welcomeScreen) demo(a *App) []Task {
	if a.o.ReadOnly {
		a.status = a.text("app.readonly")
		return nil
	}
	dir := filepath.Join(a.o.Dir, demoDir)
	tasks := a.turnTo(dir)
	tasks = append(tasks, a.goTo("run")...)
	return append(tasks, a.start("demo", "--dir", ".")...)
}

func (s *welcomeScreen) askNew(a *App) []Task {
	return a.ask(&dialog{
		title: a.text("new.title"), text: a.text("new.text"),
		inputs: []input{
			{name: "folder", label: a.text("new.folder"), hint: a.text("new.folder_hint"), value: a.o.Dir, tidy: tidyPath, over: true},
			{name: "name", label: a.text("new.name"), hint: a.text("new.name_hint")},
			{name: "question", label: a.text("new.question"), hint: a.text("new.question_hint")},
			a.by(),
		},
		args: func(v values) []string {
			return named(v["name"], []string{"pilot", "new"}, flags("--pilot", v["folder"], "--question", v["question"], "--by", v["by"])...)
		},
		test: checkFolder,
		in:   ".",
		done: func(a *App, v values) []Task {
			status := a.status
			tasks := append(a.turnTo(v["folder"]), a.goTo("recipe")...)
			a.status = status
			return tasks
		},
	})
}

func (s *welcomeScreen) askOpen(a *App) []Task {
	return a.ask(&dialog{
		title:  a.text("open.title"),
		inputs: []input{{name: "folder", label: a.text("new.folder"), hint: a.text("open.hint"), value: a.dir, tidy: tidyPath, over: true}},
		test: func(a *App, v values) []problem {
			if !adapt.IsPilot(v["folder"]) {
				text := a.text("open.none")
				if near := append(pilotsIn(a.o.Dir), adapt.PilotsBelow(v["folder"])...); len(near) > 0 {
					text = follow(text, a.text("open.near", lang.Args{"Folders": few(near)}))
				}
				return []problem{{"folder", text}}
			}
			return nil
		},
		then: func(a *App, v values) []Task { return a.turnTo(v["folder"]) },
	})
}

func (s *welcomeScreen) page(a *App) page.Page {
	p := page.Page{
		Blocks: []page.Block{page.Text{Text: a.text("welcome.promise")}},
		Actions: []page.Action{
			{Key: "n", Label: a.text("welcome.new"), Command: a.o.Commands.Line("pilot", "new", "NAME", "--question", "TEXT", "--by", "NAME")},
			{Key: "o", Label: a.text("welcome.open")},
			{Key: "d", Label: a.text("welcome.demo"), Command: a.o.Commands.Line("demo")},
		},
	}
	if !s.read {
		p.Blocks = append(p.Blocks, page.Text{Text: a.text("app.reading"), Tone: page.Dim})
		return p
	}
	if len(s.pilots) > 0 {
		t := page.Table{Name: a.text("welcome.pilots"), Columns: []page.Column{{}}}
		for _, dir := range s.pilots {
			t.Rows = append(t.Rows, page.Row{Cells: []string{dir}})
		}
		p.Blocks = append(p.Blocks, s.list.table(a, t))
		p.Actions = append([]page.Action{{Key: "enter", Label: a.text("welcome.enter")}}, p.Actions...)
	}
	return page.Page{Blocks: append(p.Blocks, s.machine(a)...), Actions: p.Actions, Aside: []page.Block{a.steps()}}
}

// machine is what the doctor found: what is wrong first, in a sentence.
func (s *welcomeScreen) machine(a *App) []page.Block {
	bad := 0
	f := page.Fields{Name: a.text("welcome.machine")}
	for _, c := range s.checks {
		tone, text := page.Plain, a.say(c.Text)
		if c.Bad {
			tone = page.Bad
			bad++
		}
		if !c.Fix.IsZero() {
			text += "\n" + a.say(c.Fix)
		}
		f.Items = append(f.Items, page.Field{Label: a.say(c.Name), Value: text, Tone: tone})
	}
	verdict := page.Text{Text: a.text("welcome.fit"), Tone: page.Good}
	if bad > 0 {
		verdict = page.Text{Text: a.text("welcome.unfit", lang.Args{"Count": bad}), Tone: page.Bad}
	}
	return []page.Block{verdict, f}
}
