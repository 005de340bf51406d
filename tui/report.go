package tui

import (
	"context"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"framepilot/internal/lang"
	"framepilot/pilot/report"
	"framepilot/tui/page"
)

// reportScreen shows what will be handed over, for whom and in which language,
// and writes it.
type reportScreen struct {
	options report.Options
	chosen  bool            // the language was; else it is the reader's
	outline *report.Outline // of the options; nil while it is made
	written string          // the file, once there is one
}

// outlined is a report's outline, of the options it was made with.
type outlined struct {
	dir      string
	language lang.Language
	audience report.Audience
	redact   bool
	outline  report.Outline
}

func (s *reportScreen) open(a *App) []Task {
	if !s.chosen {
		s.options.Language = a.o.Language
	}
	return []Task{a.readResults(), a.readBoard()}
}

// preview makes the outline of the report as it is wanted now.
func (s *reportScreen) preview(a *App) []Task {
	if a.results.err != nil || !a.results.read {
		return nil
	}
	s.outline = nil
	o, known, dir := s.options, a.results.known, a.dir
	return []Task{func(context.Context) any {
		return outlined{dir, o.Language, o.Audience, o.Redact, report.Build(known, o).Outline()}
	}}
}

func (s *reportScreen) done(a *App, result any) []Task {
	switch r := result.(type) {
	case outlined:
		if r.dir == a.dir && r.language == s.options.Language && r.audience == s.options.Audience && r.redact == s.options.Redact {
			s.outline = &r.outline
		}
	case resultsRead:
		if a.current() == s {
			return s.preview(a)
		}
	case ran:
		if i := slices.Index(r.args, "-o"); r.args[0] == "report" && r.err == nil && r.Code == 0 && i > 0 {
			s.written = filepath.Join(a.dir, r.args[i+1])
		}
	}
	return nil
}

func (s *reportScreen) key(a *App, key string) []Task {
	if a.results.err != nil || !a.results.read {
		if key == "r" {
			return s.open(a)
		}
		return nil
	}
	switch key {
	case "enter":
		return s.export(a)
	case "r":
		return s.open(a)
	case "g":
		s.options.Language, s.chosen = after(lang.All(), s.options.Language), true
	case "a":
		s.options.Audience = after([]report.Audience{report.Board, report.Engineer}, s.options.Audience)
	case "x":
		s.options.Redact = !s.options.Redact
	default:
		return nil
	}
	return s.preview(a)
}

// after is what follows x, in a circle.
func after[T comparable](all []T, x T) T { return all[(slices.Index(all, x)+1)%len(all)] }

// args is the command that writes the report as it is wanted now.
func (s *reportScreen) args(a *App, file string) []string {
	args := []string{"report", a.results.rec.Run.ID, "-o", file, "--lang", string(s.options.Language), "--audience", string(s.options.Audience)}
	if s.options.Redact {
		args = append(args, "--redact")
	}
	return args
}

// file is the name to propose.
func (s *reportScreen) file() string {
	if s.options.Audience == report.Board {
		return "board." + string(s.options.Language) + ".html"
	}
	return "report." + string(s.options.Language) + ".html"
}

// export asks for the file.
func (s *reportScreen) export(a *App) []Task {
	return a.ask(&dialog{
		title: a.text("handover.export"), text: a.text("handover.export_text"),
		inputs: []input{{name: "file", label: a.text("handover.file"), hint: a.text("handover.file_hint"), value: s.file(), tidy: tidyPath, over: true}},
		test: func(a *App, v values) []problem {
			if _, err := report.FormatOf(v["file"]); err != nil {
				return []problem{{"file", a.text("handover.endings")}}
			}
			return nil
		},
		args: func(v values) []string { return s.args(a, v["file"]) },
	})
}

func (s *reportScreen) page(a *App) page.Page {
	if p, none := a.missing(); none {
		return p
	}
	audience, names := a.text("handover.for."+string(s.options.Audience)), "named"
	if s.options.Redact {
		names = "redacted"
	}
	language := a.text("handover.in." + string(s.options.Language))
	p := page.Page{Actions: []page.Action{
		{Key: "enter", Label: a.text("handover.export"), Command: a.o.Commands.Line(s.args(a, s.file())...)},
		{Key: "g", Label: a.text("handover.lang")},
		{Key: "a", Label: a.text("handover.audience")},
		{Key: "x", Label: a.text("handover.from." + names)},
		{Key: "r", Label: a.text("app.again")},
	}}
	if s.written != "" {
		p.Blocks = append(p.Blocks, page.Text{Text: a.text("handover.written", lang.Args{"File": s.written}), Tone: page.Good})
	}
	p.Blocks = append(p.Blocks, page.Text{Text: a.text("handover.preview", lang.Args{"Language": language, "Audience": audience, "Names": a.text("handover." + names)}), Tone: page.Dim})
	if s.outline == nil {
		p.Blocks = append(p.Blocks, page.Text{Text: a.text("app.reading"), Tone: page.Dim})
		return p
	}
	p.Blocks = append(p.Blocks, outlineBlocks(*s.outline)...)
	if len(s.outline.Sections) > 0 {
		t := page.Table{Name: a.text("handover.follows"), Selected: -1, Columns: []page.Column{{Right: true}, {Wrap: true}}}
		for i, title := range s.outline.Sections {
			t.Rows = append(t.Rows, page.Row{Cells: []string{strconv.Itoa(i + 1), title}})
		}
		p.Right = []page.Block{t}
	}
	return p
}

// outlineBlocks shows an outline as the report's first page does.
func outlineBlocks(o report.Outline) []page.Block {
	blocks := []page.Block{page.Text{Text: o.Title, Tone: page.Strong}}
	if o.Warning != "" {
		blocks = append(blocks, page.Text{Text: o.Warning, Tone: page.Warn})
	}
	if o.Answer != "" {
		blocks = append(blocks, page.Text{Text: o.Head + ": " + o.Answer, Tone: page.Strong},
			page.Text{Text: strings.Join(append([]string{o.Stage}, o.Lines...), "\n")})
	}
	var numbers []string
	for _, f := range o.Figures {
		numbers = append(numbers, strings.Join(append([]string{"- " + f.Name + ": " + f.Value}, f.Lines...), "\n  "))
	}
	if len(numbers) > 0 {
		blocks = append(blocks, page.Text{Text: strings.Join(numbers, "\n")})
	}
	var facts page.Fields
	for _, f := range o.Facts {
		facts.Items = append(facts.Items, page.Field{Label: f.Name, Value: strings.Join(f.Lines, "\n")})
	}
	if len(facts.Items) > 0 {
		blocks = append(blocks, facts)
	}
	return blocks
}
