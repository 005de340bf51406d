//go:build linux && (amd64 || arm64) && !nogpu

package driver

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unsafe"

	"framepilot/model/backend/cuda/fake"
)

func TestABI(t *testing.T) {
	var handle int32
	fake.CheckABI(t, "testdata/cuda-*.txt", Functions, map[string]int{
		"CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT":        attributeSMs,
		"CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR":    attributeMajor,
		"CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR":    attributeMinor,
		"CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES": functionSharedMemory,
		"CU_STREAM_NON_BLOCKING":                          streamNonBlocking,
		"CU_EVENT_BLOCKING_SYNC":                          eventBlockingSync,
		"CU_JIT_ERROR_LOG_BUFFER":                         jitErrorLog,
		"CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES":              jitErrorLogSize,
		"CU_LAUNCH_PARAM_END_AS_INT":                      paramEnd,
		"CU_LAUNCH_PARAM_BUFFER_POINTER_AS_INT":           paramPointer,
		"CU_LAUNCH_PARAM_BUFFER_SIZE_AS_INT":              paramSize,
		"CUDA_ERROR_OUT_OF_MEMORY":                        OutOfMemory,
		"CUDA_ERROR_NO_DEVICE":                            NoDevice,
	}, map[string]int{
		"CUdevice":    int(unsafe.Sizeof(handle)),
		"CUdeviceptr": int(unsafe.Sizeof(Ptr(0))),
		"CUresult":    4,
	})
}

func TestSticky(t *testing.T) {
	// By name: ECC_UNCORRECTABLE, ILLEGAL_ADDRESS, LAUNCH_TIMEOUT, CONTEXT_IS_DESTROYED,
	// ASSERT, HARDWARE_STACK_ERROR … LAUNCH_FAILED.
	want := []int{214, 700, 702, 709, 710, 714, 715, 716, 717, 718, 719}
	var got []int
	for code := range 1000 {
		if sticky(code) {
			got = append(got, code)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("sticky are %v, want %v", got, want)
	}
}

// device opens the fake driver's device; closing it is checked.
func device(t *testing.T, script string) (*fake.Driver, *Device) {
	t.Helper()
	f := fake.New(t, script)
	d, err := Open([]string{f.Dir})
	if err != nil {
		t.Fatal(err)
	}
	u, err := d.Use(0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := u.Close(); err != nil {
			t.Error(err)
		}
		u.Close() // again does nothing
	})
	return f, u
}

func TestProperties(t *testing.T) {
	f := fake.New(t, "arch=120;sms=188;memory=34000000000;version=13010")
	d, err := Open([]string{f.Dir})
	if err != nil {
		t.Fatal(err)
	}
	p, err := d.Properties(0)
	if err != nil || p != (Properties{Name: "Imaginary 0", Arch: 120, SMs: 188, Memory: 34e9}) || d.Version != 13010 {
		t.Errorf("%+v of version %d, %v", p, d.Version, err)
	}
	if _, err := d.Properties(1); Code(err) != 101 || !strings.Contains(err.Error(), "cuDeviceGet: ") {
		t.Errorf("a device that is not there: %v", err)
	}
}

func TestCopies(t *testing.T) {
	_, u := device(t, "")
	err := u.Do(func(c *Context) error {
		s, err := c.NewStream()
		if err != nil {
			return err
		}
		defer c.FreeStream(s)
		e, err := c.NewEvent()
		if err != nil {
			return err
		}
		defer c.FreeEvent(e)
		up, err := c.AllocHost(5)
		if err != nil {
			return err
		}
		defer c.FreeHost(up)
		down, err := c.AllocHost(5)
		if err != nil {
			return err
		}
		defer c.FreeHost(down)
		p, err := c.Alloc(5)
		if err != nil {
			return err
		}
		defer c.Free(p)
		copy(up, "hello")
		if err := errors.Join(c.Upload(p, up, s), c.Download(down, p, s), c.Record(e, s), c.Wait(e)); err != nil {
			return err
		}
		if string(down) != "hello" {
			t.Errorf("what comes back is %q", down)
		}
		free, total, err := c.Memory()
		if total-free != 5 {
			t.Errorf("%d of %d bytes are free", free, total)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func TestLaunch(t *testing.T) {
	f, u := device(t, "")
	err := u.Do(func(c *Context) error {
		s, err := c.NewStream()
		if err != nil {
			return err
		}
		defer c.FreeStream(s)
		m, err := c.Load([]byte{0})
		if err != nil {
			return err
		}
		defer c.Unload(m)
		l := Launch{Kernel: "k", Grid: [3]uint32{2, 1, 1}, Block: [3]uint32{32, 1, 1}, Args: make([]byte, 8)}
		for _, shared := range []uint32{0, 60 << 10, 50 << 10, 70 << 10} {
			l.Shared = shared
			if err := c.Launch(m, l, s); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	counts := map[string]int{}
	for _, call := range f.Log() {
		counts[call]++
	}
	if counts["cuModuleGetFunction"] != 1 || counts["cuFuncSetAttribute"] != 2 || counts["cuLaunchKernel"] != 4 {
		t.Errorf("calls: %v", counts)
	}
}

// A dead device returns what killed it and is not asked again, but to free.
func TestDeadDevice(t *testing.T) {
	f, u := device(t, "")
	var p Ptr
	if err := u.Do(func(c *Context) (err error) { p, err = c.Alloc(1); return err }); err != nil {
		t.Fatal(err)
	}
	f.Script("cuMemAlloc_v2:1=719")
	for range 2 {
		err := u.Do(func(c *Context) error { _, err := c.Alloc(1); return err })
		if Code(err) != 719 {
			t.Errorf("after a failed kernel: %v", err)
		}
	}
	u.Go(func(c *Context) { c.Free(p) })
	if got := f.Log(); fmt.Sprint(got) != "[cuMemAlloc_v2]" && fmt.Sprint(got) != "[cuMemAlloc_v2 cuMemFree_v2]" {
		t.Errorf("calls: %v", got)
	}
}
