//go:build unix

package machine

import "golang.org/x/sys/unix"

// FreeDisk is the bytes an ordinary user may still write below dir.
func FreeDisk(dir string) (int64, error) {
	var st unix.Statfs_t
	if err := unix.Statfs(dir, &st); err != nil {
		return 0, err
	}
	return int64(st.Bavail) * int64(st.Bsize), nil
}
