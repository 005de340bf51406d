package autodiff

import (
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"
)

// Batch is the part of N clips that a step of training sees: all, where there
// are no more than its size. Train draws a new one ahead of every step, each
// clip once before any comes a second time.
type Batch struct {
	graph *Graph
	rows  []int // of this step
	left  []int // of this round
	order []int // 0 … N-1
	fill  []func()
}

// Batch adds a batch of at most so many of n clips: the first, until Train
// draws others.
func (g *Graph) Batch(n, size int) *Batch {
	b := &Batch{graph: g, order: make([]int, n), rows: make([]int, min(n, size))}
	for i := range n {
		b.order[i] = i
	}
	copy(b.rows, b.order)
	g.batches = append(g.batches, b)
	return b
}

// Len is the number of clips in the batch.
func (b *Batch) Len() int { return len(b.rows) }

// Rows adds the rows of a fixed matrix (N, k) that belong to the clips of the
// batch.
func (b *Batch) Rows(m *mat.Dense) Node {
	_, cols := m.Dims()
	return b.RowsBy(cols, func(i int, row []float64) { copy(row, m.RawRowView(i)) })
}

// RowsBy is Rows of a matrix with so many columns that is never whole: fill
// writes the row of a clip, all of it.
func (b *Batch) RowsBy(cols int, fill func(i int, row []float64)) Node {
	m := mat.NewDense(len(b.rows), cols, nil)
	b.add(func() {
		for k, i := range b.rows {
			fill(i, m.RawRowView(k))
		}
	})
	return b.graph.matrix(b.graph.constName(), m)
}

// CrossEntropy is that of the batch's logits n, y being the classes of all
// clips.
func (b *Batch) CrossEntropy(n Node, y []int) Node {
	labels := make([]int, len(b.rows))
	b.add(func() {
		for k, i := range b.rows {
			labels[k] = y[i]
		}
	})
	return n.CrossEntropy(labels)
}

func (b *Batch) add(fill func()) {
	fill()
	b.fill = append(b.fill, fill)
}

// next draws another batch, where there is more than one.
func (b *Batch) next(rng *rand.Rand) {
	if len(b.rows) == len(b.order) {
		return
	}
	for k := range b.rows {
		if len(b.left) == 0 {
			rng.Shuffle(len(b.order), func(i, j int) { b.order[i], b.order[j] = b.order[j], b.order[i] })
			b.left = b.order
		}
		b.rows[k], b.left = b.left[0], b.left[1:]
	}
	for _, fill := range b.fill {
		fill()
	}
}
