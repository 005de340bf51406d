//go:build linux && (amd64 || arm64) && !nogpu

package cuda

import (
	"errors"
	"fmt"

	"framepilot/model/backend"
	"framepilot/model/backend/cuda/driver"
	"framepilot/model/backend/cuda/kernels"
)

// queue collects operations and hands them to the device's thread some at a
// time, where they are put on a stream; nothing waits before Sync. Uploads
// are staged when they are asked for, downloads are complete after Sync.
type queue struct {
	e         *engine
	arena     arena // activations
	pending   []operation
	staged    []*pinned // taken since Sync, in order
	used      int       // of staged
	downloads []download

	// The rest is touched on the device's thread only, and by Sync once that waits.
	stream    driver.Stream
	done      driver.Event
	workspace block // cuBLASLt's
	scratch   block // of one operation
	err       error
	profile   profile
}

// operation is one step with what it computes and moves.
type operation struct {
	name         string
	flops, bytes int
	issue        func(c *driver.Context) error
}

// download is a copy that Sync completes.
type download struct {
	dst  []float32
	from *pinned
}

// batch is how many operations are handed over together.
const batch = 32

func (e *engine) NewQueue() (backend.Queue, error) {
	q := &queue{e: e, arena: arena{e: e}, workspace: block{e: e}, scratch: block{e: e}}
	err := e.device.Do(func(c *driver.Context) (err error) {
		if q.stream, err = c.NewStream(); err != nil {
			return err
		}
		q.done, err = c.NewEvent()
		return err
	})
	if err != nil {
		q.Close()
		return nil, wrap("new queue", err)
	}
	return q, nil
}

func (q *queue) New(d backend.DType, shape ...int) backend.Tensor {
	if d == backend.Operand {
		d = q.e.operand
	}
	t := &tensor{shape: shape, dtype: d, block: q.arena.take()}
	q.prepare(t.block, t.bytes())
	return t
}

// prepare makes a block large enough before the operations that follow. Those
// that came before may still use what it held.
func (q *queue) prepare(b *block, bytes int) {
	q.run(operation{issue: func(c *driver.Context) error {
		if bytes <= b.size {
			return nil
		}
		if b.size > 0 {
			if err := q.wait(c); err != nil {
				return err
			}
		}
		return b.need(c, bytes)
	}})
}

// take returns scratch of the operation at hand.
func (q *queue) take(c *driver.Context, bytes int) (kernels.Ptr, error) {
	if bytes > q.scratch.size && q.scratch.size > 0 {
		if err := q.wait(c); err != nil {
			return 0, err
		}
	}
	err := q.scratch.need(c, bytes)
	return q.scratch.ptr(), err
}

func (q *queue) Reset() { q.arena.next = 0 }

func (q *queue) run(o operation) {
	if q.pending = append(q.pending, o); len(q.pending) == batch {
		q.flush()
	}
}

// flush hands over what is pending.
func (q *queue) flush() {
	ops := q.pending
	q.pending = nil
	q.e.device.Go(func(c *driver.Context) {
		for _, o := range ops {
			if q.err != nil {
				return
			}
			if err := q.profile.time(c, q.stream, o); err != nil {
				q.err = wrap(o.name, err)
			}
		}
	})
}

func (q *queue) launch(c *driver.Context, l kernels.Launch) error {
	return c.Launch(q.e.module, driver.Launch(l), q.stream)
}

// wait lets everything issued finish.
func (q *queue) wait(c *driver.Context) error {
	if err := c.Record(q.done, q.stream); err != nil {
		return err
	}
	return c.Wait(q.done)
}

func (q *queue) Sync() error {
	q.flush()
	err := q.e.device.Do(func(c *driver.Context) error {
		err := q.wait(c)
		if q.err == nil && err != nil {
			q.err = wrap("wait", err)
		}
		if errors.Is(q.err, backend.ErrOutOfMemory) {
			q.arena.free(c)
			q.scratch.free(c)
		}
		err, q.err = q.err, nil
		return err
	})
	if err == nil {
		for _, d := range q.downloads {
			copy(raw(d.dst), d.from.bytes)
		}
	}
	q.downloads, q.used = nil, 0
	return err
}

// Close frees the queue. The engine must still be open.
func (q *queue) Close() error {
	q.flush()
	return q.e.device.Do(func(c *driver.Context) error {
		err := q.wait(c)
		q.arena.free(c)
		q.scratch.free(c)
		q.workspace.free(c)
		for _, p := range q.staged {
			p.free(c)
		}
		q.profile.free(c)
		c.FreeEvent(q.done)
		c.FreeStream(q.stream)
		return wrap("close", err)
	})
}

// stage returns pinned memory that stays as it is until Sync; nil when there
// is none to be had, which Sync reports.
func (q *queue) stage(bytes int) *pinned {
	if q.used == len(q.staged) {
		q.staged = append(q.staged, &pinned{})
	}
	p := q.staged[q.used]
	q.used++
	if bytes > len(p.bytes) {
		err := q.e.device.Do(func(c *driver.Context) error {
			err := p.need(c, bytes)
			if q.err == nil && err != nil {
				q.err = wrap("pinned memory of the host", err)
			}
			return err
		})
		if err != nil {
			return nil
		}
	}
	return p
}

// upload stages bytes and copies them to the tensor from element at on.
func (q *queue) upload(t *tensor, at int, src []byte) {
	p := q.stage(len(src))
	if p == nil {
		return
	}
	copy(p.bytes, src)
	q.run(operation{name: "upload", bytes: 2 * len(src), issue: func(c *driver.Context) error {
		return c.Upload(t.block.at+uint64(at*t.dtype.Bytes()), p.bytes[:len(src)], q.stream)
	}})
}

func (q *queue) UploadU8(dst backend.Tensor, at int, src []uint8) {
	t := dst.(*tensor)
	t.mustHold(at, len(src))
	q.upload(t, at, src)
}

func (q *queue) UploadF32(dst backend.Tensor, src []float32) {
	t := dst.(*tensor)
	t.mustHold(0, len(src))
	if t.dtype == backend.F32 {
		q.upload(t, 0, raw(src))
		return
	}
	wide := q.New(backend.F32, t.shape...).(*tensor)
	q.upload(wide, 0, raw(src))
	q.convert(t, wide)
}

// convert copies between F32 and BF16.
func (q *queue) convert(to, from *tensor) {
	q.run(operation{name: "convert", bytes: to.bytes() + from.bytes(), issue: func(c *driver.Context) error {
		return q.launch(c, kernels.Convert(to.dtype, kernels.ConvertArgs{Dst: to.ptr(), X: from.ptr(), Count: uint64(backend.Elements(to.shape))}))
	}})
}

// Download fills dst in Sync, unless that fails.
func (q *queue) Download(dst []float32, src backend.Tensor) {
	t := src.(*tensor)
	if len(dst) != backend.Elements(t.shape) {
		panic(fmt.Sprintf("cuda: download of %v into %d values", t.shape, len(dst)))
	}
	if t.dtype == backend.BF16 {
		wide := q.New(backend.F32, t.shape...).(*tensor)
		q.convert(wide, t)
		t = wide
	}
	p := q.stage(4 * len(dst))
	if p == nil {
		return
	}
	q.downloads = append(q.downloads, download{dst, p})
	q.run(operation{name: "download", bytes: 8 * len(dst), issue: func(c *driver.Context) error {
		return c.Download(p.bytes[:4*len(dst)], t.block.at, q.stream)
	}})
	q.flush() // as a rule nothing follows before Sync
}

// list uploads indices for the operation that follows.
func (q *queue) list(x []int32) *tensor {
	t := q.New(backend.F32, len(x)).(*tensor) // of four bytes, as F32
	q.upload(t, 0, raw(x))
	return t
}

func (q *queue) ints(x []int) *tensor {
	list := make([]int32, len(x))
	for i, v := range x {
		list[i] = int32(v)
	}
	return q.list(list)
}
