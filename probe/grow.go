package probe

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"framepilot/internal/fault"
)

// Growth is a fitted classifier that a class is to join, and what is known of
// the class. What is known of the others stays as it is.
type Growth struct {
	Classifier Classifier // of C classes
	Choices    []Choice   // settings it was fitted with
	Train      Features   // what it was fitted to: clips, labels, texts
	Part       float64    // share of the clips it was fitted to that Train holds, where that is a sample; 0: all
	Clips      Features   // of the class that joins: X and Groups; none will do where a text can speak for it
	Text       []float32  // d, its prototype, of unit length; nil: none
}

// Fitted is the number of clips that the classifier was fitted to.
func (g Growth) Fitted() int { return int(math.Round(float64(g.Train.Len()) / cmp.Or(g.Part, 1))) }

// Grow returns the classifier with one more class, the last: its parameters
// follow from its own clips and text, and those of all other classes are the
// same to the last bit. A method whose classes have to be weighed against each
// other cannot do that: it is an error to ask.
func (m Method) Grow(ctx context.Context, g Growth) (Classifier, error) {
	if err := m.CanGrow(g, g.Clips.Len() > 0); err != nil {
		return nil, err
	}
	tags, several := g.Classifier.(*Tags)
	if g.Clips.Len() == 0 && g.Text == nil {
		return nil, fault.New(fault.Input, "name clips of it", "%s: nothing is known of the class that is to join", m.Name)
	}
	if g.Train.Len() > 0 {
		m.Anchored = true // whichever classes there are clips of
		var err error
		if g.Train, _, err = m.evidence(g.Train); err != nil {
			return nil, err
		}
	}
	g.Clips.Labels = make([]int, g.Clips.Len())
	g.Clips, _ = g.Clips.distinct()
	if several {
		return m.growTags(ctx, tags, g)
	}
	return m.Grows(ctx, g)
}

// CanGrow reports why no class can join a classifier of the method, or none
// that has clips. Of g it looks at Classifier and Choices.
func (m Method) CanGrow(g Growth, clips bool) error {
	if _, several := g.Classifier.(*Tags); several {
		return nil
	}
	if m.Members != nil {
		of, err := m.Members(g.Choices)
		if err != nil {
			return err
		}
		for _, one := range of {
			if err := one.CanGrow(Growth{}, clips); err != nil {
				return fmt.Errorf("%s, which keeps %s: %w", m.Name, namesOf(of), err)
			}
		}
	}
	switch {
	case m.Grows == nil:
		return fault.New(fault.Config, "fit it again with the clips of all classes; zero-shot, nearest-mean, tip, ss-text, gda and proker take a class later, and every method of clips of several classes; those that lean on words take one from its words alone",
			"%s weighs classes against each other: a new one changes the others", m.Name)
	case clips && m.ByText:
		return fault.New(fault.Config, "leave the clips out, and it takes the class from its words (--text); or fit it again with the clips of all classes",
			"%s weighs classes with clips against each other: those of a new one change the others", m.Name)
	}
	return nil
}

func namesOf(methods []Method) string {
	names := make([]string, len(methods))
	for i, m := range methods {
		names[i] = m.Name
	}
	return strings.Join(names, " + ")
}

// growTags adds a class to a classifier of clips of several classes. Its odds
// and threshold are those common to all.
func (m Method) growTags(ctx context.Context, t *Tags, g Growth) (Classifier, error) {
	inner := g
	inner.Classifier = t.Classifier
	var grown Classifier
	var err error
	if one, ok := t.Classifier.(each); ok {
		grown, err = m.growEach(ctx, one, g)
	} else {
		grown, err = m.Grows(ctx, inner)
	}
	if err != nil {
		return nil, err
	}
	return &Tags{
		Classifier: grown, Common: t.Common,
		Slope:     append(slices.Clone(t.Slope), t.Common.Slope),
		Offset:    append(slices.Clone(t.Offset), t.Common.Offset),
		Threshold: append(slices.Clone(t.Threshold), t.Common.Threshold),
	}, nil
}

// growEach fits one more classifier of two classes, the new class's clips
// against all others, with the settings that were given.
func (m Method) growEach(ctx context.Context, e each, g Growth) (Classifier, error) {
	if g.Clips.Len() == 0 {
		return nil, fault.New(fault.Input, "name clips of it, or fit sigmoid, which reads texts", "%s: no clips of the class that is to join, and it learns from clips alone", m.Name)
	}
	two := Features{
		X: g.Train.X.Append(g.Clips.X), Classes: []string{"other", "it"}, Scale: g.Train.Scale,
		Groups: apart(g.Train, g.Clips), Labels: make([]int, g.Train.Len()+g.Clips.Len()),
	}
	for i := range g.Clips.Len() {
		two.Labels[g.Train.Len()+i] = 1
	}
	given := make(map[string]string)
	for _, c := range g.Choices {
		own := slices.ContainsFunc(m.Params, func(p Param) bool { return p.Name == c.Param }) // and not of auto, which kept m
		if own && c.Rung == Given {
			given[c.Param] = fmt.Sprint(c.Value)
		}
	}
	fitted, err := m.Run(ctx, two, given)
	if err != nil {
		return nil, err
	}
	return append(slices.Clone(e), fitted.Classifier), nil
}

// apart names the recordings of both, as different ones.
func apart(a, b Features) []string {
	var groups []string
	for side, f := range []Features{a, b} {
		number, _ := NumberGroups(f.Groups, f.Len())
		for _, g := range number {
			groups = append(groups, fmt.Sprint(side, " ", g))
		}
	}
	return groups
}

// Setting is the value of a setting the classifier was fitted with.
func (g Growth) Setting(name string) (float64, error) {
	value, known := 0.0, false
	for _, c := range g.Choices {
		if c.Param != name {
			continue
		}
		if known && c.Value != value { // of two methods
			return 0, fmt.Errorf("grow: %s was %g for one method and %g for another", name, value, c.Value)
		}
		value, known = c.Value, true
	}
	if !known {
		return 0, fmt.Errorf("grow: it is not known with which %s it was fitted", name)
	}
	return value, nil
}

// GrowScaled lets grow add the class to the classifier that c scales, however
// often, and scales it as before.
func GrowScaled(c Classifier, grow func(Classifier) (Classifier, error)) (Classifier, error) {
	s, ok := c.(Scaled)
	if !ok {
		return grow(c)
	}
	inner, err := GrowScaled(s.Classifier, grow)
	if err != nil {
		return nil, err
	}
	s.Classifier = inner
	if s.absent != nil {
		s.absent = append(slices.Clone(s.absent), false)
	}
	return s, nil
}

// GrowLinear adds a row of weights w (d) and a bias to the linear classifier
// within c.
func GrowLinear(c Classifier, row func(head *Linear, by float64) (w []float32, b float32, err error)) (Classifier, error) {
	by := 1.0
	for at := c; ; {
		s, ok := at.(Scaled)
		if !ok {
			break
		}
		by, at = by*s.By, s.Classifier
	}
	return GrowScaled(c, func(inner Classifier) (Classifier, error) {
		head, ok := inner.(*Linear)
		if !ok {
			return nil, fmt.Errorf("grow: a classifier of type %T is not linear", inner)
		}
		w, b, err := row(head, by)
		if err != nil {
			return nil, err
		}
		return &Linear{W: head.W.Append(Matrix{Rows: 1, Cols: len(w), Data: w}), B: append(slices.Clone(head.B), b)}, nil
	})
}

// Append returns m with the rows of more below.
func (m Matrix) Append(more Matrix) Matrix {
	return Matrix{Rows: m.Rows + more.Rows, Cols: m.Cols, Data: slices.Concat(m.Block(0, m.Rows).Data, more.Block(0, more.Rows).Data)}
}

// Columns is a classifier that knows the given classes of another one only, as
// if nobody had heard of the others, where their clips weigh on nothing but
// their own logits.
func Columns(c Classifier, classes []int) Classifier {
	switch c := c.(type) {
	case Scaled:
		return Scaled{Classifier: Columns(c.Classifier, classes), By: c.By}
	case interface {
		Columns(classes []int) Classifier
	}:
		return c.Columns(classes)
	}
	return columns{c, classes}
}

type columns struct {
	Classifier
	classes []int
}

// Logits implements Classifier.
func (c columns) Logits(x Matrix) Matrix {
	out, _ := c.Classifier.Logits(x).takeColumns(c.classes)
	return out
}
