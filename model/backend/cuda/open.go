//go:build linux && (amd64 || arm64) && !nogpu

package cuda

import (
	"errors"
	"fmt"

	"framepilot/internal/fault"
	"framepilot/model/backend/cuda/blaslt"
	"framepilot/model/backend/cuda/dl"
	"framepilot/model/backend/cuda/driver"
	"framepilot/model/backend/cuda/nvrtc"
)

const (
	leastVersion = 12000 // of CUDA that a driver must speak: the interface used, and PTX
	leastArch    = 80    // bf16 on tensor cores
)

const (
	driverHint   = "install NVIDIA's driver, 525 or newer, or use --device cpu"
	productsHint = "install cuBLASLt (pip install nvidia-cublas-cu12, CUDA's toolkit or a PyTorch has it) and name its folder in FRAMEPILOT_CUDA where it is not found, or use --device cpu"
)

// errNoDriver: most machines have none, and auto is then silent.
var errNoDriver = errors.New("no NVIDIA driver")

// IsAbsent says whether err is the lack of any NVIDIA driver.
func IsAbsent(err error) bool { return errors.Is(err, errNoDriver) }

func missing(hint, format string, args ...any) error {
	return fault.New(fault.Missing, hint, "cuda: "+format, args...)
}

// openDriver loads a driver that can be used.
func openDriver(places []string) (*driver.Driver, error) {
	d, err := driver.Open(places)
	var none *dl.NotFound
	switch {
	case errors.As(err, &none):
		return nil, fault.New(fault.Missing, driverHint, "cuda: %w: %w", errNoDriver, err)
	case driver.Code(err) == driver.NoDevice:
		return nil, missing("check that the GPU is there and passed through (nvidia-smi lists it), or use --device cpu", "the driver sees no device: %w", err)
	case driver.Code(err) != 0:
		return nil, missing("reboot after a driver update; nvidia-smi shows the same error; or use --device cpu", "the driver does not start: %w", err)
	case err != nil:
		return nil, missing(driverHint, "the driver cannot be used: %w", err)
	case d.Version < leastVersion:
		return nil, missing(driverHint, "the driver is too old: %s speaks CUDA %s, want 12.0", d.Path, version(d.Version))
	}
	return d, nil
}

func version(v int) string { return fmt.Sprintf("%d.%d", v/1000, v%1000/10) }

// device describes device i, if it can be used.
func device(d *driver.Driver, i int) (driver.Properties, error) {
	n, err := d.Count()
	if err != nil {
		return driver.Properties{}, missing("", "count devices: %w", err)
	}
	if n == 0 {
		return driver.Properties{}, missing("check that the GPU is there and passed through (nvidia-smi lists it), or use --device cpu", "the driver sees no device")
	}
	if i < 0 || i >= n {
		return driver.Properties{}, missing(fmt.Sprintf("use --device cuda:0 to cuda:%d", n-1), "no device %d: this machine has %d, counted from 0", i, n)
	}
	p, err := d.Properties(i)
	if err != nil {
		return p, missing("", "describe device %d: %w", i, err)
	}
	if p.Arch < leastArch {
		return p, missing("use --device cpu, or a GPU from the Ampere generation on", "%s is sm_%d, want sm_%d or newer: older ones do not multiply bf16", p.Name, p.Arch, leastArch)
	}
	return p, nil
}

func openProducts(places []string, d *driver.Driver) (*blaslt.Library, error) {
	lib, err := blaslt.Open(places, d.Version)
	if err != nil {
		return nil, missing(productsHint, "cuBLASLt: %w", err)
	}
	return lib, nil
}

// Probe looks at what there is, and at nothing more once something is missing.
func Probe(o Options) (m Machine) {
	places := dl.Places(o.Libraries)
	d, err := openDriver(places)
	if err != nil {
		m.Err = err
		return m
	}
	m.Driver = fmt.Sprintf("%s, CUDA %s", d.Path, version(d.Version))
	n, _ := d.Count() // device reports its error
	for i := range n {
		if p, err := d.Properties(i); err == nil {
			m.Devices = append(m.Devices, fmt.Sprintf("%s (sm_%d, %d GB)", p.Name, p.Arch, (p.Memory+5e8)/1e9))
		}
	}
	if _, m.Err = device(d, o.Device); m.Err != nil {
		return m
	}
	lib, err := openProducts(places, d)
	if m.Err = err; err != nil {
		return m
	}
	m.Products = fmt.Sprintf("%s, %s", lib.Path, lib.Version)
	if compiler, err := nvrtc.Open(places, d.Version); err == nil {
		m.Kernels = fmt.Sprintf("%s, %s", compiler.Path, compiler)
	} else {
		m.Kernels = fmt.Sprintf("embedded PTX, which the driver compiles (%v)", err)
	}
	return m
}
