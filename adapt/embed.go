package adapt

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"framepilot/adapt/live"
	"framepilot/internal/words"
	"framepilot/model/video"
)

// sealAfter is how much work waits at most to be sealed, but for one batch: a
// killed run loses no more.
const sealAfter = 30 * time.Second

// embed makes the rows of todo and seals them shard by shard. Where it stops
// early, on an error or a cancelled context, what is done is sealed.
func (x *Extractor) embed(ctx context.Context, todo []clipJob, total int) (err error) {
	defer func() { err = errors.Join(err, x.shards.seal()) }()
	p := &progress{x: x, total: total, cached: total - len(todo), began: x.o.Now(), since: x.o.Now()}
	defer func() { x.made, x.took = x.made+p.done, x.took+x.o.Now().Sub(p.began) }()
	if len(todo) > 0 {
		p.report(true) // how much there is, before the first batch is done
	}
	var batch []clipJob
	var clips []*video.Clip
	sealed := p.began
	flush := func() error {
		rows, err := x.embedBatch(ctx, clips)
		p.spent(&p.model)
		if err != nil {
			return err
		}
		err = x.keep(batch, clips, rows)
		if now := x.o.Now(); now.Sub(sealed) >= sealAfter {
			err, sealed = errors.Join(err, x.shards.seal()), now
		}
		p.spent(&p.disk)
		p.done += len(batch)
		batch, clips = batch[:0], clips[:0]
		p.report(false)
		if x.o.Hold != nil {
			waited, held := x.o.Hold(ctx)
			p.pause(waited)
			err = errors.Join(err, held)
		}
		return err
	}
	for job, got := range inOrder(ctx, todo, x.o.Workers, x.o.Workers+x.o.Batch, x.read) {
		p.spent(&p.decoding)
		if err := ctx.Err(); err != nil {
			return err
		}
		switch {
		case got.err != nil:
			return fmt.Errorf("clip %s: %w", job.item.ID, got.err)
		case got.failed != nil:
			p.done++
			p.failed++
			x.tellFailure(job.item.ID, got.failed)
			if err := x.remember(job.address, got.failed); err != nil {
				return err
			}
			continue
		}
		batch, clips = append(batch, job), append(clips, got.clip)
		if len(batch) == x.o.Batch {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if len(batch) > 0 {
		if err := flush(); err != nil {
			return err
		}
	}
	p.report(true)
	return nil
}

// readResult is a decoded clip, or why this one file has none, or what ends
// the run.
type readResult struct {
	clip   *video.Clip
	failed *clipFailed
	err    error
}

func (x *Extractor) read(ctx context.Context, job clipJob) readResult {
	o := x.info.Frames
	o.Start, o.End = job.item.Start, job.item.End
	clip, err := x.reader.Read(ctx, job.item.Path, o)
	var bad *video.Error
	switch {
	case err == nil:
		return readResult{clip: clip}
	case ctx.Err() != nil:
		return readResult{err: ctx.Err()}
	case errors.As(err, &bad) && bad.Class != video.NoDecoder: // which is not about this file
		about := *bad
		about.Path = "" // the same content may be found under another name
		return readResult{failed: failedBy(&about)}
	}
	return readResult{err: err}
}

// tellFailure tells of a clip without a row, once.
func (x *Extractor) tellFailure(id string, failed *clipFailed) {
	if !x.told[id] {
		x.told[id] = true
		x.o.Emit(live.Event{Kind: live.EventFailure, Stage: live.StageEmbed, Clip: id, Hint: failed.Hint, Fix: failed.Fix}.Saying(words.Say("%s: %s", id, failed.said())))
	}
}

// remember keeps a failure: for good where it lies in the clip, for this run
// where it may lie in the moment.
func (x *Extractor) remember(address string, failed *clipFailed) error {
	switch video.Class(failed.Class) {
	case video.NotFound, video.Unreadable, video.DecodeTimeout, video.ResourceLimit:
		x.shards.found[address] = sealed{Failure: failed}
		return nil
	}
	return x.shards.add(address, sealed{Failure: failed})
}

func (x *Extractor) embedBatch(ctx context.Context, clips []*video.Clip) ([][]float32, error) {
	rows, err := x.model.EmbedClips(ctx, clips)
	if err != nil {
		return nil, fmt.Errorf("embed clips: %w", err)
	}
	if err := x.checkRows(rows, len(clips)); err != nil {
		return nil, fmt.Errorf("embed clips: %w", err)
	}
	return rows, nil
}

// keep takes the rows of a batch in.
func (x *Extractor) keep(batch []clipJob, clips []*video.Clip, rows [][]float32) error {
	for i, job := range batch {
		c := clips[i]
		e := sealed{Row: slices.Clone(rows[i]), Note: &clipNote{c.Frames, c.Valid, c.Degraded, c.Reason, c.Warnings}}
		if err := unit(e.Row); err != nil {
			e = sealed{Failure: &clipFailed{Class: "bad_embedding", Message: err.Error()}}
		}
		if err := x.shards.add(job.address, e); err != nil {
			return err
		}
	}
	return nil
}

// checkRows holds what a model returned against what it promised.
func (x *Extractor) checkRows(rows [][]float32, n int) error {
	if len(rows) != n {
		return fmt.Errorf("the model gave %d rows for %d", len(rows), n)
	}
	for _, row := range rows {
		if len(row) != x.info.Dim {
			return fmt.Errorf("the model gave a row of %d values, its width is %d", len(row), x.info.Dim)
		}
	}
	return nil
}

// unit scales a row to unit length, summed in float64 so that the result does
// not depend on who sums.
func unit(row []float32) error {
	sum := 0.0
	for _, v := range row {
		sum += float64(v) * float64(v)
	}
	if norm := math.Sqrt(sum); norm > 0 && !math.IsInf(norm, 0) {
		for i, v := range row {
			row[i] = float32(float64(v) / norm)
		}
		return nil
	}
	return fmt.Errorf("its embedding is not a finite vector that points anywhere (squared length %v)", sum)
}
