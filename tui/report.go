package tui

import (
	"fmt"
	"strings"

	"framepilot/internal/lang"
	"framepilot/pilot/report"
	"framepilot/tui/page"
)

// reportScreen shows what will be handed over, and writes it.
type reportScreen struct{}

func (s *reportScreen) open(a *App) []Task    { return []Task{a.readResults(), a.readBoard()} }
func (s *reportScreen) done(*App, any) []Task { return nil }
func (s *reportScreen) key(a *App, key string) []Task {
	switch {
	case key == "r":
		return s.open(a)
	case key == "enter" && a.results.read && a.results.err == nil:
		return s.export(a)
	}
	return nil
}

// export asks for the file.
func (s *reportScreen) export(a *App) []Task {
	return a.ask(&dialog{
		title: a.text("handover.export"), text: a.text("handover.export_text"),
		inputs: []input{
			{name: "file", label: a.text("handover.file"), hint: a.text("handover.file_hint"), value: "report.html"},
			{name: "lang", label: a.text("handover.lang"), hint: a.text("handover.lang_hint"), value: string(a.o.Language), choices: languages()},
			{name: "audience", label: a.text("handover.audience"), hint: a.text("handover.audience_hint"), value: string(report.Engineer), choices: []string{string(report.Board), string(report.Engineer)}},
			{name: "redact", label: a.text("handover.redact"), hint: a.text("handover.redact_hint"), value: "no", choices: []string{"no", "yes"}},
		},
		test: func(a *App, v values) *problem {
			if _, err := report.FormatOf(v["file"]); err != nil {
				return &problem{"file", a.text("handover.endings")}
			}
			return nil
		},
		args: func(v values) []string {
			args := []string{"report", a.results.rec.Run.ID, "-o", v["file"], "--lang", v["lang"], "--audience", v["audience"]}
			if v["redact"] == "yes" {
				args = append(args, "--redact")
			}
			return args
		},
	})
}

// languages are those a report can be in.
func languages() []string {
	var codes []string
	for _, l := range lang.All() {
		codes = append(codes, string(l))
	}
	return codes
}

func (s *reportScreen) page(a *App) page.Page {
	if p, none := a.missing(); none {
		return p
	}
	r := a.results.doc.Results
	p := page.Page{Actions: []page.Action{
		{Key: "enter", Label: a.text("handover.export"), Command: a.o.Commands.Line("report", a.results.rec.Run.ID, "-o", "report.html")},
		{Key: "r", Label: a.text("app.again")},
	}}
	p.Blocks = append(p.Blocks, page.Text{Text: a.text("handover.preview"), Tone: page.Dim})
	if r.Question != "" {
		p.Blocks = append(p.Blocks, page.Text{Text: r.Question, Tone: page.Strong})
	}
	if a.boardErr == nil {
		p.Blocks = append(p.Blocks, s.decision(a))
	}
	var found []string
	for _, h := range r.Headlines {
		found = append(found, a.headline(h))
	}
	p.Blocks = append(p.Blocks, page.Text{Text: strings.Join(found, "\n")}, s.data(a))
	if a.boardErr == nil && len(a.board.Gates) > 0 {
		p.Blocks = append(p.Blocks, s.gates(a))
	}
	return p
}

// decision is the state of the stage in a sentence.
func (s *reportScreen) decision(a *App) page.Text {
	stage := a.board.Current()
	if d, ok := a.board.Decided[stage]; ok {
		return page.Text{Text: a.text("handover.decided", lang.Args{
			"Stage": a.text("stage." + string(stage)), "Answer": a.text("decision." + string(d.Decision.Answer)), "By": d.By}), Tone: page.Strong}
	}
	return page.Text{Text: a.text("handover.undecided", lang.Args{"Stage": a.text("stage." + string(stage))})}
}

// headline is what a site came to in a sentence.
func (a *App) headline(h report.Headline) string {
	args := lang.Args{"Site": h.Site, "Best": h.Best.Label, "Share": fmt.Sprintf("%.1f", 100*h.Best.Value),
		"Low": fmt.Sprintf("%.1f", 100*h.Best.Interval.Low), "High": fmt.Sprintf("%.1f", 100*h.Best.Interval.High), "Compared": h.Compared}
	text := a.text("handover.best", args)
	if h.Best.Interval.Kind == "" {
		text = a.text("handover.best_bare", args)
	}
	if h.ZeroShot != nil && h.ZeroShot.Typical != h.Best.Typical {
		text += " " + a.text("handover.bare", lang.Args{"Share": fmt.Sprintf("%.1f", 100*h.ZeroShot.Value)})
	}
	return text
}

// data is what was piloted.
func (s *reportScreen) data(a *App) page.Table {
	t := page.Table{Name: a.text("handover.data"), Selected: -1, Columns: []page.Column{
		{Head: a.text("handover.site")}, {Head: a.text("handover.use")}, {Head: a.text("handover.clips"), Right: true}, {Head: a.text("data.recordings"), Right: true, Rank: 1}}}
	for _, split := range a.results.doc.Results.Data.Splits {
		use := split.Split
		if id := "handover.split." + use; use != "" && a.o.Language.Has(id) {
			use = a.text(id)
		}
		t.Rows = append(t.Rows, page.Row{Cells: []string{split.Site, use, fmt.Sprint(split.Clips), fmt.Sprint(split.Recordings)}})
	}
	return t
}

// gates is every gate with its verdict.
func (s *reportScreen) gates(a *App) page.Table {
	t := page.Table{Name: a.text("handover.gates"), Selected: -1, Columns: []page.Column{
		{Head: a.text("board.gate")}, {Head: a.text("board.now"), Right: true, Rank: 1}, {Head: a.text("board.need"), Right: true, Rank: 2}, {Head: a.text("board.state")}}}
	for _, g := range a.board.Gates {
		verdict, tone := a.verdict(g)
		t.Rows = append(t.Rows, page.Row{Tone: tone, Cells: []string{g.Criterion.Name + " " + g.Criterion.Text, a.now(g), a.need(g.Criterion), verdict}})
	}
	return t
}
