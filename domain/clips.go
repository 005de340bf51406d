package domain

import (
	"math"

	"framepilot/internal/fault"
	"framepilot/probe"
)

// Clips is all that may be known of a site without labels.
type Clips struct {
	X      probe.Matrix // (N, d) embeddings, rows of unit length
	Groups []string     // N recordings; nil or "": the clip stands alone
}

// Unlabelled takes the labels away from f.
func Unlabelled(f probe.Features) Clips { return Clips{X: f.X, Groups: f.Groups} }

// Len is the number of clips.
func (c Clips) Len() int { return c.X.Rows }

// check reports clips no method can work with.
func (c Clips) check(step, who string, atLeast int) error {
	switch {
	case len(c.X.Data) != c.X.Rows*c.X.Cols:
		return fault.New(fault.Unexpected, "", "%s: %s: %d values for %d rows × %d", step, who, len(c.X.Data), c.X.Rows, c.X.Cols)
	case len(c.Groups) != 0 && len(c.Groups) != c.X.Rows:
		return fault.New(fault.Input, "", "%s: %s: %d groups for %d clips", step, who, len(c.Groups), c.X.Rows)
	case c.X.Rows < atLeast:
		return fault.New(fault.Input, "film more clips there", "%s: %d %s clips, want at least %d", step, c.X.Rows, who, atLeast)
	}
	for i, v := range c.X.Data {
		if v-v != 0 {
			return fault.New(fault.Input, "", "%s: %s clip %d has a value that is not finite", step, who, i/c.X.Cols)
		}
	}
	return nil
}

// checkBoth checks the clips of two sites that are to be compared.
func checkBoth(step string, source, target Clips, atLeast int) error {
	if err := source.check(step, "source", atLeast); err != nil {
		return err
	}
	if err := target.check(step, "target", atLeast); err != nil {
		return err
	}
	if source.X.Cols != target.X.Cols {
		return fault.New(fault.Input, "make both with the same model",
			"%s: source embeddings have %d values, target embeddings %d", step, source.X.Cols, target.X.Cols)
	}
	return nil
}

// normalize scales x to unit length; zeros stay zeros.
func normalize(x []float64) {
	var sum float64
	for _, v := range x {
		sum += v * v
	}
	if sum == 0 {
		return
	}
	length := math.Sqrt(sum)
	for j := range x {
		x[j] /= length
	}
}
