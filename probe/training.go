package probe

import (
	"slices"

	"framepilot/internal/fault"
)

// labelled returns the rows whose class is known.
func (f Features) labelled() []int {
	var rows []int
	for i, y := range f.Labels {
		if y != Unlabelled {
			rows = append(rows, i)
		}
	}
	return rows
}

// label is the class of a clip, Unlabelled where none has one.
func (f Features) label(i int) int {
	if len(f.Labels) == 0 {
		return Unlabelled
	}
	return f.Labels[i]
}

// present tells which classes have a labelled clip.
func (f Features) present() []bool {
	has := make([]bool, len(f.Classes))
	for _, y := range f.Labels {
		if y != Unlabelled {
			has[y] = true
		}
	}
	return has
}

// absent marks the classes without a labelled clip; nil: there are none, or
// something else stands in for them.
func (f Features) absent(anchored bool) []bool {
	has := f.present()
	if anchored || !slices.Contains(has, false) {
		return nil
	}
	for c := range has {
		has[c] = !has[c]
	}
	return has
}

// trainable returns the labelled part of f and the classes in it, or an error
// where there are not two classes to tell apart.
func (f Features) trainable(method string) (Features, []bool, error) {
	f = f.Take(f.labelled())
	has, n := f.present(), 0
	for _, h := range has {
		if h {
			n++
		}
	}
	if n < 2 {
		return f, nil, fault.New(fault.Input, "label clips of at least two classes",
			"%s: a classifier needs clips of two classes; labelled training clips: %d, their classes: %d", method, f.Len(), n)
	}
	return f, has, nil
}

// takeColumns returns a copy of the given columns, and the new number of each
// old one, -1 where it was left out.
func (m Matrix) takeColumns(columns []int) (out Matrix, number []int) {
	out = NewMatrix(m.Rows, len(columns))
	number = make([]int, m.Cols)
	for c := range number {
		number[c] = -1
	}
	for j, c := range columns {
		number[c] = j
		for i := range m.Rows {
			out.Row(i)[j] = m.Row(i)[c]
		}
	}
	return out, number
}

// withoutClasses returns f as if nobody had heard of the given classes, and the
// rows of their clips.
func (f Features) withoutClasses(gone map[int]bool) (rest Features, rows []int) {
	number := make([]int, len(f.Classes))
	var classes, keep []int
	for c := range number {
		number[c] = len(classes)
		if !gone[c] {
			classes = append(classes, c)
		}
	}
	for i, y := range f.Labels {
		if y != Unlabelled && gone[y] {
			rows = append(rows, i)
		} else {
			keep = append(keep, i)
		}
	}
	rest = f.Take(keep)
	for i, y := range rest.Labels {
		if y != Unlabelled {
			rest.Labels[i] = number[y]
		}
	}
	rest.Classes = pick(f.Classes, classes)
	if f.Text.Rows > 0 {
		rest.Text = f.Text.Take(classes)
	}
	return rest, rows
}
