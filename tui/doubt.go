package tui

import (
	"framepilot/internal/lang"
	"framepilot/pilot"
)

// doubt is what is held against a clip, nil where nothing is.
func (a *App) doubt(clip string) *pilot.Entry {
	for _, e := range a.board.Doubts {
		if e.Doubt.Clip == clip {
			return &e
		}
	}
	return nil
}

// askDoubt asks why a clip is unfit or, where there are classes to choose from,
// which it is of; an empty list of them asks for names of several, with | between.
func (a *App) askDoubt(p pilot.Prediction, classes []string) []Task {
	d := &dialog{
		title: a.text("doubt.title", lang.Args{"Clip": p.Clip}), text: a.text("doubt.text"),
		inputs: []input{{name: "reason", label: a.text("doubt.reason"), hint: a.text("doubt.reason_hint")}, a.by()},
		args: func(v values) []string {
			return append([]string{"pilot", "doubt", p.Clip}, flags("--shows", v["class"], "--reason", v["reason"], "--by", v["by"])...)
		},
	}
	if classes != nil {
		class := input{name: "class", label: a.text("doubt.class"), value: p.Predicted, choices: classes}
		if len(classes) == 0 {
			class.hint, class.choices = a.text("doubt.classes_hint"), nil
		}
		d.inputs = append([]input{class}, d.inputs...)
	}
	return a.ask(d)
}

// askNoDoubt asks why a clip is not in doubt after all.
func (a *App) askNoDoubt(p pilot.Prediction) []Task {
	return a.ask(&dialog{
		title: a.text("doubt.title_back", lang.Args{"Clip": p.Clip}), text: a.text("doubt.text_back"),
		inputs: []input{{name: "reason", label: a.text("doubt.reason")}, a.by()},
		args: func(v values) []string {
			return append([]string{"pilot", "doubt", p.Clip, "--withdraw"}, flags("--reason", v["reason"], "--by", v["by"])...)
		},
	})
}
