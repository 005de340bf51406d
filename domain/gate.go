package domain

import (
	"fmt"
	"slices"

	"framepilot/internal/stat"
	"framepilot/probe"
)

// Gate is the decision whether answers that lean on a whole site may replace
// those of a classifier that looks at one clip at a time. The former gain
// where their picture of the site is right and lose much where it is not.
type Gate struct {
	Accepted bool
	Reason   string // one sentence for the report

	Before, After float64 // reverse accuracy of the two, 0 to 1; see ReverseAccuracy
}

// Answers are what a classifier says of clips, and where it has moved them to
// say it.
type Answers struct {
	X      probe.Matrix // (m, d)
	Logits probe.Matrix // (m, C)
}

// mostChanged is the share of answers that may change. What changes more is
// another guess at the site, not a correction: over synthetic sites it gained
// 15 points and lost 20.
const mostChanged = 0.1

// Guard opens the gate for answers that lean on the whole site over the
// answers before, where
//   - reverse accuracy does not drop;
//   - no more than a tenth of the answers changes;
//   - no class is given more or fewer clips than the estimated mix of classes
//     allows: its interval, and what counting m clips adds to it.
func Guard(source probe.Features, before, after Answers, mix Mix) Gate {
	g := guardReverse(source, before, after)
	if !g.Accepted {
		return g
	}
	was, is := probe.Predict(before.Logits), probe.Predict(after.Logits)
	var changed float64
	for i, c := range is {
		if c != was[i] {
			changed += 1 / float64(len(is))
		}
	}
	if changed > mostChanged {
		g.Accepted = false
		g.Reason = fmt.Sprintf("it changes %.0f %% of the answers; more than %.0f %% are for labels to decide", 100*changed, 100*mostChanged)
		return g
	}
	for c, n := range count(is, len(mix.Prior)) {
		seen := stat.Wilson(n, len(is), probe.Confidence)
		if seen.High < mix.Intervals[c].Low || seen.Low > mix.Intervals[c].High {
			g.Accepted = false
			g.Reason = fmt.Sprintf("it gives %.0f %% of the clips to %s, the estimated mix of classes %.0f to %.0f %%",
				100*float64(n)/float64(len(is)), className(source.Classes, c), 100*mix.Intervals[c].Low, 100*mix.Intervals[c].High)
			return g
		}
	}
	g.Reason = fmt.Sprintf("it changes %.0f %% of the answers, the mix of classes is plausible, and %s", 100*changed, g.Reason)
	return g
}

// guarded lets answers that lean on the whole site, log posteriors, replace
// Base's where Guard lets them.
func (s state) guarded(leaning probe.Classifier) (Adapted, error) {
	base := s.base()
	x := s.task.Target.X
	gate := Guard(s.task.Source, Answers{x, base.Logits(x)}, Answers{x, leaning.Logits(x)}, s.mix)
	a := Adapted{Gate: &gate}
	a.Classifier = base
	if gate.Accepted {
		a.Classifier = leaning
	}
	// Such answers are surer of themselves than the source's confidences allow
	// for: what is expected is said of the classifier they lean on.
	var err error
	a.Expected, err = s.expect(x, s.judge(s.task.Base), s.mix.ClassWeights())
	return a, err
}

// guardReverse is the first condition of Guard alone.
func guardReverse(source probe.Features, before, after Answers) Gate {
	if !slices.ContainsFunc(source.Labels, func(y int) bool { return y != probe.Unlabelled }) {
		return Gate{Reason: "no source clip has a label to check it by"}
	}
	was, is := probe.Predict(before.Logits), probe.Predict(after.Logits)
	named := namedClasses(was, len(source.Classes))
	g := Gate{
		Before: ReverseAccuracy(source, before.X, was, named),
		After:  ReverseAccuracy(source, after.X, is, named),
	}
	g.Accepted = g.After >= g.Before
	g.Reason = fmt.Sprintf("labels it gives to the new site explain %.1f %% of the old one's clips, those without it %.1f %%", 100*g.After, 100*g.Before)
	return g
}

// namedClasses marks the classes that occur.
func namedClasses(labels []int, classes int) []bool {
	named := make([]bool, classes)
	for _, c := range labels {
		named[c] = true
	}
	return named
}

// ReverseAccuracy goes the way back (reverse validation, Zhong et al. 2010):
// nearest class means of the target under the given labels judge the
// labelled clips of the source. Labels that follow the classes carry over,
// labels that follow something else do not, and neither do clips that are in
// another place.
//
// It is the share, 0 to 1, of source clips of the classes judged (C; nil:
// all). One without a clip at the target is a miss. To compare labellings,
// judge the classes that the more cautious one names: that another drops one
// of them counts against it, that it adds one doesn't count.
func ReverseAccuracy(source probe.Features, target probe.Matrix, labels []int, judged []bool) float64 {
	centre := weightedMean(source.X, ones(source.X.Rows))
	means := make([][]float64, len(source.Classes))
	for i, c := range labels {
		if means[c] == nil {
			means[c] = make([]float64, target.Cols)
		}
		row := probe.Widen(target.Row(i))
		for j := range row {
			row[j] -= centre[j]
		}
		normalize(row)
		for j, v := range row {
			means[c][j] += v
		}
	}
	for _, m := range means {
		normalize(m)
	}
	var hits, n float64
	for i, y := range source.Labels {
		if y == probe.Unlabelled || judged != nil && !judged[y] {
			continue
		}
		n++
		best, score := -1, 0.0
		for c, m := range means {
			if m == nil {
				continue
			}
			var dot float64
			for j, v := range source.X.Row(i) {
				dot += (float64(v) - centre[j]) * m[j]
			}
			if best < 0 || dot > score {
				best, score = c, dot
			}
		}
		if best == y {
			hits++
		}
	}
	if n == 0 {
		return 0
	}
	return hits / n
}

func className(classes []string, c int) string {
	if c < len(classes) {
		return fmt.Sprintf("%q", classes[c])
	}
	return fmt.Sprintf("class %d", c)
}
