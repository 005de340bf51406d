package adapt

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"framepilot/internal/stat"
	"framepilot/internal/words"
	"framepilot/pilot"
	"framepilot/probe"
)

// weigh records what the results of the run show together: every method
// beside zero-shot, and what more labels would bring. It follows from recorded
// results alone, so a run that was killed before it loses nothing.
func (r *run) weigh(ctx context.Context) error {
	rec, err := r.ledger.Load(ctx, r.sum.Run)
	if err != nil {
		return err
	}
	rows := gatherRows(rec)
	r.sum.Variances = variances(rows)
	if r.sum.New == 0 && len(rec.Comparisons)+len(rec.Forecasts) > 0 {
		return nil // of the same results
	}
	comparisons, err := compareRows(rows, rec.Recordings())
	if err != nil {
		return err
	}
	return r.ledger.Evidence(ctx, r.sum.Run, comparisons, r.plan.forecasts(rows))
}

// resultRow is the draws of one classifier at one site.
type resultRow struct {
	site  string
	draws []pilot.Result // in order, one at least
}

// gatherRows groups the classifiers of a run into rows, in the order of the plan.
func gatherRows(rec pilot.Record) []resultRow {
	var rows []resultRow
	index := map[string]int{}
	for _, res := range rec.Results {
		if res.Task != pilot.Classification || len(res.Predictions) == 0 {
			continue
		}
		name := fmt.Sprintf("%q %q %q %q", res.Site, res.Label, res.Prompts, res.TrainSite)
		at, ok := index[name]
		if !ok {
			at = len(rows)
			index[name], rows = at, append(rows, resultRow{site: res.Site})
		}
		rows[at].draws = append(rows[at].draws, res)
	}
	return rows
}

// primary is the number that results are compared by: top-1 or, where clips may
// be of several classes, mAP.
func primary(r pilot.Result) float64 { return r.Metrics[0].Value }

// compareRows sets every row beside the highest zero-shot row of its site: the
// hardest to beat without labels. The comparisons at a site are adjusted for
// each other (Holm).
func compareRows(rows []resultRow, recording map[string]string) ([]pilot.Comparison, error) {
	highest := map[string]pilot.Result{}
	for _, row := range rows {
		if res := row.draws[0]; res.Method == ZeroShot {
			if h, ok := highest[row.site]; !ok || primary(res) > primary(h) {
				highest[row.site] = res
			}
		}
	}
	bySite := map[string][]probe.Drawn{}
	results := map[string][]pilot.Result{} // the draw in the middle of each
	for _, row := range rows {
		other, ok := highest[row.site]
		if !ok || row.draws[0].Key == other.Key {
			continue
		}
		train, _ := strconv.Atoi(row.draws[0].Params["training clips"]) // none for zero-shot in other words
		d, err := pilot.CompareResults(row.draws, slices.Repeat([]pilot.Result{other}, len(row.draws)), recording, train)
		if err != nil {
			return nil, fmt.Errorf("%s at %s: %w", row.draws[0].Label, row.site, err)
		}
		bySite[row.site] = append(bySite[row.site], d)
		results[row.site] = append(results[row.site], row.draws[d.Middle])
	}
	var out []pilot.Comparison
	for _, site := range sortedKeys(bySite) {
		probe.AdjustDrawn(bySite[site])
		for i, d := range bySite[site] {
			c := pilot.Told(d, len(bySite[site]))
			c.Result, c.Against = results[site][i].Key, highest[site].Key
			out = append(out, c)
		}
	}
	return out, nil
}

// maxMisfit is how far a curve may pass by the last point measured, where the
// draws agree better than that.
const maxMisfit = 0.01

// forecasts says what more labels would bring, for every method that was
// measured with three numbers of shots or more: at twice the most, and at
// four times where that can be said. Where the curve passes by the last point
// it says nothing.
func (p Plan) forecasts(rows []resultRow) []pilot.Forecast {
	var out []pilot.Forecast
	for _, curve := range curves(rows) {
		var points []stat.CurvePoint
		slices.SortStableFunc(curve, func(a, b resultRow) int { return cmp.Compare(a.draws[0].Shots, b.draws[0].Shots) })
		last := curve[len(curve)-1]
		for _, row := range curve {
			var errors []float64
			for _, res := range row.draws {
				errors = append(errors, 1-primary(res))
			}
			points = append(points, stat.CurvePoint{Labels: row.draws[0].Shots, Errors: errors})
		}
		f, err := stat.NewForecast(points, p.rng("forecast", last.site, last.draws[0].Label, last.draws[0].Prompts))
		if err != nil {
			continue // fewer than three numbers of shots
		}
		most := last.draws[0].Shots
		if mean, sd := stat.MeanSD(points[len(points)-1].Errors); math.Abs(f.Law.At(float64(most))-mean) > max(2*sd, maxMisfit) {
			continue // no curve goes through these numbers
		}
		for _, labels := range []int{2 * most, 4 * most} {
			mean, band, ok := f.At(labels, probe.Confidence)
			if !ok {
				continue
			}
			out = append(out, pilot.Forecast{
				Result: last.draws[0].Key, Labels: labels, Error: mean, Low: min(band.Low, mean), High: max(band.High, mean),
				Interval: "resampled draws " + level(probe.Confidence), A: f.Law.A, B: f.Law.B, C: f.Law.C,
			})
		}
	}
	return out
}

// curves gathers rows that differ in their shots only.
func curves(rows []resultRow) [][]resultRow {
	var out [][]resultRow
	index := map[string]int{}
	for _, row := range rows {
		res := row.draws[0]
		if res.Shots == 0 {
			continue
		}
		label := strings.Replace(res.Label, ", "+words.Count(res.Shots, "shot"), "", 1)
		name := fmt.Sprintf("%q %q %q %q", row.site, label, res.Prompts, res.TrainSite)
		at, ok := index[name]
		if !ok {
			at = len(out)
			index[name], out = at, append(out, nil)
		}
		out[at] = append(out[at], row)
	}
	return out
}
