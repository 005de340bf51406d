package tui

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"

	"framepilot/adapt"
	"framepilot/internal/lang"
	"framepilot/internal/words"
	"framepilot/tui/page"
)

// recipeScreen offers ways to answer the question, with what each asks of
// people and of the machine, and writes the plan.
type recipeScreen struct {
	folder, model string
	name          string // of the plan there is
	choices       []adapt.Choice
	problem       []page.Block // why there are none
	busy          bool
	list          list
	plan          string // text of the plan there is; "" = none
	showing       bool
}

// chosen is what a look at the recipes brings back.
type chosen struct {
	dir     string
	choices []adapt.Choice
	said    string // why there are none
}

// planRead is the text of the plan there is; "" = none.
type planRead struct{ dir, text string }

func (s *recipeScreen) typing() bool { return s.list.asking }

func (s *recipeScreen) open(a *App) []Task {
	if s.folder == "" { // where the last plan found them
		s.folder = "."
		if plan, err := adapt.ReadPlan(filepath.Join(a.dir, planFile)); err == nil {
			s.folder, s.model, s.name = cmp.Or(plan.ClipsFolder(), "."), plan.Model.ID, plan.Name
		}
	}
	if s.model == "" && a.o.Models != nil {
		s.model = a.o.Models()[0]
	}
	dir, args := a.dir, append(s.look(a), "--json")
	read := func(context.Context) any {
		text, err := os.ReadFile(filepath.Join(dir, planFile))
		if err != nil {
			return planRead{dir: dir}
		}
		return planRead{dir, string(text)}
	}
	if s.busy {
		return []Task{read}
	}
	s.busy = true
	language := a.o.Language
	return []Task{read, func(ctx context.Context) any {
		got := chosen{dir: dir}
		out, err := a.o.Commands.Run(ctx, language, dir, nil, args...)
		switch {
		case err != nil:
			got.said = language.Error(err)
		case out.Code != 0:
			got.said = strings.TrimSpace(out.Errs)
		default:
			if err := json.Unmarshal([]byte(out.Out), &got.choices); err != nil {
				got.said = language.Error(err)
			}
		}
		return got
	}}
}

func (s *recipeScreen) done(a *App, result any) []Task {
	switch r := result.(type) {
	case chosen:
		if r.dir != a.dir {
			return nil
		}
		s.busy, s.choices, s.problem = false, r.choices, nil
		if r.said != "" {
			s.problem = []page.Block{page.Text{Text: r.said, Tone: page.Bad}}
		}
		for i, c := range s.choices {
			if c.Advised {
				s.list.at = i
			}
		}
	case planRead:
		if r.dir == a.dir {
			s.plan = r.text
		}
	case ran:
		if len(r.args) < 2 || r.args[0] != "plan" || r.args[1] != "new" {
			return nil
		}
		if r.Code == 0 && r.err == nil {
			s.showing, a.notice = true, nil
			a.status = a.text("recipe.written")
		}
		return s.open(a)
	}
	return nil
}

func (s *recipeScreen) key(a *App, key string) []Task {
	if s.showing {
		switch key {
		case "esc", "v":
			s.showing = false
		case "enter":
			s.showing = false
			return a.startRun()
		case "2":
			return a.goTo("data")
		}
		return nil
	}
	if s.list.key(key) {
		return nil
	}
	switch key {
	case "enter":
		return s.write(a)
	case "v":
		s.showing = s.plan != ""
	case "f":
		return s.askFolder(a)
	case "r":
		return s.open(a)
	}
	return nil
}

// look is the command that says what each recipe takes, as the plan it would
// write would: what is known of this machine goes by the name of the pilot.
func (s *recipeScreen) look(a *App) []string {
	return append([]string{"plan", "choices", s.folder}, flags("--model", s.model, "--name", cmp.Or(a.board.Pilot, s.name), "--question", a.board.Question)...)
}

// args is the command that writes the plan of a recipe.
func (s *recipeScreen) args(a *App, c adapt.Choice) []string {
	args := []string{"plan", "new", s.folder, "--recipe", string(c.Recipe)}
	return append(args, flags("--model", s.model, "--name", a.board.Pilot, "--question", a.board.Question)...)
}

func (s *recipeScreen) write(a *App) []Task {
	i, ok := s.list.chosen()
	if !ok || i >= len(s.choices) {
		return nil
	}
	c := s.choices[i]
	if c.Why != "" {
		a.status = a.text("recipe.why." + c.Why)
		return nil
	}
	args := s.args(a, c)
	if s.plan == "" {
		return a.run(args...)
	}
	d := &dialog{
		title: a.text("recipe.replace"), text: a.text("recipe.replace_text"),
		inputs: []input{{name: "sure", label: a.text("recipe.sure"), value: "no", choices: []string{"no", "yes"}}},
		args:   func(values) []string { return append(args, "--replace") },
	}
	d.then = func(a *App, v values) []Task {
		if v["sure"] != "yes" {
			return nil
		}
		return d.send(a)
	}
	return a.ask(d)
}

func (s *recipeScreen) askFolder(a *App) []Task {
	models := []string{s.model}
	if a.o.Models != nil {
		models = a.o.Models()
	}
	return a.ask(&dialog{
		title: a.text("recipe.where"), text: a.text("recipe.where_text"),
		inputs: []input{
			{name: "folder", label: a.text("new.folder"), hint: a.text("recipe.folder_hint"), value: s.folder, tidy: tidyPath, over: true},
			{name: "model", label: a.text("recipe.model"), hint: a.text("recipe.model_hint"), value: s.model, choices: models},
		},
		test: func(a *App, v values) []problem {
			path := v["folder"]
			if !filepath.IsAbs(path) {
				path = filepath.Join(a.dir, path)
			}
			if at, err := os.Stat(path); err != nil {
				return []problem{a.wrong("folder", "no_folder")}
			} else if !at.IsDir() {
				return []problem{a.wrong("folder", "file")}
			}
			return nil
		},
		then: func(a *App, v values) []Task {
			s.folder, s.model, s.busy = v["folder"], v["model"], false
			s.choices = nil
			return s.open(a)
		},
	})
}

func (s *recipeScreen) page(a *App) page.Page {
	line := func(args ...string) string { return a.o.Commands.Line(args...) }
	if s.showing {
		return page.Page{
			Blocks: []page.Block{page.Text{Text: a.text("recipe.plan", lang.Args{"File": filepath.Join(a.dir, planFile)}), Tone: page.Strong}, page.Text{Text: s.plan}},
			Actions: []page.Action{
				{Key: "enter", Label: a.text("recipe.run"), Command: line("run", planFile)},
				{Key: "2", Label: a.text("recipe.check"), Reads: true, Command: line("data", "check", planFile)},
				{Key: "esc", Label: a.text("palette.leave")},
			},
		}
	}
	view := page.Action{Key: "v", Label: a.text("recipe.view")}
	if s.plan == "" {
		view.Why = a.text("run.why_no_plan")
	}
	p := page.Page{Actions: []page.Action{
		{Key: "f", Label: a.text("recipe.where")}, view,
		{Key: "r", Label: a.text("app.again"), Reads: true, Command: line(s.look(a)...)},
	}}
	p.Blocks = append(p.Blocks, page.Text{Text: a.text("recipe.intro", lang.Args{"Folder": s.folder, "Model": s.model})})
	switch {
	case s.busy && s.choices == nil && s.problem == nil:
		p.Blocks = append(p.Blocks, page.Text{Text: a.text("recipe.measuring"), Tone: page.Dim})
		p.Actions = append([]page.Action{{Key: "enter", Label: a.text("recipe.write"), Why: a.text("data.busy")}}, p.Actions...)
		return p
	case s.problem != nil:
		p.Blocks = append(p.Blocks, s.problem...)
		p.Blocks = append(p.Blocks, page.Text{Text: a.text("recipe.mend")})
		return p
	}
	p.Blocks = append(p.Blocks, s.found(a)...)
	p.Blocks = append(p.Blocks, s.table(a))
	if i, ok := s.list.chosen(); ok && i < len(s.choices) {
		c := s.choices[i]
		p.Blocks = append(p.Blocks, page.Text{Text: a.text("recipe.says." + string(c.Recipe))})
		if c.Why == "" {
			p.Blocks = append(p.Blocks, page.Fields{Items: []page.Field{a.takes(c.Estimate)}})
		}
		p.Aside = a.draft(c.Plan)
		write := page.Action{Key: "enter", Label: a.text("recipe.write"), Command: line(s.args(a, c)...)}
		if c.Why != "" {
			write.Why = a.text("recipe.why." + c.Why)
		}
		p.Actions = append([]page.Action{write}, p.Actions...)
	}
	return p
}

// found says which sites and classes the recipes are about: a folder too many is
// seen here.
func (s *recipeScreen) found(a *App) []page.Block {
	const most = 12
	for _, c := range s.choices {
		if len(c.Classes) == 0 {
			continue // of a recipe that can't be chosen nothing was read
		}
		names := c.Classes[:min(most, len(c.Classes))]
		text := a.text("recipe.found", lang.Args{"Clips": c.Clips, "Sites": strings.Join(c.Sites, ", "), "N": len(c.Classes), "Classes": strings.Join(names, ", ")})
		if more := len(c.Classes) - len(names); more > 0 {
			text = follow(text, a.text("data.more", lang.Args{"N": more}))
		}
		return []page.Block{page.Text{Text: text}}
	}
	return nil
}

func (s *recipeScreen) table(a *App) page.Table {
	t := page.Table{Columns: []page.Column{
		{Head: a.text("recipe.recipe")}, {Head: a.text("recipe.labels"), Right: true}, {Head: a.text("recipe.tests"), Right: true},
		{Head: a.text("recipe.time"), Right: true}, {Head: a.text("recipe.cost"), Right: true, Rank: 1}, {Head: ""},
	}}
	for _, c := range s.choices {
		row := page.Row{Cells: []string{a.text("recipe.name." + string(c.Recipe)), "-", "-", "-", "-", ""}}
		if c.Why != "" {
			row.Tone = page.Dim
			row.Cells[5] = a.text("recipe.not")
		} else {
			row.Cells = []string{row.Cells[0], fmt.Sprint(c.Learn), fmt.Sprint(c.Measure), a.about(c.Estimate), a.costs(c), ""}
		}
		if c.Advised {
			row.Cells[5] = a.text("recipe.advised")
		}
		t.Rows = append(t.Rows, row)
	}
	return s.list.table(a, t)
}

// costs is the money of a recipe: labelling what it learns from and is
// measured on, and the machine's time as far as that is known; "-" where a rate
// is not.
func (a *App) costs(c adapt.Choice) string {
	r := a.board.Rates
	if r.WagePerHour <= 0 || r.SecondsPerLabel <= 0 || r.MachinePerHour <= 0 {
		return "-"
	}
	money := float64(c.Learn+c.Measure)*r.SecondsPerLabel/3600*r.WagePerHour + c.AtLeast/3600*r.MachinePerHour
	text := words.Grouped(math.Round(money)) + " " + r.Currency
	if c.Seconds == nil {
		text = ">= " + text
	}
	return text
}
