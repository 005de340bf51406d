//go:build linux && (amd64 || arm64) && !nogpu

package cli

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"framepilot/model/backend/cuda/fake"
	"framepilot/model/backend/cuda/kernels/emulator"
)

// The scripts in testdata/gpu use the program on a machine with a GPU, played
// by the fake driver: what a person sees, and the same numbers.
func TestGPUScripts(t *testing.T) {
	gpu, broken := t.TempDir(), t.TempDir()
	fake.Build(t, gpu)
	kernels := emulator.Build(t)
	if err := os.WriteFile(filepath.Join(broken, "libcuda.so.1"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	p := scripts(t)
	p.Dir = "testdata/gpu"
	setup := p.Setup
	p.Setup = func(e *testscript.Env) error {
		e.Setenv("FRAMEPILOT_CUDA", gpu)
		e.Setenv("GPU", gpu)
		e.Setenv("KERNELS", kernels)
		e.Setenv("FAKE_CUDA", "emulator="+kernels)
		e.Setenv("BROKEN", broken)
		return setup(e)
	}
	testscript.Run(t, p)
}
