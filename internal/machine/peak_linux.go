package machine

import "golang.org/x/sys/unix"

// Peak is the most memory this process has held at once, and the most that any
// program it started and waited for has, in bytes; zero where it is not known.
func Peak() (own, child int64) {
	return peak(unix.RUSAGE_SELF), peak(unix.RUSAGE_CHILDREN)
}

func peak(who int) int64 {
	var u unix.Rusage
	if unix.Getrusage(who, &u) != nil {
		return 0
	}
	return int64(u.Maxrss) * 1024
}
