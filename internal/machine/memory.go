package machine

import (
	"bufio"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
)

// FreeMemory is the bytes of memory that programs may still take without
// swapping: what Linux says is available, less where a container may have less.
// ok is false on other systems.
func FreeMemory() (free int64, ok bool) { return freeMemory(os.DirFS("/")) }

func freeMemory(root fs.FS) (free int64, ok bool) {
	info, err := root.Open("proc/meminfo")
	if err != nil {
		return 0, false
	}
	defer info.Close()
	for s := bufio.NewScanner(info); s.Scan() && !ok; {
		var kib int64
		if n, _ := fmt.Sscanf(s.Text(), "MemAvailable: %d kB", &kib); n == 1 {
			free, ok = kib*1024, true
		}
	}
	limit, limited := number(root, "sys/fs/cgroup/memory.max")
	if used, known := number(root, "sys/fs/cgroup/memory.current"); ok && limited && known {
		free = max(0, min(free, limit-used))
	}
	return free, ok
}

// number reads a file that holds one; the word max, or no file, is none.
func number(root fs.FS, path string) (n int64, ok bool) {
	text, err := fs.ReadFile(root, path)
	if err != nil {
		return 0, false
	}
	n, err = strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
	return n, err == nil
}
