package autodiff

import (
	"context"
	"fmt"
	"math"
)

// Schedule is how a head is trained: so many full-batch steps of AdamW, their
// length falling to zero along a cosine.
type Schedule struct {
	Steps  int
	Adam   Adam
	Before func(step int) // called ahead of every step; nil: nothing
}

// Train follows the schedule down a loss; the parameters are left where it
// ends.
func Train(ctx context.Context, loss Node, s Schedule) error {
	if s.Steps == 0 {
		return nil
	}
	p, err := Compile(loss)
	if err != nil {
		return err
	}
	defer p.Close()
	return s.Descend(ctx, p.Params, p.Loss)
}

// Descend is Train for a loss that leaves gradients with its parameters by
// itself, as one whose derivatives are written out does.
func (s Schedule) Descend(ctx context.Context, params []*Param, loss func() (float64, error)) error {
	for step := range s.Steps {
		if err := ctx.Err(); err != nil {
			return err
		}
		if s.Before != nil {
			s.Before(step)
		}
		at, err := loss()
		if err != nil {
			return err
		}
		if math.IsNaN(at) || math.IsInf(at, 0) {
			return fmt.Errorf("training diverged: the loss is %g after %d steps", at, step)
		}
		s.Adam.Step(params, (1+math.Cos(math.Pi*float64(step)/float64(s.Steps)))/2)
	}
	return nil
}
