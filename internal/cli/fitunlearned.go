package cli

import (
	"fmt"
	"io"
	"slices"

	"framepilot/adapt"
	"framepilot/internal/words"
	"framepilot/probe"
)

// fitUnlearned sets the test clips of classes that no training clip is of
// apart from the others.
type fitUnlearned struct {
	Classes []string `json:"classes"` // without training clips, that were tested; in the order of all classes
	ByText  bool     `json:"by_text"` // the texts of these classes stand in for clips; else none can be recognised
	fitRight
	Others fitRight `json:"others"` // clips of the classes learned
}

// fitRight is how many of some clips are recognised.
type fitRight struct {
	Clips int `json:"clips"`
	Right int `json:"right"`
}

// newFitUnlearned counts in the score of a classifier that learner made of the
// training clips; nil where no clip is of such a class, or it learns of no clips.
func newFitUnlearned(s probe.Score, learner probe.Method, train probe.Features) *fitUnlearned {
	if train.Len() == 0 || learner.Name == adapt.ZeroShot {
		return nil
	}
	u := fitUnlearned{ByText: learner.Anchored && train.Text.Rows > 0}
	tested := make([]bool, len(s.Classes))
	for _, p := range s.Predictions {
		of := &u.Others
		if !slices.Contains(train.Labels, p.Label) {
			of, tested[p.Label] = &u.fitRight, true
		}
		of.Clips++
		if p.Rank == 1 {
			of.Right++
		}
	}
	if u.Clips == 0 {
		return nil
	}
	for c, name := range s.Classes {
		if tested[c] {
			u.Classes = append(u.Classes, name)
		}
	}
	return &u
}

func (u fitUnlearned) text(w io.Writer) {
	fmt.Fprintf(w, "%d of %s are of classes without training clips: %s; ", u.Clips, words.Count(u.Clips+u.Others.Clips, "test clip"), words.FirstFew(u.Classes, 5, ", "))
	if u.ByText {
		fmt.Fprintf(w, "these are known by their texts alone, and %d of them are right", u.Right)
	} else {
		fmt.Fprint(w, "these were never learned, so they all count as wrong")
	}
	if o := u.Others; o.Clips > 0 {
		fmt.Fprintf(w, "; of the other %s %d are right, %.1f %%", words.Count(o.Clips, "clip"), o.Right, 100*float64(o.Right)/float64(o.Clips))
	}
	fmt.Fprintln(w)
}
