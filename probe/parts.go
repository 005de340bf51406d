package probe

import (
	"fmt"
	"math"
)

// Stored is a classifier that can be taken apart and put together again, bit
// for bit: what a file of it holds.
type Stored interface {
	Classifier
	Parts() Parts
}

// Parts are what a classifier is made of.
type Parts struct {
	Kind    string             // names the Loader
	Numbers map[string]float64 // finite
	Arrays  map[string]Array   // finite
	Inner   []Classifier       // the classifiers it asks
}

// Array is a dense row-major matrix. float64 holds all that classifiers have:
// weights of either precision, and whole numbers such as labels.
type Array struct {
	Rows, Cols int
	Data       []float64 // (Rows, Cols)
}

// ArrayOf widens a matrix.
func ArrayOf(m Matrix) Array { return Array{m.Rows, m.Cols, Widen(m.Data)} }

// RowOf is an array of one row, of numbers of any kind.
func RowOf[T ~int | ~float32 | ~float64](x []T) Array { return Array{1, len(x), Widen(x)} }

// Loader puts a classifier of one kind together again. What it asks for and
// does not find is remembered by r, so that it need not look.
type Loader func(r *PartsReader) Classifier

// Load puts a classifier of clips of the given width and so many classes
// together. Parts that are missing, have another shape than such a classifier
// needs, or are too many, are an error.
func Load(p Parts, width, classes int, loaders map[string]Loader) (Classifier, error) {
	load, ok := loaders[p.Kind]
	if !ok {
		return nil, fmt.Errorf("unknown kind of classifier %q", p.Kind)
	}
	r := &PartsReader{Width: width, Classes: classes, parts: p, used: map[string]bool{}}
	c := load(r)
	for name := range p.Numbers {
		r.check(r.used[name], "has a number %q too many", name)
	}
	for name := range p.Arrays {
		r.check(r.used[name], "has an array %q too many", name)
	}
	r.check(r.used["inner"] || len(p.Inner) == 0, "asks %d classifiers, want none", len(p.Inner))
	if r.err != nil {
		return nil, fmt.Errorf("classifier %s: %w", p.Kind, r.err)
	}
	return c, nil
}

// PartsReader hands parts to a Loader, checked.
type PartsReader struct {
	Width, Classes int // d and C
	parts          Parts
	used           map[string]bool
	err            error
}

func (r *PartsReader) check(ok bool, format string, args ...any) bool {
	if !ok && r.err == nil {
		r.err = fmt.Errorf(format, args...)
	}
	return ok
}

// Number is a number of a range, inclusive.
func (r *PartsReader) Number(name string, low, high float64) float64 {
	r.used[name] = true
	v, ok := r.parts.Numbers[name]
	if !r.check(ok, "has no number %q", name) {
		return low
	}
	r.check(v >= low && v <= high, "%s is %g, want %g to %g", name, v, low, high)
	return v
}

// Flag is a number that says whether something holds.
func Flag(holds bool) float64 {
	if holds {
		return 1
	}
	return 0
}

// Flag reads such a number.
func (r *PartsReader) Flag(name string) bool { return r.Number(name, 0, 1) != 0 }

// AnyRows stands for a number of rows, one or more, that only the array itself
// knows.
const AnyRows = -1

// Array is an array of finite numbers with the shape asked for, not empty.
func (r *PartsReader) Array(name string, rows, cols int) Array {
	r.used[name] = true
	a, ok := r.parts.Arrays[name]
	switch {
	case !r.check(ok, "has no array %q", name),
		!r.check((rows == AnyRows && a.Rows > 0 || a.Rows == rows) && a.Cols == cols && len(a.Data) == a.Rows*a.Cols && len(a.Data) > 0,
			"array %q is %d × %d, want %d × %d", name, a.Rows, a.Cols, rows, cols):
		return Array{}
	}
	i := notFinite(a.Data)
	r.check(i < 0, "array %q holds a value that is not finite", name)
	return a
}

// Matrix is Array in float32.
func (r *PartsReader) Matrix(name string, rows, cols int) Matrix {
	a := r.Array(name, rows, cols)
	m := NewMatrix(a.Rows, a.Cols)
	for i, v := range a.Data {
		m.Data[i] = float32(v)
	}
	r.check(notFinite(m.Data) < 0, "array %q holds a value that is too large", name)
	return m
}

// Whole is a row of n whole numbers of a range, inclusive.
func (r *PartsReader) Whole(name string, n, low, high int) []int {
	a := r.Array(name, 1, n)
	out := make([]int, len(a.Data))
	for i, v := range a.Data {
		if !r.check(v == math.Trunc(v) && v >= float64(low) && v <= float64(high), "array %q holds %g, want whole numbers from %d to %d", name, v, low, high) {
			return out
		}
		out[i] = int(v)
	}
	return out
}

// Rows is the number of rows of an array; 0 where there is none.
func (r *PartsReader) Rows(name string) int { return r.parts.Arrays[name].Rows }

// Cols is the number of columns of an array; 0 where there is none.
func (r *PartsReader) Cols(name string) int { return r.parts.Arrays[name].Cols }

// Inner is the one classifier this one asks.
func (r *PartsReader) Inner() Classifier {
	if inner := r.Inners(); r.check(len(inner) == 1, "asks %d classifiers, want one", len(inner)) {
		return inner[0]
	}
	return nil
}

// Inners are the classifiers this one asks, one or more.
func (r *PartsReader) Inners() []Classifier {
	r.used["inner"] = true
	r.check(len(r.parts.Inner) > 0, "asks no classifier")
	return r.parts.Inner
}
