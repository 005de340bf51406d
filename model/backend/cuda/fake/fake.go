//go:build linux && (amd64 || arm64) && !nogpu

// Package fake builds, for tests, a driver and a cuBLASLt that need no GPU:
// device memory is the process's own, kernels run in an emulator where one is
// given, products are plain loops. It fails where a script says so, counts
// what is taken and given back, and checks every address it is handed.
package fake

import (
	_ "embed"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"unsafe"

	"framepilot/model/backend/cuda/dl"
)

//go:embed driver/fake.c
var source string

// Driver is a folder with the two libraries.
type Driver struct {
	Dir   string
	Given string // the script it began with
	t     testing.TB
	lib   *dl.Library
}

// Build compiles the driver into dir: libcuda.so.1 and, the same file, cuBLASLt
// 12 and 13. The test is skipped where there is no C compiler.
func Build(t testing.TB, dir string) {
	t.Helper()
	lib := compile(t)
	if err := os.WriteFile(filepath.Join(dir, "libcuda.so.1"), lib, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"libcublasLt.so.12", "libcublasLt.so.13"} {
		if err := os.Symlink("libcuda.so.1", filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
}

var built struct {
	sync.Mutex
	lib []byte
}

// compile builds the library once in a process: tests want many, each with a
// state of its own.
func compile(t testing.TB, flags ...string) []byte {
	t.Helper()
	built.Lock()
	defer built.Unlock()
	if built.lib != nil && len(flags) == 0 {
		return built.lib
	}
	cc, err := exec.LookPath("cc")
	if err != nil {
		t.Skip("no C compiler to build the fake driver with")
	}
	path := filepath.Join(t.TempDir(), "fake.so")
	build := exec.Command(cc, append([]string{"-shared", "-fPIC", "-O3", "-Wall", "-Wextra", "-Werror", "-x", "c", "-o", path, "-", "-lm", "-ldl"}, flags...)...)
	build.Stdin = strings.NewReader(source)
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build the fake driver: %v\n%s", err, out)
	}
	lib, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if len(flags) == 0 {
		built.lib = lib
	}
	return lib
}

// Without builds a driver that lacks a function.
func Without(t testing.TB, function string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "libcuda.so.1"), compile(t, "-D"+function+"=hidden"), 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// New builds a driver and gives it a script. At the end of the test it checks
// that everything was given back and nothing misused.
func New(t testing.TB, script string) *Driver {
	t.Helper()
	d := &Driver{Dir: t.TempDir(), Given: script, t: t}
	Build(t, d.Dir)
	lib, err := dl.Open([]string{d.Dir}, "libcuda.so.1")
	if err != nil {
		t.Fatal(err)
	}
	d.lib = lib
	d.Script(script)
	t.Cleanup(func() {
		if live, bad := d.Live(), d.Misuse(); live != "" || bad != nil {
			t.Errorf("not given back: %q; misused: %q", live, bad)
		}
	})
	return d
}

//go:uintptrescapes
func (d *Driver) call(name string, args ...uintptr) uintptr {
	d.t.Helper()
	table, err := d.lib.Bind([]dl.Function{{Name: name, Args: len(args)}})
	if err != nil {
		d.t.Fatal(err)
	}
	return table.Call(0, args...)
}

// Script replaces the script and starts counting anew.
func (d *Driver) Script(s string) {
	d.t.Helper()
	text := append([]byte(s), 0)
	d.call("fake_script", uintptr(unsafe.Pointer(&text[0])))
}

// Log is the calls so far, and lines with BAD for what no caller may do.
func (d *Driver) Log() []string {
	return strings.Split(strings.TrimSpace(dl.String(d.call("fake_log"))), "\n")
}

// Misuse is the lines with BAD alone.
func (d *Driver) Misuse() (all []string) {
	for _, line := range d.Log() {
		if strings.HasPrefix(line, "BAD") {
			all = append(all, line)
		}
	}
	return all
}

// Calls is how many calls could have failed by the script's "any".
func (d *Driver) Calls() int { return int(d.call("fake_calls")) }

// Live says what has been taken and not given back; "" for nothing.
func (d *Driver) Live() string { return strings.TrimSpace(dl.String(d.call("fake_live"))) }
