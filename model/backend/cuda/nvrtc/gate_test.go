//go:build linux && (amd64 || arm64) && !nogpu

package nvrtc

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"flag"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"framepilot/internal/needed"
	"framepilot/model/backend/cuda/dl"
	"framepilot/model/backend/cuda/kernels"
)

var update = flag.Bool("update", false, "renew the embedded PTX; needs the oldest NVRTC")

// compiler opens the NVRTC of this machine, in FRAMEPILOT_CUDA first, or skips
// the test; it fails where FRAMEPILOT_REQUIRE names nvrtc.
func compiler(t *testing.T) *Compiler {
	t.Helper()
	c, err := Open(dl.Places(os.Getenv("FRAMEPILOT_CUDA")), 13000)
	if err != nil {
		needed.Missing(t, "nvrtc", fmt.Errorf("%w; pip install nvidia-cuda-nvrtc-cu12 brings one", err))
	}
	return c
}

// names lists the kernels of the source.
func names() (all []string) {
	for _, m := range regexp.MustCompile(`(?m)^KERNEL\((\w+),`).FindAllStringSubmatch(kernels.Source(), -1) {
		all = append(all, m[1])
	}
	return all
}

var (
	entry     = regexp.MustCompile(`Compiling entry function '(\w+)'`)
	frame     = regexp.MustCompile(`(\d+) bytes stack frame, (\d+) bytes spill stores, (\d+) bytes spill loads`)
	registers = regexp.MustCompile(`Used (\d+) registers`)
)

// Every kernel compiles for every generation, without a warning, and keeps its
// values in registers.
func TestCompiles(t *testing.T) {
	c := compiler(t)
	for _, arch := range []int{80, 86, 89, 90, 100, 120} {
		t.Run(fmt.Sprint("sm_", arch), func(t *testing.T) {
			image, log, err := c.Compile(kernels.Source(), fmt.Sprint("sm_", arch), "--ptxas-options=-v")
			if err != nil && c.Major == 12 && c.Minor < 8 && arch >= 100 {
				t.Skipf("%s does not know sm_%d", c, arch)
			}
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.HasPrefix(image, []byte("\x7fELF")) {
				t.Error("what came out is no ELF file")
			}
			var kernel string
			used := map[string]string{}
			frames := 0
			for line := range strings.Lines(log) {
				if strings.Contains(line, "warning") {
					t.Error(strings.TrimSpace(line))
				}
				if m := entry.FindStringSubmatch(line); m != nil {
					kernel = m[1]
				}
				if m := frame.FindStringSubmatch(line); m != nil {
					frames++
					if m[1] != "0" || m[2] != "0" || m[3] != "0" {
						t.Errorf("%s spills: %s", kernel, m[0])
					}
				}
				if m := registers.FindStringSubmatch(line); m != nil {
					used[kernel] = m[1]
				}
			}
			table := fmt.Sprintf("%s, registers a thread:", c)
			for _, name := range names() {
				if used[name] == "" {
					t.Errorf("the compiler says nothing of %s", name)
				}
				table += fmt.Sprintf(" %s %s", name, used[name])
			}
			if frames < len(used) {
				t.Errorf("the compiler tells the stack of %d kernels of %d", frames, len(used))
			}
			t.Log(table)
		})
	}
}

// The embedded PTX is that of this source, and old enough for every driver.
func TestPTX(t *testing.T) {
	const release, file = "NVRTC 12.0", "../kernels/kernels.ptx.gz"
	head := fmt.Sprintf("// %s of source %x\n", release, sha256.Sum256([]byte(kernels.Source())))
	if c, err := Open(dl.Places(os.Getenv("FRAMEPILOT_CUDA")), 12000); err == nil && c.String() == release {
		text, _, err := c.Compile(kernels.Source(), "compute_80")
		if err != nil {
			t.Fatal(err)
		}
		want := append([]byte(head), bytes.TrimRight(text, "\x00")...)
		if *update {
			var packed bytes.Buffer
			w, _ := gzip.NewWriterLevel(&packed, gzip.BestCompression)
			w.Write(want)
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, packed.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
			return
		}
		if !bytes.Equal(kernels.PTX(), append(want, 0)) {
			t.Error("the embedded PTX is not what the compiler makes of the source; run make ptx")
		}
	} else if *update {
		t.Fatalf("the PTX is made by %s, here is %v, %v", release, c, err)
	}
	ptx := string(kernels.PTX())
	if !strings.HasPrefix(ptx, head) {
		t.Fatalf("the embedded PTX is of another source; run make ptx")
	}
	for _, part := range []string{".version 8.0\n", ".target sm_80\n"} {
		if !strings.Contains(ptx, part) {
			t.Errorf("the embedded PTX has no %q", part)
		}
	}
	for _, name := range names() {
		if !strings.Contains(ptx, ".entry "+name+"(") {
			t.Errorf("the embedded PTX has no %s", name)
		}
	}
	if strings.IndexByte(ptx, 0) != len(ptx)-1 {
		t.Error("the embedded PTX is no C string")
	}
}
