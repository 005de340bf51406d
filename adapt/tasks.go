package adapt

import (
	"context"
	"fmt"

	"framepilot/adapt/live"
	"framepilot/internal/words"
	"framepilot/pilot"
	"framepilot/probe"
)

// task is one result to come: what it follows from is in its key, so that a
// result of that key in the ledger need not be measured again.
type task struct {
	key   string
	stage string
	row   string // what a person calls it, draws and sites left out
	run   func(ctx context.Context) (recorded, error)
}

// recorded is a result as the ledger keeps it.
type recorded struct {
	tell words.Sentence // in one line
	into func(ctx context.Context, l *pilot.Ledger, run string) error
}

// scored is a result of the usual kind.
func scored(r pilot.Result) recorded {
	return recorded{tell(r), func(ctx context.Context, l *pilot.Ledger, run string) error { return l.Result(ctx, run, r) }}
}

// tasks lists every result the plan asks for. f has a row for each clip of
// kept, text the prototypes of each prompt set.
func (r *run) tasks(ctx context.Context, kept Data, f probe.Features, text map[string]probe.Matrix) ([]task, error) {
	r.asks = lookKey(r.plan, r.x.Key(), r.data.Named)
	var list []task
	list, err := r.fits(list, kept, f, text)
	if err != nil {
		return nil, err
	}
	if list, err = r.rankings(ctx, list, kept, f, text); err != nil {
		return nil, err
	}
	return r.outlooks(list, kept, f, text)
}

// fits adds every classifier on every site that has labelled test clips. The
// labels of those go under seal here: what follows reads them by looks that
// are counted.
func (r *run) fits(list []task, kept Data, f probe.Features, text map[string]probe.Matrix) ([]task, error) {
	all, err := experiments(r.plan, f.Take(kept.trainRows(r.plan)), f.Take(kept.validationRows(r.plan)), text, kept.unseen(r.plan, f))
	if err != nil {
		return nil, err
	}
	r.fitted = all
	var sites []string // with labelled test clips
	tests, digests := map[string]*probe.Sealed{}, map[string][]byte{}
	for _, site := range kept.Sites {
		if rows := kept.labelled(kept.testRows(site)); len(rows) > 0 {
			test := f.Take(rows)
			sites, digests[site] = append(sites, site), test.Digest()
			if tests[site], err = probe.Seal(test, r.plan.Test.Looks, r.counted(site, test)); err != nil {
				return nil, err
			}
		}
	}
	for _, e := range all {
		learned := e.follows()
		for _, site := range sites {
			if !e.at(site) {
				continue
			}
			head := e.head(r.plan, site)
			head.Key = resultKey(len(list)+1, head.Task, head.Method, head.Params, head.Prompts, site, e.shots, e.draw, learned, digests[site])
			list = append(list, task{head.Key, live.StageFit, e.row(), func(ctx context.Context) (recorded, error) {
				fitted, err := e.fit(ctx, r.plan.Test.sets())
				if err != nil {
					return recorded{}, err
				}
				result, err := fitted.measure(ctx, head, tests[site], r.purpose(site))
				if err != nil {
					return recorded{}, fmt.Errorf("%s at %s: %w", e.label(), site, err)
				}
				return scored(result), nil
			}})
		}
	}
	return list, nil
}

// rankings adds retrieval on every site, if the plan asks for it.
func (r *run) rankings(ctx context.Context, list []task, kept Data, f probe.Features, text map[string]probe.Matrix) ([]task, error) {
	if r.plan.Retrieval == nil {
		return list, nil
	}
	rows := kept.rows(func(item Item) bool { return item.Split == Test })
	found, err := r.x.searches(ctx, r.plan, kept.pick(rows).Items, f.Take(rows), kept.Sites, text[r.plan.Retrieval.Prompts])
	if err != nil {
		return nil, err
	}
	for _, s := range found {
		asked := s.videos
		asked.Text, asked.Classes = s.texts, nil
		key := resultKey(len(list)+1, pilot.Retrieval, s.label(), r.plan.Retrieval.Prompts, s.site, s.match, asked.Digest())
		list = append(list, task{key, live.StageRetrieval, s.label(), func(ctx context.Context) (recorded, error) {
			look, err := r.counted(s.site, s.videos).Look(ctx, r.purpose(s.site))
			if err != nil {
				return recorded{}, err
			}
			result, err := s.measure(r.plan, look)
			result.Key = key
			return scored(result), err
		}})
	}
	return list, nil
}

// byRow divides tasks into the draws and sites of one row.
func byRow(todo []task) [][]task {
	var rows [][]task
	for i, t := range todo {
		if i == 0 || t.stage != todo[i-1].stage || t.row != todo[i-1].row {
			rows = append(rows, nil)
		}
		rows[len(rows)-1] = append(rows[len(rows)-1], t)
	}
	return rows
}

// measure runs the tasks whose results the ledger does not have. Each result
// is recorded as it comes: a killed run loses the one it was at.
func (r *run) measure(ctx context.Context, todo []task) error {
	r.wanted, r.had = len(todo), len(todo)-r.lacks(todo)
	for _, row := range byRow(todo) {
		if err := r.measureRow(ctx, row); err != nil {
			return err
		}
	}
	return nil
}

// measureRow runs the tasks of one row: its draws and sites.
func (r *run) measureRow(ctx context.Context, row []task) error {
	stage, fresh, began := row[0].stage, 0, r.o.Now()
	r.log.Emit(live.Event{Kind: live.EventStage, Stage: stage, Status: "started", Text: row[0].row})
	for _, t := range row {
		if r.has[t.key] {
			r.sum.Kept++
			continue
		}
		waited, err := r.hold(ctx)
		if err != nil {
			return err
		}
		began = began.Add(waited)
		result, err := t.run(ctx)
		if err != nil {
			return err
		}
		if err := result.into(ctx, r.ledger, r.sum.Run); err != nil {
			return err
		}
		fresh++
		r.sum.New++
		r.log.Emit(live.Event{Kind: live.EventResult, Stage: stage, Status: "new", Done: r.had + r.sum.New, Total: r.wanted, Cached: r.had}.Saying(result.tell))
	}
	r.rates.note(r.rowRate(stage, row[0].row), fresh, r.o.Now().Sub(began))
	status, detail := StatusDone, words.Say("%s: %s new, %d kept", row[0].row, words.Counted(fresh, "result"), len(row)-fresh)
	if fresh == 0 {
		status = StatusCached
	}
	r.ends(stage, status, detail)
	return r.ledger.Stage(ctx, r.sum.Run, stage, row[0].key, status, detail.String())
}

// tell puts a result into one line.
func tell(r pilot.Result) words.Sentence {
	what := words.Plain(r.Label)
	if r.Prompts != "" {
		what = words.Say("%s (%s)", what, r.Prompts)
	}
	if r.Draw > 0 {
		what = words.Say("%s, draw %d", what, r.Draw)
	}
	m := r.Metrics[0]
	return words.Say("%s at %s: %s %.1f %% of %s", what, r.Site, m.Name, 100*m.Value, words.Counted(m.N, "clip"))
}
