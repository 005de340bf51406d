package fewshot

import (
	"context"
	"fmt"
	"slices"

	"framepilot/probe"
)

// judgeable counts the classes with clips, and those of them that can be
// judged, having clips from two recordings. With fewer than half of them, what
// held-out clips say is of those classes only.
func (a *auto) judgeable() (crossing, classes int, enough bool) {
	number, _ := probe.NumberGroups(a.train.Groups, a.train.Len())
	recordings := make(map[int]map[int]bool)
	for i, y := range a.train.Labels {
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
	return crossing, len(recordings), crossing >= 2 && 2*crossing >= len(recordings)
}

// unjudged decides where held-out clips cannot. Zero-shot, which has seen none
// of the labelled clips, can be judged by them: right about all, it stays. Else
// the two steadiest methods, at their published settings, have the word.
func (a *auto) unjudged(ctx context.Context, base []contender) (probe.Fitted, error) {
	crossing, classes, _ := a.judgeable()
	why := fmt.Sprintf("%d of %d classes have clips from two recordings, too few to judge methods by; a second recording of each class lets auto choose", crossing, classes)
	fallback := base[0]
	if fallback.name == "zero-shot" && a.allRight(fallback.fitted.Classifier) {
		return explain(fallback, probe.L0, "auto keeps zero-shot, which names all labelled clips right; "+why), nil
	}
	if fallback.name == "zero-shot" && a.twins() && len(base) > 1 {
		fallback = meanOf(base)
	}
	_, candidates := a.methods()
	candidates = slices.DeleteFunc(candidates, func(m probe.Method) bool { return a.cautious || !slices.Contains(steady, m.Name) })
	tried, err := a.fit(ctx, candidates)
	if err != nil {
		return probe.Fitted{}, err
	}
	two := named(tried, steady)
	if len(two) < 2 {
		return explain(fallback, probe.L0, "auto keeps "+fallback.called()+": "+why), nil
	}
	chosen := meanOf(two[:2])
	return explain(chosen, probe.L0, fmt.Sprintf("auto takes %s at their published settings, unjudged: %s; cautious = 1 keeps %s", chosen.called(), why, fallback.called())), nil
}

// allRight tells whether a classifier that has not learned from the labelled
// clips names every one.
func (a *auto) allRight(c probe.Classifier) bool {
	for i, said := range probe.Predict(c.Logits(a.train.X)) {
		if y := a.train.Labels[i]; y != probe.Unlabelled && y != said {
			return false
		}
	}
	return true
}
