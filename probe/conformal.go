package probe

import (
	"fmt"
	"math"
	"slices"

	"framepilot/internal/fault"
	"framepilot/internal/stat"
)

// Conformity is how unlike the clips of a class a clip is said to be, from
// its posteriors p.
type Conformity string

// The two scores.
const (
	// LAC is 1 - p of the class: the smallest sets on average (Sadinle et al.
	// 2019).
	LAC Conformity = "LAC"
	// APS is the mass of all classes as likely as the class or likelier: sets
	// grow where the classifier is unsure (Romano et al. 2020, without
	// randomising, so they cover a little more than asked for).
	APS Conformity = "APS"
)

// score of class c among posteriors.
func (s Conformity) score(posterior []float64, c int) float64 {
	if s != APS {
		return 1 - posterior[c]
	}
	var mass float64
	for _, p := range posterior {
		if p >= posterior[c] {
			mass += p
		}
	}
	return mass
}

// ConformalOptions sets up FitConformal. The zero value asks for 90 %
// coverage by LAC over all classes together.
type ConformalOptions struct {
	Alpha    float64    // share of clips whose set may miss the truth; zero means 0.1
	Score    Conformity // empty means LAC
	PerClass bool       // the same for the clips of every class (Mondrian)
}

// Conformal turns logits into sets of classes that hold the truth as often as
// asked for.
type Conformal struct {
	Score      Conformity
	Alpha      float64
	Thresholds []float64 // C, largest score of a class in the set; +Inf, always in, where there are too few clips to tell
	Clips      []int     // C, clips the threshold stands on
	Groups     int       // groups of all clips
	Unseen     []int     // classes that none of the clips is of: what is promised of all together does not extend to them
}

// FitConformal sets the thresholds on logits of labelled clips that took no
// part in the fit: of a calibration split, or the held-out logits of training
// clips, for which coverage is close to what is asked for but not guaranteed.
//
// The threshold is the ⌈(n+1)(1-α)⌉-th smallest score of the n true classes.
// Clips of one group are no evidence of each other: each counts one over the
// clips of its group and n is the number of groups (Lee, Barber and Willett
// 2023), which is the same where every clip stands alone. It takes n ≥ 1/α - 1
// groups, 9 for 90 %, to leave any class out.
func FitConformal(h HeldOut, f Features, o ConformalOptions) (*Conformal, error) {
	if o.Alpha == 0 {
		o.Alpha = 0.1
	}
	if !(o.Alpha > 0 && o.Alpha < 1) {
		return nil, fault.New(fault.Usage, "", "conformal: α is %g, want a number between 0 and 1", o.Alpha)
	}
	if len(h.Rows) == 0 || h.Logits.Rows != f.Len() || h.Logits.Cols != len(f.Classes) {
		return nil, fmt.Errorf("conformal: %d clips to judge by among %d × %d logits of %d clips", len(h.Rows), h.Logits.Rows, h.Logits.Cols, f.Len())
	}
	c := &Conformal{Score: o.Score, Alpha: o.Alpha, Thresholds: make([]float64, len(f.Classes)), Clips: make([]int, len(f.Classes))}
	if c.Score == "" {
		c.Score = LAC
	}
	number, _ := NumberGroups(pick(f.Groups, h.Rows), len(h.Rows))
	c.Groups = countDistinct(number)
	scores := make([]float64, len(h.Rows))
	for i, r := range h.Rows {
		scores[i] = c.Score.score(Softmax(h.Logits.Row(r)), f.Labels[r])
	}
	for class := range c.Thresholds {
		if class > 0 && !o.PerClass {
			c.Thresholds[class], c.Clips[class] = c.Thresholds[0], c.Clips[0]
			continue
		}
		var of []float64
		var groups []int
		for i, r := range h.Rows {
			if !o.PerClass || f.Labels[r] == class {
				of, groups = append(of, scores[i]), append(groups, number[i])
			}
		}
		c.Thresholds[class], c.Clips[class] = groupQuantile(of, groups, o.Alpha), len(of)
	}
	if !o.PerClass { // else such a class is in every set
		seen := make([]bool, len(f.Classes))
		for _, r := range h.Rows {
			seen[f.Labels[r]] = true
		}
		c.Unseen = rowsWhere(seen, false)
	}
	return c, nil
}

// UnseenOf names the classes of Unseen.
func (c *Conformal) UnseenOf(classes []string) []string { return pick(classes, c.Unseen) }

// groupQuantile is the least score with 1-α of the mass at or below it, a
// group having mass 1/(n+1) and the clip to come the rest, at +Inf.
func groupQuantile(scores []float64, groups []int, alpha float64) float64 {
	weight := groupWeights(groups)
	need := (1 - alpha) * float64(countDistinct(groups)+1)
	var mass float64
	for _, i := range stat.Ascending(scores) {
		if mass += weight[i]; mass >= need-1e-9 {
			return scores[i]
		}
	}
	return math.Inf(1)
}

// groupWeights is one over the clips of each clip's group.
func groupWeights(groups []int) []float64 {
	clips := make(map[int]float64)
	for _, g := range groups {
		clips[g]++
	}
	out := make([]float64, len(groups))
	for i, g := range groups {
		out[i] = 1 / clips[g]
	}
	return out
}

// Sets returns the classes in the set of every clip, by its logits (N, C).
func (c *Conformal) Sets(logits Matrix) [][]int {
	sets := make([][]int, logits.Rows)
	for i := range sets {
		p := Softmax(logits.Row(i))
		for class, limit := range c.Thresholds {
			if c.Score.score(p, class) <= limit {
				sets[i] = append(sets[i], class)
			}
		}
	}
	return sets
}

// CoverageSpread is the standard deviation of the coverage that thresholds
// from n clips turn out to have: Beta(n+1-l, l) with l = ⌊(n+1)α⌋. It is 0.03
// for 100 clips at 90 %, and 0 where n is too small to leave anything out.
func CoverageSpread(n int, alpha float64) float64 {
	l := math.Floor(float64(n+1)*alpha + 1e-9)
	a := float64(n+1) - l
	return math.Sqrt(a * l / ((a + l) * (a + l) * (a + l + 1)))
}

// SetScore is what prediction sets are worth on labelled clips.
type SetScore struct {
	Coverage Rate    // of clips, the share whose set holds the truth
	Size     float64 // classes in a set, on average
	Single   float64 // share of sets with exactly one class
	Empty    float64 // share of sets without any
	PerClass []Rate  // C, coverage by true class
}

// EvaluateSets scores prediction sets of all test clips, as a part of the look
// that gave score.
func (s *Sealed) EvaluateSets(sets [][]int, score Score) (SetScore, error) {
	if score.Looks == 0 || len(sets) != s.test.Len() {
		return SetScore{}, fmt.Errorf("score sets: %d sets for %d clips, after %d looks", len(sets), s.test.Len(), score.Looks)
	}
	return scoreSets(sets, s.labels, s.test, score.Confidence), nil
}

func scoreSets(sets [][]int, labels []int, f Features, conf float64) SetScore {
	var out SetScore
	var hits []float64
	var rows []int
	k, n := make([]int, len(f.Classes)), make([]int, len(f.Classes))
	for i, y := range labels {
		if y == Unlabelled {
			continue
		}
		rows = append(rows, i)
		n[y]++
		var hit float64
		if slices.Contains(sets[i], y) {
			hit = 1
			k[y]++
		}
		hits = append(hits, hit)
		out.Size += float64(len(sets[i]))
		switch len(sets[i]) {
		case 0:
			out.Empty++
		case 1:
			out.Single++
		}
	}
	total := float64(len(rows))
	out.Size, out.Single, out.Empty = out.Size/total, out.Single/total, out.Empty/total
	number, _ := NumberGroups(pick(f.Groups, rows), len(rows))
	out.Coverage = groupedRate(hits, number, conf)
	for c := range n {
		out.PerClass = append(out.PerClass, newRate(k[c], n[c], conf))
	}
	return out
}
