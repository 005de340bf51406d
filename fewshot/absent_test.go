package fewshot

import (
	"context"
	"strings"
	"testing"

	"framepilot/probe"
)

// TestAutoJudgesClassesWithoutClips: of two methods, the one a little better on
// held-out clips gives classes without clips up; where as many classes have none
// as have some, it loses.
func TestAutoJudgesClassesWithoutClips(t *testing.T) {
	train := probe.Features{Classes: []string{"a", "b", "c", "d"}, X: probe.NewMatrix(8, 1), Labels: []int{0, 0, 0, 0, 1, 1, 1, 1}}
	for i := range train.X.Rows {
		train.X.Row(i)[0] = 1 // unit length; what they show is in what is said of them
	}
	says := func(name string, seen, unseen float32) contender {
		c := contender{name: name}
		c.fitted.HeldOut = probe.HeldOut{Logits: probe.NewMatrix(8, 4)}
		for r, y := range train.Labels {
			c.fitted.HeldOut.Rows = append(c.fitted.HeldOut.Rows, r)
			c.fitted.HeldOut.Logits.Row(r)[y] = seen
		}
		c.fitted.Refit = func(_ context.Context, rest probe.Features) (probe.Classifier, error) {
			head := &probe.Linear{W: probe.NewMatrix(4, 1), B: make([]float32, 4)}
			has := map[int]bool{}
			for _, y := range rest.Labels {
				has[y] = true
			}
			for y := range 2 {
				if !has[y] {
					head.W.Row(y)[0] = unseen
				}
			}
			return head, nil
		}
		return c
	}
	judge := func() (fair, closed contender) {
		all := []contender{says("fair", 3, 2), says("closed", 4, -4)}
		e := newEvidence(train, all)
		for i := range all {
			if err := e.leaveClassesOut(t.Context(), &all[i]); err != nil {
				t.Fatal(err)
			}
			if err := e.judge(&all[i]); err != nil {
				t.Fatal(err)
			}
		}
		return all[0], all[1]
	}
	if fair, closed := judge(); fair.nll >= closed.nll {
		t.Errorf("with half of the classes without clips: %g, and %g of the method that gives them up", fair.nll, closed.nll)
	}
	train.Labels = []int{0, 0, 1, 1, 2, 2, 3, 3}
	if fair, closed := judge(); fair.nll <= closed.nll || fair.absent.Rows > 0 {
		t.Errorf("with clips of all classes: %g, and %g of the method that is better on them", fair.nll, closed.nll)
	}
}

// TestAutoOfTwoClasses: where clips are of two of five classes, methods are
// asked about one after fits to the other alone. auto says what it counted.
func TestAutoOfTwoClasses(t *testing.T) {
	train := newWorld(5, 16, 3).clips([]int{12, 12, 0, 0, 0}, false)
	if s := sentence(run(t, "auto", train, map[string]string{"folds": "2"})); !strings.Contains(s, "to 60 % that of fits without all clips of its class, as 3 of 5 classes have none") {
		t.Errorf("auto explains itself as %q", s)
	}
}
