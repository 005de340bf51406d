//go:build linux && (amd64 || arm64) && !nogpu

package nvrtc

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"framepilot/model/backend/cuda/dl"
	"framepilot/model/backend/cuda/kernels"
)

// A library that plays NVRTC: its code is the number of compilations so far.
const fake = `
#include <string.h>
#include <stdlib.h>
static int compiled;
static const char *log_text = "", *messages[] = {"SUCCESS", "OUT_OF_MEMORY", "?", "?", "?", "INVALID_OPTION", "COMPILATION"};
int nvrtcVersion(int *major, int *minor) { *major = 12; *minor = 4; return VERSION_CODE; }
int nvrtcCreateProgram(void **p, const char *src, const char *name, int n, char **h, char **i) {
	if (CREATE_CODE) return CREATE_CODE;
	*p = strdup(src);
	return 0;
}
int nvrtcCompileProgram(char *p, int n, char **options) {
	if (n != 2 || strcmp(options[0], "--gpu-architecture=sm_90") || strcmp(options[1], "--std=c++17") || !strstr(p, "KERNEL")) return 5;
	if (COMPILE_CODE) log_text = "framepilot.cu(7): error: no such thing\nmore";
	else compiled++;
	return COMPILE_CODE;
}
int nvrtcGetCUBINSize(char *p, size_t *n) { *n = SIZE; return 0; }
int nvrtcGetCUBIN(char *p, char *code) { memset(code, '0' + compiled, SIZE); return 0; }
int nvrtcGetPTXSize(char *p, size_t *n) { return 5; }
int nvrtcGetPTX(char *p, char *code) { return 5; }
int nvrtcGetProgramLogSize(char *p, size_t *n) { *n = strlen(log_text) + 1; return 0; }
int nvrtcGetProgramLog(char *p, char *log) { strcpy(log, log_text); return 0; }
int nvrtcDestroyProgram(char **p) { free(*p); return 0; }
#ifndef NO_STRINGS
const char *nvrtcGetErrorString(int code) { return messages[code]; }
#endif
`

// pretend builds the fake with its codes, as macros, and returns its folder.
func pretend(t *testing.T, macros ...string) []string {
	t.Helper()
	cc, err := exec.LookPath("cc")
	if err != nil {
		t.Skip("needs a C compiler:", err)
	}
	dir := t.TempDir()
	args := []string{"-shared", "-fPIC", "-x", "c", "-", "-o", filepath.Join(dir, "libnvrtc.so.12"),
		"-DVERSION_CODE=0", "-DCREATE_CODE=0", "-DCOMPILE_CODE=0", "-DSIZE=3"}
	for _, m := range macros {
		name, _, _ := strings.Cut(m, "=")
		args = append(args, "-U"+name, "-D"+m)
	}
	build := exec.Command(cc, args...)
	build.Stdin = strings.NewReader(fake)
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return []string{dir}
}

func TestCache(t *testing.T) {
	places, cache := pretend(t), filepath.Join(t.TempDir(), "deep", "cache")
	expect := func(when, want string) {
		t.Helper()
		image, how, why := find(places, 90, 12040, cache)
		if string(image) != want || how != "NVRTC 12.4 for sm_90" || why != "" {
			t.Errorf("%s: %q by %q because %q, want %q", when, image, how, why, want)
		}
	}
	expect("first", "111")
	expect("from the cache", "111")
	files, _ := filepath.Glob(filepath.Join(cache, "*"))
	if len(files) != 1 {
		t.Fatalf("the cache holds %v", files)
	}
	for damage, content := range map[string][]byte{"cut off": []byte("1"), "empty": nil, "changed": append(seal([]byte("111"))[:34], '2')} {
		if err := os.WriteFile(files[0], content, 0o644); err != nil {
			t.Fatal(err)
		}
		image, _, _ := find(places, 90, 12040, cache)
		if again, ok := unseal(files[0]); !ok || !bytes.Equal(again, image) || string(image) == "111" {
			t.Errorf("a cache that is %s gives %q and then holds %q", damage, image, again)
		}
	}
	cache = "/proc/none/such" // where nobody can write, root neither
	expect("without a cache", "555")
	expect("without a cache, again", "666")
}

// Whatever is wrong with NVRTC, there is PTX, and the reason.
func TestFallsBack(t *testing.T) {
	for _, c := range []struct {
		places []string
		why    string
	}{
		{[]string{t.TempDir()}, "libnvrtc.so.12 not found in"},
		{pretend(t, "COMPILE_CODE=6"), "NVRTC 12.4 for sm_90: nvrtcCompileProgram: COMPILATION"},
		{pretend(t, "CREATE_CODE=1"), "nvrtcCreateProgram: OUT_OF_MEMORY"},
		{pretend(t, "VERSION_CODE=5"), "nvrtcVersion: INVALID_OPTION"},
		{pretend(t, "SIZE=0"), "no code came out"},
		{pretend(t, "NO_STRINGS=1"), "has no function nvrtcGetErrorString"},
	} {
		image, how, why := find(c.places, 90, 12040, t.TempDir())
		if how != "embedded PTX" || !bytes.Equal(image, kernels.PTX()) || !strings.Contains(why, c.why) || strings.Contains(why, "\n") {
			t.Errorf("%s because %q, want %q", how, why, c.why)
		}
	}
}

func TestLogIsInTheError(t *testing.T) {
	c, err := Open(pretend(t, "COMPILE_CODE=6"), 12040)
	if err != nil {
		t.Fatal(err)
	}
	_, log, err := c.Compile("KERNEL", "sm_90")
	if err == nil || !strings.Contains(err.Error(), "framepilot.cu(7): error: no such thing") || !strings.HasPrefix(log, "framepilot.cu(7)") {
		t.Errorf("error %v, log %q", err, log)
	}
}

// A driver of CUDA 12 does not take what a compiler of CUDA 13 makes.
func TestMajorVersion(t *testing.T) {
	places := pretend(t)
	if err := os.Rename(filepath.Join(places[0], "libnvrtc.so.12"), filepath.Join(places[0], "libnvrtc.so.13")); err != nil {
		t.Fatal(err)
	}
	var missing *dl.NotFound
	if _, err := Open(places, 12080); !errors.As(err, &missing) {
		t.Errorf("under a driver of CUDA 12: %v", err)
	}
	if _, err := Open(places, 13000); err != nil {
		t.Error(err)
	}
}
