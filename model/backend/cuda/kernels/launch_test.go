//go:build linux && (amd64 || arm64) && !nogpu

package kernels_test

import (
	"regexp"
	"testing"

	"framepilot/model/backend"
	"framepilot/model/backend/cuda/kernels"
	"framepilot/model/backend/cuda/kernels/emulator"
)

// The launches, the source and the layouts of arguments must agree.
func TestLaunches(t *testing.T) {
	e := emulator.Open(t)
	g := backend.Geometry{Clips: 1, Frames: 2, Patches: 3, Heads: 1, HeadDim: 64}
	wide := g
	wide.HeadDim = 80
	launches := []kernels.Launch{
		kernels.AssembleTokens(kernels.AssembleArgs{Clips: 1, Frames: 1, Count: 1}),
		kernels.EmbedTokens(kernels.EmbedArgs{Rows: 1}), kernels.Activate(kernels.ActivateArgs{Count: 1}),
		kernels.Linear(backend.BF16, backend.BF16, kernels.LinearArgs{Rows: 1, Out: 1}),
		kernels.Linear(backend.BF16, backend.F32, kernels.LinearArgs{Rows: 1, Out: 1}),
		kernels.Linear(backend.F32, backend.F32, kernels.LinearArgs{Rows: 1, Out: 1}),
	}
	for _, d := range both {
		for _, from := range []backend.DType{backend.U8, backend.F32} {
			launches = append(launches, kernels.Patchify(from, d, kernels.PatchifyArgs{Clips: 1, Count: 1, Patches: 1}))
		}
		launches = append(launches, kernels.LayerNorm(d, kernels.NormArgs{Rows: 1}), kernels.Epilogue(d, kernels.EpilogueArgs{Rows: 1, D: 1}),
			kernels.Gather(d, kernels.GatherArgs{Count: 1}), kernels.Convert(d, kernels.ConvertArgs{Count: 1}),
			kernels.AttendCausal(1, 1, 1, 8, d, 0, 0))
		for _, kind := range []backend.Attention{backend.Time, backend.Space} {
			launches = append(append(launches, kernels.Attend(kind, g, d, 0, 0, 0)...), kernels.Attend(kind, wide, d, 0, 0, 0)...)
		}
	}
	seen := map[string]bool{}
	for _, l := range launches {
		seen[l.Kernel] = true
		if e.Args(l.Kernel) != len(l.Args) {
			t.Errorf("%s takes %d bytes of arguments, gets %d", l.Kernel, e.Args(l.Kernel), len(l.Args))
		}
	}
	for _, m := range regexp.MustCompile(`(?m)^KERNEL\((\w+),`).FindAllStringSubmatch(kernels.Source(), -1) {
		if !seen[m[1]] {
			t.Errorf("%s is never launched", m[1])
		}
		delete(seen, m[1])
	}
	if len(seen) > 0 {
		t.Errorf("launched, but not in the source: %v", seen)
	}
}

// Sizes that only a far larger card could hold are refused, not cut off.
func TestTooManyBlocks(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a grid beyond the device's was accepted")
		}
	}()
	kernels.Convert(backend.BF16, kernels.ConvertArgs{Count: 1 << 50})
}
