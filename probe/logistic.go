package probe

import (
	"cmp"
	"context"
	"maps"
	"math"
	"slices"

	"framepilot/internal/convex"
	"framepilot/internal/words"
)

// The range in which C makes sense for rows of unit length: from a
// classifier that knows class frequencies only to one without a penalty.
const minC, maxC = 1e-6, 1e6

// candidatesC is the grid C is chosen from, two values a decade. For rows of
// unit length it runs from a classifier that knows little but the class
// frequencies to one all but free of its penalty.
var candidatesC = []float64{0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000, 3000, 10000}

// logisticTuning is a linear probe: multinomial logistic regression on the
// labelled training clips, with the penalty of the CLIP protocol,
//
//	minimise Σ_i CE(W x_i + b, y_i) + (1/2C) ‖W‖²,
//
// b not penalised, Σ_c b_c = 0. The minimum is reached to 1e-6 of the
// objective or better, or an error says that it was not. A class without
// training clips takes no part in the fit and gets zero weights and a bias
// below what any other class can reach.
func logisticTuning() Tuning {
	others := make(map[float64]*Linear) // by C, the last fit to any part of the clips
	t := Tuning{
		Params: []string{"C"}, Default: slices.Index(candidatesC, 1), Source: words.Say("C = 1 for rows of unit length"),
		Fit:   func(train Features) (Fitter, error) { return logisticFitter[float64](train, exact, others), nil },
		Sweep: func(train Features) (Fitter, error) { return logisticFitter[float32](train, rough, others), nil },
	}
	t.Start = t.Default
	for _, c := range candidatesC {
		t.Grid = append(t.Grid, []float64{c})
	}
	return t
}

// logisticFitter fits linear probes to the same clips with one C after the
// other, in the arithmetic of T. Each starts where the ones before point to,
// and the first from a fit with the same C to other clips: folds share most of
// theirs.
func logisticFitter[T real](train Features, to convex.Accuracy, others map[float64]*Linear) Fitter {
	present := train.present()
	space := reduce(train.X)
	labels, classes := dense(train.Labels, present)
	fit := newSoftmaxFit[T](space.rows, labels, len(classes))
	radius := 1.0
	for i := range train.X.Rows {
		radius = max(radius, length(train.X.Row(i)))
	}
	own := make(map[float64]matrix) // by C
	return func(ctx context.Context, candidate []float64) (Classifier, error) {
		strength := candidate[0]
		start := ahead(own, strength)
		// Another number of classes: the others were left out on purpose.
		if near := others[strength]; start.rows == 0 && near != nil && near.W.Rows == len(present) {
			start = fit.join(space.contract(near, classes))
		}
		theta, err := fit.minimise(ctx, strength, start.data, to)
		if err != nil {
			return nil, err
		}
		own[strength] = theta
		w, b := space.expand(fit.weights(theta))
		head := &Linear{W: NewMatrix(len(present), train.X.Cols), B: make([]float32, len(present))}
		for i, c := range classes {
			copy(head.W.Row(c), Narrow(w.row(i)))
			head.B[c] = float32(b[i])
		}
		head.sinkAbsent(present, radius)
		others[strength] = head
		return head, nil
	}
}

// ahead guesses the fit with a given C from those with the closest ones, by
// the line through two of them: weights change about evenly with the
// logarithm of C. Without any fit it is empty.
func ahead(fits map[float64]matrix, c float64) matrix {
	away := func(at float64) float64 { return math.Abs(math.Log(at / c)) }
	near := slices.SortedFunc(maps.Keys(fits), func(a, b float64) int {
		return cmp.Or(cmp.Compare(away(a), away(b)), cmp.Compare(a, b))
	})
	if len(near) == 0 {
		return matrix{}
	}
	first := fits[near[0]]
	if len(near) == 1 || near[0] == c {
		return first
	}
	step := math.Log(c/near[0]) / math.Log(near[0]/near[1])
	guess := newMatrix(first.rows, first.cols)
	for i, v := range first.data {
		guess.data[i] = v + step*(v-fits[near[1]].data[i])
	}
	return guess
}

// dense renumbers labels so that the classes present are 0, 1, … without
// gaps, and returns the class each number stands for.
func dense(labels []int, present []bool) (renumbered, classes []int) {
	number := make([]int, len(present))
	for c, here := range present {
		if here {
			number[c] = len(classes)
			classes = append(classes, c)
		}
	}
	renumbered = make([]int, len(labels))
	for i, y := range labels {
		renumbered[i] = number[y]
	}
	return renumbered, classes
}

func logisticMethod() Method {
	return Method{
		Name:    "logistic",
		Summary: "linear probe: logistic regression on the training clips",
		Page: Page{
			Does:   "Multinomial logistic regression on frozen embeddings, the weights penalised, the bias not; fitted to the minimum. The penalty is chosen on folds of whole recordings.",
			When:   "With eight clips a class and more, or where the texts say nothing of the classes. With fewer, a method that leans on the texts is better.",
			Cost:   "O(N d C) a step, some hundred steps for all candidates of the penalty; seconds at 100 classes of 16 clips.",
			Source: "The linear probe of CLIP (Radford et al. 2021), with leave-group-out folds in place of a validation split.",
		},
		Params: []Param{
			{Name: "C", Doc: "inverse strength of the penalty; 0: choose by cross-validation on the training clips", Low: minC, High: maxC},
			{Name: "folds", Doc: "folds of the cross-validation", Default: 5, Low: 2, High: 100, Whole: true},
			{Name: "seed", Doc: "of the division into folds", Low: 0, High: 1 << 32, Whole: true},
		},
		Tune: func(context.Context, Features, Settings) (Tuning, error) { return logisticTuning(), nil },
	}
}
