package probe

import (
	"math"
	"math/rand/v2"

	"framepilot/internal/stat"
)

// Confidence is the level of every interval of labels that are read once. More
// looks at them take a higher one each; see Sealed.
const Confidence = 0.95

// Rate is a share of clips with its interval. Where N is zero nothing
// was measured: Value is 0 and means nothing, and the interval is everything.
type Rate struct {
	K, N         int     // hits among trials
	Value        float64 // K/N, 0 to 1
	Low, High    float64 // of the interval
	Method       IntervalMethod
	DesignEffect float64 // variance over that of independent clips; 1 where clips are independent or it cannot be seen
}

// IntervalMethod tells how an interval was computed.
type IntervalMethod string

// Clips of one recording stand or fall together, so they carry less
// information than as many recordings. Where there are fewer groups than
// clips, the interval is
//   - over groups where all clips agree or there is one group only: the
//     spread between groups cannot be seen, so a group counts as one trial;
//   - the cluster bootstrap where that finds a design effect above 1.2;
//   - that of independent clips otherwise.
const (
	IntervalClips     IntervalMethod = "independent clips"
	IntervalBootstrap IntervalMethod = "bootstrap over groups"
	IntervalGroups    IntervalMethod = "one trial a group"
	IntervalBCa       IntervalMethod = "BCa bootstrap over groups" // of means over classes
)

// maxDesignEffect is the design effect above which clips of one group can no
// longer pass for independent.
const maxDesignEffect = 1.2

// bootstrapSeed is fixed, so that the same predictions always give the same
// interval and nobody can shop for a better one.
const bootstrapSeed = 20230522

// newRate is the plain rate of k hits in n independent trials: Wilson's
// interval.
func newRate(k, n int, conf float64) Rate {
	i := stat.Wilson(k, n, conf)
	r := Rate{K: k, N: n, Low: i.Low, High: i.High, Method: IntervalClips, DesignEffect: 1}
	if n > 0 {
		r.Value = float64(k) / float64(n)
	}
	return r
}

// groupedRate is the rate of hits (0 or 1) among clips of the given groups.
func groupedRate(hits []float64, groups []int, conf float64) Rate {
	var k int
	for _, h := range hits {
		k += int(h)
	}
	r := newRate(k, len(hits), conf)
	i, method, effect := groupedInterval(hits, groups, conf,
		func(trials int) stat.Interval { return stat.WilsonShare(r.Value, float64(trials), conf) })
	r.Low, r.High, r.Method, r.DesignEffect = i.Low, i.High, method, effect
	return r
}

// ShareOf is the rate of hits among clips of the given groups, with the
// interval of the rule beside IntervalMethod.
func ShareOf(hits []bool, groups []string, conf float64) Rate {
	values := make([]float64, len(hits))
	for i, hit := range hits {
		if hit {
			values[i] = 1
		}
	}
	number, _ := NumberGroups(groups, len(hits))
	return groupedRate(values, number, conf)
}

// groupedInterval applies the rule beside IntervalMethod to the mean of
// values; independent gives the interval were they so many independent ones.
func groupedInterval(values []float64, groups []int, conf float64, independent func(trials int) stat.Interval) (stat.Interval, IntervalMethod, float64) {
	n, count := len(values), countDistinct(groups)
	if count == n {
		return independent(n), IntervalClips, 1
	}
	if count == 1 || allEqual(values) {
		return independent(count), IntervalGroups, 1
	}
	i, effect := stat.ClusterBootstrap(values, groups, conf, rand.New(rand.NewPCG(bootstrapSeed, 0)))
	if effect > maxDesignEffect {
		return i, IntervalBootstrap, effect
	}
	return independent(n), IntervalClips, effect
}

func countDistinct(x []int) int {
	seen := make(map[int]bool, len(x))
	for _, v := range x {
		seen[v] = true
	}
	return len(seen)
}

func allEqual(x []float64) bool {
	for _, v := range x {
		if v != x[0] {
			return false
		}
	}
	return true
}

// ClipsFor is about how many clips it takes for an interval of this rate that
// reaches half to either side, clips resembling each other as they do here.
func (r Rate) ClipsFor(half, conf float64) int {
	return int(math.Ceil(float64(stat.ClipsForWidth(r.Value, half, conf)) * max(1, r.DesignEffect)))
}

// Faultless is how many clips in a row, of as many recordings, must be right to
// show that a rate is at least so high.
func Faultless(rate, conf float64) int { return stat.FaultlessClips(rate, conf) }
