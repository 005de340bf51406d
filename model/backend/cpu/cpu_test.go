package cpu

import (
	"math/rand/v2"
	"strings"
	"testing"

	"framepilot/internal/fault"
	"framepilot/model/backend"
	"framepilot/model/backend/backendtest"
)

var tolerances = map[string]backendtest.Tolerance{
	// Sums of at most a few hundred float32 products of unit normals.
	"fp32": {Abs: 3e-5, Rel: 3e-5},
	// A bf16 operand is off by up to 2⁻⁹ of itself, so a sum by some 2⁻⁹ of the
	// typical sum, and the worst of thousands of sums by five times that.
	"bf16": {Abs: 3e-5, Rel: 1e-2, RMS: 1.5e-2, Norm: 1e-2},
}

// eachKernel runs f with every kernel this machine can execute.
func eachKernel(t *testing.T, f func(t *testing.T, k Kernel)) {
	for _, k := range Kernels() {
		t.Run(k.Name, func(t *testing.T) {
			if k.Missing != "" {
				t.Skip(k.Missing)
			}
			f(t, k)
		})
	}
}

func open(t testing.TB, o Options) backend.Backend {
	t.Helper()
	b, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	return b
}

func newQueue(t testing.TB, b backend.Backend) *queue {
	t.Helper()
	q, err := b.NewQueue()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { q.Close() })
	return q.(*queue)
}

func TestConformance(t *testing.T) {
	eachKernel(t, func(t *testing.T, k Kernel) {
		for _, workers := range []int{1, 3} {
			backendtest.Run(t, open(t, Options{Kernel: k.Name, Workers: workers}), tolerances[k.Precision])
		}
	})
}

// However the work falls to workers, results are the same bits.
func TestWorkersDoNotMatter(t *testing.T) {
	const rows, in, out = 421, 96, 330
	rng := rand.New(rand.NewPCG(3, 4))
	random := func(n int) []float32 {
		x := make([]float32, n)
		for i := range x {
			x[i] = float32(rng.NormFloat64())
		}
		return x
	}
	x, w, b := random(rows*in), random(out*in), random(out)
	eachKernel(t, func(t *testing.T, k Kernel) {
		var want []float32
		for _, workers := range []int{1, 2, 7} {
			on := open(t, Options{Kernel: k.Name, Workers: workers})
			q := newQueue(t, on)
			l, err := on.Linear(in, out, w, b)
			if err != nil {
				t.Fatal(err)
			}
			a, y := q.New(backend.Operand, rows, in), q.New(backend.F32, rows, out)
			q.UploadF32(a, x)
			q.Linear(y, a, l, backend.LinearOpt{Act: backend.GELU})
			got := make([]float32, rows*out)
			q.Download(got, y)
			if want == nil {
				want = got
			}
			for i := range got {
				if got[i] != want[i] {
					t.Fatalf("%d workers: element %d is %v, with one worker %v", workers, i, got[i], want[i])
				}
			}
		}
	})
}

// A second pass takes no memory that the first has not.
func TestMemoryIsReused(t *testing.T) {
	q := newQueue(t, open(t, Options{}))
	q.New(backend.F32, 100, 10)
	q.New(backend.U8, 7)
	first := q.arena.blocks[0]
	q.Reset()
	q.New(backend.F32, 30, 10)
	q.New(backend.U8, 7)
	if len(q.arena.blocks) != 2 || &q.arena.blocks[0][0] != &first[0] {
		t.Error("a smaller pass took new memory")
	}
}

func TestOutOfMemory(t *testing.T) {
	if Kernels()[0].Name == "portable" {
		t.Skip("without cgo memory is Go's, which does not ask")
	}
	q := newQueue(t, open(t, Options{}))
	big := q.New(backend.F32, 1<<46)
	q.LayerNorm(big, big, backend.Norm{Weight: big, Bias: big})
	if err := q.Sync(); fault.KindOf(err) != fault.Missing {
		t.Errorf("256 TiB of activations: %v, want a fault.Missing", err)
	}
	if err := q.Sync(); err != nil {
		t.Errorf("the error was reported before: %v", err)
	}
}

func TestChoose(t *testing.T) {
	all := []Kernel{
		{Name: "tiles", Precision: "bf16", Missing: "the processor lacks it"},
		{Name: "wide", Precision: "bf16"},
		{Name: "narrow", Precision: "fp32"},
		{Name: "portable", Precision: "fp32"},
	}
	for _, c := range []struct {
		o         Options
		name, why string
		kind      fault.Kind
	}{
		{o: Options{}, name: "wide", why: "the best this processor has; no tiles: the processor lacks it"},
		{o: Options{Precision: "auto", Kernel: "auto"}, name: "wide", why: "the best this processor has"},
		{o: Options{Precision: "fp32"}, name: "narrow", why: "fp32 was asked for"},
		{o: Options{Kernel: "portable"}, name: "portable", why: "portable was asked for"},
		{o: Options{Kernel: "narrow", Precision: "fp32"}, name: "narrow", why: "narrow was asked for"},
		{o: Options{Kernel: "narrow", Precision: "bf16"}, kind: fault.Usage},
		{o: Options{Kernel: "tiles"}, kind: fault.Missing},
		{o: Options{Kernel: "neon"}, kind: fault.Missing},
		{o: Options{Precision: "fp8"}, kind: fault.Usage},
	} {
		k, why, err := choose(all, c.o)
		if k.Name != c.name && err == nil || !strings.HasPrefix(why, c.why) || (err != nil) != (c.kind != 0) || err != nil && fault.KindOf(err) != c.kind {
			t.Errorf("%+v: %s because %q, %v; want %s because %q, kind %d", c.o, k.Name, why, err, c.name, c.why, c.kind)
		}
	}
	if _, _, err := choose(all[2:], Options{Precision: "bf16"}); fault.KindOf(err) != fault.Missing {
		t.Errorf("bf16 where nothing computes it: %v, want a fault.Missing", err)
	}
}

func TestCeiling(t *testing.T) {
	eachKernel(t, func(t *testing.T, k Kernel) {
		c, err := open(t, Options{Kernel: k.Name, Workers: 1}).(backend.Ceiler).Ceiling()
		if err != nil || c.GBs <= 0 || c.GFLOPS <= 0 && k.Name != "portable" {
			t.Errorf("%+v", c)
		}
	})
}

func TestProfile(t *testing.T) {
	on := open(t, Options{})
	q := newQueue(t, on)
	l, err := on.Linear(8, 16, make([]float32, 8*16), nil)
	if err != nil {
		t.Fatal(err)
	}
	x, y := q.New(backend.Operand, 5, 8), q.New(backend.F32, 5, 16)
	q.UploadF32(x, make([]float32, 40))
	for range 3 {
		q.Linear(y, x, l, backend.LinearOpt{})
	}
	ops := backend.Profiler(q).Profile()
	if len(ops) != 2 || ops[1].Name != "linear 8×16" || ops[1].Calls != 3 || ops[1].Flops != 3*2*5*8*16 || ops[1].Seconds <= 0 {
		t.Errorf("%+v", ops)
	}
	if again := q.Profile(); len(again) != 0 {
		t.Errorf("a second profile repeats %+v", again)
	}
}
