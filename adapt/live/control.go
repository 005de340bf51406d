package live

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"

	"framepilot/internal/fault"
)

// A run is steered from outside through its pilot's folder: it waits while
// there is a file .framepilot/pause, and a signal to the process that the lock
// names ends it with everything done sealed.

// pauseFile is what a run waits for to go away.
const pauseFile = "pause"

// Running says which process is carrying out a run of the pilot in dir; ok
// is false where none is.
func Running(dir string) (o Owner, ok bool, err error) {
	return Holder(filepath.Join(dir, StateDir))
}

// Pause makes the run of the pilot in dir wait before its next clip or result,
// and Resume lets it go on. Without a run both are an error.
func Pause(dir string) error {
	if _, err := atWork(dir); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, StateDir, pauseFile), nil, 0o644); err != nil {
		return fault.Disk("pause", err)
	}
	return nil
}

// Paused says whether a run of the pilot in dir is to wait.
func Paused(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, StateDir, pauseFile))
	return err == nil
}

// Resume ends a pause.
func Resume(dir string) error {
	if _, err := atWork(dir); err != nil {
		return err
	}
	return Unpause(dir)
}

// Unpause takes back a pause of the pilot in dir, also that of a run that is
// gone.
func Unpause(dir string) error {
	if err := os.Remove(filepath.Join(dir, StateDir, pauseFile)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fault.Disk("end the pause", err)
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
	o, ok, err := Running(dir)
	if err != nil {
		return o, err
	}
	if !ok || o.PID <= 0 {
		return o, fault.New(fault.Missing, "start it: framepilot run plan.toml", "nothing is running in %s", dir)
	}
	return o, nil
}
