//go:build linux && (amd64 || arm64) && !nogpu

package driver

import (
	"bytes"
	"runtime"
	"strings"
	"unsafe"
)

// Module is compiled kernels on the device.
type Module struct {
	handle  uintptr
	kernels map[string]*kernel
}

type kernel struct {
	handle uintptr
	shared uint32 // dynamic shared memory it may have, bytes
}

// Load puts an image, a cubin or PTX that ends with a zero byte, on the
// device. Where the driver compiles and cannot, the error has its log.
func (c *Context) Load(image []byte) (*Module, error) {
	m, log := &Module{kernels: map[string]*kernel{}}, make([]byte, 8<<10)
	var pin runtime.Pinner // the values are pointers in memory the driver reads
	defer pin.Unpin()
	pin.Pin(&log[0])
	options := []uint32{jitErrorLog, jitErrorLogSize}
	values := []uintptr{uintptr(unsafe.Pointer(&log[0])), uintptr(len(log))}
	err := c.call(cuModuleLoadDataEx, uintptr(unsafe.Pointer(&m.handle)), uintptr(unsafe.Pointer(unsafe.SliceData(image))),
		uintptr(len(options)), uintptr(unsafe.Pointer(&options[0])), uintptr(unsafe.Pointer(&values[0])))
	if e, ok := err.(*Error); ok {
		text, _, _ := bytes.Cut(log, []byte{0})
		e.Log = strings.TrimSpace(string(text))
	}
	if err != nil {
		return nil, err
	}
	return m, nil
}

// Unload takes it off the device.
func (c *Context) Unload(m *Module) {
	if m != nil {
		c.table.Call(cuModuleUnload, m.handle)
	}
}

// Launch is one call of a kernel.
type Launch struct {
	Kernel      string
	Grid, Block [3]uint32
	Shared      uint32 // dynamic shared memory, bytes
	Args        []byte // the parameters as C lays them out
}

// Launch puts the kernel on the stream. The arguments are copied before it returns.
func (c *Context) Launch(m *Module, l Launch, s Stream) error {
	k, err := c.kernel(m, l.Kernel, l.Shared)
	if err != nil {
		return err
	}
	var pin runtime.Pinner
	defer pin.Unpin()
	size := uintptr(len(l.Args))
	pin.Pin(unsafe.SliceData(l.Args))
	pin.Pin(&size)
	extra := [...]uintptr{paramPointer, uintptr(unsafe.Pointer(unsafe.SliceData(l.Args))), paramSize, uintptr(unsafe.Pointer(&size)), paramEnd}
	return c.call(cuLaunchKernel, k.handle, uintptr(l.Grid[0]), uintptr(l.Grid[1]), uintptr(l.Grid[2]),
		uintptr(l.Block[0]), uintptr(l.Block[1]), uintptr(l.Block[2]), uintptr(l.Shared), uintptr(s), 0, uintptr(unsafe.Pointer(&extra)))
}

// kernel finds a kernel, and once asks for more shared memory than every
// kernel may have.
func (c *Context) kernel(m *Module, name string, shared uint32) (*kernel, error) {
	k := m.kernels[name]
	if k == nil {
		k = &kernel{shared: plentySharedMemory}
		text := append([]byte(name), 0)
		if err := c.call(cuModuleGetFunction, uintptr(unsafe.Pointer(&k.handle)), m.handle, uintptr(unsafe.Pointer(&text[0]))); err != nil {
			return nil, err
		}
		m.kernels[name] = k
	}
	if shared > k.shared {
		if err := c.call(cuFuncSetAttribute, k.handle, functionSharedMemory, uintptr(shared)); err != nil {
			return nil, err
		}
		k.shared = shared
	}
	return k, nil
}
