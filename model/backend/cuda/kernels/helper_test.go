//go:build linux && (amd64 || arm64) && !nogpu

package kernels_test

import (
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
	"unsafe"

	"framepilot/model/backend"
	"framepilot/model/backend/cuda/dl"
	"framepilot/model/backend/cuda/kernels"
	"framepilot/model/backend/cuda/kernels/emulator"
)

// bench is a device, and memory that both it and the test can address.
type bench struct {
	t      *testing.T
	device device
	rng    *rand.Rand
	blocks []*block
}

// device runs launches to their end, the same work in a different order for
// another seed where it can.
type device interface {
	memory(bytes int) ([]byte, error)
	run(l kernels.Launch, seed uint32) error
}

// newBench works on the emulator, or on the GPU where FRAMEPILOT_GPU is set.
func newBench(t *testing.T) *bench {
	b := &bench{t: t, rng: rand.New(rand.NewPCG(1, 2))}
	if os.Getenv("FRAMEPILOT_GPU") != "" {
		b.device = openGPU(t, dl.Places(os.Getenv("FRAMEPILOT_CUDA")))
	} else {
		b.device = emulated{emulator.Open(t)}
	}
	return b
}

type emulated struct{ *emulator.Emulator }

func (e emulated) memory(bytes int) ([]byte, error) { return make([]byte, bytes), nil }

func (e emulated) run(l kernels.Launch, seed uint32) error {
	e.Seed(seed)
	return e.Run(l)
}

// block is memory between guards. All of it is NaN until written, the guards
// stay so: what is read beyond shows in the result, what is written is found.
type block struct {
	all, data []byte
}

const guard = 512

func (b *bench) take(bytes int) *block {
	b.t.Helper()
	all, err := b.device.memory(bytes + 2*guard + 256)
	if err != nil {
		b.t.Fatal(err)
	}
	for i := range all {
		all[i] = 0xff
	}
	at := guard + 255 - int(uintptr(unsafe.Pointer(&all[guard+255]))%256)
	m := &block{all, all[at : at+bytes]}
	b.blocks = append(b.blocks, m)
	return m
}

func (m *block) ptr() kernels.Ptr {
	return kernels.Ptr(uintptr(unsafe.Pointer(unsafe.SliceData(m.data))))
}

// put copies values to new memory.
func put[T any](b *bench, x []T) kernels.Ptr {
	var zero T
	m := b.take(len(x) * int(unsafe.Sizeof(zero)))
	copy(m.data, unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(x))), len(m.data)))
	return m.ptr()
}

// operands puts x as type d and leaves in x what became of it.
func (b *bench) operands(d backend.DType, x []float32) kernels.Ptr {
	if d == backend.F32 {
		return put(b, x)
	}
	h := make([]uint16, len(x))
	for i, v := range x {
		h[i] = toBF16(v)
		x[i] = fromBF16(h[i])
	}
	return put(b, h)
}

// result is room for n values of type d.
func (b *bench) result(d backend.DType, n int) *block {
	if d == backend.F32 {
		return b.take(4 * n)
	}
	return b.take(2 * n)
}

func (m *block) values(d backend.DType) []float32 {
	if d == backend.F32 {
		return slices.Clone(unsafe.Slice((*float32)(unsafe.Pointer(&m.data[0])), len(m.data)/4))
	}
	x := make([]float32, len(m.data)/2)
	for i, h := range unsafe.Slice((*uint16)(unsafe.Pointer(&m.data[0])), len(x)) {
		x[i] = fromBF16(h)
	}
	return x
}

// run runs launches with two orders of threads, which must give the same bits:
// they differ where a kernel misses a synchronisation.
func (b *bench) run(dst *block, launches ...kernels.Launch) {
	b.t.Helper()
	before := slices.Clone(dst.data)
	var first []byte
	for seed := range uint32(2) {
		copy(dst.data, before)
		for _, l := range launches {
			if err := b.device.run(l, seed); err != nil {
				b.t.Fatal(err)
			}
		}
		if first == nil {
			first = slices.Clone(dst.data)
		}
	}
	if !slices.Equal(first, dst.data) {
		b.t.Error("the order of threads changes the result")
	}
	for _, m := range b.blocks {
		at := int(uintptr(unsafe.Pointer(unsafe.SliceData(m.data))) - uintptr(unsafe.Pointer(&m.all[0])))
		for i, v := range m.all {
			if (i < at || i >= at+len(m.data)) && v != 0xff {
				b.t.Fatalf("a write %d bytes from the start of a block of %d", i-at, len(m.data))
			}
		}
	}
}

func (b *bench) random(n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(b.rng.NormFloat64())
	}
	return x
}

// near holds got to want: each element within abs + rel·|want|, and all of
// them within norm of the length of want.
type near struct{ abs, rel, norm float64 }

var (
	float32Sums = near{3e-5, 3e-5, 1e-5} // of some hundred products of unit normals
	// A bf16 is off by up to 2⁻⁹ of itself, 0.12 % typically. Results are
	// rounded once, weights of values once more.
	bf16Result = near{1e-2, 1e-2, 4e-3}
)

func nearFor(d backend.DType) near {
	if d == backend.F32 {
		return float32Sums
	}
	return bf16Result
}

func (n near) check(t *testing.T, what string, got []float32, want []float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d values, want %d", what, len(got), len(want))
	}
	var off, length float64
	for i, w := range want {
		d := math.Abs(float64(got[i]) - w)
		if !(d <= n.abs+n.rel*math.Abs(w)) {
			t.Fatalf("%s: element %d is %v, want %v", what, i, got[i], w)
		}
		off += d * d
		length += w * w
	}
	if off > n.norm*n.norm*length {
		t.Errorf("%s: relative error %.1e, want at most %.1e", what, math.Sqrt(off/length), n.norm)
	}
}

func toBF16(f float32) uint16 {
	b := math.Float32bits(f)
	if f != f {
		return 0x7fff
	}
	return uint16((b + 0x7fff + b>>16&1) >> 16)
}

func fromBF16(h uint16) float32 { return math.Float32frombits(uint32(h) << 16) }

var both = []backend.DType{backend.F32, backend.BF16}
