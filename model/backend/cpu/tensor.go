package cpu

import (
	"fmt"
	"sync"
	"unsafe"

	"framepilot/internal/fault"
	"framepilot/model/backend"
	"framepilot/model/backend/cpu/simd"
)

// tensor holds its elements in the slice of its type.
type tensor struct {
	shape []int
	dtype backend.DType
	f32   []float32
	bf16  []uint16
	u8    []uint8
}

func (t *tensor) Shape() []int         { return t.shape }
func (t *tensor) DType() backend.DType { return t.dtype }

// width is the length of the last axis.
func (t *tensor) width() int { return t.shape[len(t.shape)-1] }

// rows is the product of the other axes.
func (t *tensor) rows() int { return backend.Elements(t.shape) / t.width() }

// row returns row i of an F32 tensor seen as (rows, width).
func (t *tensor) row(i int) []float32 { return rowOf(t.f32, i, t.width()) }

func rowOf[T any](all []T, i, width int) []T {
	return all[i*width : (i+1)*width : (i+1)*width]
}

func (t *tensor) mustHold(n int) {
	if backend.Elements(t.shape) != n {
		panic(fmt.Sprintf("cpu: copy of %d elements to or from %v", n, t.shape))
	}
}

func (t *tensor) bytes() int {
	return backend.Elements(t.shape) * t.dtype.Bytes()
}

// memory is what one owner took from the C heap, where the collector neither
// scans it nor counts it: weights would double what Go lets garbage grow to.
type memory struct {
	mu     sync.Mutex
	blocks [][]byte
}

func (m *memory) take(bytes int) ([]byte, error) {
	b, err := simd.Alloc(bytes)
	if err != nil {
		return nil, fault.New(fault.Missing, "use a smaller model, or --precision bf16 where the processor has it", "cpu: %w", err)
	}
	m.mu.Lock()
	m.blocks = append(m.blocks, b)
	m.mu.Unlock()
	return b, nil
}

func (m *memory) free() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, b := range m.blocks {
		simd.Free(b)
	}
	m.blocks = nil
}

func allocate[T float32 | uint16](m *memory, n int) ([]T, error) {
	var zero T
	b, err := m.take(n * int(unsafe.Sizeof(zero)))
	if err != nil {
		return nil, err
	}
	return as[T](b), nil
}

// as sees bytes as numbers.
func as[T float32 | uint16](b []byte) []T {
	var zero T
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(b))), len(b)/int(unsafe.Sizeof(zero)))
}

// arena hands out the blocks of the last pass again, in order: passes of one
// shape ask for the same sizes, and of several for the largest of each.
type arena struct {
	blocks [][]byte
	next   int
}

func (a *arena) take(bytes int) ([]byte, error) {
	if a.next == len(a.blocks) {
		a.blocks = append(a.blocks, nil)
	}
	if b := a.blocks[a.next]; len(b) < bytes {
		simd.Free(b)
		a.blocks[a.next] = nil
		b, err := simd.Alloc(bytes)
		if err != nil {
			return nil, fault.New(fault.Missing, "embed fewer frames or patches at a time", "cpu: %w", err)
		}
		a.blocks[a.next] = b
	}
	a.next++
	return a.blocks[a.next-1][:bytes:bytes], nil
}

func (a *arena) reset() { a.next = 0 }

func (a *arena) free() {
	for _, b := range a.blocks {
		simd.Free(b)
	}
	*a = arena{}
}
