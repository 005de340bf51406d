package fewshot

import (
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"framepilot/internal/fault"
	"framepilot/probe"
)

// support is what a method learns from, in float64.
type support struct {
	x      *mat.Dense // (N, d) labelled clips
	y      []int      // N classes
	group  []int      // N numbers of groups
	groups [][]int    // rows of every group
	counts []int      // C clips of each class
	text   *mat.Dense // (C, d) text prototypes
	zero   *mat.Dense // (N, C) zero-shot logits
	scale  float64    // logit per unit of cosine
}

// checkSupport tells why clips are none to learn from.
func checkSupport(train probe.Features) error {
	if train.Text.Rows == 0 {
		return fault.New(fault.Input, "embed the class prompts into the feature file, or use a method without text: logistic, ridge, nearest-mean",
			"the features have no text matrix")
	}
	if train.Len() == 0 {
		return fault.New(fault.Input, "label some clips, or use zero-shot", "no labelled training clips")
	}
	return nil
}

// newSupport reads labelled training clips.
func newSupport(train probe.Features) (*support, error) {
	if err := checkSupport(train); err != nil {
		return nil, err
	}
	s := &support{
		x: train.X.Dense(), y: train.Labels, text: train.Text.Dense(),
		counts: make([]int, len(train.Classes)), scale: train.LogitScale(),
		zero: new(mat.Dense),
	}
	for _, c := range s.y {
		s.counts[c]++
	}
	s.group, s.groups = numberGroups(train.Groups, train.Len())
	s.zero.Mul(s.x, s.text.T())
	s.zero.Scale(s.scale, s.zero)
	return s, nil
}

// numberGroups numbers the groups of n clips in order of appearance and lists
// their rows. A clip without a group is one of its own.
func numberGroups(groups []string, n int) (number []int, rows [][]int) {
	number, count := probe.NumberGroups(groups, n)
	rows = make([][]int, count)
	for i, g := range number {
		rows[g] = append(rows[g], i)
	}
	return number, rows
}

// dims returns the number of clips, classes and columns.
func (s *support) dims() (n, classes, d int) {
	n, d = s.x.Dims()
	return n, len(s.counts), d
}

// present counts the classes with clips.
func (s *support) present() int { return len(s.classes()) }

// classes lists the classes with clips.
func (s *support) classes() []int {
	var out []int
	for c, k := range s.counts {
		if k > 0 {
			out = append(out, c)
		}
	}
	return out
}

// numbered returns the labels as places in the list of classes.
func (s *support) numbered(classes []int) []int {
	place := make([]int, len(s.counts))
	for k, c := range classes {
		place[c] = k
	}
	out := make([]int, len(s.y))
	for i, c := range s.y {
		out[i] = place[c]
	}
	return out
}

// shots is the mean number of clips of a class that has any.
func (s *support) shots() float64 { return float64(len(s.y)) / float64(s.present()) }

// without counts the clips of each class that are not among the given rows.
func (s *support) without(rows []int) []int {
	left := append([]int(nil), s.counts...)
	for _, i := range rows {
		left[s.y[i]]--
	}
	return left
}

// sums adds up the clips of each class: (C, d).
func (s *support) sums() *mat.Dense {
	_, classes, d := s.dims()
	out := mat.NewDense(classes, d, nil)
	for i, c := range s.y {
		floats.Add(out.RawRowView(c), s.x.RawRowView(i))
	}
	return out
}

// oneHot is 1 for the class of each clip: (N, C).
func (s *support) oneHot() *mat.Dense {
	n, classes, _ := s.dims()
	out := mat.NewDense(n, classes, nil)
	for i, c := range s.y {
		out.Set(i, c, 1)
	}
	return out
}

// drop returns the support without the given rows.
func (s *support) drop(rows []int) *support {
	gone := make([]bool, len(s.y))
	for _, i := range rows {
		gone[i] = true
	}
	n, classes, d := s.dims()
	n -= len(rows)
	out := &support{
		x: mat.NewDense(n, d, nil), text: s.text, zero: mat.NewDense(n, classes, nil),
		counts: s.without(rows), scale: s.scale,
	}
	for i, c := range s.y {
		if !gone[i] {
			out.x.SetRow(len(out.y), s.x.RawRowView(i))
			out.zero.SetRow(len(out.y), s.zero.RawRowView(i))
			out.y = append(out.y, c)
		}
	}
	return out
}

// fillAbsent gives classes without clips the mean correction of the others,
// which leaves them where their texts put them.
func fillAbsent(correction []float64, counts []int) {
	var sum float64
	var present int
	for c, k := range counts {
		if k > 0 {
			sum += correction[c]
			present++
		}
	}
	for c, k := range counts {
		if k == 0 {
			correction[c] = sum / float64(max(present, 1))
		}
	}
}

// linear returns the classifier of weights (C, d) and biases. Weights and
// biases of classes without clips are set as fillAbsent would the logits.
func (s *support) linear(w *mat.Dense, b []float64) *probe.Linear {
	_, classes, d := s.dims()
	head := &probe.Linear{W: probe.NewMatrix(classes, d), B: make([]float32, classes)}
	mean, bias := make([]float64, d), 0.0
	for c, k := range s.counts {
		if k > 0 {
			share := 1 / float64(s.present())
			floats.AddScaled(mean, share, w.RawRowView(c))
			floats.AddScaled(mean, -share*s.scale, s.text.RawRowView(c))
			bias += share * b[c]
		}
	}
	for c, k := range s.counts {
		row, intercept := w.RawRowView(c), b[c]
		if k == 0 {
			row, intercept = append([]float64(nil), mean...), bias
			floats.AddScaled(row, s.scale, s.text.RawRowView(c))
		}
		copy(head.W.Row(c), probe.Narrow(row))
		head.B[c] = float32(intercept)
	}
	return head
}

// head returns the classifier scale f·μ_c for prototypes (C, d).
func (s *support) head(prototypes *mat.Dense) *probe.Linear {
	_, classes, d := s.dims()
	head := &probe.Linear{W: probe.NewMatrix(classes, d), B: make([]float32, classes)}
	for c := range classes {
		for j, v := range prototypes.RawRowView(c) {
			head.W.Row(c)[j] = float32(s.scale * v)
		}
	}
	return head
}

// rowsAt copies the given rows.
func rowsAt(m *mat.Dense, rows []int) *mat.Dense {
	_, d := m.Dims()
	out := mat.NewDense(len(rows), d, nil)
	for k, i := range rows {
		out.SetRow(k, m.RawRowView(i))
	}
	return out
}

// columns copies the columns of the given classes.
func columns(m *mat.Dense, classes []int) *mat.Dense {
	n, _ := m.Dims()
	out := mat.NewDense(n, len(classes), nil)
	for i := range n {
		for k, c := range classes {
			out.Set(i, k, m.At(i, c))
		}
	}
	return out
}
