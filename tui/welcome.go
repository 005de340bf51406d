package tui

import (
	"context"

	"framepilot/tui/page"
)

// welcomeScreen says whether this machine can do it.
type welcomeScreen struct {
	checks []Check
	read   bool
}

// examined is what the doctor brings back.
type examined []Check

func (s *welcomeScreen) open(a *App) []Task {
	if s.read || a.o.Doctor == nil {
		return nil
	}
	return []Task{func(ctx context.Context) any { return examined(a.o.Doctor(ctx)) }}
}

func (s *welcomeScreen) done(_ *App, result any) []Task {
	if r, ok := result.(examined); ok {
		s.checks, s.read = r, true
	}
	return nil
}

func (s *welcomeScreen) key(a *App, key string) []Task { return nil }

func (s *welcomeScreen) page(a *App) page.Page {
	f := page.Fields{Name: a.text("welcome.machine")}
	for _, c := range s.checks {
		tone, text := page.Plain, c.Text
		if c.Bad {
			tone = page.Bad
		}
		if c.Fix != "" {
			text += "\n" + c.Fix
		}
		f.Items = append(f.Items, page.Field{Label: c.Name, Value: text, Tone: tone})
	}
	p := page.Page{Blocks: []page.Block{page.Text{Text: a.text("welcome.promise")}}}
	if !s.read {
		p.Blocks = append(p.Blocks, page.Text{Text: a.text("app.reading"), Tone: page.Dim})
	} else {
		p.Blocks = append(p.Blocks, f)
	}
	return p
}
