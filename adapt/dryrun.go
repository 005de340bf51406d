package adapt

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"

	"framepilot/adapt/live"
	"framepilot/internal/words"
	"framepilot/pilot"
	"framepilot/probe"
)

// look says what carrying out the plan would do, and writes nothing (SQLite
// may leave its two working files beside the ledger it reads). Where all
// embeddings are cached it knows which results the ledger has; where not,
// every result is to come.
func (r *run) look(ctx context.Context) error {
	if err := r.openCache(); err != nil {
		return err
	}
	if err := r.lookInLedger(ctx, func(l *pilot.Ledger) error { return r.readMoney(ctx, l) }); err != nil {
		return err
	}
	waiting, err := r.findClips(ctx)
	if err != nil {
		return err
	}
	if err := r.lookInLedger(ctx, func(l *pilot.Ledger) error { return errors.Join(r.tellReplaced(ctx, l), r.tellGates(ctx, l)) }); err != nil {
		return err
	}
	r.sum.Computed, r.sum.Cached = waiting, len(r.data.Items)-waiting
	detail := words.Say("%s to embed, %d cached", words.Counted(waiting, "clip"), r.sum.Cached)
	texts, err := r.plan.texts(r.data)
	if err != nil {
		return err
	}
	if waiting > 0 || len(r.x.newTexts(texts)) > 0 {
		cost := r.embedCost(waiting)
		if cost.Seconds == nil {
			if each, ok := r.x.try(ctx, r.data.Items); ok {
				setTime(&cost, each.times(waiting), live.BasisTry)
			}
		}
		r.expects(live.StageEmbed, r.outdated(embedStale), detail, &cost)
		for _, s := range r.lookAhead(ctx) {
			r.announce(s)
		}
	} else {
		r.ends(live.StageEmbed, StatusCached, detail)
		if err := r.lookUp(ctx); err != nil {
			return err
		}
	}
	var costs []*live.Estimate
	for _, s := range r.sum.Stages {
		costs = append(costs, s.Cost)
	}
	forecast := r.forecast(addUp(costs...), waiting, r.sum.New)
	r.sum.Cost = &forecast
	return ctx.Err()
}

// findClips counts the clips that would have to be embedded and holds the plan's
// lock against what there is. Where there is no lock and nothing is cached it
// opens no clip.
func (r *run) findClips(ctx context.Context) (waiting int, err error) {
	lock := LockFile(r.plan.File)
	if _, err := os.Stat(lock); errors.Is(err, os.ErrNotExist) && !r.o.Locked && len(r.x.shards.found) == 0 {
		r.sum.Lock = &LockSummary{File: lock, Status: LockNew, Changes: []Drift{}}
		return len(r.data.Items), nil
	}
	if r.jobs, err = r.x.locate(ctx, r.data.Items); err != nil {
		return 0, err
	}
	if err := r.compareLock(); err != nil {
		return 0, err
	}
	return len(r.x.missing(r.jobs)), r.readResults(ctx, runKey(r.plan, r.x.Key(), r.jobs))
}

// embedStale says whether a change makes embeddings of before useless.
func embedStale(d Drift) bool {
	switch table, rest, _ := strings.Cut(d.Key, "."); table {
	case "model", lockMachine:
		return true
	case "program":
		return rest == "decoder"
	case "data":
		return !strings.HasSuffix(rest, ".labels")
	}
	return false
}

// outdated lists what has changed, of the kind that matters, since a run last
// came to its end.
func (r *run) outdated(matters func(Drift) bool) (because []string) {
	if r.sum.Lock == nil {
		return nil
	}
	for _, d := range r.sum.Lock.Changes {
		if matters(d) {
			because = append(because, d.String())
		}
	}
	return because
}

// embedCost is what n clips will take.
func (r *run) embedCost(n int) live.Estimate {
	cost := live.Estimate{Bytes: r.shardBytes(n), Basis: live.BasisUnknown}
	if took, ok := r.rates.seconds(r.embedRate(), n); ok {
		setTime(&cost, took, live.BasisRuns)
	}
	return cost
}

// rowCost is what n results of a row will take.
func (r *run) rowCost(ctx context.Context, stage, row string, n int) *live.Estimate {
	cost := &live.Estimate{Bytes: int64(n) * r.resultBytes(), Basis: live.BasisUnknown}
	if took, ok := r.rates.seconds(r.rowRate(stage, row), n); ok {
		setTime(cost, took, live.BasisRuns)
	} else if each, ok := r.tryRow(ctx, stage, row); ok {
		setTime(cost, each.times(n), live.BasisTry)
	}
	return cost
}

// expected is a stage to come. because holds what made an earlier one useless,
// if any.
func expected(stage string, because []string, detail words.Sentence, cost *live.Estimate) StageSummary {
	s := StageSummary{Name: stage, Status: StatusWillRun, Detail: detail.String(), Said: detail, Because: because, Cost: cost}
	if len(because) > 0 {
		s.Status = StatusStale
	}
	return s
}

// expects tells of a stage to come.
func (r *run) expects(stage string, because []string, detail words.Sentence, cost *live.Estimate) {
	r.announce(expected(stage, because, detail, cost))
}

// announce tells what will become of a stage.
func (r *run) announce(s StageSummary) {
	r.sum.New += s.results
	r.ends(s.Name, s.Status, s.Said)
	r.sum.Stages[len(r.sum.Stages)-1] = s
}

// lookAhead lists the results of a plan whose embeddings are not all there.
func (r *run) lookAhead(ctx context.Context) (all []StageSummary) {
	because := r.outdated(func(Drift) bool { return true })
	add := func(stage, row string, n int) {
		s := expected(stage, because, words.Say("%s: %s to measure", row, words.Counted(n, "result")), r.rowCost(ctx, stage, row, n))
		s.results = n
		all = append(all, s)
	}
	r.eachAhead(func(e experiment, sites []string, draws int) { add(live.StageFit, e.row(), len(sites)*draws) })
	if r.plan.Retrieval != nil {
		times := 1
		if r.plan.Retrieval.DualSoftmax {
			times = 2
		}
		all = append(all, expected(live.StageRetrieval, because, words.Say("text to video and video to text"), r.rowCost(ctx, live.StageRetrieval, "", times*len(r.data.Sites))))
	}
	for _, site := range r.data.Unlabelled {
		add(live.StageSites, site, 1+r.plan.wholeFits(site, r.data.Multi)) // the site itself, and what each classifier says there
	}
	if r.plan.Report.Bundles != "" {
		all = append(all, expected(live.StageBundle, nil, words.Say("classifiers to write to %s", r.plan.Report.Bundles), nil))
	}
	return all
}

// eachAhead goes through what the plan measures, at which sites and how often
// at each, before there are embeddings to fit anything to.
func (r *run) eachAhead(do func(e experiment, sites []string, draws int)) {
	var tested []string
	for _, site := range r.data.Sites {
		if len(r.data.labelled(r.data.testRows(site))) > 0 {
			tested = append(tested, site)
		}
	}
	for _, m := range r.plan.Methods {
		sites := tested
		var to *move
		if m.forSite() {
			base, _ := probe.FindMethod(Methods(), m.Base) // checked with the plan
			to = &move{base: &experiment{method: base}}
			sites = slices.DeleteFunc(r.data.newSites(r.plan), func(site string) bool { return !m.goesTo(site) || !slices.Contains(tested, site) })
		}
		method, err := m.find()
		if err != nil || len(sites) == 0 {
			continue // checked with the plan; at sites without labels
		}
		for _, prompts := range orElseOne(m.Prompts) {
			e := experiment{method: method, prompts: prompts, given: settingsText(m.settings()), move: to}
			if m.learner() == ZeroShot {
				do(e, sites, 1)
			}
			for _, e.shots = range m.Shots {
				draws := 1
				if e.shots > 0 {
					draws = m.Draws
				}
				do(e, sites, draws)
			}
		}
	}
}

// wholeFits is how many classifiers fitted to all training clips answer at a
// site. Where a clip may be of several classes, words alone give no answer.
func (p Plan) wholeFits(site string, multi bool) (n int) {
	for _, m := range p.Methods {
		if m.forSite() && !m.goesTo(site) || multi && m.Name == ZeroShot {
			continue
		}
		if m.learner() == ZeroShot || slices.Contains(m.Shots, 0) {
			n += len(orElseOne(m.Prompts))
		}
	}
	return n
}

// orElseOne is the names, or one that is empty where there are none.
func orElseOne(names []string) []string {
	if len(names) == 0 {
		return []string{""}
	}
	return names
}

// lookUp asks the ledger which results it has.
func (r *run) lookUp(ctx context.Context) error {
	e := r.x.gather(r.jobs, 0)
	if err := r.note(e); err != nil {
		return err
	}
	kept, f, err := r.take(e)
	if err != nil {
		return err
	}
	text, err := r.words(ctx, kept)
	if err != nil {
		return err
	}
	todo, err := r.tasks(ctx, kept, f, text)
	if err != nil {
		return err
	}
	because := r.outdated(func(Drift) bool { return true })
	for _, row := range byRow(todo) {
		have := len(row) - r.lacks(row)
		r.sum.Kept += have
		r.sum.New += len(row) - have
		detail := words.Say("%s: %s to measure, %d kept", row[0].row, words.Counted(len(row)-have, "result"), have)
		if have == len(row) {
			r.ends(row[0].stage, StatusCached, detail)
			continue
		}
		r.expects(row[0].stage, because, detail, r.rowCost(ctx, row[0].stage, row[0].row, len(row)-have))
	}
	r.lookAtBundles()
	return nil
}

// readResults finds what the ledger has of the run with this key.
func (r *run) readResults(ctx context.Context, key string) error {
	r.has = map[string]bool{}
	return r.lookInLedger(ctx, func(ledger *pilot.Ledger) error {
		if ledger == nil {
			return nil
		}
		before, err := ledger.FindByKey(ctx, key)
		if errors.Is(err, pilot.ErrNoRun) {
			return nil
		}
		if err != nil {
			return err
		}
		rec, err := ledger.Load(ctx, before.ID)
		if err != nil {
			return err
		}
		r.sum.Run, r.sum.Before = before.ID, string(before.Status)
		if s, _, err := live.Follow(r.plan.Dir(), before.ID).Look(); err == nil { // else it has said nothing yet
			r.before = s.Spent
		}
		r.has = keysOf(rec)
		return nil
	})
}
