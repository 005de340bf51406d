package report

import (
	"strings"
	"testing"

	"framepilot/internal/lang"
	"framepilot/pilot"
	"framepilot/pilot/gate"
)

// Where no gate was agreed on, none can say anything, nor be settled.
func TestBriefWithoutGates(t *testing.T) {
	w := words{lang.English}
	for _, decision := range []*Decision{nil, {Answer: pilot.Go, By: "K. Sato"}} {
		c := Case{Stage: gate.Pilot, Next: Next{Kind: pilot.DoPropose}, Evidence: pilot.NotYet, Decision: decision, Stages: []StageState{{Stage: gate.Pilot}, {Stage: gate.OnSite, Gates: 2}}}
		b := w.brief(Document{Case: &c})
		said := strings.Join(append(b.Lines, b.Head, b.Stage), "; ")
		if strings.Contains(said, "gates say") || strings.Contains(said, "0 of 0") || !strings.Contains(said, "no gate agreed") {
			t.Errorf("%v: %s", decision, said)
		}
	}
}

// A number that was chosen among several on the clips it is of is named as one;
// one that a gate asks for was chosen before.
func TestBriefSaysWhatWasChosen(t *testing.T) {
	w := words{lang.English}
	chosen := w.figureOf(Figure{Metric: "top1", Value: 0.9, N: 20, Best: &BestOf{"gda, 4 shots", "names", 5}})
	if text := strings.Join(chosen.Lines, "; "); !strings.Contains(text, "gda, 4 shots (prompts: names): the highest of 5") {
		t.Errorf("the highest of five: %s", text)
	}
	for _, f := range []Figure{{Metric: "top1", Value: 0.9}, {Metric: "top1", Value: 0.9, Best: &BestOf{"zero-shot", "", 1}}} {
		if text := strings.Join(w.figureOf(f).Lines, "; "); strings.Contains(text, "highest") {
			t.Errorf("nothing was chosen: %s", text)
		}
	}
}

// Numbers of the demo's model on a company's videos would be taken for
// TVTSv2's.
func TestReportNamesItsModel(t *testing.T) {
	for model, warned := range map[string]bool{"demo": true, "tvtsv2-b16": false, "": false} {
		d := Document{Source: Source{Language: lang.English}, Run: Run{Status: string(pilot.Done)}}
		if model != "" {
			d.Results.Made.Params = []Pair{{"frames", "8"}, {"model", model}}
		}
		p := layout(d)
		if strings.Contains(p.Warning, "demo only") != warned || strings.Contains(strings.Join(p.Facts, " "), "model") != (model != "") {
			t.Errorf("%q: %q, %q", model, p.Warning, p.Facts)
		}
	}
}
