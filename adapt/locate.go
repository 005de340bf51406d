package adapt

import (
	"context"
	"errors"
	"os"
	"time"

	"framepilot/adapt/lists"
	"framepilot/adapt/live"
	"framepilot/model/video"
)

// clipJob is one clip on its way to a row.
type clipJob struct {
	item    Item
	content string      // its content and range; "" where the file can't be read
	decoder string      // what decodes it
	address string      // both, under which its row is kept
	failed  *clipFailed // why it can't
}

// locate finds the content address of every clip, reading only files that
// have changed.
func (x *Extractor) locate(ctx context.Context, items []Item) ([]clipJob, error) {
	jobs := make([]clipJob, 0, len(items))
	hash := func(ctx context.Context, item Item) clipJob {
		sum, err := x.content.hash(ctx, item.Path)
		if err != nil {
			return clipJob{item: item, failed: unreadable(err)}
		}
		j := clipJob{item: item, content: "sha256:" + sum + lists.RangeSuffix(item.Start, item.End), decoder: x.reader.Identity(item.Path)}
		j.address = j.content + " " + j.decoder
		return j
	}
	told := x.o.Now()
	for _, job := range inOrder(ctx, items, min(x.o.Workers, 4), 64, hash) {
		jobs = append(jobs, job)
		if now := x.o.Now(); now.Sub(told) >= time.Second {
			told = now
			x.o.Emit(live.Event{Kind: live.EventCheck, Stage: live.StageEmbed, Done: len(jobs), Total: len(items)})
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if x.o.DryRun {
		return jobs, nil
	}
	return jobs, x.content.save()
}

func unreadable(err error) *clipFailed {
	class := video.Unreadable
	if errors.Is(err, os.ErrNotExist) {
		class = video.NotFound
	}
	return failedBy(&video.Error{Class: class, Err: err})
}

// missing returns the jobs that are neither cached nor known to fail, each
// content once.
func (x *Extractor) missing(jobs []clipJob) []clipJob {
	var todo []clipJob
	seen := map[string]bool{}
	for _, job := range jobs {
		if _, ok := x.shards.found[job.address]; !ok && job.failed == nil && !seen[job.address] {
			seen[job.address] = true
			todo = append(todo, job)
		}
	}
	return todo
}
