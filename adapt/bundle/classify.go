package bundle

import (
	"cmp"
	"fmt"
	"slices"

	"framepilot/internal/fault"
	"framepilot/probe"
)

// Answer is what a bundle says of one clip.
type Answer struct {
	Label  string   `json:"label"`         // the likeliest class
	Scores []Score  `json:"scores"`        // of all classes, likeliest first
	Set    []string `json:"set,omitempty"` // classes that cannot be ruled out, likeliest first; none where the bundle has no conformal threshold, or where all can be. Where a clip may be of several classes, those it is of
	None   *bool    `json:"none_of_the_above,omitempty"`
}

// Score is how likely a class is.
type Score struct {
	Label string  `json:"label"`
	P     float64 `json:"p"`
	Logit float64 `json:"logit"`        // calibrated
	Is    *bool   `json:"is,omitempty"` // whether the clip is of it, where it may be of several: whether the logit reaches the class's threshold
}

func said(yes bool) *bool { return &yes }

// from are the logits from which on a clip is of each class, where it may be
// of several: the thresholds, or 0, likelier than not, where there are none.
func (b *Bundle) from() []float64 {
	if from := probe.Thresholds(b.Classifier); from != nil {
		return from
	}
	return make([]float64, len(b.Classes))
}

// Classify answers for clips x (N, d).
func (b *Bundle) Classify(x probe.Matrix) ([]Answer, error) {
	if x.Cols != b.Width {
		return nil, fault.New(fault.Input, "embed the clips with the model the bundle was made with",
			"bundle: embeddings of %d values, the classifier takes %d", x.Cols, b.Width)
	}
	logits := b.Calibrated().Logits(x)
	for i, v := range logits.Data {
		if v-v != 0 {
			return nil, fault.New(fault.Input, "the bundle may be damaged: fit it again", "bundle: clip #%d has no finite logits", i/logits.Cols)
		}
	}
	var sets [][]int
	if b.Conformal != nil {
		sets = b.Conformal.Sets(logits)
	}
	from := b.from()
	confident := probe.Confident(logits)
	answers := make([]Answer, x.Rows)
	for i := range answers {
		a := &answers[i]
		posterior := probe.Softmax(logits.Row(i))
		if b.Multi() {
			for c, z := range logits.Row(i) {
				posterior[c] = probe.Sigmoid(float64(z))
			}
		}
		for c, p := range posterior {
			s := Score{Label: b.Classes[c], P: p, Logit: float64(logits.Row(i)[c])}
			if b.Multi() {
				s.Is = said(s.Logit >= from[c])
			}
			a.Scores = append(a.Scores, s)
		}
		slices.SortStableFunc(a.Scores, func(a, b Score) int { return cmp.Compare(b.Logit, a.Logit) })
		a.Label = a.Scores[0].Label
		for _, s := range a.Scores {
			if s.Is != nil && *s.Is {
				a.Set = append(a.Set, s.Label)
			}
		}
		if sets != nil {
			for _, s := range a.Scores {
				if slices.ContainsFunc(sets[i], func(c int) bool { return b.Classes[c] == s.Label }) {
					a.Set = append(a.Set, s.Label)
				}
			}
		}
		if b.Unknown != nil {
			a.None = said(confident[i] < b.Unknown.Threshold)
		}
		if b.Multi() {
			a.None = said(len(a.Set) == 0)
		}
	}
	return answers, nil
}

// sane tells whether the classifier answers its own reference, or a clip of
// its own making, with numbers.
func (b *Bundle) sane() error {
	x := b.Reference.X
	if x.Rows == 0 {
		x = probe.NewMatrix(1, b.Width)
		x.Data[0] = 1
	}
	if _, err := b.Classify(x); err != nil {
		return fmt.Errorf("the classifier does not work: %w", err)
	}
	return nil
}
