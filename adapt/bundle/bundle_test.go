package bundle

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"framepilot/domain"
	"framepilot/fewshot"
	"framepilot/internal/fault"
	"framepilot/internal/safetensors"
	"framepilot/internal/words"
	"framepilot/probe"
)

// clips draws n clips of each of 4 classes, d = 12, two to a recording, around
// their texts.
func clips(n int, seed uint64) probe.Features {
	const classes, d = 4, 12
	rng := rand.New(rand.NewPCG(seed, 7))
	fixed := rand.New(rand.NewPCG(1, 1))
	f := probe.Features{Text: probe.NewMatrix(classes, d), Scale: 20}
	for i := range f.Text.Data {
		f.Text.Data[i] = float32(fixed.NormFloat64())
	}
	f.Text.Normalize()
	f.X = probe.NewMatrix(n*classes, d)
	for c := range classes {
		f.Classes = append(f.Classes, fmt.Sprint("class ", c))
		for k := range n {
			row := f.X.Row(c*n + k)
			for j := range row {
				row[j] = f.Text.Row(c)[j] + float32(0.3*rng.NormFloat64())
			}
			f.IDs = append(f.IDs, fmt.Sprintf("%d/%d/%d", seed, c, k))
			f.Groups = append(f.Groups, fmt.Sprintf("rec %d %d", c, k/2))
			f.Labels = append(f.Labels, c)
		}
	}
	f.X.Normalize()
	return f
}

// framed gives every clip two frames, itself and itself without its first half.
func framed(f probe.Features) probe.Features {
	x, text := f.X, f.Text
	f.X, f.Text = probe.NewMatrix(x.Rows, 3*x.Cols), probe.NewMatrix(text.Rows, 3*x.Cols)
	f.Frames, f.Scale = 2, probe.FramedScale(f.Scale)
	for i := range x.Rows {
		half := slices.Clone(x.Row(i))
		clear(half[:len(half)/2])
		copy(f.X.Row(i), probe.Framed(x.Row(i), [][]float32{x.Row(i), half}))
	}
	for c := range text.Rows {
		copy(f.Text.Row(c), probe.FramedText(text.Row(c), 2))
	}
	return f
}

// fits fits every method there is, those for a new site included.
func fits(t *testing.T, train probe.Features) map[string]probe.Fitted {
	out := map[string]probe.Fitted{}
	for _, m := range append(probe.Methods(), fewshot.Methods()...) {
		given := map[string]string{}
		for _, p := range m.Params {
			if p.Name == "steps" {
				given["steps"] = "3"
			}
		}
		train := train
		if m.Frames {
			train = framed(train)
		}
		fitted, err := m.Run(context.Background(), train, given)
		if err != nil {
			t.Fatalf("%s: %v", m.Name, err)
		}
		out[m.Name] = fitted
	}
	for _, m := range domain.Methods() {
		base := out["logistic"]
		target := domain.Unlabelled(clips(50, 3))
		given := map[string]string{}
		for _, p := range m.Params {
			if p.Name == "steps" {
				given["steps"] = "3"
			}
		}
		a, err := m.Run(context.Background(), domain.Task{Source: train, Base: base.Classifier, Held: base.HeldOut.Logits, Judged: base.HeldOut.Rows, Target: target, Seed: 1}, given)
		if err != nil {
			t.Fatalf("%s: %v", m.Name, err)
		}
		out[m.Name] = a.Fitted
	}
	return out
}

// TestEveryMethodComesBack: what is read answers as what was written, to the
// last bit, and says the same of itself.
func TestEveryMethodComesBack(t *testing.T) {
	train, test := clips(8, 1), clips(5, 2)
	for name, fitted := range fits(t, train) {
		train, test := train, test
		if name == "attentive" {
			train, test = framed(train), framed(test)
		}
		b, err := New(context.Background(), name, fitted, train, Origin{Space: "s", Model: "m", Frames: 4, Tokens: train.Frames})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		path := filepath.Join(t.TempDir(), "b.safetensors")
		if err := b.Write(path); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got, err := Read(path)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for what, x := range map[string]probe.Matrix{"training clips": train.X, "other clips": test.X} {
			if want := fitted.Classifier.Logits(x).Data; !slices.Equal(got.Classifier.Logits(x).Data, want) {
				t.Errorf("%s answers differently of %s after it was read back", name, what)
			}
		}
		for i := range b.Choices {
			b.Choices[i].Candidates, b.Choices[i].Said = nil, words.Sentence{}
		}
		b.Classifier, got.Classifier = nil, nil
		if !reflect.DeepEqual(b, got) {
			t.Errorf("%s came back as\n%+v\nwas\n%+v", name, got, b)
		}
	}
}

// TestStatAComesBack: its gate may keep it from New, so it is asked directly.
func TestStatAComesBack(t *testing.T) {
	train, test := clips(8, 1), clips(5, 2)
	m := domain.FitStatA(probe.ZeroShot(train.Text, 20), test.X, train.Text, 20)
	comesBack(t, m, train, test)
	mapped, err := domain.FitCoral(train.X, test.X, domain.AlignOptions{})
	if err != nil {
		t.Fatal(err)
	}
	comesBack(t, mapped.Before(m), train, test)
}

func comesBack(t *testing.T, c probe.Classifier, train, test probe.Features) {
	t.Helper()
	b, err := New(context.Background(), "x", probe.Fitted{Classifier: c}, train, Origin{})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "b.safetensors")
	if err := b.Write(path); err != nil {
		t.Fatal(err)
	}
	got, err := Read(path)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got.Classifier.Logits(test.X).Data, c.Logits(test.X).Data) {
		t.Error("answers differently after it was read back")
	}
}

// TestAnswers: a clip of a class is taken for it, a clip of none for none, and
// the sets of classes hold the truth about as often as they promise.
func TestAnswers(t *testing.T) {
	train, test := clips(12, 1), clips(40, 2)
	known, unknown := train, test
	known.Classes, known.Text = train.Classes[:3], train.Text.Take([]int{0, 1, 2})
	known = known.Take(rowsBelow(train.Labels, 3))
	method, err := probe.FindMethod(fewshot.Methods(), "ss-text")
	if err != nil {
		t.Fatal(err)
	}
	fitted, err := method.Run(context.Background(), known, nil)
	if err != nil {
		t.Fatal(err)
	}
	b, err := New(context.Background(), method.Name, fitted, known, Origin{})
	if err != nil {
		t.Fatal(err)
	}
	if b.Unknown == nil || b.Conformal == nil {
		t.Fatal("no thresholds from 18 recordings")
	}
	answers, err := b.Classify(unknown.X)
	if err != nil {
		t.Fatal(err)
	}
	var right, covered, let, kept, clips int
	for i, a := range answers {
		if unknown.Labels[i] == 3 {
			if *a.None {
				kept++
			}
			continue
		}
		clips++
		if !*a.None {
			let++
		}
		if a.Label == b.Classes[unknown.Labels[i]] {
			right++
		}
		if slices.Contains(a.Set, b.Classes[unknown.Labels[i]]) {
			covered++
		}
	}
	if right < clips*9/10 || covered < clips*8/10 || let < clips*8/10 || kept < 20 {
		t.Errorf("of %d clips %d right, %d in their sets, %d let in; of 40 clips of another class %d kept out", clips, right, covered, let, kept)
	}
}

func rowsBelow(labels []int, c int) []int {
	var rows []int
	for i, y := range labels {
		if y < c {
			rows = append(rows, i)
		}
	}
	return rows
}

// TestSeveralClassesAClip: a classifier that answers class by class comes back,
// and says of each class whether the clip is of it, by the class's threshold.
func TestSeveralClassesAClip(t *testing.T) {
	train := clips(8, 1)
	for i, y := range train.Labels {
		train.Truth = append(train.Truth, []int{y, (y + 1) % 3}[:1+i%2]) // no clip is of classes that none is trained to tell
	}
	train.Labels = nil
	method, err := probe.FindMethod(probe.Methods(), "ridge")
	if err != nil {
		t.Fatal(err)
	}
	fitted, err := method.Run(context.Background(), train, nil)
	if err != nil {
		t.Fatal(err)
	}
	b, err := New(context.Background(), "ridge", fitted, train, Origin{})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "b.safetensors")
	if err := b.Write(path); err != nil {
		t.Fatal(err)
	}
	got, err := Read(path)
	if err != nil {
		t.Fatal(err)
	}
	if !got.Multi() || !slices.Equal(got.Classifier.Logits(train.X).Data, fitted.Classifier.Logits(train.X).Data) {
		t.Error("answers differently after it was read back")
	}
	answers, err := got.Classify(train.X)
	if err != nil {
		t.Fatal(err)
	}
	var right int
	from := got.About().Thresholds
	for i, a := range answers {
		for _, s := range a.Scores {
			at := from[slices.Index(got.Classes, s.Label)]
			if math.Abs(s.P-at) > 1e-6 && (s.P > at) != slices.Contains(a.Set, s.Label) || *s.Is != slices.Contains(a.Set, s.Label) {
				t.Fatalf("clip %d: %s with p %.2f of %.2f, the set is %v", i, s.Label, s.P, at, a.Set)
			}
		}
		if *a.None != (len(a.Set) == 0) {
			t.Fatalf("clip %d: %v, none of them: %v", i, a.Set, *a.None)
		}
		if slices.Contains(a.Set, train.Classes[train.Truth[i][0]]) {
			right++
		}
	}
	if !reflect.DeepEqual(got.Reference.Membership(), train.Membership()) || !reflect.DeepEqual(b.About(), got.About()) {
		t.Error("what is known of it came back otherwise")
	}
	if right < len(answers)*3/4 {
		t.Errorf("%d of %d clips have their class in the set", right, len(answers))
	}
}

// TestReferenceKeepsEveryRecording: of more clips than it keeps, it keeps some
// of all recordings, with what was said of them.
func TestReferenceKeepsEveryRecording(t *testing.T) {
	train := clips(300, 1)
	fitted, err := probe.Methods()[0].Run(context.Background(), train, nil)
	if err != nil {
		t.Fatal(err)
	}
	b, err := New(context.Background(), "zero-shot", fitted, train, Origin{})
	if err != nil {
		t.Fatal(err)
	}
	if b.Reference.Len() != MaxReference || b.Training.Clips != 1200 || b.Training.Groups != 600 {
		t.Fatalf("%d of %d clips kept, %d recordings", b.Reference.Len(), b.Training.Clips, b.Training.Groups)
	}
	if _, groups := probe.NumberGroups(b.Reference.Groups, b.Reference.Len()); groups != 600 {
		t.Errorf("clips of %d of 600 recordings kept", groups)
	}
	for i, r := range b.HeldOut.Rows {
		want := fitted.Classifier.Logits(b.Reference.X.Take([]int{r})).Data
		if got := b.HeldOut.Logits.Row(r); !slices.Equal(got, want) {
			t.Fatalf("clip %d of the reference has the logits of another", i)
		}
	}
}

// TestOtherEmbeddings: another model's, or of a file that does not say.
func TestOtherEmbeddings(t *testing.T) {
	b := Bundle{Origin: Origin{Space: "a", Model: "one", Recipe: "eval", Frames: 12}}
	if err := b.CheckOrigin(Origin{Space: "a"}); err != nil {
		t.Error(err)
	}
	for want, o := range map[string]Origin{"of two": {Space: "b", Model: "two"}, "of one (features": {Space: "c", Model: "one", Recipe: "features"}} {
		if err := b.CheckOrigin(o); fault.KindOf(err) != fault.Config || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v", o, err)
		}
	}
	if err := new(Bundle).CheckOrigin(Origin{}); fault.KindOf(err) != fault.Config {
		t.Error("a bundle of no known model takes any")
	}
	if _, err := (&Bundle{Width: 3}).Classify(probe.NewMatrix(1, 4)); fault.KindOf(err) != fault.Input {
		t.Errorf("clips of another width: %v", err)
	}
}

// notStored is a classifier nobody can write down.
type notStored struct{ probe.Classifier }

func TestWhatCannotBeStored(t *testing.T) {
	train := clips(4, 1)
	for _, c := range []probe.Classifier{notStored{}, probe.Scaled{Classifier: notStored{probe.ZeroShot(train.Text, 1)}, By: 1}} {
		b, err := New(context.Background(), "x", probe.Fitted{Classifier: c}, train, Origin{})
		path := filepath.Join(t.TempDir(), "b.safetensors")
		if err == nil {
			err = b.Write(path)
		}
		if err == nil || !strings.Contains(err.Error(), "cannot be stored") {
			t.Errorf("%T: %v", c, err)
		}
	}
}

// written returns a bundle as the tensors and metadata of its file.
func written(t testing.TB) (meta map[string]string, entries []safetensors.Entry) {
	t.Helper()
	train := clips(4, 1)
	fitted, err := fewshot.Methods()[0].Run(context.Background(), train, nil)
	if err != nil {
		t.Fatal(err)
	}
	b, err := New(context.Background(), "tip", fitted, train, Origin{})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "b.safetensors")
	if err := b.Write(path); err != nil {
		t.Fatal(err)
	}
	f, err := safetensors.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, name := range f.Names() {
		info, _ := f.Info(name)
		values, err := f.Doubles(name)
		if err != nil {
			t.Fatal(err)
		}
		entries = append(entries, safetensors.Float64Entry(name, info.Shape, values))
	}
	return f.Metadata, entries
}

// TestRefused: files that are not as they were written.
func TestRefused(t *testing.T) {
	meta, entries := written(t)
	text := meta[aboutKey]
	path := filepath.Join(t.TempDir(), "b.safetensors")
	for name, change := range map[string]func(m map[string]string, e []safetensors.Entry) []safetensors.Entry{
		"another format": func(m map[string]string, e []safetensors.Entry) []safetensors.Entry {
			m[formatKey] = "framepilot.bundle/2"
			return e
		},
		"no text":          func(m map[string]string, e []safetensors.Entry) []safetensors.Entry { m[aboutKey] = ""; return e },
		"a strange field":  replaced(text, `"width"`, `"widht"`),
		"text after text":  replaced(text, text, text+"{}"),
		"another width":    replaced(text, `"width":12`, `"width":13`),
		"fewer classes":    replaced(text, `"class 3"`, `"class 2"`),
		"a strange kind":   replaced(text, `"kind":"tip"`, `"kind":"tap"`),
		"no alpha":         replaced(text, `"alpha"`, `"alfa"`),
		"no temperature":   replaced(text, `"temperature":`, `"temperature":-`),
		"a missing tensor": func(_ map[string]string, e []safetensors.Entry) []safetensors.Entry { return e[1:] },
		"a tensor too many": func(_ map[string]string, e []safetensors.Entry) []safetensors.Entry {
			return append(e, safetensors.Float64Entry("more", []int{1, 1}, []float64{1}))
		},
		"a label too large": func(_ map[string]string, e []safetensors.Entry) []safetensors.Entry {
			for i := range e {
				if strings.HasSuffix(e[i].Name, "/0/labels") {
					e[i] = safetensors.Float64Entry(e[i].Name, e[i].Shape, slices.Repeat([]float64{9}, 16))
				}
			}
			return e
		},
	} {
		m := map[string]string{formatKey: Format, aboutKey: text}
		if err := safetensors.Write(path, m, change(m, slices.Clone(entries)), nil); err != nil {
			t.Fatal(err)
		}
		if _, err := Read(path); fault.KindOf(err) != fault.Input {
			t.Errorf("%s: read with error %v", name, err)
		}
	}
	if _, err := Read(filepath.Join(t.TempDir(), "none")); fault.KindOf(err) != fault.Input {
		t.Errorf("no file: %v", err)
	}
}

func replaced(text, old, with string) func(map[string]string, []safetensors.Entry) []safetensors.Entry {
	if !strings.Contains(text, old) {
		panic("no " + old + " in " + text)
	}
	return func(m map[string]string, e []safetensors.Entry) []safetensors.Entry {
		m[aboutKey] = strings.Replace(text, old, with, 1)
		return e
	}
}
