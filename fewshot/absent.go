package fewshot

import (
	"cmp"
	"context"
	"fmt"
	"math"

	"framepilot/internal/cores"
	"framepilot/internal/words"
	"framepilot/probe"
)

// classFolds is into how many parts classes are dealt to be left out: each part
// a refit of every method, and as few classes as often have no clips.
const classFolds = 5

// leaveClassesOut asks a contender about classes it has no clips of, which
// held-out clips cannot show: its settings as they are, it is fitted again
// without the clips of some classes, whose texts stay, and says what those clips
// are of.
func (e *evidence) leaveClassesOut(ctx context.Context, c *contender) error {
	if e.missing == 0 {
		return nil
	}
	if c.name == "zero-shot" {
		c.absent = c.fitted.Classifier.Logits(e.train.X) // has seen no class
		return nil
	}
	place := make(map[int]int) // of the classes that are judged, their number
	for _, r := range e.rows {
		if y := e.train.Labels[r]; place[y] == 0 {
			place[y] = len(place) + 1
		}
	}
	c.absent = probe.NewMatrix(e.train.Len(), len(e.train.Classes))
	errs := make([]error, min(classFolds, len(place)))
	cores.Each(len(errs), func(fold int) {
		var held, rest []int
		for r, y := range e.train.Labels {
			if at := place[y]; at > 0 && at%len(errs) == fold {
				held = append(held, r)
			} else {
				rest = append(rest, r)
			}
		}
		without, err := c.fitted.Refit(ctx, e.train.Take(rest))
		if err != nil {
			errs[fold] = fmt.Errorf("auto: %s without the clips of some classes: %w", c.name, err)
			return
		}
		logits := without.Logits(e.train.X.Take(held))
		for i, r := range held {
			copy(c.absent.Row(r), logits.Row(i))
		}
	})
	return cmp.Or(errs...)
}

// loss is what a contender loses on clip r, in nats. Of the clips to come, as
// many are of classes without clips as there are such classes, so that this
// share of the loss is that of fits which had not seen the clip's class.
func (e *evidence) loss(c *contender, r int) float64 {
	y := e.train.Labels[r]
	loss := surprise(c.fitted.HeldOut.Logits.Row(r), y)
	if e.missing == 0 {
		return loss
	}
	share := float64(e.missing) / float64(len(e.train.Classes))
	return (1-share)*loss + share*surprise(c.absent.Row(r), y)
}

// surprise is -log of the posterior of class y.
func surprise(logits []float32, y int) float64 {
	return -math.Log(max(probe.Softmax(logits)[y], math.SmallestNonzeroFloat64))
}

// counted says how the loss of classes without clips came into a gain.
func (e *evidence) counted() words.Sentence {
	if e.missing == 0 {
		return words.Sentence{}
	}
	return words.Say(", to %.0f %% that of fits without all clips of its class, as %d of %d classes have none",
		100*float64(e.missing)/float64(len(e.train.Classes)), e.missing, len(e.train.Classes))
}
