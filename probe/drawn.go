package probe

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"

	"framepilot/internal/stat"
)

// Drawn sets a method that was fitted to several draws of labelled clips beside
// one classifier, as zero-shot, or beside another one fitted to as many draws,
// on the same test clips.
type Drawn struct {
	Comparison // of the draw in the middle, the lower of two
	Middle     int
	Draws      int

	// Mean is the mean difference over draws. Its interval allows for the luck
	// of the draw and of the test clips together: whole groups and draws are
	// resampled. It is never narrower than that of the draw in the middle.
	Mean              float64
	MeanLow, MeanHigh float64
	Spread            stat.Spread // of what is compared, over draws
	T, TP             float64     // corrected resampled t and its p; 0 and 1 for one draw
}

// Verdict is what a comparison shows.
type Verdict string

// The verdicts.
const (
	Better  Verdict = "better"
	Worse   Verdict = "worse"
	Unclear Verdict = "not enough evidence"
)

// CompareDraws compares draws, all of the same labelled test clips, with other.
// train is the number of training clips of a draw.
func CompareDraws(draws []Score, other Score, train int) (Drawn, error) {
	return ComparePairs(draws, slices.Repeat([]Score{other}, len(draws)), train)
}

// ComparePairs compares draws of one method with draws of another, one by one,
// all of the same labelled test clips: the same draw of labelled clips before
// and after a change. The draw in the middle is the pair whose difference is.
func ComparePairs(draws, others []Score, train int) (Drawn, error) {
	if len(draws) == 0 || len(draws) != len(others) {
		return Drawn{}, fmt.Errorf("compare: %d draws with %d", len(draws), len(others))
	}
	pairs := make([]Comparison, len(draws))
	order := make([]int, len(draws))
	d := Drawn{Draws: len(draws), TP: 1}
	var top1, differences []float64
	gains := newGains(others[0])
	for i, score := range draws {
		c, err := Compare(score, others[i])
		if err != nil {
			return Drawn{}, err
		}
		gains.add(score, others[i])
		d.Mean += c.Difference / float64(len(draws))
		top1, differences = append(top1, hits(score)), append(differences, c.Difference)
		pairs[i], order[i] = c, i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(differences[a], differences[b]) })
	d.Middle = order[(len(draws)-1)/2]
	d.Comparison = pairs[d.Middle]
	d.Spread = stat.NewSpread(top1)
	d.MeanLow, d.MeanHigh = d.Low, d.High
	if len(draws) == 1 {
		return d, nil
	}
	if t, p, _ := stat.CorrectedT(differences, max(train, 1), d.N, d.Confidence); t-t == 0 {
		d.T, d.TP = t, p
	}
	i := gains.interval(d.Confidence)
	d.MeanLow = max(-1, min(i.Low, d.Mean-(d.Difference-d.Low)))
	d.MeanHigh = min(1, max(i.High, d.Mean+(d.High-d.Difference)))
	return d, nil
}

// AdjustDrawn is Adjust for comparisons over draws.
func AdjustDrawn(all []Drawn) {
	list := make([]Comparison, len(all))
	for i, d := range all {
		list[i] = d.Comparison
	}
	Adjust(list)
	for i := range all {
		all[i].Holm = list[i].Holm
	}
}

// hits is top-1 by the predictions.
func hits(s Score) float64 {
	var k float64
	for _, p := range s.Predictions {
		if p.Rank == 1 {
			k++
		}
	}
	return k / float64(len(s.Predictions))
}

// Verdict decides at the comparison's confidence, once Holm has been adjusted:
// both the test and the interval must say so.
func (d Drawn) Verdict() Verdict {
	switch sure := d.Holm <= 1-d.Confidence; {
	case sure && d.MeanLow > 0:
		return Better
	case sure && d.MeanHigh < 0:
		return Worse
	}
	return Unclear
}

// maxNeeded is the number of clips beyond which nobody will label.
const maxNeeded = 1_000_000

// Needed is about how many clips it would take, in all, to settle an unclear
// comparison with power 0.8, if the difference and the disagreement are what
// they seem, among so many comparisons; 0 where it is settled, where there is
// no difference to settle, beyond a million, and for mAP, which no formula tells
// that of.
func (d Drawn) Needed(comparisons int) int {
	discordant := float64(d.OnlyA+d.OnlyB) / float64(d.N)
	size := min(max(d.Mean, -d.Mean), discordant)
	if d.Verdict() != Unclear || size == 0 || d.Multi {
		return 0
	}
	n := float64(stat.PairedClips(discordant, size, stat.Split(d.Confidence, comparisons), 0.8)) * max(1, d.DesignEffect)
	if n <= float64(d.N) || n > maxNeeded {
		return 0
	}
	return int(n)
}

// gains holds what each draw gained on another classifier, group by group.
type gains struct {
	group map[string]int // of a clip, by its id
	clips []float64      // G
	sums  [][]float64    // a draw
}

func newGains(s Score) *gains {
	g := &gains{group: make(map[string]int)}
	names := make([]string, len(s.Predictions))
	for i, p := range s.Predictions {
		names[i] = p.Group
	}
	number, count := NumberGroups(names, len(names))
	g.clips = make([]float64, count)
	for i, p := range s.Predictions {
		g.group[p.ID] = number[i]
		g.clips[number[i]]++
	}
	return g
}

func (g *gains) add(s, other Score) {
	was := make(map[string]bool, len(other.Predictions))
	for _, p := range other.Predictions {
		was[p.ID] = p.Rank == 1
	}
	sums := make([]float64, len(g.clips))
	for _, p := range s.Predictions {
		if right := p.Rank == 1; right && !was[p.ID] {
			sums[g.group[p.ID]]++
		} else if !right && was[p.ID] {
			sums[g.group[p.ID]]--
		}
	}
	g.sums = append(g.sums, sums)
}

// interval resamples groups and draws together.
func (g *gains) interval(conf float64) stat.Interval {
	rng := rand.New(rand.NewPCG(bootstrapSeed, 5))
	means := make([]float64, stat.BootstrapDraws)
	times := make([]float64, len(g.clips))
	for i := range means {
		clear(times)
		var clips, sum float64
		for range times {
			at := rng.IntN(len(times))
			times[at]++
			clips += g.clips[at]
		}
		for range g.sums {
			for at, gain := range g.sums[rng.IntN(len(g.sums))] {
				sum += times[at] * gain
			}
		}
		means[i] = sum / clips / float64(len(g.sums))
	}
	tail := (1 - conf) / 2
	return stat.Interval{Low: stat.Quantile(means, tail), High: stat.Quantile(means, 1-tail)}
}
