//go:build linux && (amd64 || arm64) && !nogpu

package driver

import (
	"math"
	"unsafe"
)

// Stream is a queue of work: what is put on one runs in order.
type Stream uintptr

// Event is a mark on a stream.
type Event uintptr

// NewStream makes a stream that does not wait for the device's default one.
func (c *Context) NewStream() (Stream, error) {
	var s Stream
	return s, c.call(cuStreamCreate, uintptr(unsafe.Pointer(&s)), streamNonBlocking)
}

// FreeStream gives it back once its work is done.
func (c *Context) FreeStream(s Stream) {
	if s != 0 {
		c.table.Call(cuStreamDestroy, uintptr(s))
	}
}

// NewEvent makes an event. Waiting for it puts the thread to sleep, so that
// decoders have the processor.
func (c *Context) NewEvent() (Event, error) {
	var e Event
	return e, c.call(cuEventCreate, uintptr(unsafe.Pointer(&e)), eventBlockingSync)
}

// FreeEvent gives it back.
func (c *Context) FreeEvent(e Event) {
	if e != 0 {
		c.table.Call(cuEventDestroy, uintptr(e))
	}
}

// Record marks what has been put on the stream so far.
func (c *Context) Record(e Event, s Stream) error {
	return c.call(cuEventRecord, uintptr(e), uintptr(s))
}

// Wait returns once everything before the mark is done, with the first error
// of the device's work.
func (c *Context) Wait(e Event) error {
	return c.call(cuEventSynchronize, uintptr(e))
}

// Elapsed is the time between two marks that have both been waited for, in seconds.
func (c *Context) Elapsed(from, to Event) (float64, error) {
	var ms float32
	err := c.call(cuEventElapsedTime, uintptr(unsafe.Pointer(&ms)), uintptr(from), uintptr(to))
	return math.Max(0, float64(ms)) / 1e3, err
}
