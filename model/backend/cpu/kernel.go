package cpu

import (
	"fmt"

	"framepilot/internal/fault"
	"framepilot/model/backend"
	"framepilot/model/backend/cpu/simd"
)

// kernel is the arithmetic. Each method but pack computes one worker's share
// and may be called by several at once.
type kernel interface {
	// pack lays out the weights w (out, in) and bias b (out, or nil) of l.
	pack(l *linear, w, b []float32, m *memory) error
	linear(y, x *tensor, l *linear, o backend.LinearOpt, rows, cols span, scratch []byte)
	normalise(y, x *tensor, ln backend.Norm, rows span)
	attend(y, x *tensor, g group, scratch []byte)
	// spin multiplies and adds on registers alone and returns how often; nothing
	// where there is no way to.
	spin(rounds int) float64
	// The bytes of scratch that linear and attend need.
	linearScratch(l *linear, rows int) int
	attendScratch(g group) int
}

// span is from ≤ i < to.
type span struct{ from, to int }

// group is some queries of one clip or text, and the keys they read.
type group struct {
	first      int // row of token 0 in qkv
	out        int // row of token 0 in dst
	query, key tokens
	cls        bool // token 0 is a key before the others
	causal     bool // query i reads keys 0 … i only
	heads      span
	dim        int // of one head
}

// tokens are first, first + step, … of a clip or text.
type tokens struct{ first, step, count int }

func (t tokens) at(i int) int { return t.first + i*t.step }

// Kernel is an implementation of the arithmetic, on this machine.
type Kernel struct {
	Name      string // "amx-bf16", "avx512-bf16", "avx512", "avx2", "neon" or "portable"
	Precision string // "fp32" or "bf16"
	Missing   string // why it cannot run here; "" where it can
	kernel
}

// choose returns the first kernel that fits o, and the reason.
func choose(all []Kernel, o Options) (Kernel, string, error) {
	named, precise := o.Kernel != "" && o.Kernel != "auto", o.Precision != "" && o.Precision != "auto"
	why, skipped, known := "the best this processor has", "", ""
	if precise {
		why = o.Precision + " was asked for"
	}
	if named {
		why = o.Kernel + " was asked for"
	}
	for _, k := range all {
		known += " " + k.Name
		switch {
		case named && k.Name != o.Kernel, !named && precise && k.Precision != o.Precision:
		case named && precise && k.Precision != o.Precision:
			return k, "", fault.New(fault.Usage, "leave out --precision", "cpu: kernel %s multiplies in %s, not %s", k.Name, k.Precision, o.Precision)
		case named && k.Missing != "":
			return k, "", fault.New(fault.Missing, "leave out --kernel", "cpu: no %s: %s", k.Name, k.Missing)
		case k.Missing != "":
			skipped += fmt.Sprintf("; no %s: %s", k.Name, k.Missing)
		default:
			return k, why + skipped, nil
		}
	}
	switch {
	case named:
		return Kernel{}, "", fault.New(fault.Missing, "this build has:"+known, "cpu: no kernel is called %q here", o.Kernel)
	case o.Precision != "bf16" && o.Precision != "fp32":
		return Kernel{}, "", fault.New(fault.Usage, "use auto, fp32 or bf16", "cpu: unknown precision %q", o.Precision)
	}
	return Kernel{}, "", fault.New(fault.Missing, "use --precision fp32", "cpu: nothing here multiplies in %s%s", o.Precision, skipped)
}

// Kernels lists what this build knows, best first.
func Kernels() []Kernel {
	var all []Kernel
	for _, k := range simd.Kernels() {
		all = append(all, Kernel{k.Name, k.Precision, k.Missing, native{k}})
	}
	return append(all, Kernel{Name: "portable", Precision: "fp32", kernel: portable{}})
}
