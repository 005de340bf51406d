//go:build linux && (amd64 || arm64) && !nogpu

package dl

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unsafe"
)

func TestCall(t *testing.T) {
	lib, err := Open([]string{""}, "libc.so.6")
	if err != nil {
		t.Fatal(err)
	}
	table, err := lib.Bind([]Function{{Name: "no_such_strnlen", Args: 2, Else: "strnlen"}, {Name: "getpid"}})
	if err != nil {
		t.Fatal(err)
	}
	text := []byte("twelve bytes\x00")
	if n := table.Call(0, uintptr(unsafe.Pointer(&text[0])), 100); n != 12 {
		t.Errorf("strnlen says %d, want 12", n)
	}
	if pid := table.Call(1); int(pid) != os.Getpid() {
		t.Errorf("getpid says %d, want %d", pid, os.Getpid())
	}
	if _, err := lib.Bind([]Function{{Name: "cuInit", Args: 1}}); err == nil || !strings.Contains(err.Error(), "libc.so.6 has no function cuInit") {
		t.Errorf("a function that is missing: %v", err)
	}
	defer func() {
		if recover() == nil {
			t.Error("a call with too few arguments went through")
		}
	}()
	table.Call(0, 1)
}

func TestOpenSaysWhereItLooked(t *testing.T) {
	dir := t.TempDir()
	_, err := Open([]string{dir, ""}, "libnone.so.2", "libnone.so.1")
	var missing *NotFound
	if !errors.As(err, &missing) || !strings.Contains(err.Error(), "libnone.so.2 or libnone.so.1 not found in "+dir+", the loader's path") {
		t.Errorf("a library that is nowhere: %v", err)
	}
	broken := filepath.Join(dir, "libnone.so.1")
	if err := os.WriteFile(broken, []byte("no library"), 0o644); err != nil {
		t.Fatal(err)
	}
	_, err = Open([]string{dir}, "libnone.so.2", "libnone.so.1")
	if err == nil || errors.As(err, &missing) || !strings.Contains(err.Error(), broken) {
		t.Errorf("a file that is no library: %v", err)
	}
}

func TestPlaces(t *testing.T) {
	env := t.TempDir()
	cublas := filepath.Join(env, "lib", "python3.12", "site-packages", "nvidia", "cublas", "lib")
	if err := os.MkdirAll(cublas, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("VIRTUAL_ENV", env)
	t.Setenv("CUDA_HOME", "/opt/toolkit")
	t.Setenv("FRAMEPILOT_CUDA", "/third")
	got := Places("/first::/second")
	if !slices.Equal(got[:5], []string{"/first", "/second", "/third", "", "/opt/toolkit/lib64"}) || !slices.Contains(got, cublas) {
		t.Errorf("looks in %v", got)
	}
}
