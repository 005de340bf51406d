package probe

import (
	"fmt"
	"math"
	"slices"

	"framepilot/internal/fault"
)

// Matrix is a dense row-major matrix of float32.
type Matrix struct {
	Rows, Cols int
	Data       []float32 // (Rows, Cols); nil where rows are on a disk, see Streamed

	stream *stream
	at     []int // N rows of the stream
}

// NewMatrix returns a zero matrix.
func NewMatrix(rows, cols int) Matrix {
	return Matrix{Rows: rows, Cols: cols, Data: make([]float32, rows*cols)}
}

// Row returns row i as a slice of the matrix's own memory; of Streamed, a copy.
func (m Matrix) Row(i int) []float32 {
	if m.stream != nil {
		return m.stream.row(m.at[i], m.Cols)
	}
	return m.Data[i*m.Cols : (i+1)*m.Cols : (i+1)*m.Cols]
}

// Take returns a copy of the given rows, in the order given.
func (m Matrix) Take(rows []int) Matrix {
	if m.stream != nil {
		return Matrix{Rows: len(rows), Cols: m.Cols, stream: m.stream, at: pick(m.at, rows)}
	}
	out := NewMatrix(len(rows), m.Cols)
	for i, r := range rows {
		copy(out.Row(i), m.Row(r))
	}
	return out
}

// put is the reverse of Take: it copies the rows of from to the rows given.
func (m Matrix) put(rows []int, from Matrix) {
	for i, r := range rows {
		copy(m.Row(r), from.Row(i))
	}
}

// Unlabelled is the label of a clip whose class is not known.
const Unlabelled = -1

// DefaultScale turns a cosine into a logit: TVTSv2 was trained at temperature
// 0.05 (NormSoftmaxLoss), so its logits are 20·cosine, not CLIP's 100.
const DefaultScale = 20

// Features is a set of clips as a frozen model sees them: one embedding a
// clip and everything known about the clip. It is the one shape handed from
// extraction to every method and metric.
type Features struct {
	X       Matrix   // (N, d) video embeddings, rows of unit length
	IDs     []string // N clip names, unique
	Labels  []int    // N indices into Classes; Unlabelled where not known
	Truth   [][]int  // where a clip may be of several classes or of none: those of each of the N clips, instead of Labels; nil elsewhere
	Groups  []string // N recordings; a group is never split between train and test; nil or "": the clip stands alone
	Sites   []string // N places of filming
	Videos  []string // N videos the clips are windows of; nil or "": the clip is the video
	Classes []string // C class names
	Text    Matrix   // (C, d) text prototypes of the classes, unit rows; empty where none
	Scale   float64  // logit per unit of cosine; zero means DefaultScale
	Frames  int      // T frames whose embeddings follow that of the clip in each row, see Framed; zero: the row is the clip's alone
}

// Len is the number of clips.
func (f Features) Len() int { return f.X.Rows }

// LogitScale is Scale, or DefaultScale where it is zero.
func (f Features) LogitScale() float64 {
	if f.Scale == 0 {
		return DefaultScale
	}
	return f.Scale
}

// Is tells whether f and g are the same clips in the same memory.
func (f Features) Is(g Features) bool {
	return len(f.X.Data) > 0 && f.Len() == g.Len() && len(g.X.Data) > 0 && &f.X.Data[0] == &g.X.Data[0]
}

// Take returns the given clips, in the order given.
func (f Features) Take(rows []int) Features {
	out := f
	out.X = f.X.Take(rows)
	out.IDs, out.Labels = pick(f.IDs, rows), pick(f.Labels, rows)
	out.Groups, out.Sites = pick(f.Groups, rows), pick(f.Sites, rows)
	out.Videos = pick(f.Videos, rows)
	if f.Truth != nil {
		out.Truth = append([][]int{}, pick(f.Truth, rows)...)
	}
	return out
}

func pick[T any](from []T, rows []int) []T {
	if len(from) == 0 {
		return nil
	}
	out := make([]T, len(rows))
	for i, r := range rows {
		out[i] = from[r]
	}
	return out
}

// Check reports the first inconsistency that would make a number wrong:
// lengths that differ, labels out of range, duplicate ids, values that are
// not finite, rows that are not of unit length. Without classes or text the
// checks on them are void; IDs, Labels, Groups and Sites may be nil.
func (f Features) Check() error {
	n := f.X.Rows
	for _, c := range []struct {
		name string
		have int
	}{{"ids", len(f.IDs)}, {"labels", len(f.Labels)}, {"groups", len(f.Groups)}, {"sites", len(f.Sites)}, {"videos", len(f.Videos)}} {
		if c.have != 0 && c.have != n {
			return fmt.Errorf("probe: %d %s for %d clips", c.have, c.name, n)
		}
	}
	for i, y := range f.Labels {
		if y != Unlabelled && (y < 0 || y >= len(f.Classes)) {
			return fmt.Errorf("probe: clip %s has label %d, want 0 to %d", f.id(i), y, len(f.Classes)-1)
		}
	}
	if f.Truth != nil && len(f.Truth) != n {
		return fmt.Errorf("probe: classes of %d clips for %d clips", len(f.Truth), n)
	}
	if _, err := membership(f.Truth, len(f.Classes)); err != nil {
		return fmt.Errorf("probe: %w", err)
	}
	if f.Text.Rows != 0 && (f.Text.Rows != len(f.Classes) || n > 0 && f.Text.Cols != f.X.Cols) {
		return fmt.Errorf("probe: text matrix is %d × %d, want %d classes × %d", f.Text.Rows, f.Text.Cols, len(f.Classes), f.X.Cols)
	}
	if f.Frames < 0 || f.X.Cols%(1+f.Frames) != 0 {
		return fmt.Errorf("probe: rows of %d values are not of a clip and %d frames", f.X.Cols, f.Frames)
	}
	if !(f.Scale >= 0) || math.IsInf(f.Scale, 1) {
		return fmt.Errorf("probe: scale is %g, want a positive number", f.Scale)
	}
	seen := make(map[string]bool, len(f.IDs))
	for _, id := range f.IDs {
		if seen[id] {
			return fmt.Errorf("probe: clip %q appears twice", id)
		}
		seen[id] = true
	}
	if err := f.X.checkUnit(func(i int) string { return "clip " + f.id(i) }); err != nil {
		return err
	}
	return f.Text.checkUnit(func(i int) string { return fmt.Sprintf("text of class %q", f.Classes[i]) })
}

// unitTolerance is how far the length of a row may be from 1: embeddings
// rounded to bfloat16 after they were normalised are up to 4e-3 away.
const unitTolerance = 1e-2

// checkUnit reports a row that is not finite or not of unit length.
func (m Matrix) checkUnit(name func(row int) string) error {
	if m.stream == nil && len(m.Data) != m.Rows*m.Cols {
		return fmt.Errorf("probe: %d values for %d rows × %d", len(m.Data), m.Rows, m.Cols)
	}
	for i := range m.Rows {
		row := m.Row(i)
		if err := m.Err(); err != nil {
			return fmt.Errorf("probe: %s: %w", name(i), err)
		}
		if notFinite(row) >= 0 {
			return fault.New(fault.Input, "embed it again, or leave it out", "probe: %s has a value that is not finite", name(i))
		}
		switch l := length(row); {
		case l == 0:
			return fault.New(fault.Input, "it points nowhere, and no scale can help: embed it again, or leave it out", "probe: %s has length 0, want 1", name(i))
		case math.Abs(l-1) > unitTolerance:
			return fault.New(fault.Input, "scale the rows to unit length first; `framepilot fit --normalise` does it", "probe: %s has length %.4g, want 1", name(i), l)
		}
	}
	return nil
}

// CheckSplit reports why a score on test would not be an honest one for a
// classifier fitted to train: other classes, other embeddings, or a clip or
// group that is in both.
func CheckSplit(train, test Features) error {
	for _, m := range []Matrix{train.X, train.Text} {
		if m.Rows > 0 && m.Cols != test.X.Cols {
			return fault.New(fault.Input, "make both with the same model",
				"probe: training embeddings have %d values, test embeddings %d", m.Cols, test.X.Cols)
		}
	}
	if !slices.Equal(train.Classes, test.Classes) {
		return fault.New(fault.Input, "name the same classes in the same order", "probe: training classes are %q, test classes %q", train.Classes, test.Classes)
	}
	ids, groups := make(map[string]bool), make(map[string]bool)
	for _, id := range train.IDs {
		ids[id] = true
	}
	for _, g := range train.Groups {
		groups[g] = g != ""
	}
	for i := range test.Len() {
		if len(test.IDs) > 0 && ids[test.IDs[i]] {
			return fault.New(fault.Input, "take it out of one of them", "probe: clip %q is in training and test", test.IDs[i])
		}
		if len(test.Groups) > 0 && groups[test.Groups[i]] {
			return fault.New(fault.Input, "clips of one recording belong on one side",
				"probe: group %q is in training and test (clip %s)", test.Groups[i], test.id(i))
		}
	}
	return nil
}

// Classifier is what every method becomes once it is fitted.
type Classifier interface {
	// Logits scores clips x (N, d) for every class: (N, C), higher is
	// likelier, softmax of a row is the class posterior.
	Logits(x Matrix) Matrix
}
