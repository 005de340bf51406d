package pilot

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"framepilot/internal/fault"
)

// A doubt needs a clip that was judged and a reason; the last about a clip
// counts, and can be taken back. The journal keeps all.
func TestDoubts(t *testing.T) {
	ctx := context.Background()
	l := piloted(t)
	record(t, l)
	for want, d := range map[string]Doubt{
		"needs a reason":     {Clip: "c1"},
		"has judged clip":    {Clip: "c1000", Reason: "dark"},
		"no class \"z\"":     {Clip: "c1", Shows: "z", Reason: "dark"},
		"is labelled b":      {Clip: "c1", Shows: "b", Reason: "dark"},
		"c2 is not in doubt": {Clip: "c2", Reason: "dark", Withdrawn: true},
	} {
		if _, err := l.Doubt(ctx, "", "Sato", d); fault.KindOf(err) != fault.Usage || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v", d, err)
		}
	}
	doubt := func(d Doubt) {
		t.Helper()
		_, err := l.Doubt(ctx, "", "Sato", d)
		must(t, err)
	}
	doubt(Doubt{Clip: "c1", Reason: "dark"})
	doubt(Doubt{Clip: "c3", Reason: "both", Shows: "a"})
	doubt(Doubt{Clip: "c1", Reason: "dark from 3 s on", Shows: "a"})
	doubt(Doubt{Clip: "c3", Reason: "it was right", Withdrawn: true})
	b, err := l.Book(ctx, "")
	must(t, err)
	if len(b.Doubts) != 1 || b.Doubts[0].Doubt.Shows != "a" || b.Doubts[0].Doubt.Reason != "dark from 3 s on" {
		t.Errorf("in doubt: %+v", b.Doubts)
	}
	kept := slices.DeleteFunc(slices.Clone(b.Entries), func(e Entry) bool { return e.Kind != Doubted })
	if len(kept) != 4 {
		t.Errorf("%d entries about doubts", len(kept))
	}
}

// A doubt adds a number and changes none: gates read all clips.
func TestDoubtsChangeNoNumber(t *testing.T) {
	rec := tested("a", 100, 1, func(_, i int) bool { return i < 60 })
	r := rec.Results[0]
	var doubts []Entry
	for _, i := range []int{0, 70, 80, 90} {
		doubts = append(doubts, Entry{Doubt: &Doubt{Clip: fmt.Sprint("c", i), Reason: "dark"}})
	}
	s, wrong, right, err := WithoutDoubts(rec, r, doubts)
	must(t, err)
	if wrong != 3 || right != 1 || s.N != 96 || math.Abs(s.Value-59.0/96) > 1e-12 {
		t.Errorf("without: %d wrong, %d right, %v of %d", wrong, right, s.Value, s.N)
	}
	if len(r.Predictions) != 100 {
		t.Error("the result lost clips")
	}
	all := slices.Clone(doubts[:0])
	for _, p := range r.Predictions {
		all = append(all, Entry{Doubt: &Doubt{Clip: p.Clip}})
	}
	if _, _, _, err := WithoutDoubts(rec, r, all); err == nil {
		t.Error("a score of no clips")
	}
}

// A run that leaves out test clips which earlier runs judged says so, whoever
// took them off the list; another test set, another site and a training clip
// are no such thing.
func TestLeft(t *testing.T) {
	l, ctx := mustOpen(t, Memory), t.Context()
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	l.Now = func() time.Time { now = now.Add(time.Minute); return now }
	measure := func(run, site string, from, to int) {
		t.Helper()
		must(t, l.Begin(ctx, Run{ID: run, Pilot: "p", Key: run}))
		for _, key := range []string{"k1", "k2"} {
			r := Result{Key: key + site, Task: Classification, Method: "m", Label: key, Site: site, Classes: []string{"a"}, Metrics: []Metric{{Name: "top1", Value: 1}}}
			for i := from; i < to; i++ {
				r.Predictions = append(r.Predictions, Prediction{Clip: fmt.Sprint("c", i), Truth: "a", Predicted: "a", P: 1, Correct: true})
			}
			must(t, l.Result(ctx, run, r))
		}
		must(t, l.Finish(ctx, run, Done, ""))
	}
	measure("r1", "day", 0, 10)
	measure("r2", "day", 2, 12)
	measure("r3", "day", 5, 10)
	measure("r4", "night", 0, 3)
	measure("r5", "day", 100, 110)
	for run, want := range map[string]string{"r1": "[]", "r2": "[c0 c1]", "r3": "[c0 c1 c10 c11 c2 c3 c4]", "r4": "[]", "r5": "[]"} {
		d, err := l.Dossier(ctx, run, "")
		must(t, err)
		ids := []string{}
		for _, c := range d.Left {
			ids = append(ids, c.ID)
		}
		if fmt.Sprint(ids) != want {
			t.Errorf("%s left out %v, want %s", run, ids, want)
		}
	}
}
