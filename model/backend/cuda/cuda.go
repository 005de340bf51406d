//go:build linux && (amd64 || arm64) && !nogpu

package cuda

import (
	"fmt"
	"sync"
	"sync/atomic"

	"framepilot/internal/fault"
	"framepilot/model/backend"
	"framepilot/model/backend/cuda/blaslt"
	"framepilot/model/backend/cuda/dl"
	"framepilot/model/backend/cuda/driver"
	"framepilot/model/backend/cuda/nvrtc"
)

// New returns the backend of one device. What the machine lacks is a
// fault.Missing that names it.
func New(o Options) (backend.Backend, error) {
	e := &engine{index: o.Device}
	switch o.Precision {
	case "", "auto", "bf16":
		e.operand = backend.BF16
	case "fp32":
		e.operand = backend.F32
	default:
		return nil, fault.New(fault.Usage, "use auto, fp32 or bf16", "cuda: unknown precision %q", o.Precision)
	}
	places := dl.Places(o.Libraries)
	d, err := openDriver(places)
	if err != nil {
		return nil, err
	}
	if e.props, err = device(d, o.Device); err != nil {
		return nil, err
	}
	lib, err := openProducts(places, d)
	if err != nil {
		return nil, err
	}
	image, how, why := nvrtc.Image(places, e.props.Arch, d.Version)
	if why != "" { // then the driver compiles
		how += " by driver " + version(d.Version)
	}
	e.kernels = how
	if e.device, err = d.Use(o.Device); err != nil {
		return nil, missing("close what else uses the GPU (nvidia-smi lists it), or use --device cpu", "use %s: %w", e.props.Name, err)
	}
	err = e.device.Do(func(c *driver.Context) (err error) {
		if e.module, err = c.Load(image); err != nil {
			return fmt.Errorf("cuda: load kernels (%s): %w", how, err)
		}
		if e.blas, err = lib.New(c); err != nil {
			return fmt.Errorf("cuda: start cuBLASLt: %w", err)
		}
		return nil
	})
	if err != nil {
		e.Close()
		return nil, err
	}
	return e, nil
}

// engine is a device with the weights on it.
type engine struct {
	index   int
	props   driver.Properties
	operand backend.DType // of what is multiplied
	kernels string        // where they come from
	device  *driver.Device

	// The rest is touched on the device's thread only, but for the counts.
	module  *driver.Module
	blas    *blaslt.Handle
	weights []*block
	stage   *pinned // for weights on their way up
	once    sync.Once
	closed  error

	held, peak atomic.Int64 // bytes of device memory
}

// Info names in Kernel everything that rounding depends on but the device.
func (e *engine) Info() backend.Info {
	precision := "fp32"
	if e.operand == backend.BF16 {
		precision = "bf16"
	}
	return backend.Info{
		Device: fmt.Sprintf("cuda:%d", e.index), Name: e.props.Name, Precision: precision,
		Kernel: fmt.Sprintf("cuBLASLt %s, %s", e.blas.Version, e.kernels),
		Why:    fmt.Sprintf("sm_%d with %d multiprocessors and %.0f GB", e.props.Arch, e.props.SMs, float64(e.props.Memory)/1e9),
	}
}

// rowsPerPass keeps a device busy: 8 clips of H/14, 10 of B/16, 42 of B/32.
const rowsPerPass = 25_000

// Pace is the engine's backend.Pacer: two queues, so that one uploads while
// the other computes.
func (e *engine) Pace() backend.Pace { return backend.Pace{Rows: rowsPerPass, Queues: 2} }

// PeakMemory is the engine's backend.Meter.
func (e *engine) PeakMemory() int64 { return e.peak.Load() }

// Close frees the weights and leaves the device.
func (e *engine) Close() error {
	e.once.Do(func() {
		e.device.Go(func(c *driver.Context) {
			for _, b := range e.weights {
				b.free(c)
			}
			e.stage.free(c)
			if e.blas != nil {
				e.blas.Close(c)
			}
			c.Unload(e.module)
		})
		e.closed = e.device.Close()
	})
	return e.closed
}
