package probe

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"framepilot/internal/cores"
	"framepilot/internal/fault"
	"framepilot/internal/stat"
)

// CompareMulti is ComparePairs where clips may be of several classes: what is
// compared is mAP, on resamples of whole groups that both of a pair are ranked
// on. P is twice the share of resamples on the other side of zero; mid-p is the
// same. So many groups can all have gone one way by chance with 2^(1-G), and P
// is never less: a few recordings decide nothing. The counts are of clips said
// to be of all their classes and of no other, and zero where one of the two has
// no thresholds.
func CompareMulti(draws, others []MultiScore, train int) (Drawn, error) {
	if len(draws) == 0 || len(draws) != len(others) {
		return Drawn{}, fmt.Errorf("compare: %d draws with %d", len(draws), len(others))
	}
	p := pairing{at: map[string]int{}, first: draws[0]}
	for i, clip := range p.first.Predictions {
		p.at[clip.ID] = i
	}
	for i := range draws {
		if err := p.add(draws[i], others[i]); err != nil {
			return Drawn{}, err
		}
	}
	if !slices.ContainsFunc(p.rankings[0].order, func(order []int) bool { return order != nil }) {
		return Drawn{}, fault.New(fault.Input, "label clips that are of a class, and some that are not",
			"compare: none of %d classes has both among %d clips", len(p.first.Classes), p.first.N)
	}
	p.resample()

	d := Drawn{Draws: len(draws), TP: 1}
	var of, differences []float64
	order := make([]int, len(draws))
	for i := range draws {
		a, b := p.value(p.this[i]), p.value(p.other[i])
		of, differences, order[i] = append(of, a), append(differences, a-b), i
		d.Mean += (a - b) / float64(len(draws))
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(differences[a], differences[b]) })
	d.Middle = order[(len(draws)-1)/2]
	d.Comparison = countRight(draws[d.Middle], others[d.Middle])
	d.Difference = differences[d.Middle]
	for i := range draws {
		d.Confidence = max(d.Confidence, draws[i].Confidence, others[i].Confidence, Confidence)
	}
	middle := p.differences(nil, d.Middle)
	d.Low, d.High = p.interval(middle, d.Difference, d.Confidence)
	d.P = p.chance(middle)
	d.MidP, d.Holm = d.P, d.P
	d.Spread = stat.NewSpread(of)
	d.MeanLow, d.MeanHigh = d.Low, d.High
	if len(draws) == 1 {
		return d, nil
	}
	if t, tp, _ := stat.CorrectedT(differences, max(train, 1), d.N, d.Confidence); t-t == 0 {
		d.T, d.TP = t, tp
	}
	low, high := p.interval(p.differences(rand.New(rand.NewPCG(bootstrapSeed, 9)), 0), d.Mean, d.Confidence)
	d.MeanLow = max(-1, min(low, d.Mean-(d.Difference-d.Low)))
	d.MeanHigh = min(1, max(high, d.Mean+(d.High-d.Difference)))
	return d, nil
}

// countRight counts the clips of which two scores said all and nothing but the
// truth.
func countRight(a, b MultiScore) Comparison {
	c := Comparison{N: a.N, Multi: true, Method: IntervalBootstrap, DesignEffect: 1}
	if !a.Said || !b.Said {
		return c
	}
	other := make(map[string]bool, b.N)
	for _, p := range b.Predictions {
		other[p.ID] = p.Right()
	}
	for _, p := range a.Predictions {
		switch right := p.Right(); {
		case right && other[p.ID]:
			c.Both++
		case right:
			c.OnlyA++
		case other[p.ID]:
			c.OnlyB++
		default:
			c.Neither++
		}
	}
	return c
}

// Right tells whether the clip was said to be of all its classes and of no
// other.
func (p MultiPrediction) Right() bool { return slices.Equal(p.Of, p.Said) }

// pairing ranks the same clips by several classifiers, in pairs.
type pairing struct {
	first       MultiScore
	at          map[string]int // place of a clip in first
	rankings    []*ranking     // in the order of the clips of first
	of          map[*MultiPrediction]int
	this, other []int // into rankings, a pair each

	values [][]float64 // of a ranking: mAP, then of each resample
}

// add ranks by a pair of scores, each once.
func (p *pairing) add(a, b MultiScore) error {
	if p.of == nil {
		p.of = map[*MultiPrediction]int{}
	}
	for _, s := range []MultiScore{a, b} {
		if !slices.Equal(s.Classes, p.first.Classes) {
			return fmt.Errorf("compare: the classes %q and %q", p.first.Classes, s.Classes)
		}
		if len(s.Predictions) != len(p.first.Predictions) || len(s.Predictions) == 0 {
			return fmt.Errorf("compare: %d clips against %d", len(p.first.Predictions), len(s.Predictions))
		}
		if _, known := p.of[&s.Predictions[0]]; known {
			continue
		}
		list := make([]MultiPrediction, len(s.Predictions))
		for _, clip := range s.Predictions {
			i, ok := p.at[clip.ID]
			if !ok || list[i].ID != "" {
				return fmt.Errorf("compare: clip %s was scored once only", clip.ID)
			}
			if list[i] = clip; !slices.Equal(clip.Of, p.first.Predictions[i].Of) {
				return fmt.Errorf("compare: clip %s is of the classes %v in one score and of %v in the other", clip.ID, p.first.Predictions[i].Of, clip.Of)
			}
			list[i].Group = p.first.Predictions[i].Group
		}
		r, err := newRanking(len(s.Classes), list)
		if err != nil {
			return fmt.Errorf("compare: %w", err)
		}
		p.of[&s.Predictions[0]] = len(p.rankings)
		p.rankings = append(p.rankings, r)
	}
	p.this, p.other = append(p.this, p.of[&a.Predictions[0]]), append(p.other, p.of[&b.Predictions[0]])
	return nil
}

// resample works out mAP of every ranking on the clips, and on the same
// resamples of whole groups. A resample without a clip of any class counts as
// the clips do.
func (p *pairing) resample() {
	n := p.rankings[0].groups
	rng := rand.New(rand.NewPCG(bootstrapSeed, 8))
	times := make([][]int, 1+stat.BootstrapDraws)
	times[0] = slices.Repeat([]int{1}, n)
	for b := 1; b < len(times); b++ {
		times[b] = make([]int, n)
		for range n {
			times[b][rng.IntN(n)]++
		}
	}
	p.values = make([][]float64, len(p.rankings))
	cores.Each(len(p.rankings), func(k int) {
		r, each := p.rankings[k], make([]float64, len(p.first.Classes))
		values := make([]float64, len(times))
		for b := range times {
			if values[b] = r.meanAP(r.clips(times[b]), each); values[b] != values[b] {
				values[b] = values[0]
			}
		}
		p.values[k] = values
	})
}

// value is mAP of a ranking.
func (p *pairing) value(ranking int) float64 { return p.values[ranking][0] }

// differences are those of a pair on each resample or, with random numbers, the
// mean of as many pairs as there are, drawn anew for each.
func (p *pairing) differences(rng *rand.Rand, pair int) []float64 {
	out := make([]float64, stat.BootstrapDraws)
	for b := range out {
		if rng == nil {
			out[b] = p.values[p.this[pair]][1+b] - p.values[p.other[pair]][1+b]
			continue
		}
		for range p.this {
			k := rng.IntN(len(p.this))
			out[b] += (p.values[p.this[k]][1+b] - p.values[p.other[k]][1+b]) / float64(len(p.this))
		}
	}
	return out
}

// interval is between the quantiles of differences, and holds value. One group
// tells nothing of another.
func (p *pairing) interval(differences []float64, value, conf float64) (low, high float64) {
	if p.rankings[0].groups == 1 {
		return -1, 1
	}
	tail := (1 - conf) / 2
	return min(value, stat.Quantile(differences, tail)), max(value, stat.Quantile(differences, 1-tail))
}

// chance is the two-sided p-value of a difference of zero.
func (p *pairing) chance(differences []float64) float64 {
	var above, below int
	for _, d := range differences {
		if d >= 0 {
			above++
		}
		if d <= 0 {
			below++
		}
	}
	least := 2 * float64(1+min(above, below)) / float64(1+len(differences))
	return min(1, max(least, math.Exp2(1-float64(p.rankings[0].groups))))
}
