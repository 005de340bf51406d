package pilot

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
)

// readParts fills everything of a record but its run.
func readParts(ctx context.Context, tx *sql.Tx, rec *Record) error {
	id := []any{rec.Run.ID}
	err := each(ctx, tx, `select name, key, status, detail, at from stages where run = ? order by id`, id,
		func(scan scanner) error {
			var s Stage
			var at string
			err := scan(&s.Name, &s.Key, &s.Status, &s.Detail, &at)
			if err == nil {
				s.At, err = parseTime(at)
			}
			rec.Stages = append(rec.Stages, s)
			return err
		})
	if err != nil {
		return err
	}
	err = each(ctx, tx, `select id, site, split, class, recording from clips where run = ? order by pos`, id,
		func(scan scanner) error {
			var c Clip
			err := scan(&c.ID, &c.Site, &c.Split, &c.Class, &c.Recording)
			rec.Clips = append(rec.Clips, c)
			return err
		})
	if err != nil {
		return err
	}
	err = each(ctx, tx, `select clip, site, class, message, hint, said, fix from failures where run = ? order by pos`, id,
		func(scan scanner) error {
			var f Failure
			err := scan(&f.Clip, &f.Site, &f.Class, &f.Message, &f.Hint, &f.Said, &f.Fix)
			rec.Failures = append(rec.Failures, f)
			return err
		})
	if err != nil {
		return err
	}
	if rec.Results, err = readResults(ctx, tx, rec.Run.ID); err != nil {
		return err
	}
	if rec.Sites, err = readFindings(ctx, tx, rec.Run.ID); err != nil {
		return err
	}
	if rec.Expectations, err = readExpectations(ctx, tx, rec.Run.ID); err != nil {
		return err
	}
	return readEvidence(ctx, tx, rec)
}

// readResults reads the results of a run by key: one query a table, not one a
// result.
func readResults(ctx context.Context, tx *sql.Tx, runID string) ([]Result, error) {
	var results []Result
	at := map[int64]int{} // row id → index in results
	err := each(ctx, tx, `
		select id, key, task, method, label, prompts, train_site, site, shots, draw, look, agreed
		from results where run = ? order by key`, []any{runID},
		func(scan scanner) error {
			var r Result
			var id int64
			err := scan(&id, &r.Key, &r.Task, &r.Method, &r.Label, &r.Prompts, &r.TrainSite, &r.Site, &r.Shots, &r.Draw, &r.Look, &r.Agreed)
			at[id] = len(results)
			results = append(results, r)
			return err
		})
	if err != nil {
		return nil, err
	}
	for _, part := range resultParts {
		query := `select t.result, ` + part.columns + ` from ` + part.table +
			` t join results r on r.id = t.result where r.run = ? order by t.result, ` + part.order
		err := each(ctx, tx, query, []any{runID}, func(scan scanner) error {
			var id int64
			apply, err := part.read(func(into ...any) error { return scan(append([]any{&id}, into...)...) })
			if err == nil {
				apply(&results[at[id]])
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return results, readConfusions(ctx, tx, runID, results, at)
}

// readConfusions fills the matrices of results, whose classes are known; at
// gives the index of a result's row id.
func readConfusions(ctx context.Context, tx *sql.Tx, runID string, results []Result, at map[int64]int) error {
	return each(ctx, tx, `
		select t.result, t.truth, t.predicted, t.n
		from confusion t join results r on r.id = t.result where r.run = ?`, []any{runID},
		func(scan scanner) error {
			var id int64
			var truth, predicted, n int
			if err := scan(&id, &truth, &predicted, &n); err != nil {
				return err
			}
			r := &results[at[id]]
			c := len(r.Classes)
			if min(truth, predicted) < 0 || max(truth, predicted) >= c {
				return fmt.Errorf("result %q: confusion cell (%d, %d) of %d classes", r.Key, truth, predicted, c)
			}
			if r.Confusion == nil {
				r.Confusion = make([][]int, c)
				for i := range r.Confusion {
					r.Confusion[i] = make([]int, c)
				}
			}
			r.Confusion[truth][predicted] = n
			return nil
		})
}

// resultParts are the lists that belong to a result. read takes one row and
// returns what to do with it once its result is known.
var resultParts = []struct {
	table, columns, order string
	read                  func(scanner) (func(*Result), error)
}{
	{"result_parameters", "t.name, t.value", "t.name", func(scan scanner) (func(*Result), error) {
		var name, value string
		err := scan(&name, &value)
		return func(r *Result) { put(&r.Params, name, value) }, err
	}},
	{"choices", "t.name, t.value, t.rung, t.rule, t.reason, t.said", "t.pos", func(scan scanner) (func(*Result), error) {
		var c Choice
		err := scan(&c.Name, &c.Value, &c.Rung, &c.Rule, &c.Reason, &c.Said)
		return func(r *Result) { r.Choices = append(r.Choices, c) }, err
	}},
	{"metrics", "t.name, t.unit, t.value, t.low, t.high, t.interval, t.n", "t.pos", func(scan scanner) (func(*Result), error) {
		var m Metric
		var low, high sql.NullFloat64
		var interval sql.NullString
		err := scan(&m.Name, &m.Unit, &m.Value, &low, &high, &interval, &m.N)
		m.Low, m.High, m.HasInterval, m.Interval = low.Float64, high.Float64, low.Valid, interval.String
		return func(r *Result) { r.Metrics = append(r.Metrics, m) }, err
	}},
	{"classes", "t.name", "t.pos", func(scan scanner) (func(*Result), error) {
		var name string
		err := scan(&name)
		return func(r *Result) { r.Classes = append(r.Classes, name) }, err
	}},
	{"class_scores", "t.class, t.n, t.correct, t.recall, t.low, t.high, t.interval", "t.pos", func(scan scanner) (func(*Result), error) {
		var c ClassScore
		err := scan(&c.Class, &c.N, &c.Correct, &c.Recall, &c.Low, &c.High, &c.Interval)
		return func(r *Result) { r.PerClass = append(r.PerClass, c) }, err
	}},
	{"label_scores", "t.class, t.n, t.ap, t.ap_low, t.ap_high, t.threshold is not null, ifnull(t.threshold, 0), ifnull(t.said, 0), ifnull(t.correct, 0), ifnull(t.f1, 0), ifnull(t.f1_low, 0), ifnull(t.f1_high, 0), t.interval", "t.pos",
		func(scan scanner) (func(*Result), error) {
			var c LabelScore
			err := scan(&c.Class, &c.N, &c.AP, &c.APLow, &c.APHigh, &c.HasThreshold, &c.Threshold, &c.Said, &c.Correct, &c.F1, &c.F1Low, &c.F1High, &c.Interval)
			return func(r *Result) { r.PerLabel = append(r.PerLabel, c) }, err
		}},
	{"predictions", "t.clip, t.truth, t.predicted, t.p, t.correct, t.next, t.scores", "t.pos", func(scan scanner) (func(*Result), error) {
		var p Prediction
		var next sql.NullString
		var scores []byte
		err := scan(&p.Clip, &p.Truth, &p.Predicted, &p.P, &p.Correct, &next, &scores)
		if err == nil && next.Valid {
			err = json.Unmarshal([]byte(next.String), &p.Next)
		}
		if err == nil {
			p.Scores, err = scoresOf(scores)
		}
		return func(r *Result) { r.Predictions = append(r.Predictions, p) }, err
	}},
}
