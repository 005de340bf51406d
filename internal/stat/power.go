package stat

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// PairedClips is how many test clips McNemar's test needs to find, with the
// given power (0.8), that two classifiers differ by difference in hit rate
// when they disagree on a share discordant of the clips:
//
//	n = ((z_α √p_d + z_β √(p_d - D²)) / D)²
//
// at confidence conf, two-sided (Connor 1987).
func PairedClips(discordant, difference, conf, power float64) int {
	mustPaired(discordant, difference)
	mustConf(power)
	root := zValue(conf)*math.Sqrt(discordant) +
		distuv.UnitNormal.Quantile(power)*math.Sqrt(discordant-difference*difference)
	return int(math.Ceil(math.Pow(max(root, 0)/difference, 2)))
}

func mustPaired(discordant, difference float64) {
	if !(difference > 0 && difference <= discordant && discordant <= 1) {
		panic(fmt.Sprintf("stat: a difference of %g with %g discordant", difference, discordant))
	}
}

// FaultlessClips is how many clips in a row must be right to show, at
// confidence conf, that the hit rate is at least rate: 59 for 95 % at 95 %.
func FaultlessClips(rate, conf float64) int {
	mustConf(rate)
	mustConf(conf)
	return int(math.Ceil(math.Log(1-conf)/math.Log(rate) - 1e-9))
}

// ClipsForWidth is how many clips it takes for a Wilson interval around the
// share p to reach no further than half to either side on average.
func ClipsForWidth(p, half, conf float64) int {
	if !(p >= 0 && p <= 1 && half > 0) {
		panic(fmt.Sprintf("stat: half a width of %g around %g", half, p))
	}
	reach := func(n int) float64 {
		i := WilsonShare(p, float64(n), conf)
		return (i.High - i.Low) / 2
	}
	high := 1
	for reach(high) > half {
		high *= 2
	}
	for low := high / 2; high-low > 1; {
		if mid := (low + high) / 2; reach(mid) > half {
			low = mid
		} else {
			high = mid
		}
	}
	return high
}

// ShareClips is the least number of clips after which Wilson's interval around
// a share p reaches no further than half to either side on average. half is in
// (0, 0.5].
func ShareClips(p, half, conf float64) int {
	if !(half > 0 && half <= 0.5) {
		panic("stat: ShareClips: half a width outside (0, 0.5]")
	}
	n := 1
	for ; ; n++ {
		if i := WilsonShare(p, float64(n), conf); i.High-i.Low <= 2*half {
			return n
		}
	}
}
