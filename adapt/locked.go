package adapt

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"framepilot/adapt/live"
	"framepilot/internal/fault"
	"framepilot/internal/words"
)

// compareLock holds what the plan leads to now against its lock. With
// RunOptions.Locked anything else is refused, but for another machine, which
// is only said; without it what changed is told and kept in the Summary.
func (r *run) compareLock() error {
	path := LockFile(r.plan.File)
	r.pinned = r.pins()
	before, err := readLock(path)
	switch {
	case errors.Is(err, os.ErrNotExist) && r.o.Locked:
		return fault.New(fault.Config, "run once without --locked, which writes it, and keep it in git", "--locked: no %s beside the plan", path)
	case errors.Is(err, os.ErrNotExist):
		r.sum.Lock = &LockSummary{File: path, Status: LockNew, Changes: []Drift{}}
		return nil
	case err != nil && r.o.Locked:
		return err
	case err != nil: // it is written anew
		r.warn(live.StageData, fault.Said(err))
		r.sum.Lock = &LockSummary{File: path, Status: LockNew, Changes: []Drift{}}
		return nil
	}
	r.sum.Lock = &LockSummary{File: path, Status: LockSame, Changes: append([]Drift{}, before.drift(r.pinned)...)}
	if len(r.sum.Lock.Changes) > 0 {
		r.sum.Lock.Status = LockChanged
	}
	if r.o.Locked {
		return r.refuseDrift()
	}
	return nil
}

// refuseDrift is the error of a locked run that would give other numbers.
func (r *run) refuseDrift() error {
	var lines []string
	for _, d := range r.sum.Lock.Changes {
		if d.onlyBits() {
			r.warn(live.StageData, words.Say("another machine than the lock's, numbers may differ in their last digits: %s", d))
			continue
		}
		lines = append(lines, fmt.Sprintf("%s; %s", d, d.Do))
	}
	if len(lines) == 0 {
		return nil
	}
	return fault.New(fault.Config, "undo these changes; or accept them: run without --locked and review the lock's difference in git",
		"%s: %s since %s was written:\n  %s", r.plan.File, words.Counted(len(lines), "change"), r.sum.Lock.File, strings.Join(lines, "\n  "))
}

// writeLock ends a run that was not locked: the lock is of the numbers that
// stand beside it.
func (r *run) writeLock() error {
	if r.o.Locked || r.sum.Lock.Status == LockSame {
		return nil
	}
	return r.pinned.write(r.sum.Lock.File, r.plan.File)
}

// LockSummary is what a run made of the lock beside its plan.
type LockSummary struct {
	File    string  `json:"file"`
	Status  string  `json:"status"`  // LockNew, LockSame or LockChanged
	Changes []Drift `json:"changes"` // since it was written
}

// What a run finds when it holds its plan's lock against what there is.
const (
	LockNew     = "new"       // there was none
	LockSame    = "unchanged" // everything is as it says
	LockChanged = "changed"   // rewritten by a run that is not locked
)
