package report

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"framepilot/internal/lang"
	"framepilot/pilot"
)

// newSiteRecord is a run with a site without labels: one classifier was
// measured on ten clips of five recordings there, with the accuracy given.
func newSiteRecord(right int, low, high float64) pilot.Record {
	rec := pilot.Record{
		Run: pilot.Run{ID: "r", Pilot: "p"},
		Sites: []pilot.SiteFinding{{
			Key: "0001-a", Site: "night <b>", Classifier: "logistic", Verdict: "look", Clips: 60, Recordings: 30, Suggested: "coral", ToConfirm: 40,
			Words: map[string][]string{"en": {"It looks different.", "Try coral."}, "ja": {"見え方が異なります。", "coral をお試しください。"}}, Numbers: json.RawMessage(`{}`),
		}},
		Expectations: []pilot.Expectation{
			{Key: "0002-a", Method: "logistic", Label: "logistic, all clips", TrainSite: "day", Site: "night <b>", HasRange: true, Low: 0.7, High: 0.9},
			{Key: "0003-a", Method: "zero-shot", Label: "zero-shot", Prompts: "names", Site: "night <b>"},
		},
	}
	measured := pilot.Result{
		Key: "0000-a", Task: pilot.Classification, Method: "logistic", Label: "logistic, all clips", TrainSite: "day", Site: "night <b>", Look: 1, Agreed: 1,
		Metrics: []pilot.Metric{{Name: "top1", Value: float64(right) / 10, Low: low, High: high, HasInterval: true, Interval: "Wilson 95 %", N: 10}},
	}
	for i := range 10 {
		clip := string(rune('a' + i))
		rec.Clips = append(rec.Clips, pilot.Clip{ID: clip, Site: "night <b>", Split: "test", Recording: string(rune('A' + i/2))})
		measured.Predictions = append(measured.Predictions, pilot.Prediction{Clip: clip, Truth: "x", Predicted: "x", P: 1, Correct: i < right})
	}
	rec.Results = []pilot.Result{measured}
	return rec
}

func TestNewSites(t *testing.T) {
	for _, c := range []struct {
		right     int
		low, high float64
		verdict   string
		more      int
	}{
		// Ten clips of five recordings are not enough, and there are 50 more.
		{8, 0.5, 0.95, AsExpected, 50},
		{3, 0.1, 0.6, Lower, 50},
		{10, 0.95, 1, Higher, 0},
	} {
		d := Build(pilot.Dossier{Record: newSiteRecord(c.right, c.low, c.high)}, Options{})
		got := d.Results.NewSites[0].Outlooks[0].Confirmed
		if got.Verdict != c.verdict || got.LabelMore != c.more || got.Clips != 10 || got.Recordings != 5 {
			t.Errorf("%d right of 10: %+v, want %s and %d more", c.right, got, c.verdict, c.more)
		}
		if zero := d.Results.NewSites[0].Outlooks[1]; zero.Expected != nil || zero.Confirmed != nil {
			t.Errorf("of zero-shot nothing is known, not %+v", zero)
		}
	}
	d := Build(pilot.Dossier{Record: newSiteRecord(8, 0.5, 0.95)}, Options{})
	for _, format := range []Format{HTML, Markdown} {
		text := strings.ReplaceAll(write(t, format, d), `\`, "")
		for _, want := range []string{"Sites without labels", "night &lt;b&gt;", "It looks different.", "Try coral.", "70.0–90.0 %", "80.0 % [50.0–95.0 %] on 10 clips", "as expected, label 50 more", "not confirmed"} {
			if format == HTML {
				want = whole(want)
			}
			if !strings.Contains(text, want) {
				t.Errorf("%s: no %q", format, want)
			}
		}
	}
	if text := write(t, JSON, d); !strings.Contains(text, `"new_sites": [`) || !strings.Contains(text, `"label_more": 50`) {
		t.Error("the JSON has no word of it")
	}
	if text := Terminal(d); !strings.Contains(text, "night <b>, which has a few labels to confirm by, by logistic:\n  It looks different.\n") || !strings.Contains(text, "expected 70.0–90.0 %") {
		t.Errorf("terminal: %s", text)
	}
	s := words{lang.Japanese}.newSiteSection(d.Results.NewSites)
	if s.Title != "ラベルのない拠点" || !slices.Equal(s.Blocks[0].List, []string{"見え方が異なります。", "coral をお試しください。"}) {
		t.Errorf("in Japanese: %+v", s)
	}
	if d := Build(pilot.Dossier{Record: sample()}, Options{}); len(english.newSiteSection(d.Results.NewSites).Blocks) > 0 {
		t.Error("a section without sites")
	}
}
