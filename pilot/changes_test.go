package pilot

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"framepilot/internal/fault"
	"framepilot/internal/stat"
)

// tested is a record of n clips of two classes, each its own recording; right
// says of a clip whether a draw of the row got it right.
func tested(id string, n, draws int, right func(draw, clip int) bool) Record {
	rec := Record{Run: Run{ID: id, Pilot: "line 3", Key: "key of " + id, Status: Done, Seed: 7,
		Params: map[string]string{"model": "b16", "frames": "12", "features": id, "kernel": "avx2"}}}
	for i := range n {
		rec.Clips = append(rec.Clips, Clip{ID: fmt.Sprint("c", i), Site: "dock", Split: "test", Class: []string{"a", "b"}[i%2], Recording: fmt.Sprint("r", i)})
	}
	for d := range draws {
		r := Result{Key: fmt.Sprint("k", d), Task: Classification, Method: "gda", Label: "gda, 4 shots", Prompts: "names", Site: "dock", Shots: 4, Draw: d + 1,
			Classes: []string{"a", "b"}, Params: map[string]string{"training clips": "8"}}
		hits := 0
		for i, c := range rec.Clips {
			p := Prediction{Clip: c.ID, Truth: c.Class, Predicted: c.Class, P: 0.75, Correct: right(d, i)}
			if p.Correct {
				hits++
			} else {
				p.Predicted = []string{"b", "a"}[i%2]
			}
			r.Predictions = append(r.Predictions, p)
		}
		r.Metrics = []Metric{{Name: "top1", Value: float64(hits) / float64(n)}}
		rec.Results = append(rec.Results, r)
	}
	return rec
}

func TestCompareRowsClipByClip(t *testing.T) {
	// 100 clips: 50 right in both, 10 right before alone, 24 after alone.
	before := tested("a", 100, 1, func(_, i int) bool { return i < 60 })
	after := tested("b", 100, 1, func(_, i int) bool { return i < 50 || i >= 76 })
	c, err := Compare(before, after)
	must(t, err)
	p := c.Rows[0].Paired
	want := stat.PairedDifference(24, 10, 100, 0.95)
	exact, _ := stat.McNemar(24, 10)
	if p.Clips != 100 || p.Lost != 10 || p.Gained != 24 || p.Both != 50 || p.Neither != 16 || p.Verdict != Better ||
		math.Abs(p.Difference-0.14) > 1e-12 || p.Low != want.Low || p.High != want.High || p.P != exact || p.Holm != exact || p.Interval != "Tango 95 %" {
		t.Errorf("%+v, want the interval %v and p %g", p, want, exact)
	}
	if math.Abs(c.Rows[0].Before-0.6) > 1e-12 || math.Abs(c.Rows[0].After-0.74) > 1e-12 {
		t.Errorf("%+v", c.Rows[0])
	}
	var lost, gained []string
	for _, f := range p.Flips {
		if f.Right {
			gained = append(gained, f.Clip)
		} else {
			lost = append(lost, f.Clip)
		}
	}
	if len(lost) != 10 || lost[0] != "c50" || len(gained) != 24 || gained[0] != "c76" || p.Flips[0].Clip != "c50" {
		t.Errorf("lost %v, gained %v", lost, gained)
	}
	if f := p.Flips[0]; f != (Flip{"c50", "a", "a", "b", false}) {
		t.Errorf("%+v", f)
	}
}

// A run beside itself shows no difference, whatever its draws are.
func TestCompareTheSame(t *testing.T) {
	rec := tested("a", 60, 5, func(d, i int) bool { return (i*7+d*3)%10 < 6 })
	again := rec
	again.Run.ID = "b"
	c, err := Compare(rec, again)
	must(t, err)
	p := c.Rows[0].Paired
	if p.Difference != 0 || p.Low > 0 || p.High < 0 || p.Verdict != Unclear || len(p.Flips) != 0 || p.Draws != 5 {
		t.Errorf("%+v", p)
	}
	if len(c.Made)+len(c.Plan)+len(c.Clips) != 0 || c.Unnamed || len(c.Same) != 5 {
		t.Errorf("%+v", c)
	}
}

// Draws are set beside each other one by one: what one draw gains and another
// loses is no difference of the row.
func TestCompareDrawByDraw(t *testing.T) {
	before := tested("a", 40, 2, func(d, i int) bool { return d == 0 && i < 20 || d == 1 && i < 30 })
	after := tested("b", 40, 3, func(d, i int) bool { return d == 0 && i < 30 || d == 1 && i < 20 || d == 2 })
	c, err := Compare(before, after)
	must(t, err)
	if p := c.Rows[0].Paired; p.Draws != 2 || p.Difference != 0 || p.Lost != 10 || p.Gained != 0 {
		t.Errorf("%+v", p)
	}
}

// Clips that are new, gone or relabelled are counted and left out.
func TestCompareOnCommonClips(t *testing.T) {
	before := tested("a", 50, 1, func(int, int) bool { return true })
	after := tested("b", 50, 1, func(_, i int) bool { return i != 9 })
	after.Clips[2].Class, after.Results[0].Predictions[2].Truth = "b", "b"
	after.Clips[4].Split = "train"
	after.Clips[5].Recording = "other"
	after.Clips = append(after.Clips[:48], Clip{ID: "new", Site: "dock", Split: "test"})
	after.Results[0].Predictions = append(after.Results[0].Predictions[:48:48], Prediction{Clip: "new", Truth: "a", Predicted: "b"})
	c, err := Compare(before, after)
	must(t, err)
	if p := c.Rows[0].Paired; p.Clips != 47 || p.OnlyBefore != 2 || p.OnlyAfter != 1 || p.Relabelled != 1 || p.Lost != 1 || p.Neither != 0 {
		t.Errorf("%+v", p)
	}
	if want := []ClipsChange{{"dock", 50, 49, 1, 2, 1, 1, 1}}; !reflect.DeepEqual(c.Clips, want) {
		t.Errorf("clips %+v, want %+v", c.Clips, want)
	}
	if slices.Contains(c.Same, PartData) {
		t.Error("the data is said to be the same")
	}
}

func TestCompareWhatNumbersFollowFrom(t *testing.T) {
	before := tested("a", 4, 1, func(int, int) bool { return true })
	after := tested("b", 4, 1, func(int, int) bool { return true })
	c, err := Compare(before, after)
	must(t, err)
	if !c.Unnamed || slices.Contains(c.Same, PartData) {
		t.Errorf("another key for no reason: %+v", c)
	}
	after.Run.Seed = 8
	after.Run.Params = map[string]string{"model": "h14", "frames": "8", "features": "x", "kernel": "amx", "precision": "bf16"}
	after.Run.Environment = map[string]string{"go": "1.26", ClipsPerHourKey: "9"}
	after.Results[0].Label = "gda, 8 shots"
	c, err = Compare(before, after)
	must(t, err)
	want := []Change{{PartModel, "model", "b16", "h14"}, {PartModel, "precision", "", "bf16"}, {PartFrames, "frames", "12", "8"},
		{PartSeed, "", "7", "8"}, {PartMachine, "kernel", "avx2", "amx"}, {PartProgram, "go", "", "1.26"}}
	if !reflect.DeepEqual(c.Made, want) || c.Unnamed || !reflect.DeepEqual(c.Same, []string{PartSplit, PartData}) {
		t.Errorf("made %+v, same %v", c.Made, c.Same)
	}
	if !reflect.DeepEqual(c.Dropped, []string{"dock: gda, 4 shots, prompts: names"}) || !reflect.DeepEqual(c.Added, []string{"dock: gda, 8 shots, prompts: names"}) || len(c.Rows) != 0 {
		t.Errorf("dropped %q, added %q", c.Dropped, c.Added)
	}
	if text, err := json.Marshal(c); err != nil || strings.Contains(string(text), "null") {
		t.Errorf("lists in JSON are lists: %s, %v", text, err)
	}
}

func TestCompareLines(t *testing.T) {
	before := `schema = 1
seed = 7 # of all
[model]
id  =  "b16"
# a remark
[[method]]
name = "zero-shot"
[[method]]
name = "gda"
shots = [
  1, 4,
]
[prompts.described.classes]
lift = ["a part moving up"]
[retrieval]
`
	after := `seed = 7 # of all

schema = 1
[model]
  id     = "h14"
frames = 8
[[method]]
shots = [
  1, 4,
  16,
]
name = "gda"
[[method]]
name = "logistic"
[prompts.described.classes]
lift = ["a crate moving up"]
`
	want := []Change{
		{"[model]", "", `id = "b16"`, `id = "h14"`}, {"[model]", "", "", "frames = 8"},
		{"[[method]] zero-shot", "", `name = "zero-shot"`, ""},
		{"[[method]] gda", "", "", "16,"},
		{"[prompts.described.classes]", "", `lift = ["a part moving up"]`, `lift = ["a crate moving up"]`},
		{"[retrieval]", "", "[retrieval]", ""},
		{"[[method]] logistic", "", "", `name = "logistic"`},
	}
	if got := compareLines(before, after); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
	if got := compareLines(before, before); len(got) != 0 {
		t.Errorf("a plan beside itself: %+v", got)
	}
}

// The text of a plan comes from people: any two can be set beside each other,
// and what is listed stands in them.
func FuzzCompareLines(f *testing.F) {
	f.Add("[a]\nb = 1\n", "[[a]]\nname = \"x\"\n[")
	f.Add("[[\n]]\n=\nname=", "name = [\n[1],\n]")
	f.Fuzz(func(t *testing.T, a, b string) {
		spaced := func(text string) string { return strings.Join(strings.Fields(text), " ") }
		for _, c := range compareLines(a, b) {
			if !strings.Contains(spaced(a), c.Before) || !strings.Contains(spaced(b), c.After) || c.Before == c.After {
				t.Errorf("%+v of\n%s\nand\n%s", c, a, b)
			}
		}
		if c := compareLines(a, a); len(c) > 0 {
			t.Errorf("beside itself: %+v", c)
		}
	})
}

func TestChangesFromTheLedger(t *testing.T) {
	l, ctx := piloted(t), t.Context()
	if _, err := l.Changes(ctx, "", ""); fault.KindOf(err) != fault.Missing {
		t.Errorf("no run at all: %v", err)
	}
	keep := func(rec Record, status Status) {
		t.Helper()
		must(t, l.Begin(ctx, rec.Run))
		must(t, l.Clips(ctx, rec.Run.ID, rec.Clips))
		for _, r := range rec.Results {
			must(t, l.Result(ctx, rec.Run.ID, r))
		}
		must(t, l.Finish(ctx, rec.Run.ID, status, ""))
	}
	keep(tested("aa", 20, 1, func(_, i int) bool { return i < 10 }), Done)
	if _, err := l.Changes(ctx, "", ""); fault.KindOf(err) != fault.Missing {
		t.Errorf("one run: %v", err)
	}
	keep(tested("ab", 20, 1, func(_, i int) bool { return i < 12 }), Interrupted)
	keep(tested("bb", 20, 1, func(_, i int) bool { return i < 15 }), Done)
	for _, x := range []struct{ before, after, wantBefore, wantAfter string }{
		{"", "", "aa", "bb"}, {"ab", "", "ab", "bb"}, {"b", "aa", "bb", "aa"}, {"", "ab", "aa", "ab"},
	} {
		c, err := l.Changes(ctx, x.before, x.after)
		if err != nil || c.Before.Run != x.wantBefore || c.After.Run != x.wantAfter || c.Before.Started.IsZero() {
			t.Errorf("%+v: %+v, %v", x, c, err)
		}
	}
	if c, err := l.Changes(ctx, "bb", "aa"); err != nil || c.Rows[0].Paired.Lost != 5 || c.Rows[0].Paired.Gained != 0 {
		t.Errorf("the other way round: %+v, %v", c, err)
	}
	for _, bad := range [][2]string{{"bb", "bb"}, {"zz", ""}, {"a", ""}, {"", "zz"}} {
		if _, err := l.Changes(ctx, bad[0], bad[1]); fault.KindOf(err) != fault.Usage {
			t.Errorf("%v: %v", bad, err)
		}
	}
}
