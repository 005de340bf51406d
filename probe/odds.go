package probe

import "math"

// odds turn a logit z into log odds, slope·z + offset.
type odds struct{ slope, offset float64 }

func (o odds) of(z float64) float64 { return o.slope*z + o.offset }

// How far odds may leave those they are held to: a slope by a factor of about
// 2, an offset by about 1, where the clips say no more than a few would.
const minSlope = 0.1 // of the slope they are held to

// fitOdds finds odds for which the labels y of logits z are likeliest (Platt
// 1999, with his smoothed targets, so that logits that were always right do
// not turn into certainty), held to given ones:
//
//	minimise Σ_i CE(slope z_i + offset, target_i) + ½ (slope/prior.slope - 1)² + ½ hold (offset - prior.offset)²,
//
// slope at least minSlope of the prior's. hold is 1, or 0 where nothing is
// known of the offset. The minimum is the only one; Newton's steps lead there.
func fitOdds(z []float64, y []bool, prior odds, hold float64) odds {
	var yes float64
	for _, is := range y {
		if is {
			yes++
		}
	}
	no := float64(len(y)) - yes
	f := oddsFit{z: z, target: make([]float64, len(z)), prior: prior, hold: hold}
	for i, is := range y {
		f.target[i] = 1 / (no + 2)
		if is {
			f.target[i] = (yes + 1) / (yes + 2)
		}
	}
	best := f.minimise(prior, true)
	if best.slope < minSlope*prior.slope {
		best = f.minimise(odds{minSlope * prior.slope, best.offset}, false)
	}
	return best
}

// FitOdds finds slope and offset that turn logits z into the log odds of their
// labels y: fitOdds, held to a slope of 1. Labels must be of both kinds or the
// odds say little beyond the labels' share.
func FitOdds(z []float64, y []bool) (slope, offset float64) {
	o := fitOdds(z, y, odds{slope: 1}, 0)
	return o.slope, o.offset
}

// oddsFit is the objective of fitOdds.
type oddsFit struct {
	z, target []float64 // N
	prior     odds
	hold      float64
}

func (f *oddsFit) value(at odds) float64 {
	away, off := at.slope/f.prior.slope-1, at.offset-f.prior.offset
	sum := away*away/2 + f.hold*off*off/2
	for i, z := range f.z {
		t := at.of(z)
		sum += softplus(t) - f.target[i]*t
	}
	return sum
}

// minimise takes Newton's steps from a point, each halved until it leads down,
// in both directions or, with the slope as it is, in the offset alone.
func (f *oddsFit) minimise(at odds, both bool) odds {
	now := f.value(at)
	for range 100 {
		var gs, gb, hss, hsb, hbb float64
		for i, z := range f.z {
			p := Sigmoid(at.of(z))
			r, w := p-f.target[i], p*(1-p)
			gs, gb = gs+r*z, gb+r
			hss, hsb, hbb = hss+w*z*z, hsb+w*z, hbb+w
		}
		gs += (at.slope/f.prior.slope - 1) / f.prior.slope
		gb += f.hold * (at.offset - f.prior.offset)
		hss += 1 / (f.prior.slope * f.prior.slope)
		hbb += f.hold + 1e-12
		var ds, db float64
		if both {
			det := hss*hbb - hsb*hsb
			ds, db = (hbb*gs-hsb*gb)/det, (hss*gb-hsb*gs)/det
		} else {
			db = gb / hbb
		}
		next, value, step := at, now, 1.0
		for ; step > 1e-10; step /= 2 {
			next = odds{at.slope - step*ds, at.offset - step*db}
			if value = f.value(next); value < now {
				break
			}
		}
		if !(value < now) {
			break // out of digits
		}
		at, now = next, value
		if math.Abs(step*ds) < 1e-9*f.prior.slope && math.Abs(step*db) < 1e-9 {
			break
		}
	}
	return at
}
