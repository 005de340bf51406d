package report

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"framepilot/pilot"
)

// doubtful is the sample case before and after three of its clips were doubted.
func doubtful(t *testing.T) (l *pilot.Ledger, before Document, clips []string) {
	t.Helper()
	l = sampleCase(t, 90)
	known, err := l.Dossier(t.Context(), sampleRun, "")
	must(t, err)
	before = Build(known, Options{})
	for _, p := range known.Record.Results[0].Predictions {
		if known.Record.Results[0].Site == "day" && (!p.Correct && len(clips) < 2 || p.Correct && len(clips) == 2) {
			clips = append(clips, p.Clip)
		}
	}
	if len(clips) != 3 {
		t.Fatalf("clips to doubt: %v", clips)
	}
	for _, c := range clips {
		_, err := l.Doubt(t.Context(), "line 3", "K. Sato", pilot.Doubt{Clip: c, Reason: "dark, see /footage/" + c})
		must(t, err)
	}
	return l, before, clips
}

// Doubts change no result, headline or gate; beside them stand the numbers
// without, worked out here from the predictions.
func TestDoubts(t *testing.T) {
	l, before, clips := doubtful(t)
	known, err := l.Dossier(t.Context(), sampleRun, "")
	must(t, err)
	d := Build(known, Options{})
	asJSON := func(v any) string {
		text, err := json.Marshal(v)
		must(t, err)
		return string(text)
	}
	if a, b := asJSON(before.Case), asJSON(d.Case); a != b {
		t.Errorf("a doubt changed the case:\n%s\n%s", a, b)
	}
	if asJSON(before.Results) != asJSON(d.Results) {
		t.Error("a doubt changed a result")
	}
	if before.Doubts != nil {
		t.Error("doubts before there were any")
	}
	if len(d.Doubts.Clips) != 3 || len(d.Doubts.Effects) == 0 {
		t.Fatalf("doubts: %+v", d.Doubts)
	}
	for _, e := range d.Doubts.Effects {
		if e.Site != "day" {
			t.Errorf("an effect at %s, where no clip is in doubt", e.Site)
		}
		for _, r := range known.Record.Results {
			if r.Key != e.Key {
				continue
			}
			all, right, kept, keptRight := 0, 0.0, 0, 0.0
			for _, p := range r.Predictions {
				hit := 0.0
				if p.Correct {
					hit = 1
				}
				all, right = all+1, right+hit
				if p.Clip != clips[0] && p.Clip != clips[1] && p.Clip != clips[2] {
					kept, keptRight = kept+1, keptRight+hit
				}
			}
			if e.N != all || e.NWithout != kept || math.Abs(e.With-right/float64(all)) > 1e-12 || math.Abs(e.Without-keptRight/float64(kept)) > 1e-12 {
				t.Errorf("%s: %+v; want %v of %d, %v of %d", e.Key, e, right, all, keptRight, kept)
			}
			if !(e.Other.Low < e.Without && e.Without < e.Other.High) || !(e.Interval.Low < e.With && e.With < e.Interval.High) || !strings.Contains(e.Other.Kind, "95 %") {
				t.Errorf("intervals %+v and %+v", e.Interval, e.Other)
			}
		}
	}
	for _, language := range both {
		for _, audience := range []Audience{Board, Engineer} {
			text := write(t, Markdown, Build(known, Options{Language: language, Audience: audience}))
			if !strings.Contains(text, (words{language}).say("doubts.title")) || !strings.Contains(text, "dark, see") {
				t.Errorf("%s for %s says nothing of doubts", language, audience)
			}
		}
	}
	hidden := write(t, JSON, Build(known, Options{Redact: true}))
	if strings.Contains(hidden, clips[0]) || strings.Contains(hidden, "/footage") || !strings.Contains(hidden, `"doubts"`) {
		t.Error("a redacted report names a clip in doubt, or leaves the doubts out")
	}
}

// Who takes clips off the list after a run is told what they may have been
// worth at most.
func TestLeftOut(t *testing.T) {
	l, _, clips := doubtful(t)
	known, err := l.Dossier(t.Context(), sampleRun, "")
	must(t, err)
	known.Left = []pilot.Clip{{ID: clips[0], Site: "day"}, {ID: "day/gone.mp4", Site: "day"}}
	d := Build(known, Options{})
	left := d.Doubts.Left
	if len(left) != 1 || left[0].Clips != 2 || left[0].Doubted != 1 || math.Abs(left[0].Least*float64(left[0].N+2)-left[0].Now*float64(left[0].N)) > 1e-9 {
		t.Fatalf("left out: %+v", left)
	}
	if text := write(t, Markdown, d); !strings.Contains(text, "2 test clips that earlier runs judged are not measured any more; with a recorded doubt: 1") {
		t.Error("the report does not say it")
	}
}
