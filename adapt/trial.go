package adapt

import (
	"context"
	"math"
	"math/rand/v2"
	"time"

	"framepilot/adapt/live"
	"framepilot/pilot"
	"framepilot/probe"
)

// trial times fits that no run on data of this size has timed: one of each row,
// on embeddings made up, with the labels, recordings and sites there are. What
// it has no time left for stays unknown.
type trial struct {
	rows  map[string]*experiment   // the first of each
	tests map[string]*probe.Sealed // by site
	left  time.Duration
}

// trialTime is how long a dry run tries fits, trialSize of how many numbers the
// embeddings may be that it makes up.
const (
	trialTime = 2 * time.Second
	trialSize = 1 << 25
)

// noLooks counts none: labels that are tried on are no secret to numbers that
// are thrown away.
type noLooks struct{}

func (noLooks) Look(context.Context, string) (int, error) { return 1, nil }

// newTrial lists what can be tried; nothing where embeddings can't be made up.
func (r *run) newTrial() *trial {
	t := &trial{rows: map[string]*experiment{}, tests: map[string]*probe.Sealed{}, left: trialTime}
	if r.plan.Model.Tokens || len(r.data.Items)*r.x.info.Dim > trialSize {
		return t
	}
	f, text, err := r.madeUp(r.plan.rng("trial"))
	if err != nil {
		return t
	}
	all, err := experiments(r.plan, f.Take(r.data.trainRows(r.plan)), f.Take(r.data.validationRows(r.plan)), text, r.data.unseen(r.plan, f))
	if err != nil {
		return t
	}
	for _, e := range all {
		if t.rows[e.row()] == nil {
			t.rows[e.row()] = e
		}
	}
	for _, site := range r.data.Sites {
		if rows := r.data.labelled(r.data.testRows(site)); len(rows) > 0 {
			if test, err := probe.Seal(f.Take(rows), 1, noLooks{}); err == nil {
				t.tests[site] = test
			}
		}
	}
	return t
}

// madeUp are embeddings of the run's clips and words that nobody computed: each
// around the middle of its class, at a cosine of about 0.7.
func (r *run) madeUp(rng *rand.Rand) (probe.Features, map[string]probe.Matrix, error) {
	middles := probe.NewMatrix(len(r.data.Classes), r.x.info.Dim)
	for c := range middles.Rows {
		around(rng, middles.Row(c), nil)
	}
	e := Extraction{X: probe.NewMatrix(len(r.data.Items), r.x.info.Dim)}
	labels := r.data.labels()
	for i := range r.data.Items {
		var middle []float32
		if labels[i] >= 0 {
			middle = middles.Row(labels[i])
		}
		around(rng, e.X.Row(i), middle)
		e.Rows = append(e.Rows, i)
	}
	f, err := r.data.Features(e, r.x.info.Scale)
	text := map[string]probe.Matrix{}
	for _, name := range r.plan.promptNames() {
		text[name] = probe.NewMatrix(middles.Rows, middles.Cols)
		for c := range middles.Rows {
			around(rng, text[name].Row(c), middles.Row(c))
		}
	}
	return f, text, err
}

// around fills a row with a random direction, or one near middle, of unit length.
func around(rng *rand.Rand, row, middle []float32) {
	each, norm := 1/math.Sqrt(float64(len(row))), 0.0
	for j := range row {
		x := each * rng.NormFloat64()
		if middle != nil {
			x += float64(middle[j])
		}
		row[j] = float32(x)
		norm += x * x
	}
	for j := range row {
		row[j] /= float32(math.Sqrt(norm))
	}
}

// tryRow measures one result of a row that no run has measured, in a dry run;
// ok is false where that can't be done. How many steps a fit takes is up to the
// clips, so half and twice the time are the ends it is given.
func (r *run) tryRow(ctx context.Context, stage, row string) (each stretch, ok bool) {
	if !r.o.DryRun || stage != live.StageFit {
		return each, false
	}
	if r.trial == nil {
		r.trial = r.newTrial()
	}
	e := r.trial.rows[row]
	if e == nil || r.trial.left <= 0 {
		return each, false
	}
	ctx, cancel := context.WithTimeout(ctx, r.trial.left)
	defer cancel()
	began := r.o.Now()
	defer func() { r.trial.left -= r.o.Now().Sub(began) }()
	fitted, err := e.fit(ctx, r.plan.Test.sets())
	if err != nil {
		return each, false
	}
	took, sites := r.o.Now().Sub(began).Seconds(), 0.0
	measured := 0.0
	for site, test := range r.trial.tests {
		if !e.at(site) {
			continue
		}
		began := r.o.Now()
		if _, err := fitted.measure(ctx, pilot.Result{Params: map[string]string{}}, test, "a trial"); err != nil {
			return each, false
		}
		measured += r.o.Now().Sub(began).Seconds()
		sites++
	}
	if sites == 0 {
		return each, false
	}
	middle := (took + measured) / sites
	return stretch{middle, middle / 2, 2 * middle}, true
}
