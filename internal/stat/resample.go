package stat

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// Resampled is a statistic and what it became on resamples of whole groups.
type Resampled struct {
	Value float64   // of the data themselves
	Draws []float64 // BootstrapDraws values, ascending

	without []float64 // with each group left out once, for the acceleration
}

// Bootstrap resamples groups 0 … n-1 with replacement. statistic is given how
// many times each group is in the resample; it is also called with every
// group once, and with each left out. It must be finite.
func Bootstrap(n int, statistic func(times []int) float64, rng *rand.Rand) Resampled {
	return Bootstraps(n, 1, func(times []int, values []float64) { values[0] = statistic(times) }, rng)[0]
}

// Bootstraps is Bootstrap of k statistics on the same resamples: statistic
// fills in their values.
func Bootstraps(n, k int, statistic func(times []int, values []float64), rng *rand.Rand) []Resampled {
	if n < 1 {
		panic("stat: bootstrap over no groups")
	}
	all := make([]Resampled, k)
	times, values := make([]int, n), make([]float64, k)
	each := func(do func(r *Resampled, value float64)) {
		statistic(times, values)
		for j, v := range values {
			do(&all[j], mustFinite(v))
		}
	}
	for g := range times {
		times[g] = 1
	}
	each(func(r *Resampled, v float64) { r.Value = v })
	if n > 1 {
		for g := range times {
			times[g] = 0
			each(func(r *Resampled, v float64) { r.without = append(r.without, v) })
			times[g] = 1
		}
	}
	for range BootstrapDraws {
		clear(times)
		for range n {
			times[rng.IntN(n)]++
		}
		each(func(r *Resampled, v float64) { r.Draws = append(r.Draws, v) })
	}
	for j := range all {
		slices.Sort(all[j].Draws)
	}
	return all
}

func mustFinite(x float64) float64 {
	if x-x != 0 {
		panic(fmt.Sprintf("stat: bootstrap of a statistic that is %g", x))
	}
	return x
}

// Percentile is the interval between the quantiles of the draws.
func (r Resampled) Percentile(conf float64) Interval {
	mustConf(conf)
	tail := (1 - conf) / 2
	return Interval{sortedQuantile(r.Draws, tail), sortedQuantile(r.Draws, 1-tail)}
}

// BCa is the bias-corrected and accelerated interval (Efron 1987): the
// quantiles of the draws, moved for a median that is off and for a spread that
// changes with the value. Where all draws are on one side of the value the
// correction has no size, and the percentile interval is returned.
func (r Resampled) BCa(conf float64) Interval {
	mustConf(conf)
	less, upTo := places(r.Draws, r.Value)
	below := float64(less+upTo) / 2 / float64(len(r.Draws)) // ties count half
	if below == 0 || below == 1 {
		return r.Percentile(conf)
	}
	bias, acceleration := distuv.UnitNormal.Quantile(below), r.acceleration()
	at := func(p float64) float64 {
		z := bias + distuv.UnitNormal.Quantile(p)
		return sortedQuantile(r.Draws, distuv.UnitNormal.CDF(bias+z/(1-acceleration*z)))
	}
	tail := (1 - conf) / 2
	return Interval{at(tail), at(1 - tail)}
}

// acceleration is the skewness of the statistic as groups are left out, over 6.
func (r Resampled) acceleration() float64 {
	if len(r.without) == 0 {
		return 0
	}
	mean, _ := MeanSD(r.without)
	var second, third float64
	for _, v := range r.without {
		away := mean - v
		second += away * away
		third += away * away * away
	}
	if second == 0 {
		return 0
	}
	return third / (6 * math.Pow(second, 1.5))
}
