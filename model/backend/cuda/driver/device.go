//go:build linux && (amd64 || arm64) && !nogpu

package driver

import (
	"runtime"
	"sync"
	"unsafe"
)

// Device is a device in use. Its methods may be called from any goroutine.
type Device struct {
	jobs chan func(*Context)
	done chan struct{}
	once sync.Once
	err  error // of closing
}

// Context makes calls on a device. It lives on the device's own thread: only
// the functions given to Do and Go may use it.
type Context struct {
	*Driver
	handle uintptr // of the device
	dead   error
}

// Use starts the thread of device i and makes its primary context current
// there, the one that other libraries of CUDA share.
func (d *Driver) Use(i int) (*Device, error) {
	u := &Device{jobs: make(chan func(*Context), 64), done: make(chan struct{})}
	started := make(chan error)
	go func() {
		defer close(u.done)
		runtime.LockOSThread() // never unlocked: the thread ends with its context
		c := &Context{Driver: d}
		err := c.enter(i)
		started <- err
		if err != nil {
			return
		}
		for job := range u.jobs {
			job(c)
		}
		u.err = c.Driver.call(cuDevicePrimaryCtxRelease, c.handle)
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	return u, nil
}

func (c *Context) enter(i int) (err error) {
	if c.handle, err = c.device(i); err != nil {
		return err
	}
	var primary uintptr
	if err := c.call(cuDevicePrimaryCtxRetain, uintptr(unsafe.Pointer(&primary)), c.handle); err != nil {
		return err
	}
	if err := c.call(cuCtxSetCurrent, primary); err != nil {
		c.table.Call(cuDevicePrimaryCtxRelease, c.handle)
		return err
	}
	return nil
}

// Do runs f on the device's thread and returns its error.
func (u *Device) Do(f func(*Context) error) error {
	err := make(chan error)
	u.jobs <- func(c *Context) { err <- f(c) }
	return <-err
}

// Go is Do without waiting. What is given is run in order.
func (u *Device) Go(f func(*Context)) { u.jobs <- f }

// Close waits for what was given to Do and Go and releases the context.
func (u *Device) Close() error {
	u.once.Do(func() { close(u.jobs) })
	<-u.done
	return u.err
}

// call makes a call unless the device is dead, and notices when it dies.
//
//go:uintptrescapes
func (c *Context) call(f int, args ...uintptr) error {
	if c.dead != nil {
		return c.dead
	}
	err := c.Driver.call(f, args...)
	if sticky(Code(err)) {
		c.dead = err
	}
	return err
}
