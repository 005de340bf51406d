package adapt

import (
	"context"
	"errors"
	"fmt"
	"os"

	"framepilot/pilot"
)

// look says what carrying out the plan would do, and writes nothing (SQLite
// may leave its two working files beside the ledger it reads). Where all
// embeddings are cached it knows which results the ledger has; where not,
// every result is to come.
func (r *run) look(ctx context.Context) error {
	if err := r.openCache(ctx); err != nil {
		return err
	}
	waiting, err := r.findClips(ctx)
	if err != nil {
		return err
	}
	r.sum.Computed, r.sum.Cached = waiting, len(r.data.Items)-waiting
	detail := fmt.Sprintf("%s to embed, %d cached", count(waiting, "clip"), r.sum.Cached)
	texts, err := r.plan.texts(r.data)
	if err != nil {
		return err
	}
	if waiting > 0 || len(r.x.newTexts(texts)) > 0 {
		r.ends(StageEmbed, StatusWillRun, detail)
		r.lookAhead()
		return nil
	}
	r.ends(StageEmbed, StatusCached, detail)
	return r.lookUp(ctx)
}

// findClips counts the clips that would have to be embedded and holds the plan's
// lock against what there is. Where there is no lock and nothing is cached it
// opens no clip.
func (r *run) findClips(ctx context.Context) (waiting int, err error) {
	lock := LockFile(r.plan.File)
	if _, err := os.Stat(lock); errors.Is(err, os.ErrNotExist) && !r.o.Locked && len(r.x.shards.found) == 0 {
		r.sum.Lock = &LockSummary{File: lock, Status: LockNew}
		return len(r.data.Items), nil
	}
	if r.jobs, err = r.x.locate(ctx, r.data.Items); err != nil {
		return 0, err
	}
	return len(r.x.missing(r.jobs)), r.compareLock()
}

// lookAhead lists the results of a plan whose embeddings are not all there.
func (r *run) lookAhead() {
	sites := 0
	for _, site := range r.data.Sites {
		if len(r.data.labelled(r.data.testRows(site))) > 0 {
			sites++
		}
	}
	add := func(stage, row string, n int) {
		r.sum.New += n
		r.ends(stage, StatusWillRun, fmt.Sprintf("%s: %s to measure", row, count(n, "result")))
	}
	for _, m := range r.plan.Methods {
		words := max(1, len(m.Prompts))
		if m.Name == ZeroShot {
			add(StageFit, m.Name, sites*words)
		}
		for _, shots := range m.Shots {
			if shots == 0 {
				add(StageFit, m.Name+", all clips", sites*words)
			} else {
				add(StageFit, fmt.Sprintf("%s, %s", m.Name, count(shots, "shot")), sites*words*m.Draws)
			}
		}
	}
	if r.plan.Retrieval != nil {
		r.ends(StageRetrieval, StatusWillRun, "text to video and video to text")
	}
}

// lookUp asks the ledger which results it has.
func (r *run) lookUp(ctx context.Context) (err error) {
	e := r.x.gather(r.jobs, 0)
	r.note(e)
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
	if err := r.readResults(ctx, runKey(r.plan, r.x.Key(), r.jobs)); err != nil {
		return err
	}
	for _, row := range byRow(todo) {
		have := 0
		for _, t := range row {
			if r.has[t.key] {
				have++
			}
		}
		r.sum.Kept += have
		r.sum.New += len(row) - have
		status := StatusWillRun
		if have == len(row) {
			status = StatusCached
		}
		r.ends(row[0].stage, status, fmt.Sprintf("%s: %s to measure, %d kept", row[0].row, count(len(row)-have, "result"), have))
	}
	return nil
}

// readResults finds what the ledger has of the run with this key.
func (r *run) readResults(ctx context.Context, key string) error {
	r.has = map[string]bool{}
	if _, err := os.Stat(LedgerFile(r.plan.Dir())); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	ledger, err := pilot.OpenReadOnly(ctx, LedgerFile(r.plan.Dir()))
	if err != nil {
		return err
	}
	defer ledger.Close()
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
	r.sum.Run = before.ID
	for _, result := range rec.Results {
		r.has[result.Key] = true
	}
	return nil
}
