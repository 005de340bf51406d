//go:build linux && (amd64 || arm64) && !nogpu

package nvrtc

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"unsafe"

	"framepilot/model/backend/cuda/dl"
)

// Compiler is a loaded NVRTC.
type Compiler struct {
	Path         string // of the library
	Major, Minor int
	table        dl.Table
}

// The functions used; all have been the same since CUDA 11.
const (
	version = iota
	createProgram
	compileProgram
	cubinSize
	getCubin
	ptxSize
	getPTX
	logSize
	getLog
	destroyProgram
	errorString
)

var functions = []dl.Function{
	version:        {Name: "nvrtcVersion", Args: 2},
	createProgram:  {Name: "nvrtcCreateProgram", Args: 6},
	compileProgram: {Name: "nvrtcCompileProgram", Args: 3},
	cubinSize:      {Name: "nvrtcGetCUBINSize", Args: 2},
	getCubin:       {Name: "nvrtcGetCUBIN", Args: 2},
	ptxSize:        {Name: "nvrtcGetPTXSize", Args: 2},
	getPTX:         {Name: "nvrtcGetPTX", Args: 2},
	logSize:        {Name: "nvrtcGetProgramLogSize", Args: 2},
	getLog:         {Name: "nvrtcGetProgramLog", Args: 2},
	destroyProgram: {Name: "nvrtcDestroyProgram", Args: 1},
	errorString:    {Name: "nvrtcGetErrorString", Args: 1},
}

// Open loads the newest NVRTC in places (see dl.Places) whose code a driver of
// that version (12040 is 12.4) takes: a release's major version at most.
func Open(places []string, driver int) (*Compiler, error) {
	names := []string{"libnvrtc.so.12"}
	if driver >= 13000 {
		names = []string{"libnvrtc.so.13", "libnvrtc.so.12"}
	}
	lib, err := dl.Open(places, names...)
	if err != nil {
		return nil, err
	}
	c := &Compiler{Path: lib.Path}
	if c.table, err = lib.Bind(functions); err != nil {
		return nil, err
	}
	var major, minor int32
	if err := c.call(version, uintptr(unsafe.Pointer(&major)), uintptr(unsafe.Pointer(&minor))); err != nil {
		return nil, err
	}
	c.Major, c.Minor = int(major), int(minor)
	return c, nil
}

// String names the release, as "NVRTC 12.8".
func (c *Compiler) String() string { return fmt.Sprintf("NVRTC %d.%d", c.Major, c.Minor) }

// Compile compiles source for target, "sm_90" to a cubin and "compute_80" to
// PTX that ends in a zero byte. The log is what the compiler said, warnings too;
// it is part of the error.
func (c *Compiler) Compile(source, target string, options ...string) (image []byte, log string, err error) {
	text, name := append([]byte(source), 0), []byte("framepilot.cu\x00")
	var program uintptr
	if err := c.call(createProgram, uintptr(unsafe.Pointer(&program)), uintptr(unsafe.Pointer(&text[0])), uintptr(unsafe.Pointer(&name[0])), 0, 0, 0); err != nil {
		return nil, "", err
	}
	defer c.table.Call(destroyProgram, uintptr(unsafe.Pointer(&program)))
	failed := c.compile(program, append([]string{"--gpu-architecture=" + target, "--std=c++17"}, options...))
	said, err := c.read(program, logSize, getLog)
	if log = strings.TrimSpace(strings.TrimRight(string(said), "\x00")); failed != nil || err != nil {
		return nil, log, fmt.Errorf("%s for %s: %w\n%s", c, target, errors.Join(failed, err), log)
	}
	size, get := ptxSize, getPTX
	if strings.HasPrefix(target, "sm_") {
		size, get = cubinSize, getCubin
	}
	image, err = c.read(program, size, get)
	if err == nil && len(image) == 0 {
		err = fmt.Errorf("%s for %s: no code came out", c, target)
	}
	return image, log, err
}

func (c *Compiler) compile(program uintptr, options []string) error {
	var pinned runtime.Pinner // the array holds addresses, which a call keeps only one deep
	defer pinned.Unpin()
	list := make([]*byte, len(options))
	for i, o := range options {
		list[i] = unsafe.SliceData(append([]byte(o), 0))
		pinned.Pin(list[i])
	}
	return c.call(compileProgram, program, uintptr(len(list)), uintptr(unsafe.Pointer(&list[0])))
}

// read asks for a size, then for that many bytes.
func (c *Compiler) read(program uintptr, size, get int) ([]byte, error) {
	var n uintptr
	if err := c.call(size, program, uintptr(unsafe.Pointer(&n))); err != nil || n == 0 {
		return nil, err
	}
	b := make([]byte, n)
	return b, c.call(get, program, uintptr(unsafe.Pointer(&b[0])))
}

//go:uintptrescapes
func (c *Compiler) call(i int, args ...uintptr) error {
	code := int32(c.table.Call(i, args...))
	if code == 0 {
		return nil
	}
	return fmt.Errorf("%s: %s", functions[i].Name, dl.String(c.table.Call(errorString, uintptr(code))))
}
