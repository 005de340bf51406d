package probe

import (
	"fmt"

	"framepilot/internal/stat"
)

// Comparison sets two classifiers side by side on the same clips.
type Comparison struct {
	N       int // clips
	OnlyA   int // clips A alone got right
	OnlyB   int // clips B alone got right
	Both    int
	Neither int

	Multi        bool           // mAP is compared, of clips that may be of several classes; else top-1
	Difference   float64        // that of A less that of B, -1 to 1
	Low, High    float64        // its interval
	Confidence   float64        // of it: that of the score that was looked at more often
	Method       IntervalMethod // of the interval; that of independent clips is Tango's
	DesignEffect float64

	P    float64 // McNemar's exact two-sided p-value; of mAP see CompareMulti
	MidP float64 // mid-p: less conservative
	Holm float64 // P adjusted for all comparisons made together; P itself until Adjust is called
}

// Adjust sets Holm of comparisons that were made together, as of every method
// with zero-shot.
func Adjust(all []Comparison) {
	p := make([]float64, len(all))
	for i, c := range all {
		p[i] = c.P
	}
	for i, adjusted := range stat.Holm(p) {
		all[i].Holm = adjusted
	}
}

// Newcombe is Newcombe's interval of the difference, which takes clips for
// independent: beside Low and High it shows what recordings change.
func (c Comparison) Newcombe() (low, high float64) {
	i := stat.NewcombePaired(c.Both, c.OnlyA, c.OnlyB, c.Neither, c.Confidence)
	return i.Low, i.High
}

// Compare pairs the predictions of two scores by clip. The scores must be of
// the same clips, in any order, and agree on their labels.
//
// The p-values take clips for independent. Where Method is not
// IntervalClips they are too small, and the interval is what to go by. Tango's
// interval goes with the mid-p value; the exact one is more cautious, and can
// be above 0.05 where the interval just leaves out zero.
func Compare(a, b Score) (Comparison, error) {
	if len(a.Predictions) != len(b.Predictions) || len(a.Predictions) == 0 {
		return Comparison{}, fmt.Errorf("compare: %d clips against %d", len(a.Predictions), len(b.Predictions))
	}
	other := make(map[string]Prediction, len(b.Predictions))
	for _, p := range b.Predictions {
		other[p.ID] = p
	}
	c := Comparison{N: len(a.Predictions), Confidence: max(a.Confidence, b.Confidence, Confidence)}
	gain := make([]float64, c.N)
	groups := make([]string, c.N)
	for i, p := range a.Predictions {
		q, ok := other[p.ID]
		if !ok {
			return Comparison{}, fmt.Errorf("compare: clip %s was scored once only", p.ID)
		}
		if p.Label != q.Label {
			return Comparison{}, fmt.Errorf("compare: clip %s has label %d in one score and %d in the other", p.ID, p.Label, q.Label)
		}
		groups[i] = p.Group
		switch right, otherRight := p.Rank == 1, q.Rank == 1; {
		case right && otherRight:
			c.Both++
		case right:
			c.OnlyA++
			gain[i] = 1
		case otherRight:
			c.OnlyB++
			gain[i] = -1
		default:
			c.Neither++
		}
	}
	c.Difference = float64(c.OnlyA-c.OnlyB) / float64(c.N)
	c.P, c.MidP = stat.McNemar(c.OnlyA, c.OnlyB)
	c.Holm = c.P
	number, _ := NumberGroups(groups, c.N)
	i, method, effect := groupedInterval(gain, number, c.Confidence, func(trials int) stat.Interval {
		share := float64(trials) / float64(c.N)
		return stat.PairedDifference(float64(c.OnlyA)*share, float64(c.OnlyB)*share, float64(trials), c.Confidence)
	})
	c.Low, c.High, c.Method, c.DesignEffect = i.Low, i.High, method, effect
	return c, nil
}
