package adapt

import (
	"context"
	"errors"
	"time"

	"framepilot/adapt/live"
	"framepilot/internal/words"
	"framepilot/pilot"
)

// pauseLook is how often a paused run looks whether it may go on.
const pauseLook = 200 * time.Millisecond

// hold waits while the run is paused, and says how long that was. It is an
// error if the run is to end here: its context has, or its budget is spent.
func (r *run) hold(ctx context.Context) (waited time.Duration, err error) {
	if dir := r.plan.Dir(); live.Paused(dir) {
		began := r.o.Now()
		r.log.Emit(live.Event{Kind: live.EventRun, Status: live.EventPaused}.Saying(words.Say("waits until it is told to go on")))
		for live.Paused(dir) && ctx.Err() == nil {
			select {
			case <-ctx.Done():
			case <-time.After(pauseLook):
			}
		}
		waited = r.o.Now().Sub(began)
		r.paused += waited
		if ctx.Err() == nil {
			r.log.Emit(live.Event{Kind: live.EventRun, Status: string(pilot.Running)}.Saying(words.Say("goes on")))
		}
	}
	return waited, errors.Join(ctx.Err(), r.overBudget())
}
