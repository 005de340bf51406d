package autodiff

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
)

// Schedule is how a head is trained: so many steps of AdamW, their length
// falling to zero along a cosine.
type Schedule struct {
	Steps  int
	Adam   Adam
	Seed   uint64         // of the order in which batches are drawn
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
	rng := rand.New(rand.NewPCG(s.Seed, 0))
	for step := range s.Steps {
		if err := ctx.Err(); err != nil {
			return err
		}
		if s.Before != nil {
			s.Before(step)
		}
		for _, b := range loss.graph.batches {
			b.next(rng)
		}
		at, err := p.Loss()
		if err != nil {
			return err
		}
		if math.IsNaN(at) || math.IsInf(at, 0) {
			return fmt.Errorf("training diverged: the loss is %g after %d steps", at, step)
		}
		s.Adam.Step(p.Params, (1+math.Cos(math.Pi*float64(step)/float64(s.Steps)))/2)
	}
	return nil
}
