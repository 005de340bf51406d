//go:build linux && (amd64 || arm64) && !nogpu

package emulator

import (
	"strings"
	"testing"
	"unsafe"

	"framepilot/model/backend/cuda/kernels"
)

// Kernels with one mistake each.
const broken = `
struct Args { float* out; int n, unused; };

KERNEL(good, Args, 64) {
	float* x = (float*)shared;
	x[threadIdx.x] = threadIdx.x;
	sync_block();
	a.out[threadIdx.x] = x[blockDim.x - 1 - threadIdx.x];
}
KERNEL(no_sync, Args, 64) {
	float* x = (float*)shared;
	x[threadIdx.x] = threadIdx.x;
	a.out[threadIdx.x] = x[blockDim.x - 1 - threadIdx.x];
}
KERNEL(no_wait, Args, 64) {
	if (threadIdx.x == 0) copy_async(shared, a.out, 16), copy_commit();
	sync_block();
	a.out[threadIdx.x] = ((float*)shared)[0];
}
KERNEL(no_second_sync, Args, 64) {
	float* x = (float*)shared;
	x[threadIdx.x] = threadIdx.x;
	sync_block();
	a.out[threadIdx.x] = x[blockDim.x - 1 - threadIdx.x];
	x[threadIdx.x] = as_float(0x7fc00000u);
}
KERNEL(overrun, Args, 64) { ((float*)shared)[threadIdx.x + 1] = 0; }
KERNEL(crooked, Args, 64) { copy_async(shared + 4, a.out, 16); }
KERNEL(parted, Args, 64) {
	if (threadIdx.x % 2) shuffle_xor(1, 1);
	else sync_warp();
}
KERNEL(left_alone, Args, 64) { if (threadIdx.x != 3) sync_warp(); }
`

func TestCatches(t *testing.T) {
	e := open(t, build(t, broken))
	run := func(kernel string) ([]float32, error) {
		out := make([]float32, 64)
		args := struct {
			out       unsafe.Pointer
			n, unused int32
		}{unsafe.Pointer(&out[0]), 64, 0}
		return out, e.Run(kernels.Launch{Kernel: kernel, Grid: [3]uint32{1, 1, 1}, Block: [3]uint32{64, 1, 1}, Shared: 256,
			Args: unsafe.Slice((*byte)(unsafe.Pointer(&args)), unsafe.Sizeof(args))})
	}
	out, err := run("good")
	for i, v := range out {
		if v != float32(63-i) {
			t.Fatalf("thread %d read %v", i, v)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	// What is not synchronised reads the poison that shared memory starts with.
	// Copies happen late in one order at least, and one warp overtakes the other.
	for _, kernel := range []string{"no_sync", "no_wait", "no_second_sync"} {
		poison := 0
		for seed := range uint32(4) {
			e.Seed(seed)
			out, err := run(kernel)
			if err != nil {
				t.Fatal(err)
			}
			for _, v := range out {
				if v != v {
					poison++
				}
			}
		}
		if poison == 0 {
			t.Errorf("%s: nothing was read too early or too late", kernel)
		}
	}
	for kernel, want := range map[string]string{
		"overrun": "beyond shared memory", "crooked": "not a multiple of 16", "parted": "lanes of a warp part",
		"left_alone": "never come", "absent": "no kernel is called absent",
	} {
		if _, err := run(kernel); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", kernel, err, want)
		}
	}
}
