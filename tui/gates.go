package tui

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"framepilot/internal/lang"
	"framepilot/pilot"
	"framepilot/pilot/gate"
)

// The dialogs of what people agree on and decide. Each ends in a command.

func (a *App) askPropose(g *pilot.GateState) []Task {
	var metrics []string
	for _, m := range gate.Metrics() {
		metrics = append(metrics, m.Name)
	}
	name, c := fmt.Sprintf("G%d", len(a.board.Gates)+1), gate.Criterion{Metric: "top1", Threshold: 0.7, Looks: 1}
	if g != nil && g.Sealed == nil {
		name, c = g.Criterion.Name, g.Criterion
	}
	sites := func(values) []string { return a.results.sites() }
	recipes := func(v values) []string { return a.results.named(v["site"], v["recipe"]) }
	classes := func(v values) []string { return a.results.classes(v["site"]) }
	about := func(v values) string { return a.text("metric." + v["metric"]) }
	of := func(is func(m gate.Metric) bool) func(values) bool {
		return func(v values) bool {
			m, err := gate.Find(v["metric"])
			return err == nil && is(m)
		}
	}
	byClass := of(func(m gate.Metric) bool { return m.ByClass })
	bounded := of(func(m gate.Metric) bool { return m.Kind != gate.Signed })
	onTest := func(v values) bool { return gate.Criterion{Metric: v["metric"]}.OnTest() }
	share := func(v values) string {
		if of(func(m gate.Metric) bool { return m.Unit == "" })(v) {
			return a.text("propose.share")
		}
		return ""
	}
	return a.ask(&dialog{
		title: a.text("propose.title", lang.Args{"Stage": a.text("stage." + string(a.board.Current()))}),
		text:  a.text("propose.text"),
		inputs: []input{
			{name: "gate", label: a.text("propose.name"), hint: a.text("propose.name_hint"), value: name, over: true},
			{name: "text", label: a.text("propose.words"), hint: a.text("propose.words_hint"), value: c.Text},
			{name: "metric", label: a.text("propose.metric"), about: about, value: c.Metric, choices: metrics},
			{name: "class", label: a.text("propose.class"), value: c.Class, known: classes, when: byClass, may: true},
			{name: "bound", label: a.text("propose.bound"), when: bounded, value: strings.ReplaceAll(string(cmp.Or(c.Bound, gate.AtLeast)), " ", "-"), choices: []string{"at-least", "at-most"}},
			{name: "threshold", label: a.text("propose.threshold"), about: share, value: plain(c.Threshold), tidy: tidyThreshold, when: bounded, over: true},
			{name: "site", label: a.text("propose.site"), hint: a.text("propose.site_hint"), value: c.Site, known: sites, when: onTest, may: true},
			{name: "recipe", label: a.text("propose.recipe"), hint: a.text("propose.recipe_hint"), value: c.Recipe, known: recipes, when: onTest, may: true},
			{name: "looks", label: a.text("propose.looks"), hint: a.text("propose.looks_hint"), value: fmt.Sprint(max(1, c.Looks)), when: onTest, over: true},
			a.by(),
		},
		test: checkCriterion,
		args: func(v values) []string {
			return named(v["gate"], []string{"pilot", "gate", "propose"}, flags("--stage", string(a.board.Current()), "--metric", v["metric"], "--"+v["bound"], v["threshold"], "--class", v["class"], "--site", v["site"], "--recipe", v["recipe"], "--looks", v["looks"],
				"--text", v["text"], "--by", v["by"])...)
		},
	})
}

func (a *App) askSeal(g pilot.GateState) []Task {
	d := &dialog{
		title:  a.text("seal.title", lang.Args{"Gate": g.Criterion.Name}),
		text:   a.text("seal.text", lang.Args{"Text": g.Criterion.Text, "Need": a.need(g.Criterion)}),
		inputs: []input{a.by()},
		args: func(v values) []string {
			return append([]string{"pilot", "gate", "seal", g.Criterion.Name}, flags("--by", v["by"], "--late", v["late"])...)
		},
	}
	if n := a.board.Seen[g.Criterion.Name]; n > 0 {
		d.text = follow(d.text, a.text("seal.seen", lang.Args{"Count": n}))
		d.inputs = []input{{name: "late", label: a.text("seal.late"), hint: a.text("seal.late_hint")}, a.by()}
	}
	return a.ask(d)
}

func (a *App) askCheck(g pilot.GateState) []Task {
	d := &dialog{
		title:  a.text("check.title", lang.Args{"Gate": g.Criterion.Name}),
		text:   a.text("check.text", lang.Args{"Looks": g.Criterion.Looks}),
		inputs: []input{a.by()},
	}
	named := g.Criterion.Recipe != ""
	if m, err := gate.Find(g.Criterion.Metric); err == nil && (m.Kind == gate.Measured || m.Kind == gate.Signed) {
		named = true
	}
	if recipes := a.results.named(g.Criterion.Site, ""); !named && len(recipes) > 1 {
		best, _, _ := strings.Cut(a.results.best(g.Criterion.Site), " #")
		if !slices.Contains(recipes, best) {
			best = recipes[0]
		}
		d.inputs = append([]input{{name: "recipe", label: a.text("check.recipe"), hint: a.text("check.recipe_hint"), value: best, choices: recipes}}, d.inputs...)
	}
	d.args = func(v values) []string {
		return append([]string{"pilot", "gate", "check", g.Criterion.Name}, flags("--recipe", v["recipe"], "--by", v["by"])...)
	}
	return a.ask(d)
}

func (a *App) askSign(g pilot.GateState) []Task {
	return a.ask(&dialog{
		title:  a.text("sign.title", lang.Args{"Gate": g.Criterion.Name}),
		text:   a.text("sign.text", lang.Args{"Text": g.Criterion.Text}),
		inputs: []input{a.by(), {name: "note", label: a.text("sign.note"), hint: a.text("sign.note_hint"), may: true}},
		args: func(v values) []string {
			return append([]string{"pilot", "gate", "sign", g.Criterion.Name}, flags("--by", v["by"], "--note", v["note"])...)
		},
	})
}

func (a *App) askWaive(g pilot.GateState) []Task {
	return a.ask(&dialog{
		title:  a.text("waive.title", lang.Args{"Gate": g.Criterion.Name}),
		text:   a.text("waive.text"),
		inputs: []input{{name: "reason", label: a.text("waive.reason"), hint: a.text("waive.reason_hint")}, a.by()},
		args: func(v values) []string {
			return append([]string{"pilot", "gate", "waive", g.Criterion.Name}, flags("--reason", v["reason"], "--by", v["by"])...)
		},
	})
}

func (a *App) askDecide(answer pilot.Answer) []Task {
	says := func(v values) string { return a.text("decide.says." + v["answer"]) }
	return a.ask(&dialog{
		title: a.text("decide.title", lang.Args{"Stage": a.text("stage." + string(a.board.Current()))}),
		text:  a.text("decide.text"),
		inputs: []input{
			{name: "answer", label: a.text("decide.answer"), about: says, value: string(answer), choices: []string{"go", "conditions", "no-go", "undecided"}},
			{name: "note", label: a.text("decide.note"), hint: a.text("decide.note_hint"), may: true},
			a.by(),
			{name: "approved", label: a.text("decide.approved"), hint: a.text("decide.approved_hint"), may: true},
		},
		test: checkDecision,
		args: func(v values) []string {
			return append([]string{"pilot", "decide", v["answer"]}, flags("--note", v["note"], "--by", v["by"], "--approved", v["approved"])...)
		},
	})
}

func (a *App) askPromote() []Task {
	return a.ask(&dialog{
		title: a.text("promote.title"), text: a.text("promote.text"), inputs: []input{a.by()},
		args: func(v values) []string { return append([]string{"pilot", "promote"}, flags("--by", v["by"])...) },
	})
}

func (a *App) askNote() []Task {
	return a.ask(&dialog{
		title:  a.text("note.title"),
		inputs: []input{{name: "text", label: a.text("note.text"), hint: a.text("note.text_hint")}, a.by()},
		args: func(v values) []string {
			return named(v["text"], []string{"pilot", "note"}, flags("--by", v["by"])...)
		},
	})
}
