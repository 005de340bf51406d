package autodiff

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// Every step sees rows and labels of the same clips, and a round of steps each
// clip once.
func TestBatch(t *testing.T) {
	const n, size = 7, 3
	x, y := mat.NewDense(n, 2, nil), make([]int, n)
	for i := range n {
		x.SetRow(i, []float64{float64(i), 1})
		y[i] = i % 2
	}
	g := New()
	b := g.Batch(n, size)
	rows := b.Rows(x)
	weights, _ := g.Param("w", mat.NewDense(2, 2, []float64{0.3, -0.2, 0.1, 0.4}))
	p, err := Compile(b.CrossEntropy(rows.TimesT(weights), y))
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	rng := rand.New(rand.NewPCG(1, 0))
	var seen []int
	for step := range 2 * n { // sizes and clips have no factor in common: 6 rounds
		if step > 0 {
			b.next(rng)
			seen = append(seen, b.rows...)
		}
		got, err := p.Loss()
		if err != nil {
			t.Fatal(err)
		}
		var want float64
		for _, i := range b.rows {
			logits := []float64{0.3*float64(i) - 0.2, 0.1*float64(i) + 0.4}
			want += math.Log(math.Exp(logits[0])+math.Exp(logits[1])) - logits[i%2]
		}
		if want /= size; math.Abs(got-want) > 1e-12 {
			t.Errorf("step %d, clips %v: loss %g, want %g", step, b.rows, got, want)
		}
	}
	for round := range len(seen) / n {
		if got := slices.Sorted(slices.Values(seen[round*n : (round+1)*n])); !slices.Equal(got, []int{0, 1, 2, 3, 4, 5, 6}) {
			t.Errorf("round %d saw %v", round, got)
		}
	}
}

// No more clips than fit are all seen, in their order; and training on batches
// gets to where training on all clips does.
func TestTrainOnBatches(t *testing.T) {
	const n = 60
	rng := rand.New(rand.NewPCG(2, 0))
	x, y := random(n, 3, rng), make([]int, n)
	for i := range n {
		if x.At(i, 0)+0.5*rng.NormFloat64() > 0 {
			y[i] = 1
		}
	}
	loss := func(size int) float64 {
		g := New()
		b := g.Batch(n, size)
		rows := b.Rows(x)
		w, param := g.Param("w", mat.NewDense(2, 3, nil))
		err := Train(context.Background(), b.CrossEntropy(rows.TimesT(w), y), Schedule{Steps: 300, Adam: Adam{Rate: 0.05}, Seed: 3})
		if err != nil {
			t.Fatal(err)
		}
		if size >= n && !slices.IsSorted(b.rows) {
			t.Errorf("a batch of all clips is %v", b.rows)
		}
		all := New()
		whole, _ := all.Param("w", param.Value)
		p, err := Compile(all.Const(x).TimesT(whole).CrossEntropy(y))
		if err != nil {
			t.Fatal(err)
		}
		defer p.Close()
		l, err := p.Loss()
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	full, batched := loss(1000), loss(16)
	if !(full < 0.5 && batched < full+0.01) {
		t.Errorf("on all clips the loss ends at %g, on batches at %g", full, batched)
	}
}
