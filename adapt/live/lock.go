package live

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"

	"framepilot/internal/fault"
	"framepilot/internal/words"
)

// lockFile is locked by whoever writes in its folder, and says who that is.
const lockFile = "lock"

// Owner is the process that holds a lock.
type Owner struct {
	PID   int       `json:"pid"` // 0 where it has not said yet
	Host  string    `json:"host"`
	Since time.Time `json:"since"`
}

// Lock makes sure that one process at a time writes below dir, which is made
// where there is none: the folder .framepilot of a pilot, or a cache. The lock
// is the operating system's: it ends with the process, however that ends, and
// a file left behind locks nobody out.
func Lock(dir string, now time.Time) (unlock func(), err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fault.Disk("lock "+dir, err)
	}
	path := filepath.Join(dir, lockFile)
	lock := flock.New(path, flock.SetFlag(os.O_CREATE|os.O_RDWR))
	got, err := lock.TryLock()
	for range 50 { // Holder has it for an instant, which is long on a busy machine
		if got || err != nil {
			break
		}
		time.Sleep(20 * time.Millisecond)
		got, err = lock.TryLock()
	}
	if err != nil {
		return nil, fault.Disk("lock "+dir, err)
	}
	if !got {
		owner, _ := os.ReadFile(path) // what it can say of itself; the lock does not depend on it
		who := words.Sentence{}
		if o, ok := ownerOf(owner); ok {
			who = words.Say(" (process %d on %s since %s)", o.PID, o.Host, o.Since.Format(time.RFC3339))
		}
		return nil, fault.New(fault.Missing, "wait for it to finish, or stop it: framepilot runs stop; what it has done is kept",
			"another run is writing to %s%s", dir, who)
	}
	host, _ := os.Hostname()
	note := fmt.Sprintf("process %d on %s since %s\n", os.Getpid(), host, now.Format(time.RFC3339))
	if err := os.WriteFile(path, []byte(note), 0o644); err != nil {
		return nil, errors.Join(fault.Disk("lock "+dir, err), lock.Unlock())
	}
	return func() { _ = lock.Unlock() }, nil // the process's end would do it too
}

// Holder says which process holds the lock of dir; ok is false where none
// does. It asks the operating system: what a dead process wrote of itself does
// not count.
func Holder(dir string) (o Owner, ok bool, err error) {
	path := filepath.Join(dir, lockFile)
	note, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return o, false, nil
	}
	if err != nil {
		return o, false, fault.Disk("look at the lock", err)
	}
	lock := flock.New(path, flock.SetFlag(os.O_RDONLY))
	free, err := lock.TryRLock()
	if err != nil {
		return o, false, fault.Disk("look at the lock", err)
	}
	if free {
		return o, false, lock.Unlock()
	}
	o, _ = ownerOf(note)
	return o, true, nil
}

// ownerOf reads what a process wrote of itself; ok is false where that is not
// what it wrote.
func ownerOf(note []byte) (o Owner, ok bool) {
	var since string
	if _, err := fmt.Sscanf(string(note), "process %d on %s since %s", &o.PID, &o.Host, &since); err != nil {
		return o, false
	}
	o.Since, _ = time.Parse(time.RFC3339, since)
	return o, true
}
