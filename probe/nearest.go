package probe

import (
	"context"
	"slices"

	"framepilot/internal/fault"
	"framepilot/internal/words"
)

// NearestMean compares a clip with the mean of each class's training clips,
// after taking away what all training clips have in common (SimpleShot, Wang
// et al. 2019). Both are simple enough that every other method must beat it.
//
// The logit of class c is Scale times the cosine between the centred clip and
// the mean of the centred, normalised clips of c.
type NearestMean struct {
	Centre []float32 // d, mean of the training clips
	Means  Matrix    // (C, d) mean directions of the classes, unit rows
	Scale  float64   // logit per unit of cosine; zero means 1

	absent []bool // C, classes without a training clip
}

// FitNearestMean takes the class means of the labelled clips. A class without
// any gets a logit below what any other class can reach.
func FitNearestMean(train Features, scale float64) (*NearestMean, error) {
	train, present, err := train.trainable("nearest mean")
	if err != nil {
		return nil, err
	}
	m := &NearestMean{
		Centre: meanRow(train.X),
		Means:  NewMatrix(len(train.Classes), train.X.Cols),
		Scale:  scale,
		absent: make([]bool, len(present)),
	}
	x := m.centred(train.X)
	for c, here := range present {
		m.absent[c] = !here
		if here {
			copy(m.Means.Row(c), meanRow(x.Take(rowsOf(train.Labels, c))))
		}
	}
	m.Means.Normalize()
	return m, nil
}

// Logits implements Classifier.
func (m *NearestMean) Logits(x Matrix) Matrix {
	scale := m.Scale
	if scale == 0 {
		scale = 1
	}
	out := cosine{m.Means, scale}.Logits(m.centred(x))
	for i := range out.Rows {
		row := out.Row(i)
		for c, absent := range m.absent {
			if absent {
				row[c] = float32(-scale - absentMargin) // a cosine is at least -1
			}
		}
	}
	return out
}

// grow adds the mean of clips x, less the centre as it is.
func (m *NearestMean) grow(x Matrix) (Classifier, error) {
	if x.Rows == 0 {
		return nil, fault.New(fault.Input, "name clips of it", "nearest-mean: no clips of the class that is to join")
	}
	mean := Matrix{Rows: 1, Cols: x.Cols, Data: meanRow(m.centred(x))}
	mean.Normalize()
	out := *m
	out.Means, out.absent = m.Means.Append(mean), append(slices.Clone(m.absent), false)
	return &out, nil
}

// centred returns the rows of x less the centre, at unit length.
func (m *NearestMean) centred(x Matrix) Matrix {
	out := NewMatrix(x.Rows, x.Cols)
	for i := range x.Rows {
		row := out.Row(i)
		for j, v := range x.Row(i) {
			row[j] = v - m.Centre[j]
		}
		normalize(row)
	}
	return out
}

// meanRow is the mean of the rows of x, summed in float64.
func meanRow(x Matrix) []float32 {
	sum := make([]float64, x.Cols)
	for i := range x.Rows {
		for j, v := range x.Row(i) {
			sum[j] += float64(v)
		}
	}
	mean := make([]float32, x.Cols)
	for j, v := range sum {
		mean[j] = float32(v / float64(x.Rows))
	}
	return mean
}

// rowsOf lists the rows with label c.
func rowsOf(labels []int, c int) []int {
	var rows []int
	for i, y := range labels {
		if y == c {
			rows = append(rows, i)
		}
	}
	return rows
}

func nearestMeanMethod() Method {
	return Method{
		Name:    "nearest-mean",
		Summary: "the class whose training clips are closest on average; the baseline to beat",
		Page: Page{
			Does:   "Takes away what all training clips have in common and compares a clip with the mean of each class.",
			When:   "As the baseline that needs no texts and nothing to tune. It works from one clip a class; a class without clips is never answered.",
			Cost:   "O(N d).",
			Source: "Wang et al. 2019 (SimpleShot), centred on the training clips.",
		},
		Params: []Param{
			{Name: scaleParam, Doc: "logit per unit of cosine, which changes posteriors, not decisions; 0: choose by likelihood on the training clips", Default: 1, Low: 0, High: maxScale},
		},
		Grows: func(_ context.Context, g Growth) (Classifier, error) {
			return GrowScaled(g.Classifier, func(c Classifier) (Classifier, error) { return c.(*NearestMean).grow(g.Clips.X) })
		},
		Tune: func(_ context.Context, train Features, _ Settings) (Tuning, error) {
			fit := func(train Features) (Fitter, error) {
				m, err := FitNearestMean(train, 1)
				return func(context.Context, []float64) (Classifier, error) { return m, nil }, err
			}
			return Tuning{
				Grid: [][]float64{nil}, Scale: train.LogitScale(), Source: words.Say("the model's own scale"),
				Fit: fit, LOO: leaveOutOfMeans(train),
			}, nil
		},
	}
}
