//go:build linux && (amd64 || arm64) && !nogpu

package cuda

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"framepilot/internal/fault"
	"framepilot/model/backend"
	"framepilot/model/backend/backendtest"
	"framepilot/model/backend/cuda/fake"
	"framepilot/model/backend/cuda/kernels/emulator"
)

var tolerances = map[string]backendtest.Tolerance{
	// As for the processor: sums of float32 products, and operands off by 2⁻⁹.
	"fp32": {Abs: 3e-5, Rel: 3e-5},
	"bf16": {Abs: 3e-5, Rel: 1e-2, RMS: 1.5e-2, Norm: 1e-2},
}

// emulated is a driver whose kernels run in the emulator.
func emulated(t testing.TB, script string) *fake.Driver {
	return fake.New(t, "emulator="+emulator.Build(t)+";"+script)
}

func open(t testing.TB, o Options) backend.Backend {
	t.Helper()
	b, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

// The whole suite, by cuBLASLt's products and by our own.
func TestConformance(t *testing.T) {
	for _, precision := range []string{"fp32", "bf16"} {
		for _, script := range []string{"", "noalgorithm=1"} {
			t.Run(precision+" "+script, func(t *testing.T) {
				if testing.Short() && (precision == "fp32" || script != "") {
					t.Skip("slow in the emulator")
				}
				d := emulated(t, script)
				backendtest.Run(t, open(t, Options{Precision: precision, Libraries: d.Dir}), tolerances[precision])
			})
		}
	}
}

// The suite on the device itself, for `make gpu-check`.
func TestConformanceOnDevice(t *testing.T) {
	if os.Getenv("FRAMEPILOT_GPU") == "" {
		t.Skip("needs a GPU: set FRAMEPILOT_GPU=1 where there is one")
	}
	for _, precision := range []string{"fp32", "bf16"} {
		t.Run(precision, func(t *testing.T) {
			backendtest.Run(t, open(t, Options{Precision: precision}), tolerances[precision])
		})
	}
}

// exercise opens a device, puts a layer on it and sends something through
// every operation.
func exercise(o Options) (err error) {
	b, err := New(o)
	if err != nil {
		return err
	}
	defer func() {
		if e := b.Close(); err == nil {
			err = e
		}
	}()
	const B, T, S, P, D, heads = 2, 2, 8, 4, 16, 2
	fill := func(n int) []float32 {
		x, rng := make([]float32, n), rand.New(rand.NewPCG(1, 2))
		for i := range x {
			x[i] = float32(rng.NormFloat64())
		}
		return x
	}
	var layers []backend.Linear
	for _, io := range [][2]int{{3 * P * P, D}, {D, 3 * D}, {D, D}, {D, 5}} {
		l, err := b.Linear(io[0], io[1], fill(io[0]*io[1]), fill(io[1]))
		if err != nil {
			return err
		}
		layers = append(layers, l)
	}
	var weights []backend.Tensor
	for range 3 {
		w, err := b.Weight([]int{9, D}, fill(9*D))
		if err != nil {
			return err
		}
		weights = append(weights, w)
	}
	vector, err := b.Weight([]int{D}, fill(D))
	if err != nil {
		return err
	}
	q, err := b.NewQueue()
	if err != nil {
		return err
	}
	defer func() {
		if e := q.Close(); err == nil {
			err = e
		}
	}()
	ln := backend.Norm{Weight: vector, Bias: vector, Eps: 1e-5}
	g := backend.Geometry{Clips: B, Frames: T, Patches: S / P * S / P, Heads: heads, HeadDim: D / heads}
	rows := B * g.Tokens()
	frames := q.New(backend.U8, B, T, S, S, 3)
	q.UploadU8(frames, 0, make([]uint8, B*T*S*S*3))
	patches, x := q.New(backend.F32, rows-B, D), q.New(backend.F32, rows, D)
	p := backend.Patches{Image: S, Patch: P, Valid: []int{2, 1}, Std: [3]float32{1, 1, 1}}
	q.PatchEmbed(patches, frames, layers[0], p)
	q.AssembleTokens(x, patches, vector, weights[0], weights[1], ln, g, p)
	norm, qkv := q.New(backend.Operand, rows, D), q.New(backend.Operand, rows, 3*D)
	q.LayerNorm(norm, x, ln)
	q.Linear(qkv, norm, layers[1], backend.LinearOpt{})
	for _, a := range []backend.Attention{backend.Time, backend.Space} {
		q.Attend(norm, qkv, a, g)
	}
	q.AttendCausal(norm, qkv, g.Tokens(), heads)
	for _, act := range []backend.Act{backend.NoAct, backend.QuickGELU, backend.GELU} {
		q.Linear(x, norm, layers[2], backend.LinearOpt{Act: act, Residual: x})
		q.Linear(norm, norm, layers[2], backend.LinearOpt{Act: act})
	}
	q.EmbedTokens(x, make([]int32, rows), weights[2], weights[2], 9)
	q.Gather(x, x, make([]int, rows))
	odd := q.New(backend.F32, rows, 5)
	q.Linear(odd, norm, layers[3], backend.LinearOpt{})
	q.(backend.Profiler).Measure()
	q.Download(make([]float32, rows*D), norm)
	if err := q.Sync(); err != nil {
		return err
	}
	q.(backend.Profiler).Profile()
	return nil
}

// Whichever call fails, in turn: the error says so, nothing is kept, nothing
// that was never taken is given back.
func TestEveryCallMayFail(t *testing.T) {
	d := fake.New(t, "")
	if err := exercise(Options{Libraries: d.Dir}); err != nil {
		t.Fatal(err)
	}
	calls := d.Calls()
	if calls < 200 {
		t.Fatalf("only %d calls", calls)
	}
	step := 1
	if testing.Short() {
		step = 7
	}
	for n := 1; n <= calls; n += step {
		d.Script(fmt.Sprintf("any:%d=2", n))
		err := exercise(Options{Libraries: d.Dir})
		log := d.Log()
		if live, bad := d.Live(), d.Misuse(); live != "" || bad != nil {
			t.Fatalf("call %d fails: not given back: %q; misused: %q; after %q", n, live, bad, log)
		}
		if err == nil && n < calls-20 { // profiles leave out what cannot be timed
			t.Errorf("call %d of %d fails, and nobody says so", n, calls)
		}
	}
}

func TestProbe(t *testing.T) {
	d := fake.New(t, "version=13000;devices=2")
	m := Probe(Options{Libraries: d.Dir})
	if m.Err != nil || len(m.Devices) != 2 || m.Devices[1] != "Imaginary 1 (sm_90, 9 GB)" || !strings.HasSuffix(m.Driver, "libcuda.so.1, CUDA 13.0") ||
		!strings.Contains(m.Products, "libcublasLt.so.13") || m.Kernels == "" {
		t.Errorf("%+v", m)
	}
	d.Script("version=12080")
	if m := Probe(Options{Libraries: d.Dir}); !strings.Contains(m.Products, "libcublasLt.so.12") {
		t.Errorf("a driver for CUDA 12 takes %q", m.Products)
	}
	d.Script("arch=75")
	if m := Probe(Options{Libraries: d.Dir}); len(m.Devices) != 1 || m.Err == nil || m.Products != "" {
		t.Errorf("an old device: %+v", m)
	}
	old := fake.Without(t, "cuLaunchKernel")
	if m := Probe(Options{Libraries: old}); fault.KindOf(m.Err) != fault.Missing || !strings.Contains(m.Err.Error(), "no function cuLaunchKernel") {
		t.Errorf("a driver without a function: %v", m.Err)
	}
	// In its folder cuBLASLt is a file that is no library, so that none is taken from elsewhere.
	bare := fake.New(t, "")
	for _, name := range []string{"libcublasLt.so.12", "libcublasLt.so.13"} {
		path := filepath.Join(bare.Dir, name)
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if m := Probe(Options{Libraries: bare.Dir}); fault.KindOf(m.Err) != fault.Missing || !strings.Contains(m.Err.Error(), "cuBLASLt: load "+bare.Dir) || !strings.Contains(fault.HintOf(m.Err), "pip install") {
		t.Errorf("no cuBLASLt: %v", m.Err)
	}
}

func TestLoadSaysWhatTheCompilerSaid(t *testing.T) {
	d := fake.New(t, "jitlog=line 7: unknown opcode")
	_, err := New(Options{Libraries: d.Dir})
	if err == nil || !strings.Contains(err.Error(), "CUDA_ERROR_INVALID_PTX (218): line 7: unknown opcode") {
		t.Errorf("kernels that do not load: %v", err)
	}
}

func TestOutOfMemory(t *testing.T) {
	d := fake.New(t, "")
	q, err := open(t, Options{Libraries: d.Dir}).NewQueue()
	if err != nil {
		t.Fatal(err)
	}
	defer q.Close()
	big := q.New(backend.F32, 1<<46)
	q.LayerNorm(big, big, backend.Norm{Weight: big, Bias: big})
	if err := q.Sync(); fault.KindOf(err) != fault.Missing || !strings.Contains(err.Error(), "out of device memory") {
		t.Errorf("256 TiB of activations: %v, want a fault.Missing", err)
	}
	if err := q.Sync(); err != nil {
		t.Errorf("the error was reported before: %v", err)
	}
}

// A second pass takes no memory that the first has not.
func TestMemoryIsReused(t *testing.T) {
	d := fake.New(t, "")
	b := open(t, Options{Libraries: d.Dir})
	q, err := b.NewQueue()
	if err != nil {
		t.Fatal(err)
	}
	defer q.Close()
	for _, n := range []int{100, 30, 100} {
		q.New(backend.F32, n, 10)
		q.New(backend.U8, n)
		if err := q.Sync(); err != nil {
			t.Fatal(err)
		}
		q.Reset()
	}
	if peak := b.(backend.Meter).PeakMemory(); peak != 4100 {
		t.Errorf("%d bytes were held, want 4100", peak)
	}
}

func TestProfile(t *testing.T) {
	d := fake.New(t, "")
	b := open(t, Options{Libraries: d.Dir})
	q, err := b.NewQueue()
	if err != nil {
		t.Fatal(err)
	}
	defer q.Close()
	l, err := b.Linear(8, 16, make([]float32, 8*16), nil)
	if err != nil {
		t.Fatal(err)
	}
	x, y := q.New(backend.Operand, 5, 8), q.New(backend.F32, 5, 16)
	q.Linear(y, x, l, backend.LinearOpt{})
	p := q.(backend.Profiler)
	p.Measure()
	for range 3 {
		q.Linear(y, x, l, backend.LinearOpt{})
	}
	if err := q.Sync(); err != nil {
		t.Fatal(err)
	}
	ops := p.Profile()
	if len(ops) != 1 || ops[0].Name != "linear 8×16" || ops[0].Calls != 3 || ops[0].Flops != 3*2*5*8*16 || ops[0].Seconds <= 0 {
		t.Errorf("%+v", ops)
	}
	if again := p.Profile(); len(again) != 0 {
		t.Errorf("a second profile repeats %+v", again)
	}
}

func TestCeiling(t *testing.T) {
	d := fake.New(t, "")
	top, err := open(t, Options{Libraries: d.Dir}).(*engine).ceiling(64, 1000)
	if err != nil || !(top.GFLOPS > 0 && top.GBs > 0) || math.IsInf(top.GFLOPS, 0) {
		t.Errorf("%+v, %v", top, err)
	}
}

func TestPrecision(t *testing.T) {
	if _, err := New(Options{Precision: "fp8"}); fault.KindOf(err) != fault.Usage {
		t.Errorf("fp8: %v, want a usage error", err)
	}
}
