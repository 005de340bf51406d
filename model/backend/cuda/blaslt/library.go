//go:build linux && (amd64 || arm64) && !nogpu

package blaslt

import (
	"fmt"
	"unsafe"

	"framepilot/model/backend/cuda/dl"
	"framepilot/model/backend/cuda/driver"
)

// Workspace is the device memory a product is lent, in bytes: what the
// library's makers advise for sm_90.
const Workspace = 32 << 20

// Library is the loaded library.
type Library struct {
	Path    string
	Version string // e.g. "12.8.5"
	table   dl.Table
}

// Open loads the newest library that a driver of that version runs.
func Open(places []string, driverVersion int) (*Library, error) {
	names := []string{"libcublasLt.so.12"}
	if driverVersion >= 13000 {
		names = []string{"libcublasLt.so.13", "libcublasLt.so.12"}
	}
	lib, err := dl.Open(places, names...)
	if err != nil {
		return nil, err
	}
	l := &Library{Path: lib.Path}
	if l.table, err = lib.Bind(Functions); err != nil {
		return nil, err
	}
	v := int(l.table.Call(ltGetVersion)) // 10000·major + 100·minor + patch
	l.Version = fmt.Sprintf("%d.%d.%d", v/10000, v/100%100, v%100)
	return l, nil
}

// Error is what a function of the library returned.
type Error struct {
	Op   string
	Code int
	Name string
}

func (e *Error) Error() string { return fmt.Sprintf("%s: %s (%d)", e.Op, e.Name, e.Code) }

//go:uintptrescapes
func (l *Library) call(f int, args ...uintptr) error {
	code := int(int32(l.table.Call(f, args...)))
	if code == 0 {
		return nil
	}
	name := l.table.Call(ltGetStatusName, uintptr(code))
	return &Error{Functions[f].Name, code, dl.String(name)}
}

// Handle multiplies on one device. A Context in its methods' arguments says
// that they belong on the device's thread.
type Handle struct {
	*Library
	handle uintptr
	plans  map[Kind]*plan
}

// New starts the library on the context's device.
func (l *Library) New(*driver.Context) (*Handle, error) {
	h := &Handle{Library: l, plans: map[Kind]*plan{}}
	if err := l.call(ltCreate, uintptr(unsafe.Pointer(&h.handle))); err != nil {
		return nil, err
	}
	return h, nil
}

// Close gives back what New and the products took.
func (h *Handle) Close(*driver.Context) {
	for _, p := range h.plans {
		h.free(p)
	}
	h.table.Call(ltDestroy, h.handle)
}
