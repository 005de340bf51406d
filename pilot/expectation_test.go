package pilot

import (
	"context"
	"encoding/json"
	"math"
	"reflect"
	"testing"
)

func newRun(t *testing.T) *Ledger {
	t.Helper()
	ctx := context.Background()
	l, err := Open(ctx, Memory)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	if err := l.Begin(ctx, Run{ID: "r", Pilot: "p", Key: "k"}); err != nil {
		t.Fatal(err)
	}
	return l
}

func TestExpectations(t *testing.T) {
	ctx, l := context.Background(), newRun(t)
	yes, no := true, false
	sure := Expectation{Key: "b", Method: "coral", Label: "coral after logistic", Site: "night", TrainSite: "day",
		HasRange: true, Low: 0.6, High: 0.8, Answers: []ClipAnswer{{"x", "lift", 0.7, []string{"lift", "drop"}, &no}, {"y", "drop", 1, []string{}, &yes}, {"z", "drop", 0.5, nil, nil}}}
	unsure := Expectation{Key: "a", Method: "zero-shot", Label: "zero-shot", Prompts: "names", Site: "night"}
	for _, e := range []Expectation{sure, unsure, sure} { // the last replaces the first
		if err := l.Expect(ctx, "r", e); err != nil {
			t.Fatal(err)
		}
	}
	rec, err := l.Load(ctx, "r")
	if want := []Expectation{unsure, sure}; err != nil || !reflect.DeepEqual(rec.Expectations, want) {
		t.Errorf("got %+v, %v\nwant %+v", rec.Expectations, err, want)
	}
	for name, spoil := range map[string]func(*Expectation){
		"no key":         func(e *Expectation) { e.Key = "" },
		"not a number":   func(e *Expectation) { e.Low = math.NaN() },
		"wrong way":      func(e *Expectation) { e.Low = 0.9 },
		"above one":      func(e *Expectation) { e.High = 1.1 },
		"no probability": func(e *Expectation) { e.Answers = []ClipAnswer{{Clip: "x", Class: "lift", P: 1.5}} },
	} {
		e := sure
		spoil(&e)
		if l.Expect(ctx, "r", e) == nil {
			t.Errorf("%s was recorded", name)
		}
	}
	if l.Expect(ctx, "nowhere", sure) == nil {
		t.Error("recorded for a run that is none")
	}
}

func TestSiteFindings(t *testing.T) {
	ctx, l := context.Background(), newRun(t)
	found := SiteFinding{Key: "0007-ab", Site: "night", Classifier: "logistic", Verdict: "look", Clips: 24, Recordings: 8, Suggested: "coral", ToConfirm: 20,
		Words: map[string][]string{"en": {"One.", "Two."}, "ja": {"一。"}}, Numbers: json.RawMessage(`{"mmd_p":0.001}`)}
	before := found
	before.Words = map[string][]string{"en": {"Another."}}
	for _, f := range []SiteFinding{before, found} { // the last replaces the first
		if err := l.Site(ctx, "r", f); err != nil {
			t.Fatal(err)
		}
	}
	rec, err := l.Load(ctx, "r")
	if want := []SiteFinding{found}; err != nil || !reflect.DeepEqual(rec.Sites, want) {
		t.Errorf("got %+v, %v\nwant %+v", rec.Sites, err, want)
	}
	if wrong, err := l.Verify(ctx); err != nil || len(wrong) > 0 {
		t.Errorf("%q, %v", wrong, err)
	}
	for name, spoil := range map[string]func(*SiteFinding){
		"no key":       func(f *SiteFinding) { f.Key = "" },
		"no site":      func(f *SiteFinding) { f.Site = "" },
		"fewer than 0": func(f *SiteFinding) { f.ToConfirm = -1 },
		"no JSON":      func(f *SiteFinding) { f.Numbers = json.RawMessage(`{"p":NaN}`) },
	} {
		f := found
		spoil(&f)
		if l.Site(ctx, "r", f) == nil {
			t.Errorf("%s was recorded", name)
		}
	}
	if l.Site(ctx, "nowhere", found) == nil {
		t.Error("recorded for a run that is none")
	}
}
