package probe

import (
	"fmt"
	"math"

	"framepilot/internal/fault"
)

// Prototypes of a class as SS-Text has them,
//
//	μ_c = Weight · Σ_{i∈c} x_i + anchor_c,  logits scale · cos(x, μ_c),
//
// are what FullConformal can fit again for every test clip and every label it
// might have: one clip more moves one prototype.
type FullConformal struct {
	Support Features // labelled clips
	Anchors Matrix   // (C, d) text prototypes; no rows: none
	Weight  float64  // of a clip beside its anchor; zero means Scale
	Scale   float64  // logit per unit of cosine; zero means that of Support
	Alpha   float64  // share of clips whose set may miss the truth; zero means 0.1
	Score   Conformity
}

// Sets returns the prediction sets of clips x (N, d) by full conformal
// adaptation (Silva-Rodríguez et al. 2025): a label is in the set of a clip
// unless, with the clip taken into the support under that label, it conforms
// less than all but α of the support. The coverage is at least 1-α where
// clips are exchangeable, from the few clips that were also fitted to: no
// split of them is given up. Clips of one group share the weight of one.
func (f FullConformal) Sets(x Matrix) ([][]int, error) {
	r, err := f.prepare(x)
	if err != nil {
		return nil, err
	}
	sets := make([][]int, x.Rows)
	n, classes := f.Support.Len(), r.classes
	parallel(x.Rows, x.Rows*n*(x.Cols+16*classes), func(i int) { sets[i] = r.set(x.Row(i)) })
	return sets, nil
}

// refits is what all clips share: the support under its own prototypes.
type refits struct {
	FullConformal
	classes    int
	prototypes Matrix    // (C, d) μ
	square     []float64 // C, ‖μ_c‖²
	along      matrix    // (N, C) x_i · μ_c
	exp        matrix    // (N, C) exp of the logits, less their row's bound
	mass       matrix    // (N, C) the sum of exp over the other classes
	group      []float64 // N, weight of each clip of the support
	groups     float64   // how many
}

func (f FullConformal) prepare(x Matrix) (*refits, error) {
	classes, d := len(f.Support.Classes), f.Support.X.Cols
	if x.Cols != d || f.Anchors.Rows != 0 && (f.Anchors.Rows != classes || f.Anchors.Cols != d) {
		return nil, fmt.Errorf("full conformal: clips of width %d, %d × %d anchors for %d classes × %d", x.Cols, f.Anchors.Rows, f.Anchors.Cols, classes, d)
	}
	if f.Alpha == 0 {
		f.Alpha = 0.1
	}
	if !(f.Alpha > 0 && f.Alpha < 1) {
		return nil, fault.New(fault.Usage, "", "full conformal: α is %g, want a number between 0 and 1", f.Alpha)
	}
	if f.Scale == 0 {
		f.Scale = f.Support.LogitScale()
	}
	if f.Weight == 0 {
		f.Weight = f.Scale
	}
	f.Support = f.Support.Take(f.Support.labelled())
	has := f.Support.present()
	for c, class := range f.Support.Classes {
		if !has[c] && f.Anchors.Rows == 0 {
			return nil, fault.New(fault.Input, "label clips of it or give text prototypes",
				"full conformal: class %q has neither clips nor text", class)
		}
	}

	r := &refits{FullConformal: f, classes: classes, square: make([]float64, classes)}
	r.prototypes = f.prototypes(classes)
	for c := range classes {
		r.square[c] = length(r.prototypes.Row(c)) * length(r.prototypes.Row(c))
	}
	n := f.Support.Len()
	r.along, r.exp, r.mass = newMatrix(n, classes), newMatrix(n, classes), newMatrix(n, classes)
	for i := range n {
		for c := range classes {
			r.along.row(i)[c] = dot32(f.Support.X.Row(i), r.prototypes.Row(c))
			r.exp.row(i)[c] = r.likelihood(r.along.row(i)[c], r.square[c])
		}
		for c := range classes {
			for other, e := range r.exp.row(i) {
				if other != c {
					r.mass.row(i)[c] += e
				}
			}
		}
	}
	number, count := NumberGroups(f.Support.Groups, n)
	r.group, r.groups = groupWeights(number), float64(count)
	return r, nil
}

// prototypes are the class prototypes of the support alone.
func (f FullConformal) prototypes(classes int) Matrix {
	out := NewMatrix(classes, f.Support.X.Cols)
	copy(out.Data, f.Anchors.Data)
	for i, y := range f.Support.Labels {
		row := out.Row(y)
		for j, v := range f.Support.X.Row(i) {
			row[j] += float32(f.Weight * float64(v))
		}
	}
	return out
}

// likelihood is exp(logit - scale), at most 1, of a clip along μ with ‖μ‖².
func (r *refits) likelihood(along, square float64) float64 {
	if square == 0 {
		return math.Exp(-r.Scale)
	}
	return math.Exp(r.Scale * (along/math.Sqrt(square) - 1))
}

// set tries every label for one clip.
func (r *refits) set(x []float32) []int {
	n := r.Support.Len()
	near := make([]float64, n) // x · x_i
	for i := range near {
		near[i] = dot32(x, r.Support.X.Row(i))
	}
	own := dot32(x, x)
	along, exp := make([]float64, r.classes), make([]float64, r.classes)
	for c := range along {
		along[c] = dot32(x, r.prototypes.Row(c))
		exp[c] = r.likelihood(along[c], r.square[c])
	}

	var set []int
	for y := range r.classes {
		// With x among the clips of y, μ_y grows by Weight · x.
		square := max(r.square[y]+2*r.Weight*along[y]+r.Weight*r.Weight*own, 0)
		moved := func(before, near float64) float64 { return r.likelihood(before+r.Weight*near, square) }
		mine := r.score(exp, y, moved(along[y], own), sumOthers(exp, y), y)
		mass := 1. // of those that conform no better, the clip itself included
		for i, label := range r.Support.Labels {
			e := moved(r.along.row(i)[y], near[i])
			if r.score(r.exp.row(i), y, e, r.mass.row(i)[y], label) >= mine-1e-12 {
				mass += r.group[i]
			}
		}
		if mass > r.Alpha*(r.groups+1) {
			set = append(set, y)
		}
	}
	return set
}

// score is the conformity score of class label for a clip whose likelihoods
// are exp, but moved for class y; others is their sum without y.
func (r *refits) score(exp []float64, y int, moved, others float64, label int) float64 {
	total := others + moved
	own := exp[label]
	if label == y {
		own = moved
	}
	if r.Score != APS {
		return 1 - own/total
	}
	var mass float64
	for c, e := range exp {
		if c == y {
			e = moved
		}
		if e >= own {
			mass += e
		}
	}
	return mass / total
}

func sumOthers(exp []float64, y int) float64 {
	var sum float64
	for c, e := range exp {
		if c != y {
			sum += e
		}
	}
	return sum
}
