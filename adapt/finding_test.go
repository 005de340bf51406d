package adapt

import (
	"math"
	"slices"
	"strings"
	"testing"

	"framepilot/internal/fault"
	"framepilot/internal/words"
	"framepilot/probe"
)

func found(list []Finding) (names []string) {
	for _, f := range list {
		names = append(names, string(f.Severity)+" "+f.Check)
		if f.What == "" || f.Why == "" || f.Fix == "" || f.Where == nil {
			names = append(names, "incomplete")
		}
	}
	return names
}

func TestFindings(t *testing.T) {
	item := func(id, label, split, group string) Item {
		return Item{ID: id, Label: label, Labels: []string{label}, Split: split, Group: group, source: strings.Fields(id)[0] + ".csv:1"}
	}
	for name, c := range map[string]struct {
		items []Item
		want  []string
	}{
		"nothing": {[]Item{item("a 1", "x", Train, "1"), item("a 2", "x", Test, "2"), item("a 3", "y", Train, "3"), item("a 4", "y", Test, "4")}, nil},
		"a recording in train and val": {
			[]Item{item("a 1", "x", Train, "1"), item("a 2", "x", Val, "1"), item("a 3", "x", Test, "2")}, []string{"error group-crosses-splits"}},
		"one clip, one recording": {
			[]Item{item("a 1", "x", Train, "1"), item("a 2", "y", Train, "2"), item("a 3", "y", Train, "2")}, []string{"warning one-clip", "warning one-recording"}},
		"numbers": {
			[]Item{item("a 1", "3", Train, "1"), item("a 2", "3", Test, "2")}, []string{"warning labels-are-numbers"}},
		"numbers from two ends": {
			[]Item{item("a 1", "0", Train, "1"), item("a 2", "1", Train, "2"), item("b 3", "1", Test, "3"), item("b 4", "2", Test, "4")},
			[]string{"error labels-count-from", "warning labels-are-numbers", "warning one-clip"}},
		"numbers and words": {
			[]Item{item("a 1", "0", Train, "1"), item("a 2", "0", Test, "2"), item("b 3", "put", Train, "3"), item("b 4", "put", Test, "4")}, nil},
	} {
		d := Data{Items: c.items}
		d.collect()
		if got := found(d.findings(Plan{})); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	// Captioned clips teach nothing: theirs is no leak.
	if got := leaks([]Item{{ID: "a", Split: Train, Group: "1"}, {ID: "b", Split: Test, Group: "1"}}); got != nil {
		t.Errorf("captions: %+v", got)
	}
}

func TestCopies(t *testing.T) {
	items := []Item{
		{ID: "a", Label: "x", Split: Train}, {ID: "b", Label: "x", Split: Test}, {ID: "c", Label: "y", Split: Train}, {ID: "d", Label: "x", Split: Train}, {ID: "e", Label: "z", Split: Test},
	}
	got := copies(items, []string{"1", "1", "1", "1", ""})
	if want := []string{"error identical-files", "warning labels-contradict", "warning copies-within-split"}; !slices.Equal(found(got), want) {
		t.Errorf("found %q", found(got))
	}
	if copies(items, make([]string, 5)) != nil {
		t.Error("clips of unknown content are no copies")
	}
}

func TestNearCopies(t *testing.T) {
	items := []Item{{ID: "a", Label: "x", Split: Train}, {ID: "b", Label: "x", Split: Test}, {ID: "c", Label: "x", Split: Test}, {ID: "d", Label: "x", Split: Train}}
	at := func(degrees float64) []float32 {
		return []float32{float32(math.Cos(degrees * math.Pi / 180)), float32(math.Sin(degrees * math.Pi / 180))}
	}
	f := probe.Features{X: probe.NewMatrix(4, 2)}
	for i, degrees := range []float64{0, 8, 60, 0.5} { // cos 8° = .9903, and a and d are of one side
		copy(f.X.Row(i), at(degrees))
	}
	got := nearCopies(items, f)
	if len(got) != 1 || len(got[0].Where) != 1 || got[0].Where[0] != "d (train) and b (test), cosine 0.9914" {
		t.Errorf("got %+v", got)
	}
	names := confusedNames([]string{"up", "down", "away"}, probe.Matrix{Rows: 3, Cols: 2, Data: slices.Concat(at(0), at(10), at(90))}, "plain")
	if len(names) != 1 || !slices.Equal(names[0].Where, []string{`"up" and "down", cosine 0.985`}) {
		t.Errorf("got %+v", names)
	}
}

// All errors are said at once, each with its way out.
func TestRefusal(t *testing.T) {
	say := words.Plain
	one := finding(SeverityError, "a", words.Plains([]string{"x"}), say("why"), say("mend a"), say("first"))
	two := finding(SeverityError, "b", nil, say("why"), say("mend b"), say("second"))
	if err := refusal(one); err == nil || err.Error() != "first:\n  x" || fault.HintOf(err) != "mend a" || fault.KindOf(err) != fault.Input {
		t.Errorf("got %v", err)
	}
	if err := refusal(append(one, two...)); err == nil || err.Error() != "first:\n  x\n  → mend a\nsecond\n  → mend b" {
		t.Errorf("got %v", err)
	}
	if err := refusal(finding(SeverityWarning, "c", nil, say(""), say(""), say("third"))); err != nil {
		t.Errorf("a warning is refused: %v", err)
	}
}

// A run goes on without clips that can't be read, so they are no error, however
// many, until none is left.
func TestUnreadableClipsAreLeftOut(t *testing.T) {
	failures, where := make([]Failure, 4), []words.Sentence{words.Say("a.mp4: %s", "empty")}
	for _, c := range []struct {
		failed   int
		severity Severity
		why      string
	}{
		{1, SeverityWarning, "they are left out"},
		{2, SeverityWarning, "exit code 8"},
		{4, SeverityError, "no clip is left"},
	} {
		found := unreadableFindings(failures[:c.failed], where, 4, 0.25)
		if len(found) != 1 || found[0].Severity != c.severity || !strings.Contains(found[0].Why, c.why) || found[0].Where[0] != "a.mp4: empty" {
			t.Errorf("%d of 4: %+v", c.failed, found)
		}
	}
	if found := unreadableFindings(nil, []words.Sentence{}, 4, 0); len(found) != 0 {
		t.Errorf("all can be read: %+v", found)
	}
}
