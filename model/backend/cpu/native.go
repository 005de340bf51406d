package cpu

import (
	"unsafe"

	"framepilot/internal/safetensors"
	"framepilot/model/backend"
	"framepilot/model/backend/cpu/simd"
)

// native runs a kernel of package simd.
type native struct{ *simd.Kernel }

func (n native) operandBytes() int {
	if n.Precision == "bf16" {
		return 2
	}
	return 4
}

// pack cuts the weights into panels: see simd/kernels.h.
func (n native) pack(l *linear, w, b []float32, m *memory) (err error) {
	panels := (l.out + simd.Panel - 1) / simd.Panel
	l.depth = (l.in + n.Depth - 1) / n.Depth * n.Depth
	if l.bias, err = allocate[float32](m, panels*simd.Panel); err != nil {
		return err
	}
	clear(l.bias)
	copy(l.bias, b)
	if n.Precision == "bf16" {
		if l.bf16, err = allocate[uint16](m, panels*simd.Panel*l.depth); err == nil {
			packPanels(l.bf16, w, l, pairColumn)
		}
		return err
	}
	if l.f32, err = allocate[float32](m, panels*simd.Panel*l.depth); err == nil {
		packPanels(l.f32, w, l, floatColumn)
	}
	return err
}

// packPanels cuts w into panels, zero beyond the weights; column writes one of
// a panel's.
func packPanels[T any](dst []T, w []float32, l *linear, column func(panel []T, c int, weights []float32)) {
	size := simd.Panel * l.depth
	for i := range len(dst) / size {
		panel := rowOf(dst, i, size)
		clear(panel)
		for c := range min(simd.Panel, l.out-i*simd.Panel) {
			column(panel, c, rowOf(w, i*simd.Panel+c, l.in))
		}
	}
}

// floatColumn writes column c of a panel (depth, 16).
func floatColumn(panel []float32, c int, weights []float32) {
	for k, v := range weights {
		panel[k*simd.Panel+c] = v
	}
}

// pairColumn writes column c of a panel (depth/2, 16, 2).
func pairColumn(panel []uint16, c int, weights []float32) {
	for k, v := range weights {
		panel[k&^1*simd.Panel+2*c+k&1] = safetensors.Float32ToBFloat16(v)
	}
}

func (n native) spin(rounds int) float64 { return n.Spin(rounds) }

func (n native) linearScratch(l *linear, rows int) int {
	if l.depth == l.in {
		return 0
	}
	return rows * l.depth * n.operandBytes()
}

func (n native) linear(y, x *tensor, l *linear, o backend.LinearOpt, rows, cols span, scratch []byte) {
	a := simd.Linear{
		X: x.pointer(), Y: y.pointer(), Bias: pointer(l.bias), Scratch: pointer(scratch),
		In: uintptr(l.in), Out: uintptr(l.out), Depth: uintptr(l.depth),
		Row0: uintptr(rows.from), Row1: uintptr(rows.to), Col0: uintptr(cols.from), Col1: uintptr(cols.to),
		Act: int32(o.Act), YOperand: n.isOperand(y),
	}
	if a.Panels = pointer(l.f32); l.bf16 != nil {
		a.Panels = pointer(l.bf16)
	}
	if r, ok := o.Residual.(*tensor); ok {
		a.Residual = r.pointer()
	}
	n.Linear(&a)
}

func (n native) normalise(y, x *tensor, ln backend.Norm, rows span) {
	n.Norm(&simd.Norm{
		X: x.pointer(), Y: y.pointer(), Weight: ln.Weight.(*tensor).pointer(), Bias: ln.Bias.(*tensor).pointer(),
		Width: uintptr(x.width()), Row0: uintptr(rows.from), Row1: uintptr(rows.to), Eps: ln.Eps, YOperand: n.isOperand(y),
	})
}

func (n native) attendScratch(g group) int {
	return simd.AttendScratch(g.key.count+1, g.dim)
}

func (n native) attend(y, x *tensor, g group, scratch []byte) {
	D := y.width()
	n.Attend(&simd.Attention{
		QKV: unsafe.Add(x.pointer(), g.first*3*D*n.operandBytes()), Y: unsafe.Add(y.pointer(), g.out*D*n.operandBytes()), Scratch: pointer(scratch),
		Width: uintptr(D), Dim: uintptr(g.dim), Head0: uintptr(g.heads.from), Head1: uintptr(g.heads.to),
		Query: sequence(g.query), Key: sequence(g.key), CLS: flag(g.cls), Causal: flag(g.causal),
	})
}

func sequence(t tokens) simd.Tokens {
	return simd.Tokens{First: uintptr(t.first), Step: uintptr(t.step), Count: uintptr(t.count)}
}

// isOperand is 1 where the kernel must round what it writes to t.
func (n native) isOperand(t *tensor) int32 { return flag(t.dtype == backend.BF16) }

func flag(b bool) int32 {
	if b {
		return 1
	}
	return 0
}

func pointer[T any](s []T) unsafe.Pointer { return unsafe.Pointer(unsafe.SliceData(s)) }

func (t *tensor) pointer() unsafe.Pointer {
	switch t.dtype {
	case backend.BF16:
		return pointer(t.bf16)
	case backend.U8:
		return pointer(t.u8)
	}
	return pointer(t.f32)
}
