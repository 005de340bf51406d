//go:build linux && (amd64 || arm64) && !nogpu

package driver

import "unsafe"

// Ptr is an address in the device's memory; 0 is none.
type Ptr = uint64

// Alloc takes memory of the device, at least one byte, aligned to 256.
func (c *Context) Alloc(bytes int) (Ptr, error) {
	var p Ptr
	err := c.call(cuMemAlloc, uintptr(unsafe.Pointer(&p)), uintptr(max(bytes, 1)))
	return p, err
}

// Free gives it back once the device no longer uses it. It is tried on a dead
// device too, and its error is of no use to anyone.
func (c *Context) Free(p Ptr) {
	if p != 0 {
		c.table.Call(cuMemFree, uintptr(p))
	}
}

// Memory is what the device has free and in all, in bytes.
func (c *Context) Memory() (free, total int64, err error) {
	err = c.call(cuMemGetInfo, uintptr(unsafe.Pointer(&free)), uintptr(unsafe.Pointer(&total)))
	return free, total, err
}

// AllocHost takes pinned memory of the host: where copies may go on while the
// program does something else.
func (c *Context) AllocHost(bytes int) ([]byte, error) {
	bytes = max(bytes, 1)
	var p *byte
	if err := c.call(cuMemHostAlloc, uintptr(unsafe.Pointer(&p)), uintptr(bytes), 0); err != nil {
		return nil, err
	}
	return unsafe.Slice(p, bytes), nil
}

// FreeHost gives it back, as Free does.
func (c *Context) FreeHost(b []byte) {
	if b != nil {
		c.table.Call(cuMemFreeHost, uintptr(unsafe.Pointer(unsafe.SliceData(b))))
	}
}

// Upload copies pinned memory to the device, in the order of the stream.
func (c *Context) Upload(dst Ptr, pinned []byte, s Stream) error {
	if len(pinned) == 0 {
		return nil
	}
	return c.call(cuMemcpyHtoDAsync, uintptr(dst), uintptr(unsafe.Pointer(unsafe.SliceData(pinned))), uintptr(len(pinned)), uintptr(s))
}

// Download copies from the device to pinned memory, in the order of the stream.
func (c *Context) Download(pinned []byte, src Ptr, s Stream) error {
	if len(pinned) == 0 {
		return nil
	}
	return c.call(cuMemcpyDtoHAsync, uintptr(unsafe.Pointer(unsafe.SliceData(pinned))), uintptr(src), uintptr(len(pinned)), uintptr(s))
}
