package stat

import (
	"fmt"
	"math"
)

// NewcombePaired returns Newcombe's square-and-add interval for p₁ - p₂, two
// hit rates on the same clips: both, only the first, only the second and
// neither right (Newcombe 1998, Stat. Med. 17:2635, method 10). It joins the
// Wilson intervals of the two rates by their correlation. No clips give
// [-1, 1].
func NewcombePaired(both, first, second, neither int, conf float64) Interval {
	if both < 0 || first < 0 || second < 0 || neither < 0 {
		panic(fmt.Sprintf("stat: a table of %d, %d, %d, %d", both, first, second, neither))
	}
	n := both + first + second + neither
	if n == 0 {
		mustConf(conf)
		return Interval{-1, 1}
	}
	p1, p2 := float64(both+first)/float64(n), float64(both+second)/float64(n)
	w1, w2 := Wilson(both+first, n, conf), Wilson(both+second, n, conf)
	phi := phi(both, first, second, neither, n)
	join := func(a, b float64) float64 { return math.Sqrt(max(0, a*a-2*phi*a*b+b*b)) }
	return Interval{
		max(-1, p1-p2-join(p1-w1.Low, w2.High-p2)),
		min(1, p1-p2+join(w1.High-p1, p2-w2.Low)),
	}
}

// phi is the correlation of two yes-no results, with Newcombe's correction
// for continuity where it is positive.
func phi(both, first, second, neither, n int) float64 {
	a, b, c, d := float64(both), float64(first), float64(second), float64(neither)
	margins := (a + b) * (c + d) * (a + c) * (b + d)
	if margins == 0 {
		return 0
	}
	agreement := a*d - b*c
	if agreement > 0 {
		agreement = max(agreement-float64(n)/2, 0)
	}
	return agreement / math.Sqrt(margins)
}
