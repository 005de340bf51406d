package cpu

import (
	"fmt"
	"time"

	"framepilot/internal/safetensors"
	"framepilot/model/backend"
)

// queue computes at once: an operation has finished when its call returns.
type queue struct {
	kernel  Kernel
	pool    pool
	arena   arena // activations
	scratch arena // one block a worker
	ops     []backend.OpTime
	err     error
}

func (q *queue) New(d backend.DType, shape ...int) backend.Tensor {
	if d == backend.Operand {
		d = q.operand()
	}
	t, n := &tensor{shape: shape, dtype: d}, backend.Elements(shape)
	switch d {
	case backend.F32:
		t.f32 = as[float32](q.take(&q.arena, 4*n))
	case backend.BF16:
		t.bf16 = as[uint16](q.take(&q.arena, 2*n))
	case backend.U8:
		t.u8 = q.take(&q.arena, n)
	}
	return t
}

// operand is the type of what products read.
func (q *queue) operand() backend.DType {
	if q.kernel.Precision == "bf16" {
		return backend.BF16
	}
	return backend.F32
}

// take returns nothing once something has failed.
func (q *queue) take(a *arena, bytes int) []byte {
	if q.err != nil {
		return nil
	}
	var b []byte
	b, q.err = a.take(bytes)
	return b
}

// perWorker returns scratch for every worker.
func (q *queue) perWorker(bytes int) [][]byte {
	q.scratch.reset()
	all := make([][]byte, q.pool.workers)
	for i := range all {
		all[i] = q.take(&q.scratch, bytes)
	}
	return all
}

func (q *queue) Reset() { q.arena.reset() }

func (q *queue) Sync() error {
	err := q.err
	q.err = nil
	return err
}

func (q *queue) Close() error {
	q.arena.free()
	q.scratch.free()
	return nil
}

// run does one operation of that many floating point operations and bytes
// moved, unless something has failed before it.
func (q *queue) run(name string, flops, bytes int, compute func()) {
	if q.err != nil {
		return
	}
	start := time.Now()
	compute()
	took := time.Since(start).Seconds()
	for i := range q.ops {
		if o := &q.ops[i]; o.Name == name {
			o.Calls++
			o.Seconds += took
			o.Flops += float64(flops)
			o.Bytes += float64(bytes)
			return
		}
	}
	q.ops = append(q.ops, backend.OpTime{Name: name, Calls: 1, Seconds: took, Flops: float64(flops), Bytes: float64(bytes)})
}

// Measure and Profile are the queue's backend.Profiler, which is always on.
func (q *queue) Measure() { q.ops = nil }

func (q *queue) Profile() []backend.OpTime {
	ops := q.ops
	q.ops = nil
	return ops
}

func (q *queue) UploadF32(dst backend.Tensor, src []float32) {
	t := dst.(*tensor)
	t.mustHold(len(src))
	q.run("upload", 0, 4*len(src)+t.bytes(), func() {
		copy(t.f32, src)
		for i := range t.bf16 {
			t.bf16[i] = safetensors.Float32ToBFloat16(src[i])
		}
	})
}

func (q *queue) UploadU8(dst backend.Tensor, at int, src []uint8) {
	t := dst.(*tensor)
	if at < 0 || at+len(src) > backend.Elements(t.shape) {
		panic(fmt.Sprintf("cpu: upload of %d bytes at %d to %v", len(src), at, t.shape))
	}
	q.run("upload", 0, 2*len(src), func() { copy(t.u8[at:], src) })
}

func (q *queue) Download(dst []float32, src backend.Tensor) {
	t := src.(*tensor)
	t.mustHold(len(dst))
	q.run("download", 0, 4*len(dst)+t.bytes(), func() {
		copy(dst, t.f32)
		for i, h := range t.bf16 {
			dst[i] = safetensors.BFloat16ToFloat32(h)
		}
	})
}
