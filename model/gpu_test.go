//go:build linux && (amd64 || arm64) && !nogpu

package model

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"framepilot/internal/fault"
	"framepilot/model/backend/cuda/fake"
	"framepilot/model/backend/cuda/kernels/emulator"
)

// gpu is a driver that computes without a GPU: the kernels in the emulator,
// cuBLASLt's products in C.
func gpu(t *testing.T, script string) *fake.Driver {
	return fake.New(t, "emulator="+emulator.Build(t)+";"+script)
}

// openOn opens the tiny H/14 on that GPU.
func openOn(t *testing.T, d *fake.Driver, o Options) *Model {
	t.Helper()
	o.Device, o.Libraries, o.Config = "cuda", d.Dir, halfConfig(t)
	m, err := Open(context.Background(), goldens+"tiny-h.safetensors", o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	})
	return m
}

func TestGPUMeetsGoldens(t *testing.T) {
	for _, precision := range []string{"fp32", "bf16"} {
		for _, c := range []struct{ file, golden string }{
			{"tiny-b.pth", "tiny-b.golden.safetensors"},
			{"tiny-h.safetensors", "tiny-h.golden.safetensors"},
		} {
			t.Run(precision+" "+c.file, func(t *testing.T) {
				d := gpu(t, "")
				v, err := Verify(context.Background(), goldens+c.file, goldens+c.golden, Options{Device: "cuda:0", Libraries: d.Dir, Precision: precision})
				if err != nil {
					t.Fatal(err)
				}
				for _, x := range v.Tensors {
					t.Logf("%-32s max abs %.1e  rel %.1e  cosine %.7f", x.Name, x.MaxAbs, x.Rel, x.Cosine)
				}
				if !v.OK || len(v.Tensors) != 10 {
					t.Errorf("%+v, want 10 tensors within tolerance", v)
				}
			})
		}
	}
}

// A clip gives the same bits in every batch and every run, and nearly what the
// processor gives.
func TestGPUBatchesDoNotMatter(t *testing.T) {
	cpu, err := Open(context.Background(), goldens+"tiny-h.safetensors", Options{Device: "cpu", Precision: "fp32", Config: halfConfig(t)})
	if err != nil {
		t.Fatal(err)
	}
	defer cpu.Close()
	clips := tinyClips(cpu.Config, 5)
	exact, err := cpu.EmbedClips(context.Background(), clips)
	if err != nil {
		t.Fatal(err)
	}
	var want [][]float32
	d := gpu(t, "")
	for _, batch := range []int{0, 1, 2, 5} {
		t.Run(fmt.Sprint(batch), func(t *testing.T) {
			got, err := openOn(t, d, Options{Batch: batch}).EmbedClips(context.Background(), clips)
			if err != nil {
				t.Fatal(err)
			}
			if want == nil {
				want = got
			}
			for i := range got {
				if !slices.Equal(got[i], want[i]) {
					t.Errorf("clip %d: other bits than in a batch of all", i)
				}
			}
			if lowest := lowestCosine(got, exact); !(lowest >= 0.9995) {
				t.Errorf("cosine to the processor's %.6f, want 0.9995", lowest)
			}
		})
	}
}

// Too large a batch is halved once, and said; too large a half is an error.
func TestGPUHalvesTheBatch(t *testing.T) {
	d := gpu(t, "")
	var notes []string
	m := openOn(t, d, Options{Batch: 4, Note: func(s string) { notes = append(notes, s) }})
	clips := tinyClips(m.Config, 4)
	want, err := m.EmbedClips(context.Background(), clips)
	if err != nil {
		t.Fatal(err)
	}
	again := openOn(t, d, Options{Batch: 4, Note: func(s string) { notes = append(notes, s) }})
	d.Script(d.Given + ";cuMemAlloc_v2:7=2") // somewhere in the first pass
	got, err := again.EmbedClips(context.Background(), clips)
	if err != nil {
		t.Fatal(err)
	}
	if len(notes) != 1 || !strings.Contains(notes[0], "out of device memory with 4 clips at a time: going on with 2") {
		t.Errorf("notes: %q", notes)
	}
	for i := range got {
		if !slices.Equal(got[i], want[i]) {
			t.Errorf("clip %d: other bits after halving", i)
		}
	}
	fresh := openOn(t, d, Options{Batch: 2})
	d.Script(d.Given + ";memory=1")
	_, err = fresh.EmbedClips(context.Background(), clips)
	if fault.KindOf(err) != fault.Missing || !strings.Contains(err.Error(), "out of device memory") || fault.HintOf(err) == "" {
		t.Errorf("memory short twice: %v (%s), want a fault.Missing with a hint", err, fault.HintOf(err))
	}
	d.Script(d.Given)
	if rows, err := fresh.EmbedClips(context.Background(), clips); err != nil || !slices.Equal(rows[3], want[3]) {
		t.Errorf("with memory again: %v", err)
	}
}

// What the hardware does not recover from ends the run with that error, and
// every run after it.
func TestGPUThatDies(t *testing.T) {
	d := gpu(t, "")
	m, err := Open(context.Background(), goldens+"tiny-h.safetensors", Options{Device: "cuda", Libraries: d.Dir, Config: halfConfig(t)})
	if err != nil {
		t.Fatal(err)
	}
	clips := tinyClips(m.Config, 2)
	d.Script(d.Given + ";cuLaunchKernel:9=700")
	for range 2 {
		_, err := m.EmbedClips(context.Background(), clips)
		if err == nil || !strings.Contains(err.Error(), "CUDA_ERROR_ILLEGAL_ADDRESS (700)") {
			t.Errorf("a kernel with a wrong address: %v", err)
		}
	}
	if err := m.Close(); err == nil {
		t.Error("a dead device closes without a word")
	}
}

func TestDevices(t *testing.T) {
	nowhere := t.TempDir() // with a file that is no library, so that none further on is found
	if err := os.WriteFile(filepath.Join(nowhere, "libcuda.so.1"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		device, script, dir, kernel string
		says                        string // "" for a device that opens
		kind                        fault.Kind
		note                        string // of auto
	}{
		{device: "cuda"},
		{device: "cuda:1", script: "devices=2"},
		{device: "cuda:1", says: "no device 1: this machine has 1", kind: fault.Missing},
		{device: "cuda", script: "cuInit:1=100", says: "sees no device", kind: fault.Missing},
		{device: "cuda", script: "devices=0", says: "sees no device", kind: fault.Missing},
		{device: "cuda", script: "cuInit:1=803", says: "CUDA_ERROR_SYSTEM_DRIVER_MISMATCH (803)", kind: fault.Missing},
		{device: "cuda", script: "version=11080", says: "too old", kind: fault.Missing},
		{device: "cuda", script: "arch=75", says: "sm_75, want sm_80", kind: fault.Missing},
		{device: "cuda", dir: nowhere, says: "driver cannot be used", kind: fault.Missing},
		{device: "cuda", kernel: "portable", says: "kernel", kind: fault.Usage},
		{device: "cuda:x", says: "unknown device", kind: fault.Usage},
		{device: "cuda:-1", says: "unknown device", kind: fault.Usage},
		{device: "cpu:0", says: "unknown device", kind: fault.Usage},
		{device: "tpu", says: "unknown device", kind: fault.Usage},
		{device: "auto", script: "arch=75", note: "sm_75"},
		{device: "auto", dir: nowhere, note: "libcuda.so.1"},
	} {
		d := gpu(t, c.script)
		dir := d.Dir
		if c.dir != "" {
			dir = c.dir
		}
		var note string
		b, err := newBackend(Options{Device: c.device, Libraries: dir, Kernel: c.kernel}, func(s string) { note = s })
		if c.says != "" && (err == nil || !strings.Contains(err.Error(), c.says) || fault.KindOf(err) != c.kind || fault.HintOf(err) == "") {
			t.Errorf("%s with %q: %v (%v, %q), want %q with a hint", c.device, c.script, err, fault.KindOf(err), fault.HintOf(err), c.says)
		}
		if c.says == "" && err != nil || !strings.Contains(note, c.note) || c.note == "" && note != "" {
			t.Errorf("%s with %q: %v, note %q, want %q", c.device, c.script, err, note, c.note)
		}
		if err == nil {
			want := c.device
			switch {
			case c.note != "":
				want = "cpu"
			case c.device == "cuda":
				want = "cuda:0"
			}
			if got := b.Info().Device; got != want {
				t.Errorf("%s with %q opens %s, want %s", c.device, c.script, got, want)
			}
			b.Close()
		}
	}
}

// Left to choose, a usable GPU it is; cuda:1 of the same kind shares its key.
func TestGPUKey(t *testing.T) {
	d := gpu(t, "devices=2")
	keys := map[string]bool{}
	for _, o := range []Options{{Device: "auto"}, {Device: "cuda:0"}, {Device: "auto", Precision: "fp32"}, {Device: "cpu"}, {Device: "auto", Kernel: "portable"}} {
		o.Libraries, o.Config = d.Dir, halfConfig(t)
		m, err := Open(context.Background(), goldens+"tiny-h.safetensors", o)
		if err != nil {
			t.Fatal(err)
		}
		keys[m.Key()] = true
		m.Close()
	}
	if len(keys) != 4 {
		t.Errorf("%d keys, want 4: %v", len(keys), keys)
	}
}

func TestBenchOnGPU(t *testing.T) {
	d := gpu(t, "")
	m := openOn(t, d, Options{Batch: 1})
	r := BenchResult{Clips: 3}
	clips := tinyClips(m.Config, 3)
	if err := r.onGPU(context.Background(), m, BenchOptions{Passes: 2}, clips); err != nil {
		t.Fatal(err)
	}
	if !(r.ClipsPerSecond > 0 && r.Resident > 0 && r.GFLOPS > 0 && r.PeakMemoryBytes > 0) || len(r.Ops) < 8 {
		t.Errorf("bench: %+v", r)
	}
}
