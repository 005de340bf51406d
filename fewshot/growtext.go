package fewshot

import (
	"context"
	"fmt"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"framepilot/internal/fault"
	"framepilot/probe"
)

// Of classes with clips alone a fit has something to learn; one without stands
// where its text puts it, moved as the others are on average. So a class of
// which only the text is known can join any of these heads, and the head is the
// one that a new fit would give; of clap nearly, whose hold on each class would
// count the new text among those it can be taken for.

// growLinear adds a row: the text's, moved as the rows of classes with clips.
func growLinear(_ context.Context, g probe.Growth) (probe.Classifier, error) {
	return probe.GrowLinear(g.Classifier, func(head *probe.Linear, _ float64) ([]float32, float32, error) {
		row, bias := textRow(head, g)
		return row, bias, nil
	})
}

// growSSTextByText is growLinear, or the text alone where the head was made as
// the published code makes it.
func growSSTextByText(ctx context.Context, g probe.Growth) (probe.Classifier, error) {
	if !compatible(g) {
		return growLinear(ctx, g)
	}
	return probe.GrowLinear(g.Classifier, func(*probe.Linear, float64) ([]float32, float32, error) {
		row := probe.Widen(g.Text)
		floats.Scale(g.Train.LogitScale(), row)
		return probe.Narrow(row), 0, nil
	})
}

// growCLAP is growLinear, but for the published cosine head, in whose training
// classes without clips have their say.
func growCLAP(ctx context.Context, g probe.Growth) (probe.Classifier, error) {
	if compatible(g) {
		return nil, fault.New(fault.Config, "fit it again with the texts of all classes, or without compat",
			"clap with compat = 1 lets classes without clips compete: a new one changes the others")
	}
	return growLinear(ctx, g)
}

// textRow is the weight and the bias of a class without clips.
func textRow(head *probe.Linear, g probe.Growth) ([]float32, float32) {
	row := probe.Widen(g.Text)
	floats.Scale(g.Train.LogitScale(), row)
	floats.Add(row, moved(head.W, g.Train))
	var bias float64
	present := presentIn(g.Train)
	for _, c := range present {
		bias += float64(head.B[c]) / float64(len(present))
	}
	return probe.Narrow(row), float32(bias)
}

// growAdapter adds a text to those that adapted embeddings are compared with.
func growAdapter(_ context.Context, g probe.Growth) (probe.Classifier, error) {
	text := probe.Matrix{Rows: 1, Cols: len(g.Text), Data: g.Text}
	return probe.GrowScaled(g.Classifier, func(c probe.Classifier) (probe.Classifier, error) {
		switch old := c.(type) {
		case *LinearAdapter:
			out := *old
			out.Text = old.Text.Append(text)
			return &out, nil
		case *ClipAdapter:
			out := *old
			out.Text = old.Text.Append(text)
			return &out, nil
		}
		return nil, fmt.Errorf("a classifier of type %T is no adapter", c)
	})
}

// growAttentive adds a text, and what the head says of classes with clips on
// average.
func growAttentive(_ context.Context, g probe.Growth) (probe.Classifier, error) {
	return probe.GrowScaled(g.Classifier, func(c probe.Classifier) (probe.Classifier, error) {
		old, ok := c.(*Attentive)
		if !ok {
			return nil, fmt.Errorf("attentive: a classifier of type %T is none of its own", c)
		}
		out := *old
		out.Text = old.Text.Append(probe.Matrix{Rows: 1, Cols: len(g.Text), Data: g.Text})
		present := presentIn(g.Train)
		withMean := func(m *mat.Dense) *mat.Dense {
			classes, width := m.Dims()
			grown := mat.NewDense(classes+1, width, nil)
			grown.Slice(0, classes, 0, width).(*mat.Dense).Copy(m)
			for _, c := range present {
				floats.AddScaled(grown.RawRowView(classes), 1/float64(len(present)), m.RawRowView(c))
			}
			return grown
		}
		out.Values, out.Clip = withMean(old.Values), withMean(old.Clip)
		out.Bias = withMean(mat.NewDense(len(old.Bias), 1, old.Bias)).RawMatrix().Data
		return &out, nil
	})
}
