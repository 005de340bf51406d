package fewshot

import (
	"context"
	"math"
	"slices"

	"framepilot/internal/words"
	"framepilot/probe"
)

// judgeable counts the classes with clips, and those of them that can be
// judged, having clips from two recordings.
func judgeable(train probe.Features) (crossing, classes int) {
	number, _ := probe.NumberGroups(train.Groups, train.Len())
	recordings := make(map[int]map[int]bool)
	for i, y := range train.Labels {
		if y == probe.Unlabelled {
			continue
		}
		if recordings[y] == nil {
			recordings[y] = make(map[int]bool)
		}
		recordings[y][number[i]] = true
	}
	for _, of := range recordings {
		if len(of) > 1 {
			crossing++
		}
	}
	return crossing, len(recordings)
}

// unjudged decides where held-out clips cannot. Zero-shot, which has seen none
// of the labelled clips, can be judged by them: right about all, it stays; right
// as by lot, its texts are no help, and nearest means do without. Else the two
// steadiest methods, at their published settings, have the word.
func (a *auto) unjudged(ctx context.Context, base []contender) (probe.Fitted, error) {
	crossing, classes := judgeable(a.train)
	why := words.Say("%d of %d classes have clips from two recordings, too few to judge methods by; a second recording of each class lets auto choose", crossing, classes)
	if classes == 1 {
		why = words.Say("the labelled clips are of one class, and no method can be judged by them; clips of other classes let auto choose")
	}
	fallback := base[0]
	if fallback.name == "zero-shot" {
		right, n := a.right(fallback.fitted.Classifier)
		switch {
		case right == n:
			return explain(fallback, probe.L0, words.Say("auto keeps zero-shot, which names all labelled clips right; %s", why)), nil
		case len(base) > 1 && byLot(right, n, len(a.train.Classes)):
			return explain(base[1], probe.L0, words.Say("auto takes %s: zero-shot names %d of %d labelled clips right, as one would by lot; %s", base[1].name, right, n, why)), nil
		case len(base) > 1 && a.twins():
			fallback = meanOf(base)
		}
	}
	_, candidates := a.methods()
	candidates = slices.DeleteFunc(candidates, func(m probe.Method) bool { return a.cautious || !slices.Contains(steady, m.Name) })
	tried, err := a.fit(ctx, candidates)
	if err != nil {
		return probe.Fitted{}, err
	}
	two := named(tried, steady)
	if len(two) < 2 {
		return explain(fallback, probe.L0, words.Say("auto keeps %s: %s", fallback.called(), why)), nil
	}
	chosen := meanOf(two[:2])
	return explain(chosen, probe.L0, words.Say("auto takes %s at their published settings, unjudged: %s; cautious = 1 keeps %s", chosen.called(), why, fallback.called())), nil
}

// right counts the labelled clips that a classifier, which has not learned from
// them, names right.
func (a *auto) right(c probe.Classifier) (right, labelled int) {
	for i, said := range probe.Predict(c.Logits(a.train.X)) {
		if y := a.train.Labels[i]; y != probe.Unlabelled {
			labelled++
			if y == said {
				right++
			}
		}
	}
	return right, labelled
}

// byLot tells whether so many right of n are likelier drawn by lot among the
// classes than said by texts that are right every other time.
func byLot(right, n, classes int) bool {
	chance := 1 / float64(classes)
	return float64(right)*math.Log(2*chance)+float64(n-right)*math.Log(2*(1-chance)) > 0
}
