//go:build linux && (amd64 || arm64) && !nogpu

package kernels_test

import (
	"os"
	"testing"

	"framepilot/model/backend"
	"framepilot/model/backend/cuda/driver"
	"framepilot/model/backend/cuda/fake"
	"framepilot/model/backend/cuda/kernels"
	"framepilot/model/backend/cuda/kernels/emulator"
	"framepilot/model/backend/cuda/nvrtc"
)

// gpu works on pinned memory of the host, which the device addresses as the
// host does: slow, and as good as any to see what a kernel computes.
type gpu struct {
	t      *testing.T
	device *driver.Device
	module *driver.Module
	stream driver.Stream
	done   driver.Event
}

func openGPU(t *testing.T, places []string) *gpu {
	t.Helper()
	d, err := driver.Open(places)
	if err != nil {
		t.Fatal(err)
	}
	p, err := d.Properties(0)
	if err != nil {
		t.Fatal(err)
	}
	g := &gpu{t: t}
	if g.device, err = d.Use(0); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := g.device.Close(); err != nil {
			t.Error(err)
		}
	})
	image, _, _ := nvrtc.Image(places, p.Arch, d.Version)
	g.do(func(c *driver.Context) (err error) {
		if g.module, err = c.Load(image); err != nil {
			return err
		}
		if g.stream, err = c.NewStream(); err != nil {
			return err
		}
		g.done, err = c.NewEvent()
		return err
	})
	t.Cleanup(func() {
		g.do(func(c *driver.Context) error {
			c.FreeEvent(g.done)
			c.FreeStream(g.stream)
			c.Unload(g.module)
			return nil
		})
	})
	return g
}

func (g *gpu) do(f func(*driver.Context) error) {
	g.t.Helper()
	if err := g.device.Do(f); err != nil {
		g.t.Fatal(err)
	}
}

func (g *gpu) memory(bytes int) (b []byte, err error) {
	err = g.device.Do(func(c *driver.Context) (err error) {
		b, err = c.AllocHost(bytes)
		return err
	})
	if err == nil {
		g.t.Cleanup(func() { g.do(func(c *driver.Context) error { c.FreeHost(b); return nil }) })
	}
	return b, err
}

func (g *gpu) run(l kernels.Launch, _ uint32) error {
	return g.device.Do(func(c *driver.Context) error {
		if err := c.Launch(g.module, driver.Launch(l), g.stream); err != nil {
			return err
		}
		if err := c.Record(g.done, g.stream); err != nil {
			return err
		}
		return c.Wait(g.done)
	})
}

// The bench for a GPU works, as far as a driver that plays one can tell.
func TestBenchOfGPU(t *testing.T) {
	if os.Getenv("FRAMEPILOT_GPU") != "" {
		t.Skip("the other tests use it")
	}
	d := fake.New(t, "emulator="+emulator.Build(t))
	b := newBench(t)
	b.device = openGPU(t, []string{d.Dir})
	x := b.random(1000)
	dst := b.result(backend.BF16, len(x))
	b.run(dst, kernels.Convert(backend.BF16, kernels.ConvertArgs{Dst: dst.ptr(), X: put(b, x), Count: uint64(len(x))}))
	for i, got := range dst.values(backend.BF16) {
		if want := fromBF16(toBF16(x[i])); got != want {
			t.Fatalf("%v becomes %v, want %v", x[i], got, want)
		}
	}
}
