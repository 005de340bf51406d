package probe

import (
	"context"
	"math"
	"slices"

	"framepilot/internal/fault"
	"framepilot/internal/words"
)

// runMulti fits the method to clips that may be of several classes, or of none,
// and sets its calibration and thresholds on what fits that had not seen them
// say of the training clips.
func (m Method) runMulti(ctx context.Context, all, validation Features, settings Settings) (Fitted, error) {
	if m.Several != nil {
		return m.Several(ctx, all, settings)
	}
	train, place := all.distinct()
	var fitted Fitted
	var err error
	switch {
	case m.Name == zeroShotName:
		fitted, err = m.Fit(ctx, train, settings)
		if !slices.Contains(train.mixedClasses(), true) {
			return fitted, err // nothing to set a threshold by
		}
		fitted.HeldOut.Rows, fitted.HeldOut.Classes = allRows(train.Len()), train.mixedClasses()
	case m.Multi:
		fitted, err = m.tuned(ctx, train, validation, settings)
	case m.Anchored:
		return Fitted{}, fault.New(fault.Config, "take sigmoid, which learns each class by itself from its words and its clips; zero-shot; or a method that learns from clips alone",
			"%s weighs the words of one class against another, which clips of several classes do not allow", m.Name)
	default:
		fitted, err = m.oneForEach(ctx, train, validation, settings)
	}
	if err != nil {
		return Fitted{}, err
	}
	fitted = fitted.tags(train)
	fitted.HeldOut = fitted.HeldOut.spread(all, place, fitted.Classifier)
	return fitted, nil
}

func allRows(n int) []int {
	rows := make([]int, n)
	for i := range rows {
		rows[i] = i
	}
	return rows
}

// distinct is the clips of f, each once a recording, and the row of it that
// stands for each.
func (f Features) distinct() (Features, []int) {
	first := f.copies()
	place := make([]int, f.Len())
	var rows []int
	for i := range place {
		if first[i] < i {
			place[i] = place[first[i]]
		} else {
			place[i] = len(rows)
			rows = append(rows, i)
		}
	}
	return f.Take(rows), place
}

// judgedClasses marks the classes that can be judged by clips held out with
// their recording: those that clips of two recordings are of, and clips of two
// are not.
func (f Features) judgedClasses() []bool { return f.classesIn(2) }

// mixedClasses marks the classes that some clips are of and some are not.
func (f Features) mixedClasses() []bool { return f.classesIn(1) }

// classesIn marks the classes that clips of so many recordings are of, and
// clips of as many are not.
func (f Features) classesIn(atLeast int) []bool {
	mark := make([]bool, len(f.Classes))
	number, _ := NumberGroups(f.Groups, f.Len())
	for c, in := range f.member() {
		out := slices.Clone(in)
		for i := range out {
			out[i] = !in[i]
		}
		mark[c] = recordings(in, number) >= atLeast && recordings(out, number) >= atLeast
	}
	return mark
}

// member marks the clips (N) of each class (C). The classes have been checked.
func (f Features) member() [][]bool {
	member, err := membership(f.Truth, len(f.Classes))
	if err != nil {
		panic("probe: unchecked features: " + err.Error())
	}
	return member
}

func countTrue(x []bool) (n int) {
	for _, v := range x {
		if v {
			n++
		}
	}
	return n
}

// tags calibrates a classifier of clips of several classes and sets its
// thresholds, class by class: odds and thresholds of a class are held to those
// that serve all of them best, and are those where the class can't be judged.
// Where none can, a clip is of the classes that are likelier than not.
func (f Fitted) tags(train Features) Fitted {
	classes := len(train.Classes)
	t := &Tags{
		Classifier: f.Classifier, Threshold: make([]float64, classes),
		Slope: slices.Repeat([]float64{1}, classes), Offset: make([]float64, classes), Common: TagOdds{Slope: 1},
	}
	out := Fitted{Classifier: t, Choices: slices.Clone(f.Choices), HeldOut: f.HeldOut}
	h := f.HeldOut
	if !slices.Contains(h.Classes, true) {
		out.Choices = append(out.Choices, Choice{
			Param: thresholdParam, Value: 0.5, Rung: L0, Rule: RuleFixed,
			Reason: "likelier than not; no class has clips of two recordings and lacks clips of two, so that none can be judged",
		})
		return out
	}
	out.HeldOut.Logits = h.Logits.Take(allRows(h.Logits.Rows))
	common := calibrateEach(t, h, train)
	t.calibrate(out.HeldOut.Logits)
	at, own := thresholds(out.HeldOut, train)
	t.Threshold, t.Common = own, TagOdds{common.slope, common.offset, at}
	rung, rule := L2, RuleCV
	for _, c := range f.Choices {
		if c.Rung == L1 {
			rung, rule = L1, RuleLOO
		}
	}
	n := countTrue(h.Classes)
	each := words.Say("likeliest for the %d classes that held-out training clips can judge; each class has its own, pulled towards this one", n)
	highest := words.Say("highest mean F1 of %d classes on %d held-out training clips; each class has its own, pulled towards this one as if %d more recordings had it", n, len(h.Rows), thresholdHold)
	out.Choices = append(out.Choices,
		Choice{
			Param: temperatureParam, Value: 1 / common.slope, Rung: rung, Rule: rule,
			Reason: each.String(), Said: each,
		},
		Choice{
			Param: thresholdParam, Value: Sigmoid(at), Rung: rung, Rule: rule,
			Reason: highest.String(), Said: highest,
		})
	return out
}

// What a classifier of clips of several classes chooses beside its settings.
const (
	temperatureParam = "temperature"
	thresholdParam   = "threshold"
)

// calibrateEach fits the odds of every class on held-out logits and returns
// the common ones.
func calibrateEach(t *Tags, h HeldOut, train Features) odds {
	member := train.member()
	z, y := make([][]float64, len(member)), make([][]bool, len(member))
	var allZ []float64
	var allY []bool
	for c, in := range member {
		if !h.Classes[c] {
			continue
		}
		for _, r := range h.Rows {
			z[c], y[c] = append(z[c], float64(h.Logits.Row(r)[c])), append(y[c], in[r])
		}
		allZ, allY = append(allZ, z[c]...), append(allY, y[c]...)
	}
	common := fitOdds(allZ, allY, odds{slope: 1}, 0)
	for c := range member {
		one := common
		if h.Classes[c] {
			one = fitOdds(z[c], y[c], common, 1)
		}
		t.Slope[c], t.Offset[c] = one.slope, one.offset
	}
	return common
}

// pairNLL is the mean negative log-likelihood, in nats, of each clip being of
// each class, for the given rows of log odds (N, C) and the classes marked.
func pairNLL(logits Matrix, rows []int, truth [][]int, judged []bool) float64 {
	var sum, n float64
	for _, r := range rows {
		for c, z := range logits.Row(r) {
			if !judged[c] {
				continue
			}
			sum += softplus(float64(z))
			if slices.Contains(truth[r], c) {
				sum -= float64(z)
			}
			n++
		}
	}
	if n == 0 {
		return math.NaN()
	}
	return sum / n
}
