package pilot

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"slices"

	"framepilot/probe"
)

// Comparison sets a result beside another on the same clips of one site:
// what a method is worth beside zero-shot.
type Comparison struct {
	Result, Against string // keys; of several draws the one in the middle

	N         int // clips
	OnlyThis  int // clips only the result had right
	OnlyOther int // clips only the other had right

	Metric string // what is compared: top1, or map where a clip may be of several classes

	// Of that metric, result less other, -1 to 1; the mean over draws.
	Difference float64
	Low, High  float64
	Interval   string // kind and level
	Draws      int    // behind the difference, one at least

	P, MidP float64 // McNemar's, of the two results named; of map see probe.CompareMulti
	Holm    float64 // P for all comparisons made at the site
	DrawsP  float64 // of the corrected resampled t over draws; read only where Draws is above one

	Verdict string // Better, Worse or Unclear
	Needed  int    // clips it would take to settle it; zero where settled, not to be had, or not to be told, as of map
}

// The verdicts of a comparison.
const (
	Better  = "better"
	Worse   = "worse"
	Unclear = "not enough evidence"
)

// CompareResults compares draws of a row of results with as many of another,
// one by one, all of the same test clips: by top-1 or, where clips may be of
// several classes, by mAP over the classes that both know. recording names
// that of each clip, train is the number of training clips of a draw.
func CompareResults(draws, others []Result, recording map[string]string, train int) (probe.Drawn, error) {
	if len(draws) == 0 || len(draws) != len(others) {
		return probe.Drawn{}, fmt.Errorf("compare: %d draws with %d", len(draws), len(others))
	}
	if !draws[0].Several() {
		return probe.ComparePairs(eachAnswers(draws, draws[0].Classes, recording), eachAnswers(others, draws[0].Classes, recording), train)
	}
	classes := slices.Clone(draws[0].Classes)
	for _, r := range slices.Concat(draws, others) {
		classes = slices.DeleteFunc(classes, func(c string) bool { return !slices.Contains(r.Classes, c) })
	}
	tagged, err := eachTagged(draws, classes, recording)
	if err != nil {
		return probe.Drawn{}, err
	}
	against, err := eachTagged(others, classes, recording)
	if err != nil {
		return probe.Drawn{}, err
	}
	return probe.CompareMulti(tagged, against, train)
}

// eachAnswers are recorded results as scores that say of each clip whether it
// was right: enough to compare one with another. Labels are numbered as in
// classes.
func eachAnswers(results []Result, classes []string, recording map[string]string) []probe.Score {
	out := make([]probe.Score, len(results))
	for i, r := range results {
		out[i].Confidence = probe.LookConfidence(r.Look, r.Agreed)
		for _, p := range r.Predictions {
			rank := 2
			if p.Correct {
				rank = 1
			}
			out[i].Predictions = append(out[i].Predictions,
				probe.Prediction{ID: p.Clip, Group: recording[p.Clip], Label: slices.Index(classes, p.Truth), Rank: rank})
		}
	}
	return out
}

// eachTagged is eachAnswers for clips that may be of several classes, of those
// given. A result that stands there several times is turned into a score once.
func eachTagged(results []Result, classes []string, recording map[string]string) ([]probe.MultiScore, error) {
	out := make([]probe.MultiScore, len(results))
	for i, r := range results {
		if i > 0 && r.Key == results[i-1].Key {
			out[i] = out[i-1]
			continue
		}
		list, said, err := r.tagged(classes, recording)
		if err != nil {
			return nil, err
		}
		out[i] = probe.MultiScore{Classes: classes, N: len(list), Said: said, Predictions: list, Confidence: probe.LookConfidence(r.Look, r.Agreed)}
	}
	return out, nil
}

// Told is a comparison, one of several made together, as the ledger keeps it
// but for the names of the two results.
func Told(d probe.Drawn, several int) Comparison {
	interval := map[probe.IntervalMethod]string{
		probe.IntervalClips:     "Tango",
		probe.IntervalBootstrap: "bootstrap over recordings",
		probe.IntervalGroups:    "Tango over recordings",
	}[d.Method]
	if d.Draws > 1 {
		interval = "bootstrap over recordings and draws"
	}
	metric := "top1"
	if d.Multi {
		metric = "map"
	}
	return Comparison{
		Metric: metric, N: d.N, OnlyThis: d.OnlyA, OnlyOther: d.OnlyB,
		Difference: d.Mean, Low: d.MeanLow, High: d.MeanHigh, Interval: fmt.Sprintf("%s %.4g %%", interval, 100*d.Confidence), Draws: d.Draws,
		P: d.P, MidP: d.MidP, Holm: d.Holm, DrawsP: d.TP, Verdict: string(d.Verdict()), Needed: d.Needed(several),
	}
}

// Forecast is what a learning curve promises for so many labels.
type Forecast struct {
	Result    string  // key of the curve's last point, its most labels
	Labels    int     // a class
	Error     float64 // to expect, 0 to 1
	Low, High float64
	Interval  string  // kind and level
	A, B, C   float64 // error = A + B labels^-C
}

// Evidence records what follows from the results of a run, instead of what
// was recorded before.
func (l *Ledger) Evidence(ctx context.Context, runID string, comparisons []Comparison, forecasts []Forecast) error {
	for _, c := range comparisons {
		if err := finite(c.Difference, c.Low, c.High, c.P, c.MidP, c.Holm, c.DrawsP); err != nil || c.Metric == "" || c.Interval == "" || c.Low > c.High {
			return fmt.Errorf("pilot: record comparison of %s: %+v is not a comparison", c.Result, c)
		}
	}
	for _, f := range forecasts {
		if err := finite(f.Error, f.Low, f.High, f.A, f.B, f.C); err != nil || f.Interval == "" || f.Labels < 1 || f.Low > f.High {
			return fmt.Errorf("pilot: record forecast of %s: %+v is not a forecast", f.Result, f)
		}
	}
	return l.transact(ctx, "record comparisons", func(tx *sql.Tx) error {
		for _, table := range []string{"comparisons", "forecasts"} {
			if _, err := tx.ExecContext(ctx, `delete from `+table+` where run = ?`, runID); err != nil {
				return err
			}
		}
		err := insert(ctx, tx, `insert into comparisons (run, pos, result, against, metric, n, only_this, only_other, draws,
				difference, low, high, interval, p, mid_p, holm, draws_p, verdict, needed)
			values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			len(comparisons), func(i int) []any {
				c := comparisons[i]
				drawsP := sql.NullFloat64{Float64: c.DrawsP, Valid: c.Draws > 1}
				return []any{runID, i, c.Result, c.Against, c.Metric, c.N, c.OnlyThis, c.OnlyOther, c.Draws,
					c.Difference, c.Low, c.High, c.Interval, c.P, c.MidP, c.Holm, drawsP, c.Verdict, c.Needed}
			})
		if err != nil {
			return unknownRun(runID, err)
		}
		return unknownRun(runID, insert(ctx, tx, `insert into forecasts (run, pos, result, labels, error, low, high, interval, a, b, c)
			values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			len(forecasts), func(i int) []any {
				f := forecasts[i]
				return []any{runID, i, f.Result, f.Labels, f.Error, f.Low, f.High, f.Interval, f.A, f.B, f.C}
			}))
	})
}

func finite(values ...float64) error {
	for _, v := range values {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("%v is not a finite number", v)
		}
	}
	return nil
}

// readEvidence fills the comparisons and forecasts of a record.
func readEvidence(ctx context.Context, tx *sql.Tx, rec *Record) error {
	id := []any{rec.Run.ID}
	err := each(ctx, tx, `select result, against, metric, n, only_this, only_other, draws, difference, low, high, interval,
			p, mid_p, holm, draws_p, verdict, needed from comparisons where run = ? order by pos`, id,
		func(scan scanner) error {
			var c Comparison
			var drawsP sql.NullFloat64
			err := scan(&c.Result, &c.Against, &c.Metric, &c.N, &c.OnlyThis, &c.OnlyOther, &c.Draws, &c.Difference, &c.Low, &c.High, &c.Interval,
				&c.P, &c.MidP, &c.Holm, &drawsP, &c.Verdict, &c.Needed)
			c.DrawsP = drawsP.Float64
			rec.Comparisons = append(rec.Comparisons, c)
			return err
		})
	if err != nil {
		return err
	}
	return each(ctx, tx, `select result, labels, error, low, high, interval, a, b, c from forecasts where run = ? order by pos`, id,
		func(scan scanner) error {
			var f Forecast
			err := scan(&f.Result, &f.Labels, &f.Error, &f.Low, &f.High, &f.Interval, &f.A, &f.B, &f.C)
			rec.Forecasts = append(rec.Forecasts, f)
			return err
		})
}
