package tui

import (
	"cmp"
	"slices"
	"strings"

	"framepilot/internal/lang"
	"framepilot/pilot/roi"
)

// What one kind of error costs: to take a jam for nothing is dearer than the
// other way round.

// checkMistake wants two different classes of the results, and a price.
func checkMistake(a *App, v values) []problem {
	wrong := a.checkAmount("price", mistakeName(v["truth"], v["said"]), v["price"])
	if v["truth"] == v["said"] {
		wrong = append(wrong, a.wrong("said", "same"))
	}
	return wrong
}

// mistakeName is the assumption of what one kind of error costs.
func mistakeName(truth, said string) string {
	return strings.Join([]string{roi.ErrorCost, truth, said}, ":")
}

// askMistake asks what one kind of error costs; the likeliest one is proposed.
func (s *returnScreen) askMistake(a *App) []Task {
	truth, said := s.likeliest(a)
	classes := s.classes(a)
	return a.ask(&dialog{
		title: a.text("mistake.title"), text: a.text("mistake.text"),
		inputs: []input{
			{name: "truth", label: a.text("mistake.truth"), hint: a.text("mistake.truth_hint"), value: truth, choices: classes},
			{name: "said", label: a.text("mistake.said"), hint: a.text("mistake.said_hint"), value: said, choices: classes},
			{name: "price", label: a.text("mistake.price"), hint: a.text("mistake.price_hint", lang.Args{"Usual": cmp.Or(a.assumed(roi.ErrorCost), "-")}), tidy: tidyMoney},
			{name: "source", label: a.text("return.source"), hint: a.text("return.source_hint"), may: true},
			a.by(),
		},
		test: checkMistake,
		args: func(v values) []string {
			price := mistakeName(v["truth"], v["said"]) + "=" + strings.ReplaceAll(v["price"], " ", "")
			return append([]string{"pilot", "assume", price}, flags("--source", v["source"], "--by", v["by"])...)
		},
	})
}

// classes are what can be taken for what in the result the return is of.
func (s *returnScreen) classes(a *App) []string {
	for _, r := range a.results.rec.Results {
		if r.Site == s.worth.Site && r.Recipe() == s.worth.Recipe {
			return slices.DeleteFunc(slices.Clone(r.Classes), func(c string) bool { return strings.Contains(c, ":") })
		}
	}
	return nil
}

// likeliest is the commonest error of the result the return is of.
func (s *returnScreen) likeliest(a *App) (truth, said string) {
	most := -1
	classes := s.classes(a)
	for _, r := range a.results.rec.Results {
		if r.Site != s.worth.Site || r.Recipe() != s.worth.Recipe {
			continue
		}
		for i, row := range r.Confusion {
			for k, n := range row {
				if i != k && n > most && slices.Contains(classes, r.Classes[i]) && slices.Contains(classes, r.Classes[k]) {
					most, truth, said = n, r.Classes[i], r.Classes[k]
				}
			}
		}
	}
	return truth, said
}
