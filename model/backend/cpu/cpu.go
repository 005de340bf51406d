// Package cpu runs the towers on the processor with the best kernel it has:
// AMX, AVX-512, AVX2 or NEON from package simd, else the portable one in Go,
// which is also the definition of every operation.
//
// Work is split over rows, columns and heads, never over a sum, so results are
// the same bits for any number of workers and any batch. Between kernels they
// differ by rounding, within what backendtest allows.
package cpu

import (
	"fmt"
	"runtime"

	"framepilot/internal/fault"
	"framepilot/model/backend"
)

// Options chooses how the backend computes. The zero value is good.
type Options struct {
	Workers   int    // goroutines that compute; zero means every usable processor
	Precision string // of what is multiplied: "fp32" or "bf16"; "" or "auto" for bf16 where the processor has it
	Kernel    string // a name of Kernels; "" or "auto" for the best of the precision
}

// New returns the backend of this machine. What the machine cannot do is a
// fault.Missing, what no machine can a fault.Usage.
func New(o Options) (backend.Backend, error) {
	k, why, err := choose(Kernels(), o)
	if err != nil {
		return nil, err
	}
	if o.Workers < 0 {
		return nil, fault.New(fault.Usage, "", "cpu: %d threads, want 1 or more", o.Workers)
	}
	if o.Workers == 0 {
		o.Workers = runtime.GOMAXPROCS(0) // respects a container's limit
	}
	return &engine{kernel: k, why: why, pool: pool{o.Workers}}, nil
}

type engine struct {
	kernel Kernel
	why    string
	pool   pool
	memory memory // weights
}

func (e *engine) Info() backend.Info {
	return backend.Info{Device: "cpu", Name: ProcessorName(), Kernel: e.kernel.Name, Precision: e.kernel.Precision, Workers: e.pool.workers, Why: e.why}
}

func (e *engine) Weight(shape []int, src []float32) (backend.Tensor, error) {
	if len(src) != backend.Elements(shape) {
		return nil, fmt.Errorf("cpu: weight of shape %v needs %d values, got %d", shape, backend.Elements(shape), len(src))
	}
	t := &tensor{shape: shape}
	var err error
	if t.f32, err = allocate[float32](&e.memory, len(src)); err != nil {
		return nil, err
	}
	copy(t.f32, src)
	return t, nil
}

func (e *engine) Linear(in, out int, w, b []float32) (backend.Linear, error) {
	if len(w) != in*out || (b != nil && len(b) != out) {
		return nil, fmt.Errorf("cpu: linear %d → %d got %d weights and %d biases", in, out, len(w), len(b))
	}
	l := &linear{in: in, out: out}
	return l, e.kernel.pack(l, w, b, &e.memory)
}

func (e *engine) NewQueue() (backend.Queue, error) {
	return &queue{kernel: e.kernel, pool: e.pool}, nil
}

// Close frees the weights.
func (e *engine) Close() error {
	e.memory.free()
	return nil
}

// linear is a packed layer; how, its kernel knows.
type linear struct {
	in, out int
	depth   int       // of the panels
	f32     []float32 // weights, packed; one of f32 and bf16
	bf16    []uint16
	bias    []float32 // (out), zero where the layer has none, up to whole panels
}

func (l *linear) In() int    { return l.in }
func (l *linear) Out() int   { return l.out }
func (l *linear) bytes() int { return 4*len(l.f32) + 2*len(l.bf16) + 4*len(l.bias) }
