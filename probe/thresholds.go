package probe

import (
	"cmp"
	"math"
	"slices"

	"framepilot/internal/stat"
)

// thresholdHold is how many recordings with clips of a class weigh as much as
// the common threshold, where that of the class is set.
const thresholdHold = 4

// thresholds sets the log odds from which a clip is said to be of a class, by
// F1, twice the clips rightly said over those said and those that are, of
// held-out log odds. The common threshold makes the mean F1 of the classes highest. That of
// a class makes its own highest, and counts as much as its clips have
// recordings; the common one counts as thresholdHold of them, so that a class
// of a few clips does not stand or fall by one of them.
//
// None is below the share of the class among the clips: where a classifier
// knows nothing, F1 is highest where it says yes to all.
func thresholds(held HeldOut, train Features) (common float64, each []float64) {
	member, judged := train.member(), held.Classes
	number, _ := NumberGroups(train.Groups, train.Len())
	logits := held.Logits
	sweeps := make([]sweep, logits.Cols)
	var all []step
	for c := range sweeps {
		if !judged[c] {
			continue
		}
		sweeps[c] = newSweep(logits, c, member[c])
		all = append(all, sweeps[c].steps...)
	}
	common = bestCommon(all, logits.Cols)
	each = make([]float64, logits.Cols)
	for c := range each {
		each[c] = common
		if judged[c] {
			n := float64(recordings(member[c], number))
			each[c] = max((n*sweeps[c].best(common)+thresholdHold*common)/(n+thresholdHold), sweeps[c].floor)
		}
	}
	return common, each
}

// recordings counts the groups that hold members.
func recordings(member []bool, number []int) int {
	seen := map[int]bool{}
	for i, in := range member {
		if in {
			seen[number[i]] = true
		}
	}
	return len(seen)
}

// step is the F1 of a class from one of its clips down to the next.
type step struct {
	score, threshold float64 // of the clip, and half way to the next
	f1               float64
	class            int
}

// sweep is the F1 of one class at every threshold that makes a difference, from
// the highest down to the floor.
type sweep struct {
	steps []step
	floor float64
}

func newSweep(logits Matrix, c int, member []bool) sweep {
	z := make([]float64, logits.Rows)
	var of float64
	for i := range z {
		z[i] = float64(logits.Row(i)[c])
		if member[i] {
			of++
		}
	}
	order := stat.Ascending(z)
	slices.Reverse(order)
	s := sweep{floor: logOdds(of / float64(len(z)))}
	var said, right float64
	for k, i := range order {
		said++
		if member[i] {
			right++
		}
		if k+1 < len(order) && z[order[k+1]] == z[i] {
			continue
		}
		if z[i] < s.floor {
			break
		}
		one := step{z[i], z[i], 2 * right / (said + of), c}
		if k+1 < len(order) {
			one.threshold = max((z[i]+z[order[k+1]])/2, s.floor)
		}
		s.steps = append(s.steps, one)
	}
	return s
}

// best is the threshold of highest F1, the closest to common of several.
func (s sweep) best(common float64) float64 {
	at, f1 := common, math.Inf(-1)
	for _, x := range s.steps {
		if x.f1 > f1 || x.f1 == f1 && math.Abs(x.threshold-common) < math.Abs(at-common) {
			at, f1 = x.threshold, x.f1
		}
	}
	return at
}

// bestCommon is the one threshold for which the F1 of the classes add up to
// most, half way between two clips; the highest of several. A class stays where
// its floor is.
func bestCommon(steps []step, classes int) float64 {
	slices.SortStableFunc(steps, func(a, b step) int { return cmp.Compare(b.score, a.score) })
	now := make([]float64, classes)
	best, at, sum := math.Inf(-1), 0.0, 0.0
	for k, s := range steps {
		sum += s.f1 - now[s.class]
		now[s.class] = s.f1
		next := s.score
		if k+1 < len(steps) {
			next = steps[k+1].score
		}
		if (k+1 == len(steps) || next < s.score) && sum > best+1e-12 {
			best, at = sum, (s.score+next)/2
		}
	}
	return at
}
