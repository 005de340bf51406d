package fewshot

import (
	"context"
	"math"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"framepilot/internal/cores"
	"framepilot/probe"
)

// The published schedule of CLAP: so many full-batch steps of gradient descent
// with momentum, their length falling to zero along a cosine.
const (
	clapSteps    = 300
	clapRate     = 0.1
	clapMomentum = 0.9

	clapTextLength = 10 // of CLIP's text embeddings, which the published code leaves as they are
)

// clapCosine is CLAP as published: prototypes w_c that start at texts of length
// 10 under a cosine head,
//
//	(1/N) Σ_i CE(s cos(x_i, w), y_i) + (1/C) Σ_c λ_c ‖w_c - t_c‖²,
//
// trained by the published schedule. All classes compete, those without clips
// too, whose λ is the mean of the others. The published warm-up step and the 20
// augmented copies of a clip are left out.
type clapCosine struct {
	*support
	lambda []float64  // C
	start  *mat.Dense // (C, d) texts
	w      *mat.Dense // (C, d)
	unit   *mat.Dense // (C, d) w at unit length
	length []float64  // C, of w
	slope  *mat.Dense // (N, C) of the loss in the logits
}

func newCLAPCosine(s *support) *clapCosine {
	n, classes, d := s.dims()
	m := &clapCosine{
		support: s, start: mat.NewDense(classes, d, nil), unit: mat.NewDense(classes, d, nil),
		length: make([]float64, classes), slope: mat.NewDense(n, classes, nil),
	}
	m.start.Scale(clapTextLength, s.text)
	m.w = mat.DenseCopyOf(m.start)
	known := trust(s)
	mean := floats.Sum(known) / float64(len(known))
	for _, k := range s.counts {
		if k == 0 {
			m.lambda = append(m.lambda, mean)
			continue
		}
		m.lambda, known = append(m.lambda, known[0]), known[1:]
	}
	return m
}

// descent writes the gradient of the loss (C, d).
func (m *clapCosine) descent(gradient *mat.Dense) {
	n, classes, _ := m.dims()
	for c := range classes {
		m.length[c] = floats.Norm(m.w.RawRowView(c), 2)
		floats.ScaleTo(m.unit.RawRowView(c), 1/m.length[c], m.w.RawRowView(c))
	}
	blas64.Gemm(blas.NoTrans, blas.Trans, m.scale, m.x.RawMatrix(), m.unit.RawMatrix(), 0, m.slope.RawMatrix())
	cores.Each(n, func(i int) {
		row := m.slope.RawRowView(i)
		norm := floats.LogSumExp(row)
		for c, z := range row {
			row[c] = math.Exp(z-norm) / float64(n)
		}
		row[m.y[i]] -= 1 / float64(n)
	})
	blas64.Gemm(blas.Trans, blas.NoTrans, m.scale, m.slope.RawMatrix(), m.x.RawMatrix(), 0, gradient.RawMatrix())
	for c := range classes {
		g, u := gradient.RawRowView(c), m.unit.RawRowView(c)
		floats.AddScaled(g, -floats.Dot(g, u), u) // a cosine does not change along w
		floats.Scale(1/m.length[c], g)
		weight := m.lambda[c] / float64(classes)
		for j, w := range m.w.RawRowView(c) {
			g[j] += 2 * weight * (w - m.start.At(c, j))
		}
	}
}

func (m *clapCosine) train(ctx context.Context) (*probe.Linear, error) {
	_, classes, d := m.dims()
	gradient, velocity := mat.NewDense(classes, d, nil), mat.NewDense(classes, d, nil)
	for step := range clapSteps {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		m.descent(gradient)
		velocity.Scale(clapMomentum, velocity)
		velocity.Add(velocity, gradient)
		rate := clapRate * (1 + math.Cos(math.Pi*float64(step)/clapSteps)) / 2
		floats.AddScaled(m.w.RawMatrix().Data, -rate, velocity.RawMatrix().Data)
	}
	m.descent(gradient) // for the unit rows
	return m.head(m.unit), nil
}
