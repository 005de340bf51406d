//go:build linux && (amd64 || arm64) && !nogpu

package emulator

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"unsafe"

	"framepilot/internal/needed"
	"framepilot/model/backend/cuda/dl"
	"framepilot/model/backend/cuda/kernels"
)

//go:embed device.h
var device string

// Undefined behaviour ends the process, so that an address the device would
// refuse, or a product that overflows an int, is not overlooked.
var flags = []string{"-std=c++17", "-O2", "-g1", "-fPIC", "-shared", "-pthread", "-Wall", "-Werror", "-Wno-unknown-pragmas", "-Wno-unused-function",
	"-U_FORTIFY_SOURCE", "-fsanitize=alignment,bounds,signed-integer-overflow,shift", "-fsanitize-undefined-trap-on-error"}

// Build compiles the kernels to a shared library and returns its path. Where
// there is no C++ compiler the test is skipped, or fails where
// FRAMEPILOT_REQUIRE names c++. A library is built once and then found again.
func Build(t testing.TB) string {
	t.Helper()
	return build(t, kernels.Portable())
}

func build(t testing.TB, text string) string {
	t.Helper()
	compiler, err := exec.LookPath("c++")
	if err != nil {
		needed.Missing(t, "c++", err)
	}
	source := device + text
	name := fmt.Sprintf("framepilot-emulator-%x.so", sha256.Sum256([]byte(source+strings.Join(flags, " "))))
	cache, err := os.UserCacheDir()
	cache = filepath.Join(cache, "framepilot", "emulator")
	if err != nil || os.MkdirAll(cache, 0o755) != nil {
		cache = t.TempDir()
	}
	path := filepath.Join(cache, name)
	if _, err := os.Stat(path); err == nil {
		return path
	}
	part, err := os.CreateTemp(cache, name)
	if err != nil {
		t.Fatal(err)
	}
	part.Close()
	defer os.Remove(part.Name())
	build := exec.Command(compiler, append(flags, "-x", "c++", "-", "-o", part.Name())...)
	build.Stdin = strings.NewReader(source)
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", build.Args, err, bytes.TrimSpace(out))
	}
	if err := os.Rename(part.Name(), path); err != nil {
		t.Fatal(err)
	}
	return path
}

// Emulator is the loaded library.
type Emulator struct{ table dl.Table }

const (
	emulate = iota
	failure
	seed
	arguments
)

// Open builds and loads the library.
func Open(t testing.TB) *Emulator {
	t.Helper()
	return open(t, Build(t))
}

func open(t testing.TB, path string) *Emulator {
	t.Helper()
	lib, err := dl.Open([]string{filepath.Dir(path)}, filepath.Base(path))
	if err != nil {
		t.Fatal(err)
	}
	table, err := lib.Bind([]dl.Function{emulate: {Name: "emulate", Args: 5}, failure: {Name: "emulate_failure"},
		seed: {Name: "emulate_seed", Args: 1}, arguments: {Name: "emulate_args", Args: 1}})
	if err != nil {
		t.Fatal(err)
	}
	return &Emulator{table}
}

// Run runs one launch to its end. The error says which rule of the device the
// kernel broke.
func (e *Emulator) Run(l kernels.Launch) error {
	name := append([]byte(l.Kernel), 0)
	if e.table.Call(emulate, uintptr(unsafe.Pointer(&name[0])), uintptr(unsafe.Pointer(&l.Args[0])),
		uintptr(unsafe.Pointer(&l.Grid)), uintptr(unsafe.Pointer(&l.Block)), uintptr(l.Shared)) == 0 {
		return nil
	}
	return fmt.Errorf("emulator: %s", dl.String(e.table.Call(failure)))
}

// Seed chooses the order in which threads run.
func (e *Emulator) Seed(n uint32) { e.table.Call(seed, uintptr(n)) }

// Args is the size of a kernel's arguments, 0 where there is no such kernel.
func (e *Emulator) Args(kernel string) int {
	name := append([]byte(kernel), 0)
	return int(uint32(e.table.Call(arguments, uintptr(unsafe.Pointer(&name[0])))))
}
