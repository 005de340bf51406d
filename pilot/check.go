package pilot

import (
	"fmt"
	"math"
	"slices"
)

// check reports the first thing that would make the ledger hold a number
// nobody can read: not finite, out of its range, an interval without a kind.
func (r Result) check() error {
	if r.Key == "" {
		return fmt.Errorf("it has no key")
	}
	if r.Task != Classification && r.Task != Retrieval {
		return fmt.Errorf("task %q is not %s or %s", r.Task, Classification, Retrieval)
	}
	if r.Shots < 0 || r.Draw < 0 {
		return fmt.Errorf("%d shots, draw %d: neither may be negative", r.Shots, r.Draw)
	}
	if r.Look < 0 || r.Agreed < 0 {
		return fmt.Errorf("look %d of %d: neither may be negative", r.Look, r.Agreed)
	}
	if len(r.Metrics) == 0 {
		return fmt.Errorf("it has no metrics")
	}
	for i, m := range r.Metrics {
		if err := m.check(); err != nil {
			return fmt.Errorf("metric %q: %w", m.Name, err)
		}
		if slices.ContainsFunc(r.Metrics[:i], func(o Metric) bool { return o.Name == m.Name }) {
			return fmt.Errorf("metric %q appears twice", m.Name)
		}
	}
	known := make(map[string]bool, len(r.Classes))
	for _, c := range r.Classes {
		if known[c] {
			return fmt.Errorf("class %q appears twice", c)
		}
		known[c] = true
	}
	for _, c := range r.PerClass {
		if !known[c.Class] {
			return fmt.Errorf("score of class %q, which is not among the classes", c.Class)
		}
		if err := c.check(); err != nil {
			return fmt.Errorf("class %q: %w", c.Class, err)
		}
	}
	for _, c := range r.PerLabel {
		if !known[c.Class] {
			return fmt.Errorf("score of class %q, which is not among the classes", c.Class)
		}
		if err := c.check(); err != nil {
			return fmt.Errorf("class %q: %w", c.Class, err)
		}
	}
	for _, p := range r.Predictions {
		if !(p.P >= -slack && p.P <= 1+slack) {
			return fmt.Errorf("clip %q: probability %v is not in [0, 1]", p.Clip, p.P)
		}
		for _, g := range p.Next {
			if !(g.P >= -slack && g.P <= 1+slack) {
				return fmt.Errorf("clip %q: probability %v of %s is not in [0, 1]", p.Clip, g.P, g.Class)
			}
		}
		if n := len(p.Scores); n > 0 && n != len(r.Classes) || r.Several() != (p.Scores != nil) {
			return fmt.Errorf("clip %q: %d scores of %d classes", p.Clip, n, len(r.Classes))
		}
		for _, z := range p.Scores {
			if err := finite(float64(z)); err != nil {
				return fmt.Errorf("clip %q: a score is not a finite number: %w", p.Clip, err)
			}
		}
	}
	return checkConfusion(r.Confusion, len(r.Classes))
}

// slack forgives the last bits of a float: a Wilson bound of 1.0000000000000002.
const slack = 1e-9

func (m Metric) check() error {
	if m.Name == "" {
		return fmt.Errorf("it has no name")
	}
	if m.N < 0 {
		return fmt.Errorf("%d clips", m.N)
	}
	values := []float64{m.Value}
	if m.HasInterval {
		values = append(values, m.Low, m.High)
		if m.Interval == "" {
			return fmt.Errorf("the interval does not say its kind and level")
		}
		if m.Low > m.High {
			return fmt.Errorf("the interval [%v, %v] is the wrong way round", m.Low, m.High)
		}
	}
	for _, v := range values {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("%v is not a finite number", v)
		}
		if m.Unit == "" && (v < -slack || v > 1+slack) {
			return fmt.Errorf("%v is not a fraction in [0, 1], and no unit is named", v)
		}
	}
	return nil
}

func (c ClassScore) check() error {
	if c.N < 0 || c.Correct < 0 || c.Correct > c.N {
		return fmt.Errorf("%d of %d correct", c.Correct, c.N)
	}
	for _, v := range []float64{c.Recall, c.Low, c.High} {
		if !(v >= -slack && v <= 1+slack) {
			return fmt.Errorf("%v is not a fraction in [0, 1]", v)
		}
	}
	if c.N > 0 && c.Interval == "" {
		return fmt.Errorf("the interval does not say its kind and level")
	}
	return nil
}

func (c LabelScore) check() error {
	if c.N < 0 || c.Said < 0 || c.Correct < 0 || c.Correct > min(c.N, c.Said) {
		return fmt.Errorf("%d right of %d clips and %d said", c.Correct, c.N, c.Said)
	}
	for _, v := range []float64{c.AP, c.APLow, c.APHigh, c.Threshold, c.F1, c.F1Low, c.F1High} {
		if !(v >= -slack && v <= 1+slack) {
			return fmt.Errorf("%v is not a fraction in [0, 1]", v)
		}
	}
	if c.Interval == "" {
		return fmt.Errorf("the intervals do not say their kind and level")
	}
	return nil
}

func checkConfusion(m [][]int, classes int) error {
	if m == nil {
		return nil
	}
	if len(m) != classes {
		return fmt.Errorf("confusion matrix has %d rows for %d classes", len(m), classes)
	}
	total := 0
	for i, row := range m {
		if len(row) != classes {
			return fmt.Errorf("confusion matrix row %d has %d columns for %d classes", i, len(row), classes)
		}
		for _, n := range row {
			if n < 0 {
				return fmt.Errorf("confusion matrix row %d holds %d clips", i, n)
			}
			total += n
		}
	}
	if total == 0 {
		return fmt.Errorf("confusion matrix counts no clip")
	}
	return nil
}
