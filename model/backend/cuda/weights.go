//go:build linux && (amd64 || arm64) && !nogpu

package cuda

import (
	"fmt"
	"unsafe"

	"framepilot/model/backend"
	"framepilot/model/backend/cuda/driver"
	"framepilot/model/backend/cuda/kernels"
)

// Weight copies a parameter to the device.
func (e *engine) Weight(shape []int, src []float32) (backend.Tensor, error) {
	if len(src) != backend.Elements(shape) {
		return nil, fmt.Errorf("cuda: weight of shape %v needs %d values, got %d", shape, backend.Elements(shape), len(src))
	}
	t := &tensor{shape: shape, dtype: backend.F32}
	err := e.device.Do(func(c *driver.Context) (err error) {
		t.block, err = e.keep(c, backend.F32, src, len(src), len(src))
		return err
	})
	return t, wrap("weight", err)
}

// linear is a layer on the device.
type linear struct {
	in, out int
	ld      int    // values from one row of w to the next: in, up to whole 16 bytes
	w       *block // operands (out, ld), zero from column in on
	bias    *block // F32 (out), nil for none
	bias16  *block // the same as BF16, where operands are that
}

func (l *linear) In() int  { return l.in }
func (l *linear) Out() int { return l.out }

// Linear copies a layer to the device.
func (e *engine) Linear(in, out int, w, b []float32) (backend.Linear, error) {
	if len(w) != in*out || (b != nil && len(b) != out) {
		return nil, fmt.Errorf("cuda: linear %d → %d got %d weights and %d biases", in, out, len(w), len(b))
	}
	whole := 16 / e.operand.Bytes()
	l := &linear{in: in, out: out, ld: (in + whole - 1) / whole * whole}
	err := e.device.Do(func(c *driver.Context) (err error) {
		if l.w, err = e.keep(c, e.operand, w, in, l.ld); err != nil || b == nil {
			return err
		}
		if l.bias, err = e.keep(c, backend.F32, b, out, out); err != nil || e.operand == backend.F32 {
			return err
		}
		l.bias16, err = e.keep(c, e.operand, b, out, out)
		return err
	})
	return l, wrap("weight", err)
}

func wrap(step string, err error) error {
	if err != nil {
		return fmt.Errorf("cuda: %s: %w", step, err)
	}
	return nil
}

// stageBytes is how much of a parameter goes up at a time.
const stageBytes = 16 << 20

// keep copies rows of width values to the device, ld values apart, as type d.
// They stay until Close.
func (e *engine) keep(c *driver.Context, d backend.DType, src []float32, width, ld int) (*block, error) {
	rows := len(src) / width
	to, wide := &block{e: e}, &block{e: e} // as d, and as F32 where that differs
	defer wide.free(c)
	if err := to.need(c, rows*ld*d.Bytes()); err != nil {
		return nil, err
	}
	e.weights = append(e.weights, to)
	part := max(1, min(rows, stageBytes/(4*ld)))
	if e.stage == nil {
		e.stage = &pinned{}
	}
	if err := e.stage.need(c, max(stageBytes, 4*ld)); err != nil {
		return nil, err
	}
	if d != backend.F32 {
		if err := wide.need(c, 4*part*ld); err != nil {
			return nil, err
		}
	}
	return to, e.uploading(c, func(s driver.Stream, settle func() error) error {
		for first := 0; first < rows; first += part {
			n := min(part, rows-first)
			for i := range n {
				row := e.stage.bytes[4*i*ld:][:4*ld]
				clear(row[copy(row, raw(src[(first+i)*width:][:width])):])
			}
			at := to.at + uint64(first*ld*d.Bytes())
			staged := e.stage.bytes[:4*n*ld]
			if d == backend.F32 {
				if err := c.Upload(at, staged, s); err != nil {
					return err
				}
			} else {
				if err := c.Upload(wide.at, staged, s); err != nil {
					return err
				}
				l := kernels.Convert(d, kernels.ConvertArgs{Dst: kernels.Ptr(at), X: wide.ptr(), Count: uint64(n * ld)})
				if err := c.Launch(e.module, driver.Launch(l), s); err != nil {
					return err
				}
			}
			if err := settle(); err != nil { // the stage is used again
				return err
			}
		}
		return nil
	})
}

// uploading lends f a stream and a way to wait for it.
func (e *engine) uploading(c *driver.Context, f func(s driver.Stream, settle func() error) error) error {
	s, err := c.NewStream()
	if err != nil {
		return err
	}
	defer c.FreeStream(s)
	mark, err := c.NewEvent()
	if err != nil {
		return err
	}
	defer c.FreeEvent(mark)
	return f(s, func() error {
		if err := c.Record(mark, s); err != nil {
			return err
		}
		return c.Wait(mark)
	})
}

// raw is values as the bytes they are in memory.
func raw[T float32 | int32](x []T) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(x))), 4*len(x))
}
