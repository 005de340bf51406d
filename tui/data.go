package tui

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"

	"framepilot/adapt"
	"framepilot/internal/lang"
	"framepilot/internal/words"
	"framepilot/tui/page"
)

// dataScreen says whether the data is fit: what was found, classes, splits,
// and what the clips look like.
type dataScreen struct {
	check    *adapt.Check
	said     string // why there is none
	busy     bool
	heard    *lastLine // while busy: how far it is
	full     bool      // every clip was opened
	findings list
	classes  list
	places   list // all of the chosen finding
	where    bool // they are shown
	byClass  bool
	clips    map[string]adapt.Item // the first of each class
	pictures map[string]page.Picture
}

// dataChecked is what a check brings back.
type dataChecked struct {
	dir   string
	check *adapt.Check
	said  string
	full  bool
	clips map[string]adapt.Item
}

// pictured is a frame of a class's first clip.
type pictured struct {
	dir, class string
	picture    page.Picture
}

func (s *dataScreen) typing() bool {
	return s.findings.asking || s.classes.asking || s.places.asking
}

func (s *dataScreen) open(a *App) []Task {
	if !a.hasPlan() || s.check != nil || s.busy {
		return nil
	}
	return s.look(a, false)
}

// look checks the data; full opens every clip, which takes as long as decoding
// them.
func (s *dataScreen) look(a *App, full bool) []Task {
	s.busy = true
	args := s.args(full)
	s.heard = new(lastLine)
	dir, language, hear := a.dir, a.o.Language, s.heard.hear
	return []Task{func(ctx context.Context) any {
		got := dataChecked{dir: dir, full: full, clips: map[string]adapt.Item{}}
		out, err := a.o.Commands.Run(ctx, language, dir, hear, append(args, "--json")...)
		var check adapt.Check
		switch {
		case err != nil:
			got.said = language.Error(err)
		case json.Unmarshal([]byte(out.Out), &check) != nil:
			got.said = strings.TrimSpace(out.Errs)
		default:
			got.check = &check
		}
		if plan, err := adapt.ReadPlan(filepath.Join(dir, planFile)); err == nil {
			if data, err := adapt.ReadData(plan); err == nil {
				for _, item := range data.Items {
					if _, ok := got.clips[item.Label]; !ok {
						got.clips[item.Label] = item
					}
				}
			}
		}
		return got
	}}
}

func (s *dataScreen) args(full bool) []string {
	args := []string{"data", "check", planFile}
	if !full {
		args = append(args, "--lists-only")
	}
	return args
}

func (s *dataScreen) done(a *App, result any) []Task {
	switch r := result.(type) {
	case dataChecked:
		if r.dir == a.dir {
			s.where = false
			s.busy, s.check, s.said, s.full, s.clips = false, r.check, r.said, r.full, r.clips
			s.byClass = r.check != nil && len(r.check.Findings) == 0
			return s.picture(a)
		}
	case pictured:
		if r.dir == a.dir && s.pictures != nil {
			s.pictures[r.class] = r.picture
		}
	}
	return nil
}

// picture fetches a frame of the chosen class.
func (s *dataScreen) picture(a *App) []Task {
	i, ok := s.classes.chosen()
	if !ok {
		i = 0 // nothing was shown yet
	}
	if s.check == nil || a.o.Frames == nil || i >= len(s.check.Classes) {
		return nil
	}
	class := s.check.Classes[i].Class
	item, ok := s.clips[class]
	if _, have := s.pictures[class]; have || !ok {
		return nil
	}
	if s.pictures == nil {
		s.pictures = map[string]page.Picture{}
	}
	s.pictures[class] = page.Picture{Text: item.ID}
	dir, language := a.dir, a.o.Language
	return []Task{func(ctx context.Context) any {
		p, err := a.o.Frames(ctx, Clip{item.Path, item.Start, item.End}, 1)
		p.Text = item.ID
		if err != nil {
			p.Text += ": " + language.Error(err)
		}
		return pictured{dir, class, p}
	}}
}

func (s *dataScreen) key(a *App, key string) []Task {
	if s.where {
		if !s.places.key(key) && (key == "esc" || key == "o") {
			s.where = false
		}
		return nil
	}
	l := &s.findings
	if s.byClass {
		l = &s.classes
	}
	if l.key(key) {
		if s.byClass {
			return s.picture(a)
		}
		return nil
	}
	switch {
	case !a.hasPlan():
		if key == "enter" {
			return a.goTo("recipe")
		}
	case key == "o":
		if f, ok := s.finding(); ok && len(f.Where) > 0 {
			s.where, s.places = true, list{}
		}
	case key == "v":
		s.byClass = !s.byClass
		return s.picture(a)
	case s.busy:
	case key == "enter":
		return s.look(a, true)
	case key == "r":
		return s.look(a, false)
	}
	return nil
}

// finding is the one under the cursor.
func (s *dataScreen) finding() (f adapt.Finding, ok bool) {
	if i, ok := s.findings.chosen(); ok && !s.byClass && s.check != nil && i < len(s.check.Findings) {
		return s.check.Findings[i], true
	}
	return f, false
}

// allPlaces lists every clip, class or line of a finding.
func (s *dataScreen) allPlaces(a *App, f adapt.Finding) page.Page {
	t := page.Table{Name: a.say(f.Said.What), Columns: []page.Column{{Head: a.text("data.where")}}}
	for _, place := range f.Said.Where {
		t.Rows = append(t.Rows, page.Row{Cells: []string{a.say(place)}})
	}
	return page.Page{
		Blocks:  []page.Block{s.places.table(a, t), page.Fields{Items: []page.Field{{Label: a.text("data.fix"), Value: a.say(f.Said.Fix)}}}},
		Actions: []page.Action{{Key: "o", Label: a.text("palette.leave")}},
	}
}

func (s *dataScreen) page(a *App) page.Page {
	if !a.hasPlan() {
		return page.Page{
			Blocks:  []page.Block{page.Text{Text: a.text("data.none")}},
			Actions: []page.Action{{Key: "enter", Label: a.text("run.to_recipe")}},
		}
	}
	full := page.Action{Key: "enter", Label: a.text("data.full"), Reads: true, Command: a.o.Commands.Line(s.args(true)...)}
	again := page.Action{Key: "r", Label: a.text("app.again"), Reads: true, Command: a.o.Commands.Line(s.args(false)...)}
	if s.busy {
		full.Why, again.Why = a.text("data.busy"), a.text("data.busy")
	}
	p := page.Page{Actions: []page.Action{full, {Key: "v", Label: a.text("data.turn")}, again}}
	if s.check == nil {
		if s.said != "" {
			p.Blocks = []page.Block{page.Text{Text: s.said, Tone: page.Bad}}
		} else {
			p.Blocks = []page.Block{page.Text{Text: a.text("app.reading"), Tone: page.Dim}}
		}
		return p
	}
	c := s.check
	if f, ok := s.finding(); ok && s.where {
		return s.allPlaces(a, f)
	}
	p.Blocks = append(p.Blocks, s.verdict(a))
	if s.busy {
		p.Blocks = append(p.Blocks, page.Text{Text: s.howFar(a), Tone: page.Dim})
	}
	if s.byClass {
		p.Blocks = append(p.Blocks, s.classTable(a))
		if i, ok := s.classes.chosen(); ok && i < len(c.Classes) {
			if picture, ok := s.pictures[c.Classes[i].Class]; ok {
				p.Right = []page.Block{picture}
			}
		}
		return p
	}
	t := page.Table{Name: a.text("data.findings"), Empty: a.text("data.nothing"), Columns: []page.Column{{Head: a.text("data.severity")}, {Head: a.text("data.what")}}}
	for _, f := range c.Findings {
		tone := page.Warn
		if f.Severity == adapt.SeverityError {
			tone = page.Bad
		}
		t.Rows = append(t.Rows, page.Row{Tone: tone, Cells: []string{a.text("data.is." + string(f.Severity)), a.say(f.Said.What)}})
	}
	p.Blocks = append(p.Blocks, s.findings.table(a, t))
	classes := s.classTable(a)
	classes.Selected = -1
	p.Aside = []page.Block{classes}
	if f, ok := s.finding(); ok {
		if len(f.Where) > 0 {
			p.Actions = append(p.Actions, page.Action{Key: "o", Label: a.text("data.places", lang.Args{"N": len(f.Where)})})
		}
		items := []page.Field{{Label: a.text("data.what"), Value: a.say(f.Said.What)}, {Label: a.text("data.why"), Value: a.say(f.Said.Why)}, {Label: a.text("data.fix"), Value: a.say(f.Said.Fix)}}
		if len(f.Where) > 0 {
			where := a.say(words.Join(f.Said.Where[:min(5, len(f.Said.Where))], "\n"))
			if more := len(f.Where) - 5; more > 0 {
				where += "\n" + a.text("data.more", lang.Args{"N": more})
			}
			items = append(items, page.Field{Label: a.text("data.where"), Value: where})
		}
		p.Blocks = append(p.Blocks, page.Fields{Items: items})
	}
	return p
}

// howFar says that the data is looked at, and how far that is.
func (s *dataScreen) howFar(a *App) string {
	if line := s.heard.last(); line != "" {
		return line
	}
	return a.text("data.busy")
}

// verdict says in a sentence whether the data is fit.
func (s *dataScreen) verdict(a *App) page.Text {
	c := s.check
	args := lang.Args{"Clips": c.Clips, "Classes": len(c.Classes), "Sites": strings.Join(c.Sites, ", ")}
	text := a.text("data.holds", args)
	errors := 0
	for _, f := range c.Findings {
		if f.Severity == adapt.SeverityError {
			errors++
		}
	}
	depth := "lists"
	if s.full {
		depth = "full"
	}
	switch {
	case errors > 0:
		return page.Text{Text: follow(text, a.text("data.refused", lang.Args{"Count": errors})), Tone: page.Bad}
	case len(c.Findings) > 0:
		return page.Text{Text: follow(text, a.text("data.warned", lang.Args{"Count": len(c.Findings)})), Tone: page.Warn}
	}
	return page.Text{Text: follow(text, a.text("data.fit."+depth)), Tone: page.Good}
}

func (s *dataScreen) classTable(a *App) page.Table {
	t := page.Table{
		Name: a.text("data.classes"), Empty: a.text("data.no_classes"),
		Columns: []page.Column{
			{Head: a.text("data.class")}, {Head: a.text("data.train"), Right: true}, {Head: a.text("data.test"), Right: true},
			{Head: a.text("data.val"), Right: true, Rank: 2}, {Head: a.text("data.recordings"), Right: true, Rank: 1},
		},
	}
	for _, c := range s.check.Classes {
		t.Rows = append(t.Rows, page.Row{Cells: []string{c.Class, fmt.Sprint(c.Train), fmt.Sprint(c.Test), fmt.Sprint(c.Val), fmt.Sprint(c.Recordings)}})
	}
	return s.classes.table(a, t)
}
