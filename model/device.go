package model

import (
	"strconv"
	"strings"

	"framepilot/internal/fault"
	"framepilot/model/backend"
	"framepilot/model/backend/cpu"
	"framepilot/model/backend/cuda"
)

const (
	deviceAuto = "auto"
	deviceCPU  = "cpu"
	deviceCUDA = "cuda"
)

// newBackend opens the device that o asks for. Left to choose, it takes a GPU
// that is usable, and tells note why one that is there is not.
func newBackend(o Options, note func(string)) (backend.Backend, error) {
	if o.Device == "" {
		o.Device = deviceAuto
	}
	name, number, numbered := strings.Cut(o.Device, ":")
	index, err := strconv.Atoi(number)
	if numbered && (name != deviceCUDA || err != nil || index < 0) || name != deviceAuto && name != deviceCPU && name != deviceCUDA {
		return nil, fault.New(fault.Usage, "use auto, cpu, cuda or cuda:N", "model: unknown device %q", o.Device)
	}
	ownKernel := o.Kernel != "" && o.Kernel != "auto"
	if name == deviceCUDA && ownKernel {
		return nil, fault.New(fault.Usage, "leave --kernel out, or use --device cpu", "model: kernel %q is the processor's, the device is %s", o.Kernel, o.Device)
	}
	if name == deviceCUDA || name == deviceAuto && !ownKernel {
		b, err := cuda.New(cuda.Options{Device: index, Precision: o.Precision, Libraries: o.Libraries})
		if err == nil || name == deviceCUDA || fault.KindOf(err) != fault.Missing {
			return b, err
		}
		if !cuda.IsAbsent(err) {
			note("the processor computes, since the GPU cannot: " + err.Error())
		}
	}
	return cpu.New(cpu.Options{Workers: o.Workers, Precision: o.Precision, Kernel: o.Kernel})
}
