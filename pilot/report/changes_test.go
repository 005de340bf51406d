package report

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"framepilot/internal/lang"
	"framepilot/pilot"
)

// changedCase is the sample case with another run after it: ten more clips a
// site, another model, another plan.
func changedCase(t testing.TB) (*pilot.Ledger, pilot.Dossier) {
	t.Helper()
	ctx := t.Context()
	l := sampleCase(t, 40)
	first, err := l.Load(ctx, sampleRun)
	must(t, err)
	run := first.Run
	run.ID, run.Key, run.PlanText = "20261103-0900-beef", "another", run.PlanText+"\n[model]\nid = \"secret of /home/sato\"\n"
	run.Params = map[string]string{"model": "h14", "model_sha256": strings.Repeat("0123456789abcdef", 4), "manifest": "/home/sato/list.csv"}
	clips, results := sampleResults(t, 50)
	must(t, l.Begin(ctx, run))
	must(t, l.Clips(ctx, run.ID, clips))
	for _, r := range results {
		must(t, l.Result(ctx, run.ID, r))
	}
	must(t, l.Finish(ctx, run.ID, pilot.Done, ""))
	known, err := l.Dossier(ctx, run.ID, "")
	must(t, err)
	known.Since, err = l.Since(ctx, known.Record, "")
	must(t, err)
	return l, known
}

// The change log stands in every report that has a run before it, with the same
// numbers in both languages, and is computed again by verify, also after the
// run before was carried out once more.
func TestChangesInTheReport(t *testing.T) {
	l, known := changedCase(t)
	again, err := l.Load(t.Context(), sampleRun)
	must(t, err)
	must(t, l.Begin(t.Context(), again.Run))
	must(t, l.Finish(t.Context(), sampleRun, pilot.Done, ""))
	for _, audience := range []Audience{Engineer, Board} {
		for _, format := range allFormats {
			var digits [2][]string
			for i, language := range both {
				file, err := render(format, Build(known, Options{Language: language, Audience: audience}))
				must(t, err)
				digits[i] = numbersOf(t, format, file)
				v, err := Verify(t.Context(), l, format, file)
				if err != nil || !v.OK() || v.Source.Before != sampleRun {
					t.Errorf("%s %s %s: %v %v", language, audience, format, v.Differences, err)
				}
			}
			if !slices.Equal(digits[0], digits[1]) {
				t.Errorf("%s, %s: other numbers in Japanese", audience, format)
			}
		}
		if text := write(t, Markdown, Build(known, Options{Audience: audience})); !strings.Contains(text, "Since run "+sampleRun+" of ") || !strings.Contains(text, "50 clips (10 new)") {
			t.Errorf("%s:\n%s", audience, text)
		}
	}
	if text := write(t, Markdown, Build(pilot.Dossier{Record: known.Record}, Options{})); strings.Contains(text, "Since run") {
		t.Error("changes without a run before")
	}
}

// A redacted report names no clip that flipped, no path and no line of a plan.
func TestChangesRedacted(t *testing.T) {
	_, known := changedCase(t)
	flips := 0
	for _, r := range known.Since.Rows {
		flips += len(r.Paired.Flips)
	}
	if flips == 0 {
		t.Fatal("nothing flipped: there is nothing to redact")
	}
	d := Build(known, Options{Redact: true})
	for _, secret := range []string{"cam_0", "/home/sato", "secret of"} {
		for _, format := range []Format{JSON, Markdown, HTML} {
			if strings.Contains(write(t, format, d), secret) {
				t.Errorf("%s holds %q", format, secret)
			}
		}
	}
	if d.Changes.Rows[0].Paired.Clips != 40 || known.Since.Rows[0].Paired == d.Changes.Rows[0].Paired {
		t.Error("the numbers must stay, the dossier too")
	}
}

// What the words of a change say is what the change holds.
func TestSinceInWords(t *testing.T) {
	c := pilot.Changes{
		Before: pilot.RunName{Run: "aa-1"}, After: pilot.RunName{Run: "bb-1"},
		Made: []pilot.Change{{Part: pilot.PartModel, Name: "model", Before: "b16", After: "h14"}, {Part: pilot.PartFrames, Name: "frames", Before: "12"}},
		Plan: []pilot.Change{{Part: "[model]", Before: "frames = 12"}}, Same: []string{pilot.PartSeed, pilot.PartData},
		Rows: []pilot.RowChange{
			{Site: "day", Label: "zero-shot", Metric: "top1", Before: 0.5, After: 0.6},
			{Site: "day", Label: "gda", Metric: "top1", Before: 0.7, After: 0.8, Paired: &pilot.Paired{Clips: 90, Gained: 12, Lost: 2, Difference: 0.111, Low: 0.03, High: 0.2, Verdict: pilot.Better}},
			{Site: "day", Label: "ridge", Metric: "top1", Before: 0.7, After: 0.7, Paired: &pilot.Paired{Clips: 90, Verdict: pilot.Unclear}},
		},
	}
	s := Since(lang.English, c)
	for got, want := range map[string]string{
		s.What: "Different: model, frames, plan. The same: seed, data.",
		s.Said: "Of 2 numbers measured again on the same clips, 1 better, 0 worse, 1 without enough evidence. The highest now, day: gda: 70.0 % before, 80.0 % now; on the same clips +11.1 points (+3.0 to +20.0), better.",
	} {
		if got != want {
			t.Errorf("got  %q\nwant %q", got, want)
		}
	}
	if got := s.Made.Lines; !slices.Equal(got[0], []string{"model", "b16", "h14"}) || !slices.Equal(got[1], []string{"frames", "12", "–"}) || !slices.Equal(got[2], []string{"plan: [model]", "frames = 12", "–"}) {
		t.Errorf("%q", got)
	}
	if got := s.Rows.Lines; !slices.Equal(got[0][3:], []string{"–", "–", "–", "–", "–", "–"}) || !slices.Equal(got[1], []string{"day: gda", "70.0 %", "80.0 %", "+11.1", "+3.0 to +20.0", "better", "12", "2", "90"}) {
		t.Errorf("%q", got)
	}
	nothing := Since(lang.English, pilot.Changes{Unnamed: true, Dropped: []string{"day: gda"}})
	if !strings.Contains(nothing.What, "contents of clips") || nothing.Said != "No number of the two runs is of the same clips." || nothing.Gone != "Not measured any more: day: gda." {
		t.Errorf("%+v", nothing)
	}
	if _, err := json.Marshal(c); err != nil {
		t.Error(err)
	}
}
