package probe

import (
	"context"
	"fmt"
	"slices"

	"framepilot/internal/cores"
)

// each is one classifier a class, for clips that may be of several: the logit
// of a class is how much likelier its classifier thinks it is than not. They
// share no softmax; a row of logits is no posterior over classes.
type each []Classifier // C, of two classes each: not, and it; nil where nothing could be learned

// Logits implements Classifier.
func (e each) Logits(x Matrix) Matrix {
	out := NewMatrix(x.Rows, len(e))
	for c, one := range e {
		if one == nil {
			for i := range x.Rows {
				out.Row(i)[c] = -absentMargin
			}
			continue
		}
		two := one.Logits(x)
		for i := range x.Rows {
			out.Row(i)[c] = two.Row(i)[1] - two.Row(i)[0]
		}
	}
	return out
}

// oneForEach fits the method to multi-label clips, a class at a time: its
// clips against all others (binary relevance). Every class chooses its
// settings by the ladder. A class that no
// training clip is of, or all are, cannot be learned: all clips get one
// logit.
func (m Method) oneForEach(ctx context.Context, train, validation Features, settings Settings) (Fitted, error) {
	fitted := make([]Fitted, len(train.Classes))
	errs := make([]error, len(train.Classes))
	learned := train.mixedClasses()
	cores.Each(len(train.Classes), func(c int) {
		if learned[c] {
			fitted[c], errs[c] = m.run(ctx, train.against(c), validation.against(c), settings)
		}
	})
	heads := make(each, len(train.Classes))
	var choices []Choice
	held := HeldOut{Logits: NewMatrix(train.Len(), len(heads)), Rows: allRows(train.Len()), Classes: make([]bool, len(heads))}
	for c, class := range train.Classes {
		if errs[c] != nil {
			return Fitted{}, fmt.Errorf("class %q: %w", class, errs[c])
		}
		heads[c] = fitted[c].Classifier
		for _, choice := range fitted[c].Choices {
			choice.Class = class
			choices = append(choices, choice)
		}
		two := fitted[c].HeldOut
		if held.Classes[c] = len(two.Rows) > 0; held.Classes[c] {
			for i := range train.Len() {
				held.Logits.Row(i)[c] = two.Logits.Row(i)[1] - two.Logits.Row(i)[0]
			}
		}
	}
	return Fitted{Classifier: heads, Choices: choices, HeldOut: held}, nil
}

// against is multi-label clips as two classes: not of class c, and of it.
func (f Features) against(c int) Features {
	out := f
	out.Truth, out.Text, out.Classes = nil, Matrix{}, []string{"other", "it"}
	out.Labels = make([]int, len(f.Truth))
	for i, classes := range f.Truth {
		if slices.Contains(classes, c) {
			out.Labels[i] = 1
		}
	}
	return out
}
