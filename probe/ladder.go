package probe

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"framepilot/internal/words"
)

const (
	tieNLL   = 1e-2 // relative differences in likelihood smaller than this are ties
	patience = 2    // candidates in a row worse than the best before a search of L2 ends
)

// ladder chooses one candidate of a tuning.
type ladder struct {
	tuning     Tuning
	train      Features // labelled clips
	validation Features // of L3; no clips: none
	anchored   bool     // classes without clips can be recognised all the same
	fixed      map[string]fixed
	folds      int
	seed       uint64
	heldFolds  []heldFold // those that are not needed for the choice
	lastScale  float64    // of the candidate judged last: the next one's is close
}

// fixed is a setting with nothing to choose.
type fixed struct {
	value float64
	given bool // by the user; else it is the method's default
}

// verdict is how a candidate fared.
type verdict struct {
	held  HeldOut // of the training clips; none on L3
	scale float64 // the logits were multiplied by
	nll   float64
	tried bool
	tied  bool // the scale changes nothing
}

// selection is the outcome: the candidate, its scale and the account of both.
type selection struct {
	candidate []float64
	scale     float64
	choices   []Choice
	held      HeldOut
}

// choose climbs the ladder.
func (l *ladder) choose(ctx context.Context) (selection, error) {
	t := l.tuning
	rows := l.judged()
	classes, crossing := l.classes(rows)
	enough := crossing >= l.fewest() && 2*crossing >= classes
	open := len(t.Grid) > 1 || t.Scale != 0 && l.fixed[scaleParam].value == 0 // is there anything to choose

	verdicts := make([]verdict, len(t.Grid))
	var rung Rung
	var reason words.Sentence
	var err error
	switch {
	case open && l.validation.Len() > 0:
		rung = L3
		reason, err = l.onValidation(ctx, verdicts)
	case !enough:
		rung = L0
		reason = words.Say("%s; %d of %d classes have clips from two recordings, and choosing needs half of them, %d at least", t.source(), crossing, classes, l.fewest())
	case t.LOO != nil:
		rung = L1
		reason, err = l.leavingOut(ctx, verdicts, rows)
	default:
		rung = L2
		reason, err = l.inFolds(ctx, verdicts)
		if err == nil && !slices.ContainsFunc(verdicts, func(v verdict) bool { return v.tried }) {
			rung = L0
			reason = words.Say("%s; no held-out clip has its class in another fold", t.source())
		}
	}
	if err != nil {
		return selection{}, err
	}

	best := t.Default
	if rung != L0 {
		best = strongest(verdicts)
	}
	if v := &verdicts[best]; v.held.Logits.Rows == 0 || len(l.heldFolds) > 0 {
		if !v.tried {
			v.scale = l.fixedScale()
		}
		rest, err := l.holdOut(ctx, t.Grid[best], rows, crossing)
		if err != nil {
			return selection{}, err
		}
		scaleLogits(rest.Logits, v.scale, l.absent())
		v.held = v.held.and(rest, l.heldFolds)
	}
	if l.multi() && verdicts[best].held.Logits.Rows > 0 {
		verdicts[best].held.Classes = l.train.mixedClasses()
	}
	return l.report(best, verdicts, rung, reason), nil
}

// classes counts the classes with clips, and those with clips of two groups.
func (l *ladder) classes(crossing []int) (all, cross int) {
	if l.multi() {
		return countTrue(l.train.mixedClasses()), countTrue(l.train.judgedClasses())
	}
	count := func(labels []int) int {
		seen := make(map[int]bool)
		for _, y := range labels {
			seen[y] = true
		}
		return len(seen)
	}
	return count(l.train.Labels), count(pick(l.train.Labels, crossing))
}

// multi tells whether a clip may be of several classes.
func (l *ladder) multi() bool { return l.train.Truth != nil }

// judged lists the training clips that a fit without their group can be judged
// on.
func (l *ladder) judged() []int {
	if l.multi() {
		return allRows(l.train.Len())
	}
	return l.train.crossing()
}

// fewest is how many classes it takes that clips of two groups are of: two, to
// tell them apart, or one where each stands by itself.
func (l *ladder) fewest() int {
	if l.multi() {
		return 1
	}
	return 2
}

// fixedScale is the factor on the logits where none could be chosen.
func (l *ladder) fixedScale() float64 {
	return cmp.Or(l.fixed[scaleParam].value, l.tuning.Scale, 1)
}

func (t Tuning) source() words.Sentence {
	if t.Source.IsZero() {
		return words.Say("the default")
	}
	return t.Source
}

// leavingOut judges every candidate by exact leave-one-group-out.
func (l *ladder) leavingOut(ctx context.Context, verdicts []verdict, rows []int) (words.Sentence, error) {
	for i, candidate := range l.tuning.Grid {
		logits, err := l.tuning.LOO(ctx, candidate)
		if err != nil {
			return words.Sentence{}, fmt.Errorf("leave one group out: %w", err)
		}
		verdicts[i] = l.judge(HeldOut{Logits: logits, Rows: rows})
	}
	return words.Say("on %d training clips, each held out with its whole recording", len(rows)), nil
}

// enoughHeldOut is how many held-out clips rank candidates: with more, as
// many folds as hold them do.
const enoughHeldOut = 500

// inFolds judges candidates on folds of whole groups, searching up from the
// start and then down.
func (l *ladder) inFolds(ctx context.Context, verdicts []verdict) (words.Sentence, error) {
	folds, err := newFolds(l)
	if err != nil || len(folds) == 0 {
		return words.Sentence{}, err
	}
	ranking, clips := 0, 0
	for ranking < len(folds) && clips < enoughHeldOut {
		clips += len(folds[ranking].known)
		ranking++
	}
	best := math.Inf(1)
	err = search(len(l.tuning.Grid), l.tuning.Start, len(l.tuning.Params) == 1, func(i int) (worse bool, err error) {
		h, err := l.predictFolds(ctx, folds[:ranking], l.tuning.Grid[i])
		if err != nil {
			return false, err
		}
		verdicts[i] = l.judge(h)
		best = min(best, verdicts[i].nll)
		return verdicts[i].nll > best*(1+tieNLL), nil
	})
	l.heldFolds = folds[ranking:]
	if ranking < len(folds) {
		return words.Say("on %d held-out training clips in %d of %d folds of whole recordings", clips, ranking, len(folds)), err
	}
	return words.Say("on %d held-out training clips in %d folds of whole recordings", clips, len(folds)), err
}

// search tries candidates 0 … n-1 in the order start, start+1, …, start-1,
// start-2, …, and ends a direction after so many in a row that are worse than
// the best. Candidates that are not ordered along one setting are all tried.
func search(n, start int, ordered bool, try func(i int) (worse bool, err error)) error {
	for _, way := range []struct{ from, step int }{{start, 1}, {start - 1, -1}} {
		run := 0
		for i := way.from; i >= 0 && i < n && (!ordered || run < patience); i += way.step {
			worse, err := try(i)
			if err != nil {
				return err
			}
			if worse {
				run++
			} else {
				run = 0
			}
		}
	}
	return nil
}

// onValidation judges every candidate on the validation split.
func (l *ladder) onValidation(ctx context.Context, verdicts []verdict) (words.Sentence, error) {
	has := l.train.present()
	var rows []int
	if l.multi() {
		rows = allRows(l.validation.Len())
	}
	for i, y := range l.validation.Labels {
		if y != Unlabelled && (l.anchored || has[y]) {
			rows = append(rows, i)
		}
	}
	if len(rows) == 0 {
		return words.Sentence{}, fmt.Errorf("validation clips: none has a label that training clips have")
	}
	fitter, err := l.tuning.sweep(l.train)
	if err != nil {
		return words.Sentence{}, err
	}
	for i, candidate := range l.tuning.Grid {
		c, err := fitter(ctx, candidate)
		if err != nil {
			return words.Sentence{}, err
		}
		verdicts[i] = l.judgeOn(c.Logits(l.validation.X), rows, l.validation)
	}
	return words.Say("on %d clips of the validation split", len(rows)), nil
}

// judge scores held-out logits of the training clips, which it scales.
func (l *ladder) judge(h HeldOut) verdict {
	v := l.judgeOn(h.Logits, h.Rows, l.train)
	scaleLogits(h.Logits, v.scale, l.absent())
	v.held = h
	return v
}

// judgeOn scores logits on the rows given of clips, at the best scale where
// that is free.
func (l *ladder) judgeOn(logits Matrix, rows []int, clips Features) verdict {
	if l.multi() {
		classes := slices.Repeat([]bool{true}, logits.Cols)
		if l.validation.Len() == 0 {
			classes = l.train.judgedClasses()
		}
		return verdict{scale: 1, nll: pairNLL(logits, rows, clips.Truth, classes), tried: true}
	}
	x, y := logits.Take(rows), pick(clips.Labels, rows)
	if gone := l.absent(); gone != nil {
		// A class nobody has clips of must not sway the scale of the others.
		var number []int
		x, number = x.takeColumns(rowsWhere(gone, false))
		y = pick(number, y)
	}
	switch {
	case l.tuning.Scale == 0:
		return verdict{scale: 1, nll: meanNLL(x, y, 1), tried: true}
	case l.fixed[scaleParam].value != 0:
		scale := l.fixed[scaleParam].value
		return verdict{scale: scale, nll: meanNLL(x, y, scale), tried: true}
	}
	scale, nll := FitScale(x, y, 1, cmp.Or(l.lastScale, 1))
	l.lastScale = scale
	return verdict{scale: scale, nll: nll, tried: true, tied: tied(x)}
}

// absent marks the classes that cannot be recognised; nil: none.
func (l *ladder) absent() []bool { return l.train.absent(l.anchored) }

// holdOut returns held-out logits under a candidate whose choice did not need
// them; none where two classes cannot be told apart without a group.
func (l *ladder) holdOut(ctx context.Context, candidate []float64, rows []int, crossing int) (HeldOut, error) {
	if _, groups := NumberGroups(l.train.Groups, l.train.Len()); crossing < 2 && !l.multi() || groups < 2 {
		return HeldOut{}, nil
	}
	if l.tuning.LOO != nil {
		logits, err := l.tuning.LOO(ctx, candidate)
		if err != nil {
			return HeldOut{}, fmt.Errorf("leave one group out: %w", err)
		}
		return HeldOut{Logits: logits, Rows: rows}, nil
	}
	if l.heldFolds == nil {
		var err error
		if l.heldFolds, err = newFolds(l); err != nil || len(l.heldFolds) == 0 {
			return HeldOut{}, err
		}
	}
	return l.predictFolds(ctx, l.heldFolds, candidate)
}
