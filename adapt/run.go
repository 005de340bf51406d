package adapt

import (
	"context"
	"errors"
	"io"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"framepilot/adapt/live"
	"framepilot/internal/fault"
	"framepilot/internal/words"
	"framepilot/pilot"
	"framepilot/pilot/report"
)

// RunOptions is what a run needs beside its plan.
type RunOptions struct {
	// Open opens the model of the plan. Where it is an io.Closer, the run
	// closes it.
	Open   func(ctx context.Context, m ModelPlan) (Embedder, error)
	Reader Reader

	Now         func() time.Time  // nil = time.Now
	Out         func(live.Event)  // hears everything, from one goroutine at a time; nil = nobody
	DryRun      bool              // say what would be done; write nothing at all
	Locked      bool              // refuse to run where anything is not as the plan's lock says
	Rates       string            // file that remembers how fast this machine was; "" = none
	Environment map[string]string // for the ledger: what results should not depend on, e.g. the program's version
	Report      report.Options    // how the reports are made
}

// Run carries out a plan: reads the data, embeds what is not cached, fits and
// scores what the ledger does not have, writes the report. It may be killed at
// any moment and run again; the numbers are the same. A cancelled context ends
// it with what is done sealed and the run marked interrupted.
//
// The Summary is filled as far as the run came. An error of kind
// fault.Partial means done, but more clips failed than the plan tolerates.
func Run(ctx context.Context, p Plan, o RunOptions) (Summary, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	r := &run{
		plan: p, o: o, dir: p.Resolve(live.StateDir),
		log: &live.Log{Now: o.Now, Sink: o.Out}, rates: openRates(o.Rates), told: map[string]bool{},
		sum: Summary{Pilot: p.Name, Read: []Account{}, Stages: []StageSummary{}, Failures: []Failure{}, Warnings: []string{}, Bundles: []string{}, Reports: []string{}},
	}
	r.began = o.Now()
	err := r.prepare(ctx)
	if r.model != nil {
		if c, ok := r.model.(io.Closer); ok {
			defer c.Close()
		}
	}
	switch {
	case err != nil:
	case o.DryRun:
		err = r.look(ctx)
	default:
		err = r.carryOut(ctx)
	}
	return r.sum, err
}

// run is a plan being carried out.
type run struct {
	plan Plan
	o    RunOptions
	dir  string // .framepilot
	log  *live.Log
	sum  Summary

	data  Data
	model Embedder
	x     *Extractor
	jobs  []clipJob // one an item of data

	rates  *rates
	trial  *trial        // of a dry run, once a row is tried
	money  *live.Money   // what the machine costs; nil where nobody said
	began  time.Time     // this process
	before time.Duration // spent on the run by earlier ones
	paused time.Duration // by this one
	pinned planLock      // what the numbers will follow from

	fitted []*experiment
	ledger *pilot.Ledger
	asks   string          // what the run looks at the test labels for, by lookKey
	key    string          // of the run
	was    pilot.Status    // what became of it before; "" where it is new
	has    map[string]bool // keys of results the ledger has
	told   map[string]bool // sites whose look has been told of

	wanted, had int // results of the plan, and those of them the ledger had before
}

// prepare reads the data and opens the model; it writes nothing.
func (r *run) prepare(ctx context.Context) (err error) {
	r.begins(live.StageData)
	if r.data, err = ReadData(r.plan); err != nil {
		return err
	}
	r.sum.Read = append(r.sum.Read, r.data.Read...)
	for _, a := range r.data.Read {
		for _, text := range a.worthSaying() {
			r.log.Emit(live.Event{Kind: live.EventNote, Stage: live.StageData}.Saying(text))
		}
	}
	for _, w := range r.data.Warnings {
		r.warn(live.StageData, w)
	}
	if err := r.judge(live.StageData, append(r.data.Findings, r.data.shots(r.plan)...)); err != nil {
		return err
	}
	r.sum.Clips = len(r.data.Items)
	r.ends(live.StageData, StatusDone, words.Say("%s of %s at %s: %d to learn from, %d to test on", words.Counted(len(r.data.Items), "clip"),
		words.Counted(len(r.data.Classes), "class"), strings.Join(r.data.Sites, ", "), len(r.data.trainRows(r.plan)),
		len(r.data.rows(func(item Item) bool { return item.Split == Test }))))

	if r.model, err = r.o.Open(ctx, r.plan.Model); err != nil {
		return err
	}
	info := r.model.Info()
	if want := r.plan.Model.SHA256; want != "" && !strings.EqualFold(want, info.SHA256) {
		return fault.New(fault.Config, "name the model the plan was written for, or change model.sha256 in the plan",
			"plan %s: model %s is of the checkpoint %s, the plan wants %s", r.plan.File, info.Name, info.SHA256, want)
	}
	return nil
}

// openCache opens the embeddings made before.
func (r *run) openCache() (err error) {
	if !r.o.DryRun {
		if err := live.Unpause(r.plan.Dir()); err != nil { // a pause of a run that is gone
			return err
		}
	}
	r.x, err = NewExtractor(r.model, r.o.Reader, ExtractOptions{
		Cache: filepath.Join(r.dir, "features"), Root: r.plan.Dir(), Workers: r.plan.Limits.Workers, Batch: r.plan.Limits.Batch,
		Now: r.o.Now, Emit: r.heard, DryRun: r.o.DryRun, Hold: r.hold,
	})
	return err
}

// carryOut does the work, under the lock.
func (r *run) carryOut(ctx context.Context) (err error) {
	unlock, err := live.Lock(r.dir, r.o.Now())
	if err != nil {
		return err
	}
	defer unlock()
	if err := r.openCache(); err != nil {
		return err
	}
	defer r.rememberRates()
	r.begins(live.StageEmbed)
	if r.jobs, err = r.x.locate(ctx, r.data.Items); err != nil {
		return err
	}
	if err := r.compareLock(); err != nil {
		return err
	}
	r.key = runKey(r.plan, r.x.Key(), r.jobs)
	if r.ledger, err = pilot.Open(ctx, LedgerFile(r.plan.Dir())); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.ledger.Close()) }()
	r.ledger.Now = r.o.Now
	if err := r.find(ctx); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.log.Close()) }()
	if err := r.readMoney(ctx, r.ledger); err != nil {
		return err
	}
	if err := r.tellGates(ctx, r.ledger); err != nil {
		return err
	}

	failed, err := r.work(ctx)
	if err != nil {
		return r.stop(ctx, err)
	}
	if err := r.writeReports(ctx, failed); err != nil {
		return err
	}
	return failed
}

// clipsPerHour is how fast this machine embeds clips, as far as it was ever
// measured.
func (r *run) clipsPerHour() (speed string, ok bool) {
	each, ok := r.rates.seconds(r.embedRate(), 1)
	return strconv.FormatFloat(3600/each.middle, 'f', 0, 64), ok
}

// rememberRates keeps what the run measured of this machine, however it ended.
func (r *run) rememberRates() {
	r.rates.noteMemory(r.memoryRate(r.x.made), r.x.memory())
	if err := r.rates.save(); err != nil {
		r.warn(live.StageReport, fault.Said(err))
	}
}

// work is every stage that makes numbers. failed is the complaint of a run
// that came to its end with too many clips left out.
func (r *run) work(ctx context.Context) (failed, err error) {
	if waiting := len(r.x.missing(r.jobs)); waiting > 0 {
		r.tellForecast(r.forecastAhead(ctx, waiting))
	}
	kept, f, err := r.embed(ctx)
	if err != nil {
		return nil, err
	}
	text, err := r.words(ctx, kept)
	if err != nil {
		return nil, err
	}
	todo, err := r.tasks(ctx, kept, f, text)
	if err != nil {
		return nil, err
	}
	if err := r.recordWarnings(ctx); err != nil {
		return nil, err
	}
	if err := r.leaveStale(ctx, todo); err != nil {
		return nil, err
	}
	r.tellForecast(r.forecastRest(ctx, todo))
	if err := r.measure(ctx, todo); err != nil {
		return nil, err
	}
	if err := r.weigh(ctx); err != nil {
		return nil, err
	}
	if err := r.writeBundles(ctx); err != nil {
		return nil, err
	}
	return tooManyFailed(r.sum.Failures, len(r.data.Items), r.plan.Limits.MaxFailed), nil
}
