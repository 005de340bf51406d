//go:build linux && (amd64 || arm64) && !nogpu

package driver

import (
	"bytes"
	"unsafe"

	"framepilot/model/backend/cuda/dl"
)

// Driver is the loaded and initialised driver.
type Driver struct {
	Path    string // of its library
	Version int    // of CUDA it speaks, 1000·major + 10·minor
	table   dl.Table
}

// Open loads the driver from the first place that has it.
func Open(places []string) (*Driver, error) {
	lib, err := dl.Open(places, "libcuda.so.1", "libcuda.so")
	if err != nil {
		return nil, err
	}
	d := &Driver{Path: lib.Path}
	if d.table, err = lib.Bind(Functions); err != nil {
		return nil, err
	}
	if err := d.call(cuInit, 0); err != nil {
		return nil, err
	}
	var version int32
	err = d.call(cuDriverGetVersion, uintptr(unsafe.Pointer(&version)))
	d.Version = int(version)
	return d, err
}

// call makes a call and turns what it returns into an error.
//
//go:uintptrescapes
func (d *Driver) call(f int, args ...uintptr) error {
	return d.check(f, int(int32(d.table.Call(f, args...))))
}

func (d *Driver) check(f, code int) error {
	if code == 0 {
		return nil
	}
	e := &Error{Op: Functions[f].Name, Code: code, Name: "unknown error"}
	var name uintptr
	if d.table.Call(cuGetErrorName, uintptr(code), uintptr(unsafe.Pointer(&name))) == 0 {
		e.Name = dl.String(name)
	}
	return e
}

// Count is how many devices the driver offers.
func (d *Driver) Count() (int, error) {
	var n int32
	err := d.call(cuDeviceGetCount, uintptr(unsafe.Pointer(&n)))
	return int(n), err
}

// Properties is what a device is.
type Properties struct {
	Name   string // e.g. "NVIDIA H100 80GB HBM3"
	Arch   int    // compute capability, 10·major + minor, e.g. 90
	SMs    int    // multiprocessors
	Memory int64  // bytes
}

// Properties describes device i, from 0.
func (d *Driver) Properties(i int) (p Properties, err error) {
	handle, err := d.device(i)
	if err != nil {
		return p, err
	}
	name := make([]byte, 256)
	if err = d.call(cuDeviceGetName, uintptr(unsafe.Pointer(&name[0])), uintptr(len(name)), handle); err != nil {
		return p, err
	}
	name, _, _ = bytes.Cut(name, []byte{0})
	p.Name = string(name)
	var major, minor, sms int32
	for _, a := range []struct {
		id   uintptr
		into *int32
	}{{attributeMajor, &major}, {attributeMinor, &minor}, {attributeSMs, &sms}} {
		if err = d.call(cuDeviceGetAttribute, uintptr(unsafe.Pointer(a.into)), a.id, handle); err != nil {
			return p, err
		}
	}
	p.Arch, p.SMs = int(10*major+minor), int(sms)
	err = d.call(cuDeviceTotalMem, uintptr(unsafe.Pointer(&p.Memory)), handle)
	return p, err
}

func (d *Driver) device(i int) (uintptr, error) {
	var handle int32
	err := d.call(cuDeviceGet, uintptr(unsafe.Pointer(&handle)), uintptr(i))
	return uintptr(handle), err
}
