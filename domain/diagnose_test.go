package domain

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"framepilot/internal/lang"
	"framepilot/probe"
)

func diagnose(t *testing.T, task Task) Report {
	t.Helper()
	r, err := Diagnose(t.Context(), task, lang.English)
	if err != nil {
		t.Fatal(err)
	}
	t.Log(r.Verdict, r.Suggested, r.Sentences)
	for _, s := range append(r.Sentences, r.Words(lang.Japanese)...) {
		if strings.Contains(s, "%!") {
			t.Errorf("sentence %q", s)
		}
	}
	if _, err := json.Marshal(r); err != nil { // a NaN would not
		t.Error(err)
	}
	return r
}

func TestDiagnoseDemo(t *testing.T) {
	task, _ := demoTask(t)
	r := diagnose(t, task)
	if r.Verdict != ShiftBoth || r.MMDP > 0.01 || r.C2STP > 0.01 || *r.LabelShiftP > 0.01 {
		t.Errorf("verdict %q: mmd p %g, c2st p %g, label shift p %g", r.Verdict, r.MMDP, r.C2STP, *r.LabelShiftP)
	}
	if r.Suggested != "shot" {
		t.Errorf("suggests %q", r.Suggested)
	}
	if e := r.EstimatedAccuracy; e == nil || e[0] > 0.858 || e[1] < 0.858 {
		t.Errorf("expects %v, the truth is 0.858", e)
	}
}

func TestDiagnoseKinds(t *testing.T) {
	for _, c := range []struct {
		name  string
		move  float64
		prior []float64
		want  Verdict
	}{
		{"nothing", 0, even, ShiftNone},
		{"mix", 0, []float64{.8, .15, .05}, ShiftMix},
		{"look", 3, even, ShiftLook},
		{"both", 3, []float64{.8, .15, .05}, ShiftBoth},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := world{c.move, 2.2}
			task := logisticTask(t, w.draw(200, even, false, 11), Unlabelled(w.draw(200, c.prior, true, 12)))
			if r := diagnose(t, task); r.Verdict != c.want {
				t.Errorf("verdict %q, want %q (mmd p %g, look p %g, c2st p %g, label shift p %g)", r.Verdict, c.want, r.MMDP, *r.LookP, r.C2STP, *r.LabelShiftP)
			}
		})
	}
}

func TestDiagnoseOneRecording(t *testing.T) {
	w := world{0, 1}
	target := Unlabelled(w.draw(30, even, true, 2))
	for range 30 {
		target.Groups = append(target.Groups, "only one")
	}
	if r := diagnose(t, logisticTask(t, w.draw(60, even, false, 1), target)); r.Verdict != ShiftUnknown {
		t.Errorf("verdict %q", r.Verdict)
	}
}

func TestDiagnoseStops(t *testing.T) {
	task, _ := demoTask(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Diagnose(ctx, task, lang.English); err == nil {
		t.Error("no error after the context ended")
	}
}

// The numbers of a report are the published ones where the posteriors are
// taken as they are.
func TestDiagnoseGolden(t *testing.T) {
	g := openGolden(t)
	train, site := g.features("train"), g.features("site_b")
	r := diagnose(t, Task{Source: train, Base: probe.ZeroShot(train.Text, train.LogitScale()), Target: Unlabelled(site), Plain: true})
	for c, want := range g.matrix("expect.em_prior", 7).Data {
		wantClose(t, "share", r.EMPrior[c], float64(want), 1e-6)
	}
	want := g.value("expect.mmd2")
	wantClose(t, "mmd²", r.MMD2, want, 1e-6*want)
}

func TestDiagnoseWithoutClassifier(t *testing.T) {
	task, _ := demoTask(t)
	task.Base = nil
	task.Source.Labels = nil
	if r := diagnose(t, task); r.Verdict != ShiftLook || r.LabelShiftP != nil || r.EstimatedAccuracy != nil {
		t.Errorf("verdict %q, label shift p %v, expects %v", r.Verdict, r.LabelShiftP, r.EstimatedAccuracy)
	}
}
