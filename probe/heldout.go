package probe

import (
	"fmt"
	"math"
	"slices"
	"strconv"
)

// HeldOut holds what is said of training clips by fits that had seen neither
// them nor any clip of their group. It is one set of logits with several
// uses: settings, temperature, conformal scores, suspected label errors.
type HeldOut struct {
	Logits Matrix // (N, C), a row a training clip; no rows where the method has none
	Rows   []int  // ascending, the clips that can be judged: labelled, their class left with clips of other groups

	// Classes, where a clip may be of several, are those that can be judged (C):
	// all Rows are, for these; nil elsewhere.
	Classes []bool
}

// judged gathers the rows that can be judged and their labels.
func (h HeldOut) judged(labels []int) (Matrix, []int) {
	return h.Logits.Take(h.Rows), pick(labels, h.Rows)
}

// NLL is the mean negative log-likelihood of labels (N) where they can be
// judged, in nats; NaN where none can.
func (h HeldOut) NLL(labels []int) float64 {
	var sum float64
	for _, r := range h.Rows {
		row := h.Logits.Row(r)
		sum += logSumExp(row) - float64(row[labels[r]])
	}
	return sum / float64(len(h.Rows))
}

// and joins what is said of the clips of more folds.
func (h HeldOut) and(more HeldOut, folds []heldFold) HeldOut {
	if h.Logits.Rows == 0 {
		return more
	}
	for _, f := range folds {
		h.Logits.put(f.rows, more.Logits.Take(f.rows))
	}
	h.Rows = slices.Sorted(slices.Values(append(h.Rows, more.Rows...)))
	return h
}

// crossing lists the labelled clips whose class has clips in another group:
// those a fit without their group can recognise at all.
func (f Features) crossing() []int {
	number, _ := NumberGroups(f.Groups, f.Len())
	only := make([]int, len(f.Classes)) // the one group of a class, or several
	for c := range only {
		only[c] = -1
	}
	const several = -2
	for i, c := range f.Labels {
		if c == Unlabelled || only[c] == number[i] {
			continue
		}
		if only[c] == -1 {
			only[c] = number[i]
		} else {
			only[c] = several
		}
	}
	var rows []int
	for i, c := range f.Labels {
		if c != Unlabelled && only[c] == several {
			rows = append(rows, i)
		}
	}
	return rows
}

// copies returns, for every clip, the first clip with the same embedding and
// label in the same group: itself, mostly. A clip that is in a recording
// twice says nothing a second time.
func (f Features) copies() []int {
	type place struct {
		group, label string
		hash         uint64
	}
	first := make([]int, f.Len())
	seen := make(map[place][]int)
	for i := range first {
		first[i] = i
		if len(f.Groups) == 0 || f.Groups[i] == "" {
			continue
		}
		p := place{f.Groups[i], f.labelOf(i), rowHash(f.X.Row(i))}
		same := slices.IndexFunc(seen[p], func(r int) bool { return slices.Equal(f.X.Row(r), f.X.Row(i)) })
		if same >= 0 {
			first[i] = seen[p][same]
		} else {
			seen[p] = append(seen[p], i)
		}
	}
	return first
}

// labelOf tells clips with other labels apart.
func (f Features) labelOf(i int) string {
	if f.Truth != nil {
		return fmt.Sprint(slices.Sorted(slices.Values(f.Truth[i])))
	}
	return strconv.Itoa(f.label(i))
}

// rowHash is FNV-1a over the bits of a row.
func rowHash(x []float32) uint64 {
	h := uint64(14695981039346656037)
	for _, v := range x {
		h = (h ^ uint64(math.Float32bits(v))) * 1099511628211
	}
	return h
}
