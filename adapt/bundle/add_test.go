package bundle

import (
	"context"
	"math"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"framepilot/fewshot"
	"framepilot/internal/fault"
	"framepilot/probe"
)

// apart takes the last class of clips away and gives it back as a newcomer.
func apart(all probe.Features) (probe.Features, Newcomer) {
	last := len(all.Classes) - 1
	var old, joins []int
	for i, y := range all.Labels {
		if y == last {
			joins = append(joins, i)
		} else {
			old = append(old, i)
		}
	}
	first := make([]int, last)
	for c := range first {
		first[c] = c
	}
	rest, clips := all.Take(old), all.Take(joins)
	rest.Classes, rest.Text = all.Classes[:last], all.Text.Take(first)
	return rest, Newcomer{
		Class: all.Classes[last], Clips: probe.Features{X: clips.X, Groups: clips.Groups}, Text: all.Text.Row(last),
		Words: []string{"a class"}, To: "abc", By: "test",
	}
}

func made(t *testing.T, name string, train probe.Features) *Bundle {
	t.Helper()
	m, err := probe.FindMethod(slices.Concat(probe.Methods(), fewshot.Methods(), fewshot.MultiMethods()), name)
	if err != nil {
		t.Fatal(err)
	}
	fitted, err := m.Run(context.Background(), train, nil)
	if err != nil {
		t.Fatal(err)
	}
	b, err := New(context.Background(), name, fitted, train, Origin{Space: "s"})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestAddClass: the new bundle says of the old classes what the old one said,
// knows the new one, keeps how it came to be, and is read back as written.
func TestAddClass(t *testing.T) {
	train, newcomer := apart(clips(10, 1))
	test := clips(20, 2)
	for _, name := range []string{"zero-shot", "nearest-mean", "tip", "ss-text", "gda", "proker"} {
		old := made(t, name, train)
		before := old.About()
		b, err := old.AddClass(context.Background(), newcomer)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if !reflect.DeepEqual(before, old.About()) {
			t.Errorf("%s: the old bundle was changed", name)
		}
		path := filepath.Join(t.TempDir(), "b.safetensors")
		if err := b.Write(path); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got, err := Read(path)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if !reflect.DeepEqual(b.About(), got.About()) {
			t.Errorf("%s came back as\n%+v\nwas\n%+v", name, got.About(), b.About())
		}
		was, now := old.Calibrated().Logits(test.X), got.Calibrated().Logits(test.X)
		right := 0
		for i := range was.Rows {
			if !slices.Equal(was.Row(i), now.Row(i)[:3]) {
				t.Fatalf("%s: clip %d: %v, was %v", name, i, now.Row(i), was.Row(i))
			}
			if slices.Index(now.Row(i), slices.Max(now.Row(i))) == test.Labels[i] {
				right++
			}
		}
		if right < was.Rows*3/4 {
			t.Errorf("%s: %d of %d clips right", name, right, was.Rows)
		}
		a := got.Added[0]
		if a.Class != "class 3" || a.Clips != 10 || a.Groups != 5 || a.HeldOut != 10 || a.To != "abc" || a.Digest == "" || got.Key != "" ||
			got.Temperature != old.Temperature || got.Training.Clips != 40 || got.Training.Shots[3] != 10 || got.Training.Groups != old.Training.Groups+5 {
			t.Errorf("%s: %+v, %+v", name, a, got.Training)
		}
		if got.Conformal == nil || len(got.Conformal.Thresholds) != 4 || got.Conformal.Clips[3] != 40 || got.Unknown == nil || got.Unknown.Known != 40 {
			t.Errorf("%s: sets %+v, none of these %+v", name, got.Conformal, got.Unknown)
		}
	}
}

// TestAddClassIsTheBundle: of a closed form, a bundle with a class added and
// one made of all clips say the same; their thresholds differ by no more than
// settings that were chosen on other clips do.
func TestAddClassIsTheBundle(t *testing.T) {
	all := clips(10, 1)
	train, newcomer := apart(all)
	whole := made(t, "zero-shot", all)
	b, err := made(t, "zero-shot", train).AddClass(context.Background(), newcomer)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(whole.Classifier.Logits(all.X).Data, b.Classifier.Logits(all.X).Data) {
		t.Error("other logits")
	}
	b.Temperature = whole.Temperature
	if err := b.judge(context.Background(), b.calm(), b.Reference); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(b.Conformal, whole.Conformal) || math.Abs(b.Unknown.Threshold-whole.Unknown.Threshold) > 1e-6 || b.Unknown.Known != whole.Unknown.Known || math.Abs(b.Unknown.AUROC-whole.Unknown.AUROC) > 0.02 {
		t.Errorf("sets %+v and none of these %+v; of a bundle of all clips %+v and %+v", b.Conformal, b.Unknown, whole.Conformal, whole.Unknown)
	}
}

// TestAddClassToASample: a bundle of many clips keeps a sample of them, and a
// class that joins is no surer of itself than with all of them at hand.
func TestAddClassToASample(t *testing.T) {
	train, newcomer := apart(clips(3*MaxReference/4, 1))
	train.Groups = nil
	m, err := probe.FindMethod(fewshot.Methods(), "gda")
	if err != nil {
		t.Fatal(err)
	}
	fitted, err := m.Run(t.Context(), train, map[string]string{"alpha": "1000", "scale": "1"})
	if err != nil {
		t.Fatal(err)
	}
	fitted.HeldOut = probe.HeldOut{} // and with it what is set on them, which takes long
	b, err := New(t.Context(), "gda", fitted, train, Origin{})
	if err != nil {
		t.Fatal(err)
	}
	if b.Reference.Len() >= train.Len() {
		t.Fatalf("%d of %d clips kept, want a sample", b.Reference.Len(), train.Len())
	}
	grown, err := b.AddClass(t.Context(), newcomer)
	if err != nil {
		t.Fatal(err)
	}
	whole, err := m.Grow(t.Context(), probe.Growth{Classifier: fitted.Classifier, Choices: fitted.Choices, Train: train, Clips: newcomer.Clips, Text: newcomer.Text})
	if err != nil {
		t.Fatal(err)
	}
	x := clips(20, 2).X
	got, want := grown.Classifier.Logits(x), whole.Logits(x)
	for i := range got.Rows {
		if d := math.Abs(float64(got.Row(i)[3] - want.Row(i)[3])); d > 10 { // of some hundred between clips
			t.Errorf("clip %d: the class that joined has a logit of %.1f, with all clips at hand %.1f", i, got.Row(i)[3], want.Row(i)[3])
		}
	}
}

// TestAddedClipsAreHeldOut: what is said of a clip of the class that joined, for
// thresholds, is said by a classifier that has not seen its recording.
func TestAddedClipsAreHeldOut(t *testing.T) {
	train, newcomer := apart(clips(10, 1))
	old := made(t, "ss-text", train)
	b, err := old.AddClass(context.Background(), newcomer)
	if err != nil {
		t.Fatal(err)
	}
	n := newcomer.Clips.Len()
	for i, group := range newcomer.Clips.Groups {
		var others []int
		for k, g := range newcomer.Clips.Groups {
			if g != group {
				others = append(others, k)
			}
		}
		without := newcomer
		without.Clips = newcomer.Clips.Take(others)
		c, err := old.AddClass(context.Background(), without)
		if err != nil {
			t.Fatal(err)
		}
		want := c.Classifier.Logits(newcomer.Clips.X.Take([]int{i})).Row(0)
		if got := b.HeldOut.Logits.Row(old.Reference.Len() + i); !slices.Equal(got, want) {
			t.Errorf("clip %d: %v, by a classifier without its recording %v", i, got, want)
		}
	}
	for i := range old.Reference.Len() {
		if !slices.Equal(b.HeldOut.Logits.Row(i)[:3], old.HeldOut.Logits.Row(i)) {
			t.Errorf("clip %d: other held-out logits of old classes", i)
		}
	}
	if got, want := len(b.HeldOut.Rows), len(old.HeldOut.Rows)+n; got != want {
		t.Errorf("%d clips can be judged, want %d", got, want)
	}
}

// TestAddClassOfOneRecording: it joins, and has no say in thresholds; so does
// one of which only the words are known.
func TestAddClassOfOneRecording(t *testing.T) {
	train, newcomer := apart(clips(10, 1))
	old := made(t, "ss-text", train)
	for i := range newcomer.Clips.Groups {
		newcomer.Clips.Groups[i] = "one"
	}
	b, err := old.AddClass(context.Background(), newcomer)
	if err != nil {
		t.Fatal(err)
	}
	if b.Added[0].HeldOut != 0 || b.Conformal.Clips[3] != 30 || len(b.HeldOut.Rows) != len(old.HeldOut.Rows) {
		t.Errorf("%+v, %+v", b.Added[0], b.Conformal)
	}
	newcomer.Clips = probe.Features{}
	if b, err = old.AddClass(context.Background(), newcomer); err != nil {
		t.Fatal(err)
	}
	if b.Added[0].Clips != 0 || b.Reference.Len() != old.Reference.Len() || b.Training.Clips != old.Training.Clips {
		t.Errorf("%+v", b.Added[0])
	}
	newcomer.Class = "class 4"
	twice, err := b.AddClass(context.Background(), newcomer)
	if err != nil || len(twice.Added) != 2 || len(twice.Classes) != 5 {
		t.Errorf("a second one: %v", err)
	}
}

// TestAddClassToSeveral: to a bundle of clips of several classes too.
func TestAddClassToSeveral(t *testing.T) {
	train, newcomer := apart(clips(10, 1))
	for _, y := range train.Labels {
		train.Truth = append(train.Truth, []int{y})
	}
	train.Labels = nil
	for _, name := range []string{"sigmoid", "ridge"} {
		old := made(t, name, train)
		b, err := old.AddClass(context.Background(), newcomer)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		path := filepath.Join(t.TempDir(), "b.safetensors")
		if err := b.Write(path); err != nil {
			t.Fatal(err)
		}
		got, err := Read(path)
		if err != nil {
			t.Fatal(err)
		}
		test := clips(20, 2)
		was, now := old.Classifier.Logits(test.X), got.Classifier.Logits(test.X)
		answers, err := got.Classify(test.X)
		if err != nil {
			t.Fatal(err)
		}
		right := 0
		for i := range was.Rows {
			if !slices.Equal(was.Row(i), now.Row(i)[:3]) {
				t.Fatalf("%s: clip %d: %v, was %v", name, i, now.Row(i), was.Row(i))
			}
			if slices.Contains(answers[i].Set, "class 3") == (test.Labels[i] == 3) {
				right++
			}
		}
		if right < was.Rows*3/4 || !slices.Equal(got.About().Thresholds[:3], old.About().Thresholds) {
			t.Errorf("%s: %d of %d clips right about the class that joined", name, right, was.Rows)
		}
	}
}

func TestAddClassErrors(t *testing.T) {
	train, newcomer := apart(clips(10, 1))
	b := made(t, "ss-text", train)
	for want, change := range map[string]func(n *Newcomer){
		"has no name":         func(n *Newcomer) { n.Class = "  " },
		"a class \"class 1\"": func(n *Newcomer) { n.Class = "class 1" },
		"of 3 values": func(n *Newcomer) {
			n.Clips = probe.Features{X: probe.Matrix{Rows: 1, Cols: 3, Data: []float32{1, 0, 0}}}
		},
		"words of 2 values":      func(n *Newcomer) { n.Text = []float32{1, 0} },
		"has length 2":           func(n *Newcomer) { n.Text = append([]float32{2}, make([]float32, 11)...) },
		"no text for the class":  func(n *Newcomer) { n.Text = nil },
		"nothing is known of":    func(n *Newcomer) { n.Text, n.Clips = nil, probe.Features{} },
		"a value that is not fi": func(n *Newcomer) { n.Text = slices.Repeat([]float32{float32(math.NaN())}, 12) },
	} {
		n := newcomer
		change(&n)
		if _, err := b.AddClass(context.Background(), n); err == nil || !strings.Contains(err.Error(), want) || fault.KindOf(err) == fault.Unexpected {
			t.Errorf("%s: %v", want, err)
		}
	}
	if _, err := made(t, "logistic", train).AddClass(context.Background(), newcomer); fault.KindOf(err) != fault.Config || !strings.Contains(err.Error(), "logistic weighs") {
		t.Errorf("logistic: %v", err)
	}
	b.Method = "coral"
	if _, err := b.AddClass(context.Background(), newcomer); fault.KindOf(err) != fault.Config || !strings.Contains(err.Error(), "to one site") {
		t.Errorf("coral: %v", err)
	}
}
