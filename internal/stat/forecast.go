package stat

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// CurvePoint is what so many labels gave: the error of each draw of them.
type CurvePoint struct {
	Labels int       // labels a class, 1 or more
	Errors []float64 // one a draw, 0 to 1
}

// PowerLaw is err(n) = A + B n^-C, with A ≥ 0, B ≥ 0 and 0 < C ≤ 1.
type PowerLaw struct{ A, B, C float64 }

// At is the error at n labels.
func (l PowerLaw) At(n float64) float64 { return l.A + l.B*math.Pow(n, -l.C) }

// FitPowerLaw fits the law to the mean errors of the points by least squares,
// a point weighing as much as it has draws. Three different numbers of labels
// are the least that determine it.
func FitPowerLaw(points []CurvePoint) (PowerLaw, error) {
	distinct := map[int]bool{}
	for _, p := range points {
		if p.Labels < 1 || len(p.Errors) == 0 {
			return PowerLaw{}, fmt.Errorf("forecast: a point of %d labels and %d draws", p.Labels, len(p.Errors))
		}
		distinct[p.Labels] = true
	}
	if len(distinct) < 3 {
		return PowerLaw{}, fmt.Errorf("forecast: %d numbers of labels, a curve needs three", len(distinct))
	}
	return fitPowerLaw(points), nil
}

// fitPowerLaw searches C, for which A and B have a closed form: first on a
// grid, since the loss may have several dips, then within the best interval.
func fitPowerLaw(points []CurvePoint) PowerLaw {
	const steps = 50
	best, least := PowerLaw{}, math.Inf(1)
	try := func(c float64) float64 {
		law, loss := fitLinear(points, c)
		if loss < least {
			best, least = law, loss
		}
		return loss
	}
	var at int
	for i := 1; i <= steps; i++ {
		before := least
		if try(float64(i)/steps) < before {
			at = i
		}
	}
	low, high := max(float64(at-1), 0.05)/steps, min(float64(at+1), steps)/steps
	golden := (math.Sqrt(5) - 1) / 2
	for range 40 {
		a, b := high-golden*(high-low), low+golden*(high-low)
		if try(a) < try(b) {
			high = b
		} else {
			low = a
		}
	}
	return best
}

// fitLinear is the best A, B ≥ 0 for a given C, and the loss.
func fitLinear(points []CurvePoint, c float64) (PowerLaw, float64) {
	var w, x, y, xx, xy float64
	each := func(do func(weight, x, y float64)) {
		for _, p := range points {
			mean, _ := MeanSD(p.Errors)
			do(float64(len(p.Errors)), math.Pow(float64(p.Labels), -c), mean)
		}
	}
	each(func(weight, px, py float64) {
		w += weight
		x += weight * px
		y += weight * py
		xx += weight * px * px
		xy += weight * px * py
	})
	law := PowerLaw{C: c}
	if spread := w*xx - x*x; spread > 0 {
		law.B = (w*xy - x*y) / spread
	}
	law.A = (y - law.B*x) / w
	if law.B < 0 {
		law.A, law.B = y/w, 0
	}
	if law.A < 0 {
		law.A, law.B = 0, max(0, xy/xx)
	}
	var loss float64
	each(func(weight, px, py float64) {
		away := law.A + law.B*px - py
		loss += weight * away * away
	})
	return law, loss
}

// Forecast is a learning curve with what the luck of the draws makes of it.
type Forecast struct {
	Law   PowerLaw
	Limit int // labels a class beyond which it says nothing: power laws fitted to few shots promise too much

	draws []PowerLaw
}

// forecastDraws is the number of refits behind the band.
const forecastDraws = 500

// NewForecast fits the curve, and refits it to resampled draws of every
// point. It can be asked up to twice the most labels there are where those
// are at most eight, and four times above.
func NewForecast(points []CurvePoint, rng *rand.Rand) (Forecast, error) {
	law, err := FitPowerLaw(points)
	if err != nil {
		return Forecast{}, err
	}
	f := Forecast{Law: law}
	var most int
	again := make([]CurvePoint, len(points))
	for i, p := range points {
		most = max(most, p.Labels)
		again[i] = CurvePoint{p.Labels, make([]float64, len(p.Errors))}
	}
	f.Limit = 4 * most
	if most <= 8 {
		f.Limit = 2 * most
	}
	for range forecastDraws {
		for i, p := range points {
			for j := range p.Errors {
				again[i].Errors[j] = p.Errors[rng.IntN(len(p.Errors))]
			}
		}
		f.draws = append(f.draws, fitPowerLaw(again))
	}
	return f, nil
}

// At is the error to expect at so many labels a class, and its band; ok is
// false beyond the limit.
func (f Forecast) At(labels int, conf float64) (err float64, band Interval, ok bool) {
	mustConf(conf)
	if labels < 1 || labels > f.Limit {
		return 0, Interval{0, 1}, false
	}
	var each []float64
	for _, law := range f.draws {
		each = append(each, law.At(float64(labels)))
	}
	slices.Sort(each)
	tail := (1 - conf) / 2
	return f.Law.At(float64(labels)), Interval{sortedQuantile(each, tail), sortedQuantile(each, 1-tail)}, true
}
