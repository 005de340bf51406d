package fewshot

import (
	"context"
	"math"

	"gonum.org/v1/gonum/floats"

	"framepilot/probe"
)

// Mixture is the mean of what several classifiers take for likely: its logits
// are the logarithms of their mean posteriors. Their mistakes cancel where they
// make different ones.
type Mixture struct{ Of []probe.Classifier }

// Logits implements probe.Classifier.
func (m *Mixture) Logits(x probe.Matrix) probe.Matrix {
	logits := make([]probe.Matrix, len(m.Of))
	for k, c := range m.Of {
		logits[k] = c.Logits(x)
	}
	return mixed(logits)
}

// Columns implements what probe.Columns asks for: the members forget the other
// classes before their posteriors are averaged.
func (m *Mixture) Columns(classes []int) probe.Classifier {
	out := &Mixture{}
	for _, c := range m.Of {
		out.Of = append(out.Of, probe.Columns(c, classes))
	}
	return out
}

// mixed averages the posteriors of logits (N, C), in logarithms so that none
// is lost.
func mixed(logits []probe.Matrix) probe.Matrix {
	out := probe.NewMatrix(logits[0].Rows, logits[0].Cols)
	row := make([]float64, out.Cols)
	logs := make([]float64, len(logits)) // of one class, over the members
	share := math.Log(float64(len(logits)))
	for i := range out.Rows {
		norms := make([]float64, len(logits))
		for k, l := range logits {
			for c, z := range l.Row(i) {
				row[c] = float64(z)
			}
			norms[k] = floats.LogSumExp(row)
		}
		for c := range out.Cols {
			for k, l := range logits {
				logs[k] = float64(l.Row(i)[c]) - norms[k]
			}
			out.Row(i)[c] = float32(floats.LogSumExp(logs) - share)
		}
	}
	return out
}

// mix joins fitted methods into one.
func mix(fitted ...probe.Fitted) probe.Fitted {
	m := &Mixture{}
	var out probe.Fitted
	var held []probe.Matrix
	refit, judged := true, true
	for _, f := range fitted {
		m.Of = append(m.Of, f.Classifier)
		out.Choices = append(out.Choices, f.Choices...)
		held = append(held, f.HeldOut.Logits)
		refit = refit && f.Refit != nil
		judged = judged && f.HeldOut.Logits.Rows > 0
	}
	out.Classifier = m
	if judged {
		out.HeldOut = probe.HeldOut{Logits: mixed(held), Rows: common(fitted)}
	}
	if refit {
		out.Refit = func(ctx context.Context, train probe.Features) (probe.Classifier, error) {
			again := &Mixture{}
			for _, f := range fitted {
				c, err := f.Refit(ctx, train)
				if err != nil {
					return nil, err
				}
				again.Of = append(again.Of, c)
			}
			return again, nil
		}
	}
	return out
}

// common lists the clips, ascending, that all can be judged by; none of none.
func common(fitted []probe.Fitted) []int {
	if len(fitted) == 0 {
		return nil
	}
	times := make(map[int]int)
	for _, f := range fitted {
		for _, r := range f.HeldOut.Rows {
			times[r]++
		}
	}
	var rows []int
	for _, r := range fitted[0].HeldOut.Rows {
		if times[r] == len(fitted) {
			rows = append(rows, r)
		}
	}
	return rows
}

const kindMixture = "mixture"

// Parts implements probe.Stored.
func (m *Mixture) Parts() probe.Parts { return probe.Parts{Kind: kindMixture, Inner: m.Of} }

func loadMixture(r *probe.PartsReader) probe.Classifier { return &Mixture{r.Inners()} }
