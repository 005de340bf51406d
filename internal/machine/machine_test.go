package machine

import (
	"os/exec"
	"runtime"
	"testing"
	"testing/fstest"
)

func TestFreeMemory(t *testing.T) {
	meminfo := &fstest.MapFile{Data: []byte("MemTotal:  100 kB\nMemFree: 1 kB\nMemAvailable:     64 kB\nBuffers: 3 kB\n")}
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	for _, c := range []struct {
		name   string
		files  fstest.MapFS
		free   int64
		absent bool
	}{
		{"a machine", fstest.MapFS{"proc/meminfo": meminfo}, 65536, false},
		{"a container without a limit", fstest.MapFS{"proc/meminfo": meminfo, "sys/fs/cgroup/memory.max": file("max\n"), "sys/fs/cgroup/memory.current": file("5\n")}, 65536, false},
		{"a container with one", fstest.MapFS{"proc/meminfo": meminfo, "sys/fs/cgroup/memory.max": file("3000\n"), "sys/fs/cgroup/memory.current": file("1000\n")}, 2000, false},
		{"a full one", fstest.MapFS{"proc/meminfo": meminfo, "sys/fs/cgroup/memory.max": file("3000\n"), "sys/fs/cgroup/memory.current": file("4000\n")}, 0, false},
		{"another system", fstest.MapFS{}, 0, true},
		{"one that says nothing of it", fstest.MapFS{"proc/meminfo": file("MemTotal: 5 kB\n")}, 0, true},
	} {
		if free, ok := freeMemory(c.files); free != c.free || ok == c.absent {
			t.Errorf("%s: %d, %v, want %d", c.name, free, ok, c.free)
		}
	}
}

func TestPeak(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("known on Linux only")
	}
	before, _ := Peak()
	block := make([]byte, before+64<<20)
	for i := 0; i < len(block); i += 4096 {
		block[i] = 1
	}
	if after, _ := Peak(); after < before+64<<20 {
		t.Errorf("%d bytes after taking %d more than %d", after, 64<<20, before)
	}
	runtime.KeepAlive(block)
	if err := exec.Command("true").Run(); err != nil {
		t.Skip(err)
	}
	if _, child := Peak(); child <= 0 {
		t.Error("a program that ran took no memory")
	}
}

func TestFreeDisk(t *testing.T) {
	if free, err := FreeDisk(t.TempDir()); err != nil || free <= 0 {
		t.Errorf("%d, %v", free, err)
	}
	if _, err := FreeDisk("/nowhere at all"); err == nil {
		t.Error("a folder that is not there has free space")
	}
}
