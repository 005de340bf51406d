//go:build linux && (amd64 || arm64) && !nogpu

package cuda

import (
	"framepilot/internal/fault"
	"framepilot/model/backend"
	"framepilot/model/backend/cuda/driver"
	"framepilot/model/backend/cuda/kernels"
)

// block is a piece of device memory. It is made and used on the device's
// thread; elsewhere it is only passed on.
type block struct {
	e    *engine
	at   driver.Ptr
	size int
}

// need makes the block hold that many bytes. What it held is lost when it
// grows, so the caller sees to it that nothing uses it any more.
func (b *block) need(c *driver.Context, bytes int) error {
	if bytes <= b.size {
		return nil
	}
	b.free(c)
	at, err := c.Alloc(bytes)
	if driver.Code(err) == driver.OutOfMemory {
		free, total, _ := c.Memory() // unknown is 0
		return fault.New(fault.Missing, "give fewer clips at a time with --batch, close what else uses the GPU, or use --device cpu",
			"%w: %d MB more are wanted, %d of %d MB are free: %w", backend.ErrOutOfMemory, bytes/1e6, free/1e6, total/1e6, err)
	}
	if err != nil {
		return err
	}
	b.at, b.size = at, bytes
	held := b.e.held.Add(int64(bytes))
	for peak := b.e.peak.Load(); held > peak && !b.e.peak.CompareAndSwap(peak, held); peak = b.e.peak.Load() {
	}
	return nil
}

func (b *block) free(c *driver.Context) {
	c.Free(b.at)
	b.e.held.Add(-int64(b.size))
	b.at, b.size = 0, 0
}

func (b *block) ptr() kernels.Ptr { return kernels.Ptr(b.at) }

// arena hands out the blocks of the last pass again, in order: passes of one
// shape ask for the same sizes, and of several for the largest of each.
type arena struct {
	e      *engine
	blocks []*block
	next   int
}

func (a *arena) take() *block {
	if a.next == len(a.blocks) {
		a.blocks = append(a.blocks, &block{e: a.e})
	}
	a.next++
	return a.blocks[a.next-1]
}

func (a *arena) free(c *driver.Context) {
	for _, b := range a.blocks {
		b.free(c)
	}
}

// pinned is host memory that copies to and from the device go through.
type pinned struct{ bytes []byte }

// need makes it hold that many bytes; what it held is lost when it grows.
func (p *pinned) need(c *driver.Context, bytes int) (err error) {
	if bytes > len(p.bytes) {
		p.free(c)
		p.bytes, err = c.AllocHost(bytes)
	}
	return err
}

func (p *pinned) free(c *driver.Context) {
	if p != nil {
		c.FreeHost(p.bytes)
		p.bytes = nil
	}
}
