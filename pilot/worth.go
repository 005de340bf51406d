package pilot

import (
	"context"
	"database/sql"
	"math"
	"slices"

	"framepilot/internal/fault"
	"framepilot/pilot/gate"
	"framepilot/pilot/roi"
	"framepilot/probe"
)

// Worth is what a result is worth under the assumptions of its pilot.
type Worth struct {
	Run, Site, Recipe string
	Classes           []string
	Confusion         roi.Confusion
	Ranges            map[string]roi.Range // all that went in, what was measured included
	Currency          string
	roi.Result
}

// Worth computes the return of a result: site and recipe choose it as they do
// for a gate; where neither is given it is the result that stands for the run,
// of which its report tells. Run "" is the latest that is done. Where an
// assumption is missing, what it would be the return of is there beside the
// error.
func (l *Ledger) Worth(ctx context.Context, pilot, run, site, recipe string) (Worth, error) {
	var w Worth
	err := l.transact(ctx, "compute the return", func(tx *sql.Tx) error {
		book, _, err := l.readBook(ctx, tx, pilot)
		if err != nil {
			return err
		}
		rec, err := readRecord(ctx, tx, book.Pilot, run)
		if err != nil {
			return err
		}
		r, ok := Result{}, false
		if site == "" && recipe == "" {
			r, ok = book.stands(rec)
		}
		if !ok {
			if r, _, err = choose(gate.Criterion{Site: site}, rec, recipe); err != nil {
				return err
			}
		}
		w, err = worth(book, rec, r)
		return err
	})
	return w, err
}

// worth puts a result, its record and the assumptions together.
func worth(book Book, rec Record, r Result) (Worth, error) {
	ranges, confusion, err := returnRanges(book, rec, r)
	if err != nil {
		return Worth{}, err
	}
	w := Worth{
		Run: rec.Run.ID, Site: r.Site, Recipe: r.Recipe(), Classes: r.Classes, Ranges: ranges, Currency: book.Rates().Currency,
		Confusion: roi.Confusion{Counts: confusion, Costs: costs(book, r.Classes)},
	}
	if _, ok := ranges[roi.ClipsPerHour]; !ok {
		_, err := machine(gate.Criterion{Name: "return", Metric: "clips_per_hour"}, rec, gate.Rates{})
		return w, err
	}
	w.Result, err = roi.Compute(ranges, w.Confusion)
	return w, err
}

// returnRanges are the assumptions with what was measured: accuracy, and the
// speed where the run measured it and nobody set it.
func returnRanges(book Book, rec Record, r Result) (ranges map[string]roi.Range, confusion [][]int, err error) {
	if r.Several() {
		return nil, nil, fault.New(fault.Input, "", "the return: it is worked out from how many clips are right, and those of result %s may be of several classes", r.Key)
	}
	s, err := Rescore(rec, r, probe.Confidence)
	if err != nil {
		return nil, nil, err
	}
	ranges = book.Ranges()
	ranges[roi.Accuracy] = roi.Range{Low: s.Top1.Low, Base: s.Top1.Value, High: s.Top1.High}
	if _, ok := ranges[roi.ClipsPerHour]; !ok {
		if speed, err := machine(gate.Criterion{Name: "return", Metric: "clips_per_hour"}, rec, gate.Rates{}); err == nil {
			ranges[roi.ClipsPerHour] = roi.Exactly(speed)
		}
	}
	return ranges, s.Confusion, nil
}

// costs are the prices of errors of two named classes, NaN where there is none.
func costs(book Book, classes []string) [][]float64 {
	m := make([][]float64, len(classes))
	for i := range m {
		m[i] = slices.Repeat([]float64{math.NaN()}, len(classes))
	}
	for _, e := range book.Assumed {
		a := e.Assumption
		t, p := slices.Index(classes, a.Truth), slices.Index(classes, a.Predicted)
		if a.Name == roi.ErrorCost && t >= 0 && p >= 0 {
			m[t][p] = a.Range.Base
		}
	}
	return m
}
