package adapt

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"framepilot/internal/fault"
	"framepilot/internal/words"
	"framepilot/pilot"
)

// A run is steered from outside through its pilot's folder: it waits while
// there is a file .framepilot/pause, and a signal to the process that the lock
// names ends it with everything done sealed.

// pauseFile is what a run waits for to go away.
const pauseFile = "pause"

// RunningIn says which process is carrying out a run of the pilot in dir; ok
// is false where none is.
func RunningIn(dir string) (o Owner, ok bool, err error) {
	return Holder(filepath.Join(dir, stateDir))
}

// Pause makes the run of the pilot in dir wait before its next clip or result,
// and Resume lets it go on. Without a run both are an error.
func Pause(dir string) error {
	if _, err := atWork(dir); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, stateDir, pauseFile), nil, 0o644); err != nil {
		return diskFault("pause", err)
	}
	return nil
}

// Resume ends a pause.
func Resume(dir string) error {
	if _, err := atWork(dir); err != nil {
		return err
	}
	return unpause(filepath.Join(dir, stateDir))
}

func unpause(state string) error {
	if err := os.Remove(filepath.Join(state, pauseFile)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return diskFault("end the pause", err)
	}
	return nil
}

// Stop asks the run of the pilot in dir to end: it seals what it has and says
// so in its event log. The same plan goes on from there.
func Stop(dir string) (Owner, error) {
	o, err := atWork(dir)
	if err != nil {
		return o, err
	}
	if host, _ := os.Hostname(); host != o.Host {
		return o, fault.New(fault.Missing, "stop it there", "the run is on another computer, %s (process %d)", o.Host, o.PID)
	}
	process, err := os.FindProcess(o.PID)
	if err == nil {
		err = process.Signal(syscall.SIGINT)
	}
	if err != nil {
		return o, fault.New(fault.Missing, "it may belong to another user, or have just ended", "stop process %d: %w", o.PID, err)
	}
	return o, nil
}

// atWork is the process that is at work in dir.
func atWork(dir string) (Owner, error) {
	o, ok, err := RunningIn(dir)
	if err != nil {
		return o, err
	}
	if !ok || o.PID <= 0 {
		return o, fault.New(fault.Missing, "start it: framepilot run plan.toml", "nothing is running in %s", dir)
	}
	return o, nil
}

// pauseLook is how often a paused run looks whether it may go on.
const pauseLook = 200 * time.Millisecond

// hold waits while the run is paused, and says how long that was. It is an
// error if the run is to end here: its context has, or its budget is spent.
func (r *run) hold(ctx context.Context) (waited time.Duration, err error) {
	path := filepath.Join(r.dir, pauseFile)
	if _, err := os.Stat(path); err == nil {
		began := r.o.Now()
		r.log.emit(Event{Kind: EventRun, Status: EventPaused}.saying(words.Say("waits until it is told to go on")))
		for err == nil && ctx.Err() == nil {
			select {
			case <-ctx.Done():
			case <-time.After(pauseLook):
			}
			_, err = os.Stat(path)
		}
		waited = r.o.Now().Sub(began)
		r.paused += waited
		if ctx.Err() == nil {
			r.log.emit(Event{Kind: EventRun, Status: string(pilot.Running)}.saying(words.Say("goes on")))
		}
	}
	return waited, errors.Join(ctx.Err(), r.overBudget())
}
