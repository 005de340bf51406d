package bundle

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"framepilot/fewshot"
	"framepilot/internal/fault"
	"framepilot/probe"
)

// Newcomer is a class that joins a bundle.
type Newcomer struct {
	Class string
	Clips probe.Features // of it: embeddings and recordings; none will do where words can speak for it
	Text  []float32      // its words' embedding, of unit length; nil: none
	Words []string       // the sentences it is of
	To    string         // SHA-256 of the bundle's file
	By    string         // the program that adds it
}

// Addition says how a class came to be in a bundle after it was made.
type Addition struct {
	Class   string   `json:"class"`
	Clips   int      `json:"clips"`
	Groups  int      `json:"recordings"`
	HeldOut int      `json:"held_out_clips"` // of these, clips that sets and none-of-the-above were set on
	Words   []string `json:"words,omitempty"`
	Digest  string   `json:"digest,omitempty"` // SHA-256 of embeddings and recordings
	To      string   `json:"added_to,omitempty"`
	By      string   `json:"by,omitempty"`
}

// AddClass returns the bundle with one more class. What is known of the others
// is the same to the last bit, and so is the temperature. Conformal sets and
// none-of-the-above are set again, on what is said of the reference clips and
// of those of the class by classifiers that had not seen them; a class with
// clips of one recording has no say in it.
func (b *Bundle) AddClass(ctx context.Context, n Newcomer) (*Bundle, error) {
	if err := b.Takes(n, n.Clips.Len() > 0); err != nil {
		return nil, err
	}
	g := probe.Growth{Classifier: b.Classifier, Choices: b.Choices, Train: b.Reference, Part: b.kept(), Clips: n.Clips, Text: n.Text}
	method, err := b.method()
	if err != nil {
		return nil, err
	}
	grown, err := method.Grow(ctx, g)
	if err != nil {
		return nil, fmt.Errorf("bundle: add %q: %w", n.Class, err)
	}
	out := *b
	out.Classifier, out.Key, out.Conformal, out.Unknown = grown, "", nil, nil
	out.Classes = append(slices.Clone(b.Classes), n.Class)
	out.Training.Shots = append(slices.Clone(b.Training.Shots), n.Clips.Len())
	_, groups := probe.NumberGroups(n.Clips.Groups, n.Clips.Len())
	out.Training.Clips += n.Clips.Len()
	out.Training.Groups += groups
	out.Reference = b.joined(n)
	a := Addition{Class: n.Class, Clips: n.Clips.Len(), Groups: groups, Words: n.Words, To: n.To, By: n.By}
	if n.Clips.Len() > 0 {
		a.Digest = fmt.Sprintf("%x", n.Clips.Digest())
	}
	if len(b.HeldOut.Rows) > 0 && !b.Multi() {
		if out.HeldOut, err = b.heldOutWith(ctx, method, g, grown, groups); err != nil {
			return nil, fmt.Errorf("bundle: add %q: %w", n.Class, err)
		}
		a.HeldOut = len(out.HeldOut.Rows) - len(b.HeldOut.Rows)
		if err := out.judge(ctx, out.calm(), out.Reference); err != nil {
			return nil, fmt.Errorf("bundle: add %q: %w", n.Class, err)
		}
	}
	out.Added = append(slices.Clone(b.Added), a)
	return &out, nil
}

// kept is the share of the clips it was made with that the bundle has.
func (b *Bundle) kept() float64 {
	labelled := len(b.Reference.Truth)
	for _, y := range b.Reference.Labels {
		if y != probe.Unlabelled {
			labelled++
		}
	}
	if labelled == 0 || labelled > b.Training.Clips {
		return 1
	}
	return float64(labelled) / float64(b.Training.Clips)
}

// method is the one that made the bundle; where clips may be of several classes,
// the one that auto kept.
func (b *Bundle) method() (probe.Method, error) {
	name := b.Method
	for _, c := range b.Choices {
		if took, ok := c.Took(); ok && b.Multi() {
			name = took
		}
	}
	m, err := probe.FindMethod(slices.Concat(probe.Methods(), fewshot.Methods(), fewshot.MultiMethods()), name)
	if err != nil {
		return m, fault.New(fault.Config, "add the class to the bundle of the method it starts from, and take that to the site",
			"bundle: %s fits a classifier to one site, with the classes it has", b.Method)
	}
	return m, nil
}

// ReadsWords says whether the classifier leans on the words of its classes, so
// that a class that joins needs some.
func (b *Bundle) ReadsWords() bool {
	m, err := b.method()
	return err == nil && (m.Anchored || m.Name == "zero-shot") && !(m.Name == "auto" && b.Reference.Text.Rows == 0)
}

// Takes reports why a class can't join, as far as that is plain before its
// clips, if there are to be some, and words are known.
func (b *Bundle) Takes(n Newcomer, clips bool) error {
	m, err := b.method()
	if err != nil {
		return err
	}
	if err := m.CanGrow(probe.Growth{Classifier: b.Classifier, Choices: b.Choices}, clips); err != nil {
		return fmt.Errorf("bundle: %w", err)
	}
	switch {
	case strings.TrimSpace(n.Class) == "":
		return fault.New(fault.Usage, "name the class that joins", "bundle: the new class has no name")
	case slices.Contains(b.Classes, n.Class):
		return fault.New(fault.Config, "classes keep what they were made with: give the new one another name, or fit all of them again",
			"bundle: there is a class %q already", n.Class)
	case b.alike(n.Class) != "":
		return fault.New(fault.Config, "give the new class another name, or label its clips as the old ones are", "bundle: %q is the class %q in other letters", n.Class, b.alike(n.Class))
	case n.Clips.Len() > 0 && n.Clips.X.Cols != b.Width:
		return fault.New(fault.Input, "embed the clips with the model the bundle was made with",
			"bundle: embeddings of %d values, the classifier takes %d", n.Clips.X.Cols, b.Width)
	case n.Text != nil && len(n.Text) != b.Width:
		return fault.New(fault.Input, "embed the words with the model the bundle was made with",
			"bundle: words of %d values, the classifier takes %d", len(n.Text), b.Width)
	}
	text := probe.Matrix{Rows: min(len(n.Text), 1), Cols: len(n.Text), Data: n.Text}
	if err := (probe.Features{X: text}).Check(); err != nil {
		return fmt.Errorf("bundle: the words of %q: %w", n.Class, err)
	}
	if err := n.Clips.Check(); err != nil {
		return fmt.Errorf("bundle: clips of %q: %w", n.Class, err)
	}
	return nil
}

// alike is a class whose name a person would take for the given one: the same
// but for case, width and blanks; "" where there is none.
func (b *Bundle) alike(name string) string {
	fold := func(s string) string {
		return cases.Fold().String(strings.Join(strings.Fields(norm.NFKC.String(s)), " "))
	}
	for _, c := range b.Classes {
		if fold(c) == fold(name) {
			return c
		}
	}
	return ""
}

// joined is the reference with the clips of the newcomer, of recordings of
// their own.
func (b *Bundle) joined(n Newcomer) probe.Features {
	f, class := b.Reference, len(b.Classes)
	f.Classes = append(slices.Clone(b.Classes), n.Class)
	switch {
	case n.Text == nil:
		f.Text = probe.Matrix{}
	case f.Text.Rows > 0:
		f.Text = f.Text.Append(probe.Matrix{Rows: 1, Cols: len(n.Text), Data: n.Text})
	}
	next := 0
	for _, g := range f.Groups {
		if number, err := strconv.Atoi(g); err == nil {
			next = max(next, number+1)
		}
	}
	f.X = probe.Matrix{Rows: f.X.Rows, Cols: b.Width, Data: f.X.Data}.Append(n.Clips.X)
	f.Groups, f.Labels, f.Truth = slices.Clone(f.Groups), slices.Clone(f.Labels), slices.Clone(f.Truth)
	number, _ := probe.NumberGroups(n.Clips.Groups, n.Clips.Len())
	for _, g := range number {
		f.Groups = append(f.Groups, strconv.Itoa(next+g))
		if b.Multi() {
			f.Labels, f.Truth = append(f.Labels, probe.Unlabelled), append(f.Truth, []int{class})
		} else {
			f.Labels = append(f.Labels, class)
		}
	}
	return f
}

// heldOutWith is what is said of the reference clips and the new ones by
// classifiers that had not seen them. Of old clips only the new class's logit
// is new; new clips are judged by a classifier grown without their recording.
func (b *Bundle) heldOutWith(ctx context.Context, method probe.Method, g probe.Growth, grown probe.Classifier, groups int) (probe.HeldOut, error) {
	old, classes := b.Reference.Len(), len(b.Classes)
	out := probe.HeldOut{Logits: probe.NewMatrix(old+g.Clips.Len(), classes+1), Rows: slices.Clone(b.HeldOut.Rows)}
	logits := grown.Logits(b.Reference.X)
	for i := range old {
		copy(out.Logits.Row(i), b.HeldOut.Logits.Row(i))
		out.Logits.Row(i)[classes] = logits.Row(i)[classes]
	}
	number, _ := probe.NumberGroups(g.Clips.Groups, g.Clips.Len())
	for group := range groups {
		var here, others []int
		for i, at := range number {
			if at == group {
				here = append(here, i)
			} else {
				others = append(others, i)
			}
		}
		without := grown
		if len(others) > 0 {
			rest := g
			rest.Clips = g.Clips.Take(others)
			var err error
			if without, err = method.Grow(ctx, rest); err != nil {
				return out, err
			}
		}
		for k, row := range rowsOf(without.Logits(g.Clips.X.Take(here))) {
			copy(out.Logits.Row(old+here[k]), row)
		}
	}
	if groups > 1 {
		for i := range g.Clips.Len() {
			out.Rows = append(out.Rows, old+i)
		}
	}
	return out, nil
}

func rowsOf(m probe.Matrix) [][]float32 {
	out := make([][]float32, m.Rows)
	for i := range out {
		out[i] = m.Row(i)
	}
	return out
}

// calm is the bundle's classifier at its temperature, with what is said of the
// reference clips. A fit without a class is the same classifier without that
// class's logit.
func (b *Bundle) calm() probe.Fitted {
	held := b.HeldOut
	held.Logits.Data = slices.Clone(held.Logits.Data)
	for i := range held.Logits.Data {
		held.Logits.Data[i] = float32(float64(held.Logits.Data[i]) / b.Temperature)
	}
	classifier := b.Calibrated()
	return probe.Fitted{
		Classifier: classifier, HeldOut: held,
		Refit: func(_ context.Context, rest probe.Features) (probe.Classifier, error) {
			var classes []int
			for _, name := range rest.Classes {
				classes = append(classes, slices.Index(b.Classes, name))
			}
			return probe.Columns(classifier, classes), nil
		},
	}
}
