package pilot

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"framepilot/internal/fault"
	"framepilot/pilot/gate"
	"framepilot/probe"
)

// several is a record of clips that may be of several classes, two a recording,
// measured by words alone, which rank and say nothing, and by a sigmoid that is
// surer of the truth by strength.
func several(t testing.TB, id string, recordings int, strength float64) Record {
	t.Helper()
	rng := rand.New(rand.NewPCG(7, 7))
	rec := Record{Run: Run{ID: id, Pilot: "line 3", Key: "key of " + id}}
	classes := []string{"up", "down", "moves"}
	zero := Result{Key: "zero", Task: Classification, Method: ZeroShot, Label: "zero-shot", Site: "dock", Classes: classes}
	sigmoid := Result{Key: "sigmoid", Task: Classification, Method: "sigmoid", Label: "sigmoid, all clips", Site: "dock", Classes: classes}
	for i := range 2 * recordings {
		clip := Clip{ID: fmt.Sprint("c", i), Site: "dock", Split: "test", Recording: fmt.Sprint("r", i/2)}
		var of, said []string
		weak, sure := make([]float32, 3), make([]float32, 3)
		for c, class := range classes {
			is := 0.0
			if rng.Float64() < .4 {
				of, is = append(of, class), 1
			}
			noise := rng.NormFloat64()
			weak[c] = float32(math.Round(10*(noise+.4*is)) / 10)
			if sure[c] = float32(math.Round(10*(noise+strength*(is-.5))) / 10); sure[c] >= 0 {
				said = append(said, class)
			}
		}
		clip.Class = Tagged(of)
		rec.Clips = append(rec.Clips, clip)
		zero.Predictions = append(zero.Predictions, Prediction{Clip: clip.ID, Truth: clip.Class, Scores: weak})
		sigmoid.Predictions = append(sigmoid.Predictions,
			Prediction{Clip: clip.ID, Truth: clip.Class, Predicted: Tagged(said), P: .5, Correct: slices.Equal(of, said), Scores: sure})
	}
	for _, r := range []Result{zero, sigmoid} {
		rec.Results = append(rec.Results, scored(t, rec, r))
	}
	return rec
}

// scored fills in the numbers of a result.
func scored(t testing.TB, rec Record, r Result) Result {
	t.Helper()
	s, err := RescoreSeveral(rec, r, probe.Confidence)
	must(t, err)
	metric := func(name string, value, low, high float64) {
		r.Metrics = append(r.Metrics, Metric{Name: name, Value: value, Low: low, High: high, HasInterval: true, Interval: "BCa bootstrap over recordings 95 %", N: s.N})
	}
	metric("map", s.MAP, s.Low, s.High)
	if s.Said {
		metric("macro_f1", s.F1.Value, s.F1.Low, s.F1.High)
		metric("micro_f1", s.MicroF1.Value, s.MicroF1.Low, s.MicroF1.High)
	}
	for _, c := range s.PerClass {
		r.PerLabel = append(r.PerLabel, LabelScore{Class: c.Class, N: c.Clips, AP: c.AP, APLow: c.Low, APHigh: c.High, Interval: "BCa bootstrap over recordings 95 %",
			HasThreshold: s.Said, Said: c.Said, Correct: c.Right, F1: c.F1.Value, F1Low: c.F1.Low, F1High: c.F1.High})
	}
	return r
}

// recorded keeps records in a ledger of their own.
func recorded(t testing.TB, records ...Record) *Ledger {
	t.Helper()
	l := mustOpen(t, Memory)
	for _, rec := range records {
		must(t, l.Begin(t.Context(), rec.Run))
		must(t, l.Clips(t.Context(), rec.Run.ID, rec.Clips))
		for _, r := range rec.Results {
			must(t, l.Result(t.Context(), rec.Run.ID, r))
		}
		must(t, l.Finish(t.Context(), rec.Run.ID, Done, ""))
	}
	return l
}

func TestTags(t *testing.T) {
	for _, classes := range [][]string{nil, {"a"}, {"a", "b c"}} {
		if got := Tags(Tagged(classes)); !slices.Equal(got, classes) {
			t.Errorf("%q read as %q", classes, got)
		}
	}
	if Tags("") != nil || Tagged(nil) != NoClass {
		t.Error("nothing said is not none of them")
	}
}

// What a ledger keeps of several classes is enough to compute every number
// again, and a change of any of it is found.
func TestVerifySeveral(t *testing.T) {
	rec := several(t, "r1", 30, 1.5)
	l := recorded(t, rec)
	if wrong, err := l.Verify(t.Context()); err != nil || len(wrong) > 0 {
		t.Fatalf("%v, %v", wrong, err)
	}
	read, err := l.Load(t.Context(), "r1")
	must(t, err)
	if !slices.EqualFunc(read.Results[1].Predictions, rec.Results[0].Predictions, func(a, b Prediction) bool {
		return a.Truth == b.Truth && a.Predicted == b.Predicted && slices.Equal(a.Scores, b.Scores)
	}) {
		t.Error("predictions are read otherwise than they were recorded")
	}
	for what, change := range map[string]string{
		"map is":                    `update metrics set value = value + 0.001 where name = 'map'`,
		"micro_f1, lower end":       `update metrics set low = low - 0.001 where name = 'micro_f1'`,
		"average precision is":      `update predictions set truth = 'up' where truth = '(none)'`,
		"said is":                   `update label_scores set said = said + 1`,
		"it is":                     `update predictions set correct = 1 - correct where predicted <> ''`,
		"not among the classes":     `update predictions set truth = 'sideways' where pos = 3`,
		"scores of 3 classes":       `update predictions set scores = x'00000000' where pos = 5`,
		"scores of 5 bytes":         `update predictions set scores = x'0000000000' where pos = 5`,
		"is not a finite number":    `update predictions set scores = x'0000c07f0000c07f0000c07f' where pos = 5`,
		"class up, F1 is":           `update label_scores set f1 = f1 - 0.001 where class = 'up'`,
		"among the classes":         `update label_scores set class = 'sideways' where class = 'up'`,
		"class down, upper end of ": `update label_scores set f1_high = f1_high + 0.001 where class = 'down'`,
	} {
		l := recorded(t, rec)
		_, err := l.db.Exec(change)
		must(t, err)
		wrong, err := l.Verify(t.Context())
		if err != nil || !strings.Contains(strings.Join(wrong, "\n"), what) {
			t.Errorf("%s: found %q, %v", change, wrong, err)
		}
		if strings.Contains(change, "scores = x'0000000000'") {
			continue // can't be read
		}
		if d, err := l.Dossier(t.Context(), "r1", ""); err != nil || len(d.Audit()) == 0 {
			t.Errorf("%s: audit of the dossier found nothing, %v", change, err)
		}
	}
}

// naiveAP is average precision by its definition: of every clip of the class,
// the share that is of it among the clips ranked as high.
func naiveAP(r Result, class string) float64 {
	c := slices.Index(r.Classes, class)
	is := func(p Prediction) bool { return slices.Contains(Tags(p.Truth), class) }
	var sum, n float64
	for _, p := range r.Predictions {
		if !is(p) {
			continue
		}
		var high, hits float64
		for _, q := range r.Predictions {
			if q.Scores[c] >= p.Scores[c] {
				high++
				if is(q) {
					hits++
				}
			}
		}
		sum += hits / high
		n++
	}
	return sum / n
}

func TestGatesOnSeveral(t *testing.T) {
	rec := several(t, "r1", 40, 2)
	l := recorded(t, rec)
	zero, sigmoid := rec.Results[0], rec.Results[1]
	var base, m, f1 float64
	var all [3]float64 // right, said, of
	for _, class := range sigmoid.Classes {
		base += naiveAP(zero, class) / 3
		m += naiveAP(sigmoid, class) / 3
		var right, said, of float64
		for _, p := range sigmoid.Predictions {
			is, says := slices.Contains(Tags(p.Truth), class), slices.Contains(Tags(p.Predicted), class)
			if is {
				of++
			}
			if says {
				said++
			}
			if is && says {
				right++
			}
		}
		f1 += 2 * right / (said + of) / 3
		all[0], all[1], all[2] = all[0]+right, all[1]+said, all[2]+of
		if class != "up" {
			continue
		}
		for metric, want := range map[string]float64{"recall": right / of, "precision": right / said} {
			checkReading(t, l, gate.Criterion{Metric: metric, Class: class, Threshold: .5}, want)
		}
	}
	for metric, want := range map[string]float64{"map": m, "macro_f1": f1, "micro_f1": 2 * all[0] / (all[1] + all[2]), "map_gain": m - base} {
		e := checkReading(t, l, gate.Criterion{Metric: metric, Threshold: .05}, want)
		if e.Check.Ruling.Verdict != gate.Pass || e.Check.Reading.Clips != 80 || e.Check.Reading.Recordings != 40 {
			t.Errorf("%s: %+v", metric, e.Check)
		}
		// A threshold inside the interval: no formula says what would settle it.
		e = checkReading(t, l, gate.Criterion{Metric: metric, Threshold: want - .001}, want)
		if e.Check.Ruling.Verdict != gate.Undecided || (e.Check.Ruling.Clips == 0) != (metric != "macro_f1") {
			t.Errorf("%s: %+v", metric, e.Check.Ruling)
		}
	}
}

// checkReading holds a gate against the sigmoid and compares the number.
func checkReading(t *testing.T, l *Ledger, c gate.Criterion, want float64) Entry {
	t.Helper()
	e, err := checkNew(t, l, c, "sigmoid, all clips")
	if err != nil {
		t.Fatalf("%s: %v", c.Metric, err)
	}
	if r := e.Check.Reading; math.Abs(r.Value-want) > 1e-12 || !(r.Low < want && want <= r.High) || r.Interval == "" {
		t.Errorf("%s: %+v, want %g", c.Metric, r, want)
	}
	return e
}

// checkNew proposes, seals and checks a gate.
func checkNew(t *testing.T, l *Ledger, c gate.Criterion, recipe string) (Entry, error) {
	t.Helper()
	b, err := l.Book(t.Context(), "")
	must(t, err)
	c.Name, c.Stage, c.Text = fmt.Sprint("G", len(b.Gates)), gate.Pilot, "it works"
	_, err = l.Propose(t.Context(), "", "Sato", c)
	must(t, err)
	_, err = l.SealGate(t.Context(), "", "Sato", c.Name, "a test")
	must(t, err)
	return l.CheckGate(t.Context(), "", "Sato", c.Name, "", recipe)
}

func TestGatesThatDoNotFit(t *testing.T) {
	one := tested("r1", 40, 1, func(_, i int) bool { return i%3 > 0 })
	for _, c := range []struct {
		rec            Record
		metric, recipe string
		want           string
	}{
		{several(t, "r1", 20, 1), "top1", "sigmoid, all clips", "top1 is not for clips that are of several classes, or of none"},
		{several(t, "r1", 20, 1), "gain", "sigmoid, all clips", "gain is not for"},
		{several(t, "r1", 20, 1), "worst_recall", "sigmoid, all clips", "worst_recall is not for"},
		{several(t, "r1", 20, 1), "micro_f1", "zero-shot", "zero-shot ranks clips and has no thresholds, so that there is no micro_f1"},
		{several(t, "r1", 20, 1), "map_gain", "zero-shot", "no zero-shot result of site dock to compare with"},
		{one, "map", "gda, 4 shots, prompts: names", "map is not for clips that are of one class each"},
		{one, "micro_f1", "gda, 4 shots, prompts: names", "micro_f1 is not for"},
	} {
		l := recorded(t, c.rec)
		_, err := checkNew(t, l, gate.Criterion{Metric: c.metric, Threshold: .5}, c.recipe)
		if err == nil || !strings.Contains(err.Error(), c.want) || fault.HintOf(err) == "" {
			t.Errorf("%s of %s: %v (%s)", c.metric, c.recipe, err, fault.HintOf(err))
		}
		why, err := l.Unmeasured(t.Context(), "", gate.Criterion{Name: "G", Metric: c.metric, Recipe: c.recipe})
		must(t, err)
		if strings.Contains(c.want, "is not for") != (why != nil) {
			t.Errorf("%s of %s, proposed: %v", c.metric, c.recipe, why)
		}
	}
}

// Two runs are compared over the classes both know, and clips whose labels
// differ among those are left out.
func TestChangesOfSeveral(t *testing.T) {
	before, after := several(t, "a", 40, .5), several(t, "b", 40, 3)
	c, err := Compare(before, after)
	must(t, err)
	row := c.Rows[1]
	p := row.Paired
	if row.Metric != "map" || p.Clips != 80 || p.Verdict != Better || p.Needed != 0 || p.Gained+p.Lost+p.Both+p.Neither != 80 || len(p.Flips) != p.Gained+p.Lost ||
		math.Abs(p.Difference-(row.After-row.Before)) > 1e-12 || p.Interval != "bootstrap over recordings 95 %" {
		t.Errorf("%+v %+v", row, p)
	}
	if zero := c.Rows[0].Paired; zero.Difference != 0 || zero.Verdict != Unclear || zero.P != 1 || zero.Gained+zero.Both+zero.Neither != 0 {
		t.Errorf("words alone, twice the same: %+v", zero)
	}
	// Afterwards there is a class more, and one clip is labelled otherwise.
	for i, r := range after.Results {
		r.Classes = append(slices.Clone(r.Classes), "spins")
		for k, x := range r.Predictions {
			r.Predictions[k].Scores = append(slices.Clone(x.Scores), 1)
			r.Predictions[k].Truth = Tagged(append(Tags(x.Truth), "spins"))
		}
		tags := Tags(r.Predictions[4].Truth)
		if slices.Contains(tags, "up") {
			r.Predictions[4].Truth = "down|spins"
		} else {
			r.Predictions[4].Truth = "up|spins"
		}
		after.Results[i] = r
	}
	c, err = Compare(before, after)
	must(t, err)
	if q := c.Rows[1].Paired; q.Clips != 79 || q.Relabelled != 1 || math.Abs(q.Difference-p.Difference) > .05 {
		t.Errorf("%+v, was %+v", q, p)
	}
	// Once a clip had one class.
	for i := range before.Results {
		before.Results[i].Metrics = after.Results[i].Metrics
		for k := range before.Results[i].Predictions {
			before.Results[i].Predictions[k].Scores = nil
		}
	}
	c, err = Compare(before, after)
	must(t, err)
	if c.Rows[1].Paired != nil {
		t.Errorf("of one class and of several: %+v", c.Rows[1].Paired)
	}
}

func TestDoubtOfSeveral(t *testing.T) {
	rec := several(t, "r1", 20, 1)
	l := recorded(t, rec)
	clip := rec.Results[1].Predictions[0]
	shows := slices.DeleteFunc([]string{"moves", "down", "up"}, func(c string) bool { return clip.Truth == Tagged([]string{c}) })
	e, err := l.Doubt(t.Context(), "", "Sato", Doubt{Clip: clip.Clip, Shows: "down|up", Reason: "both are seen"})
	must(t, err)
	if e.Doubt.Shows != "up|down" {
		t.Errorf("%q", e.Doubt.Shows)
	}
	for text, d := range map[string]Doubt{
		"labelled":             {Clip: clip.Clip, Shows: clip.Truth, Reason: "x"},
		`no class "sideways"`:  {Clip: clip.Clip, Shows: "sideways|" + shows[0], Reason: "x"},
		`no class "up, down"`:  {Clip: clip.Clip, Shows: "up, down", Reason: "x"},
		"no result of pilot":   {Clip: "elsewhere", Shows: "up", Reason: "x"},
		"needs a reason":       {Clip: clip.Clip, Shows: "up"},
		"is labelled (none) a": {Clip: noneOf(rec), Shows: NoClass, Reason: "x"},
	} {
		if _, err := l.Doubt(t.Context(), "", "Sato", d); err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("%+v: %v", d, err)
		}
	}
	with, err := rec.Results[1].Standing(rec)
	must(t, err)
	without, wrong, right, err := WithoutDoubts(rec, rec.Results[1], []Entry{{Doubt: e.Doubt}})
	if err != nil || wrong+right != 1 || without.N != 39 || with.N != 40 || with.Value != rec.Results[1].Metrics[0].Value || without.Value == with.Value {
		t.Errorf("%+v, %+v, %v", with, without, err)
	}
}

// noneOf is a clip that is of no class.
func noneOf(rec Record) string {
	for _, c := range rec.Clips {
		if c.Class == NoClass {
			return c.ID
		}
	}
	return ""
}

// A return counts clips that are right or wrong: there is none, and that is
// said.
func TestNoReturnOfSeveral(t *testing.T) {
	l := recorded(t, several(t, "r1", 20, 1))
	a, err := NewAssumption("clips_per_month", []float64{1000})
	must(t, err)
	_, err = l.Assume(t.Context(), "", "Sato", a)
	must(t, err)
	d, err := l.Dossier(t.Context(), "r1", "")
	if err != nil || !d.NoAccuracy || d.Worth != nil || d.Unknown != nil {
		t.Errorf("%v, %v, %v, %v", d.NoAccuracy, d.Worth, d.Unknown, err)
	}
	if _, err := l.Worth(t.Context(), "", "", "dock", "sigmoid, all clips"); fault.KindOf(err) != fault.Input || !strings.Contains(err.Error(), "may be of several classes") {
		t.Errorf("got %v", err)
	}
}
