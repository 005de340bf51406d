package report

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"framepilot/internal/lang"
	"framepilot/pilot"
	"framepilot/pilot/gate"
	"framepilot/pilot/roi"
	"framepilot/probe"
)

const sampleRun = "20261102-0900-aa01"

// sampleCase is a ledger with all a report can tell of: a pass, a late seal, an
// undecided gate with its price, a failed one that was waived, one that waits
// for a signature, a decision with conditions, and a return. Its scores are
// those of its predictions. There are so many test clips at each site.
func sampleCase(t testing.TB, clips int) *pilot.Ledger {
	t.Helper()
	return sampleCaseAt(t, pilot.Memory, clips, 0)
}

// sampleCaseAt is sampleCase in a file, with so many more results at each site.
func sampleCaseAt(t testing.TB, path string, clips, more int) *pilot.Ledger {
	t.Helper()
	l, err := pilot.Open(t.Context(), path)
	must(t, err)
	t.Cleanup(func() { l.Close() })
	now := time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)
	l.Now = func() time.Time { now = now.Add(37 * time.Minute); return now }
	ctx := t.Context()
	_, err = l.Create(ctx, "line 3", "Does the camera over line 3 see a hand in the press?", "K. Sato")
	must(t, err)
	propose := func(c gate.Criterion) {
		t.Helper()
		c.Stage = gate.Pilot
		_, err := l.Propose(ctx, "line 3", "K. Sato", c)
		must(t, err)
	}
	sealGate := func(name, reason string) {
		t.Helper()
		_, err := l.SealGate(ctx, "line 3", "M. Tanaka", name, reason)
		must(t, err)
	}
	propose(gate.Criterion{Name: "G1", Text: "tells events apart by day", Metric: "top1", Site: "day", Recipe: "linear probe", Bound: gate.AtLeast, Threshold: 0.6, Looks: 2})
	propose(gate.Criterion{Name: "G2", Text: "and by night", Metric: "top1", Site: "night", Recipe: "linear probe", Bound: gate.AtLeast, Threshold: 0.7, Looks: 3})
	propose(gate.Criterion{Name: "G3", Text: "licence of the weights", Metric: "sign-off"})
	propose(gate.Criterion{Name: "G4", Text: "keeps up with the line", Metric: "clips_per_hour", Bound: gate.AtLeast, Threshold: 3000})
	for _, name := range []string{"G1", "G2", "G3", "G4"} {
		sealGate(name, "")
	}
	must(t, l.Begin(ctx, pilot.Run{
		ID: sampleRun, Pilot: "line 3", Question: "Does the camera over line 3 see a hand in the press?", PlanPath: "/home/sato/line 3/plan.toml",
		PlanText: "schema = 1\nname = \"line 3\"\n", Key: "9f3c77ab02a1", Seed: 7,
		Params: map[string]string{"model": "tvtsv2-b16", "cache": "/home/sato/.cache"}, Environment: map[string]string{"cpu": "4 cores", pilot.ClipsPerHourKey: "2416.5"},
	}))
	data, results := sampleResults(t, clips)
	must(t, l.Clips(ctx, sampleRun, data))
	must(t, l.Failures(ctx, sampleRun, []pilot.Failure{{Clip: "night/fall/cam2_0031.mp4", Site: "night", Class: "fall", Message: "open /data/night/fall/cam2_0031.mp4: no video stream"}}))
	for _, r := range results {
		must(t, l.Result(ctx, sampleRun, r))
		for draw := 1; r.Method != pilot.ZeroShot && draw <= more; draw++ {
			r.Key, r.Label, r.Shots, r.Draw = fmt.Sprintf("%s %d", r.Site, draw), fmt.Sprintf("linear probe, %d shots", 1+draw%4), 1+draw%4, draw
			must(t, l.Result(ctx, sampleRun, r))
		}
	}
	must(t, l.Finish(ctx, sampleRun, pilot.Done, ""))
	propose(gate.Criterion{Name: "G5", Text: "no event is overlooked", Metric: "worst_recall", Site: "night", Bound: gate.AtLeast, Threshold: 0.9})
	sealGate("G5", "asked for after the first results")
	for _, name := range []string{"G1", "G2", "G4"} {
		_, err := l.CheckGate(ctx, "line 3", "K. Sato", name, "", "")
		must(t, err)
	}
	_, err = l.CheckGate(ctx, "line 3", "K. Sato", "G5", "", "linear probe")
	must(t, err)
	for _, a := range []pilot.Assumption{
		{Name: pilot.Currency, Text: "JPY"}, {Name: pilot.SecondsPerLabel, Range: roi.Exactly(20)}, {Name: pilot.LabelWage, Range: roi.Exactly(2500)},
		{Name: roi.ClipsPerMonth, Range: roi.Range{Low: 9000, Base: 10000, High: 12000}, Source: "line log, 2026"},
		{Name: roi.MinutesPerClip, Range: roi.Range{Low: 1.5, Base: 2, High: 2.5}}, {Name: roi.WagePerHour, Range: roi.Range{Low: 2500, Base: 3000, High: 3500}},
		{Name: roi.HandledShare, Range: roi.Range{Low: 0.6, Base: 0.7, High: 0.8}}, {Name: roi.MachinePerHour, Range: roi.Exactly(120)},
		{Name: roi.SetupCost, Range: roi.Range{Low: 1.5e6, Base: 2e6, High: 3e6}}, {Name: roi.RunningCost, Range: roi.Exactly(50000)},
		{Name: roi.ErrorCost, Range: roi.Range{Low: 100, Base: 150, High: 300}, Source: "quality department"},
		{Name: roi.ErrorCost, Truth: "fall", Predicted: "lift", Range: roi.Exactly(2500)},
	} {
		_, err := l.Assume(ctx, "line 3", "M. Tanaka", a)
		must(t, err)
	}
	for _, name := range []string{"G2", "G3", "G4", "G5"} {
		_, err := l.Waive(ctx, "line 3", "M. Tanaka", name, "settled on site")
		must(t, err)
	}
	_, err = l.Decide(ctx, "line 3", "K. Sato", pilot.Decision{Answer: pilot.Conditions, Note: "legal signs before any footage leaves line 3", Approved: "M. Tanaka"})
	must(t, err)
	_, err = l.Note(ctx, "line 3", "K. Sato", "camera 2 was cleaned on day 5")
	must(t, err)
	return l
}

// sampleResults are two methods at two sites.
func sampleResults(t testing.TB, clips int) ([]pilot.Clip, []pilot.Result) {
	t.Helper()
	rng := rand.New(rand.NewPCG(5, 6))
	classes := []string{"carry", "fall", "lift"}
	var rec pilot.Record
	var out []pilot.Result
	for site, success := range map[string]float64{"day": 0.85, "night": 0.72} {
		for i := range clips {
			rec.Clips = append(rec.Clips, pilot.Clip{
				ID: fmt.Sprintf("%s/cam_%05d.mp4", site, i), Site: site, Split: "test", Class: classes[i%3], Recording: fmt.Sprint(site, i/2),
			})
		}
		for _, method := range []string{pilot.ZeroShot, "logistic"} {
			r := pilot.Result{
				Key: method + " at " + site, Task: pilot.Classification, Method: method, Label: map[string]string{pilot.ZeroShot: "zero-shot", "logistic": "linear probe"}[method],
				Site: site, Classes: classes, Look: 1, Agreed: 1,
			}
			for i := range clips {
				truth, said := i%3, i%3
				if rng.Float64() > success*map[string]float64{pilot.ZeroShot: 0.6, "logistic": 1}[method] {
					said = (truth + 1 + rng.IntN(2)) % 3
				}
				r.Predictions = append(r.Predictions, pilot.Prediction{
					Clip: fmt.Sprintf("%s/cam_%05d.mp4", site, i), Truth: classes[truth], Predicted: classes[said], P: 0.4 + 0.6*rng.Float64(), Correct: truth == said,
				})
			}
			out = append(out, r)
		}
	}
	for i := range out {
		r := &out[i]
		s, err := pilot.Rescore(rec, *r, probe.Confidence)
		must(t, err)
		r.Metrics = []pilot.Metric{
			{Name: "top1", Value: s.Top1.Value, Low: s.Top1.Low, High: s.Top1.High, HasInterval: true, Interval: "Wilson over recordings 95 %", N: s.N},
			{Name: "macro_recall", Value: s.Recall.Value, Low: s.Recall.Low, High: s.Recall.High, HasInterval: true, Interval: "BCa bootstrap over recordings 95 %", N: s.N},
		}
		for _, c := range s.PerClass {
			r.PerClass = append(r.PerClass, pilot.ClassScore{
				Class: c.Class, N: c.Recall.N, Correct: c.Recall.K, Recall: c.Recall.Value, Low: c.Recall.Low, High: c.Recall.High, Interval: "Wilson over recordings 95 %",
			})
		}
		r.Confusion = s.Confusion
	}
	return rec.Clips, out
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// caseDocument is the report of the sample case.
func caseDocument(t testing.TB, clips int, o Options) Document {
	t.Helper()
	known, err := sampleCase(t, clips).Dossier(t.Context(), sampleRun, "")
	must(t, err)
	return Build(known, o)
}

var both = []lang.Language{lang.English, lang.Japanese}

// The class recognised least is a risk only if it was mistaken, and is told
// with its clips, not by the ends of an interval alone.
func TestClassAtRisk(t *testing.T) {
	of := func(correct int) Results {
		return Results{Details: []Detail{{PerClass: []ClassScore{
			{Class: "drop", N: 20, Correct: 20, Recall: 1, Low: 0.839, High: 1},
			{Class: "lift", N: 20, Correct: correct, Recall: float64(correct) / 20, Low: 0.387, High: 0.781},
		}}}}
	}
	c := Case{Risk: buildRisk(Case{}, of(12))}
	if got, want := (words{lang.English}).riskLine(c), "The class recognised least is lift: 12 of 20 clips, with an interval of 38.7–78.1 %."; got != want {
		t.Errorf("it says %q, want %q", got, want)
	}
	if got, want := (words{lang.Japanese}).riskLine(c), "映像 20 本中 12 本"; !strings.Contains(got, want) {
		t.Errorf("in Japanese it says %q without %q", got, want)
	}
	if risk := buildRisk(Case{}, of(20)); risk.Kind != RiskNone {
		t.Errorf("where nothing was mistaken the risk is %+v", risk)
	}
}

// A run that was at work several times warned each time; what it said last
// counts, and a report without names does not repeat it.
func TestWarningsOfARun(t *testing.T) {
	said := func(words string) (stages []pilot.Stage) {
		for _, w := range words {
			s := pilot.Stage{Name: "fit", Status: "done", Detail: "zero-shot"}
			if w == 'w' {
				s = pilot.Stage{Name: "data", Status: pilot.Warned, Detail: "2 clips alike: Sato falls.mp4"}
			}
			stages = append(stages, s)
		}
		return stages
	}
	for words, want := range map[string]int{"": 0, "ff": 0, "w": 1, "fwwff": 2, "fwwwfffwff": 1} {
		if got := warnings(said(words)); got != want {
			t.Errorf("%q: %d, want %d", words, got, want)
		}
	}
	d := pilot.Dossier{Record: pilot.Record{Stages: said("fwf")}}
	for _, redacted := range []bool{false, true} {
		text := write(t, Markdown, Build(d, Options{Redact: redacted, Audience: Engineer}))
		if strings.Contains(text, "Sato falls") == redacted || !strings.Contains(text, "warning") {
			t.Errorf("redacted %v: %s", redacted, text)
		}
	}
}
