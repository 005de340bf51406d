//go:build linux && (amd64 || arm64) && !nogpu

package blaslt

import (
	"errors"
	"unsafe"

	"framepilot/model/backend/cuda/driver"
)

// Kind is what decides the algorithm of a product y = x·Wᵀ. All rows start
// LdX, LdW or Out values apart.
type Kind struct {
	In, Out  int
	LdX, LdW int  // at least In
	BF16     bool // x and W are bf16, else fp32
	ToBF16   bool // y, bias and residual are bf16, else fp32
	Bias     bool // is added
	GELU     bool // is applied to that, by tanh: √(2/π)·(v + 0.044715·v³); only with Bias
	Residual bool // is added last; not with GELU
}

// Product is the arrays of one product. Addresses are multiples of 16.
type Product struct {
	Rows      int
	Y, X, W   driver.Ptr // (Rows, Out), (Rows, LdX), (Out, LdW)
	Bias      driver.Ptr // (Out), or 0
	Residual  driver.Ptr // (Rows, Out), or 0; may be Y
	Workspace driver.Ptr // Workspace bytes that no other stream uses
}

// typicalRows is how many rows algorithms are chosen for: what fills a device.
const typicalRows = 8192

// plan is the algorithm of a kind, if there is one.
type plan struct {
	desc      uintptr // 0 for none
	algorithm [8]uint64
}

// result is a cublasLtMatmulHeuristicResult_t.
type result struct {
	algorithm [8]uint64
	workspace uint64
	status    int32
	_         float32 // how well it fills the device
	_         [4]int32
}

// Knows says whether the library has an algorithm for products of a kind. It
// wants rows to start at multiples of 16 bytes.
func (h *Handle) Knows(_ *driver.Context, k Kind) (bool, error) {
	p, err := h.plan(k)
	return err == nil && p.desc != 0, err
}

// Multiply puts a product of a kind that it knows on the stream.
func (h *Handle) Multiply(_ *driver.Context, s driver.Stream, k Kind, m Product) error {
	p, err := h.plan(k)
	if err != nil {
		return err
	}
	l, err := h.layouts(k, m.Rows)
	defer h.freeLayouts(l)
	if err != nil {
		return err
	}
	if k.Bias {
		if err := h.set(p.desc, descBias, unsafe.Pointer(&m.Bias), 8); err != nil {
			return err
		}
	}
	one, beta, c := float32(1), float32(0), m.Y
	if k.Residual {
		beta, c = 1, m.Residual
	}
	return h.call(ltMatmul, h.handle, p.desc, uintptr(unsafe.Pointer(&one)), uintptr(m.W), l.w, uintptr(m.X), l.x,
		uintptr(unsafe.Pointer(&beta)), uintptr(c), l.y, uintptr(m.Y), l.y,
		uintptr(unsafe.Pointer(&p.algorithm)), uintptr(m.Workspace), Workspace, uintptr(s))
}

// plan finds the algorithm of a kind once.
func (h *Handle) plan(k Kind) (*plan, error) {
	if p := h.plans[k]; p != nil {
		return p, nil
	}
	p := &plan{}
	aligned := func(columns int, bf16 bool) bool {
		if bf16 {
			return columns%8 == 0
		}
		return columns%4 == 0
	}
	if aligned(k.LdX, k.BF16) && aligned(k.LdW, k.BF16) && aligned(k.Out, k.ToBF16) {
		if err := h.choose(p, k); err != nil {
			h.free(p)
			return nil, err
		}
	}
	h.plans[k] = p
	return p, nil
}

// choose asks the library's heuristic. It is deterministic; timing candidates
// would not be, and another run would round differently.
func (h *Handle) choose(p *plan, k Kind) error {
	if err := h.describe(p, k); err != nil {
		return err
	}
	l, err := h.layouts(k, typicalRows)
	defer h.freeLayouts(l)
	if err != nil {
		return err
	}
	var preference uintptr
	if err := h.call(ltPreferenceCreate, uintptr(unsafe.Pointer(&preference))); err != nil {
		return err
	}
	defer h.table.Call(ltPreferenceDestroy, preference)
	workspace, reduction := uint64(Workspace), uint32(reductionNone)
	if err := h.call(ltPreferenceSet, preference, preferenceWorkspace, uintptr(unsafe.Pointer(&workspace)), 8); err != nil {
		return err
	}
	if err := h.call(ltPreferenceSet, preference, preferenceReduction, uintptr(unsafe.Pointer(&reduction)), 4); err != nil {
		return err
	}
	var candidates [8]result
	var found int32
	err = h.call(ltHeuristic, h.handle, p.desc, l.w, l.x, l.y, l.y, preference,
		uintptr(len(candidates)), uintptr(unsafe.Pointer(&candidates)), uintptr(unsafe.Pointer(&found)))
	var e *Error
	if errors.As(err, &e) && e.Code == statusNotSupported {
		err = nil
	}
	if err != nil {
		return err
	}
	for _, c := range candidates[:found] {
		if c.status == 0 && c.workspace <= Workspace {
			p.algorithm = c.algorithm
			return nil
		}
	}
	h.free(p)
	return nil
}

// describe sets what all products of a kind share. In the library's columns
// first way of seeing arrays the product is yᵀ = W·xᵀ.
func (h *Handle) describe(p *plan, k Kind) error {
	if err := h.call(ltDescCreate, uintptr(unsafe.Pointer(&p.desc)), computeF32, typeF32); err != nil {
		return err
	}
	flip, epilogue := int32(transpose), uint32(epilogueNone)
	switch {
	case k.GELU:
		epilogue = epilogueGeluBias
	case k.Bias:
		epilogue = epilogueBias
	}
	if err := h.set(p.desc, descTransA, unsafe.Pointer(&flip), 4); err != nil {
		return err
	}
	if err := h.set(p.desc, descEpilogue, unsafe.Pointer(&epilogue), 4); err != nil {
		return err
	}
	if !k.Bias {
		return nil
	}
	aligned := uint64(256) // its alignment is all that matters now
	return h.set(p.desc, descBias, unsafe.Pointer(&aligned), 8)
}

func (h *Handle) set(desc uintptr, attribute uintptr, value unsafe.Pointer, bytes uintptr) error {
	return h.call(ltDescSet, desc, attribute, uintptr(value), bytes)
}

func (h *Handle) free(p *plan) {
	if p.desc != 0 {
		h.table.Call(ltDescDestroy, p.desc)
		p.desc = 0
	}
}

// layouts is how the arrays of a product lie.
type layouts struct{ w, x, y uintptr }

func (h *Handle) layouts(k Kind, rows int) (l layouts, err error) {
	operand, result := typeOf(k.BF16), typeOf(k.ToBF16)
	for _, a := range []struct {
		into                   *uintptr
		kind, rows, cols, from uintptr
	}{
		{&l.w, operand, uintptr(k.In), uintptr(k.Out), uintptr(k.LdW)},
		{&l.x, operand, uintptr(k.In), uintptr(rows), uintptr(k.LdX)},
		{&l.y, result, uintptr(k.Out), uintptr(rows), uintptr(k.Out)},
	} {
		if err = h.call(ltLayoutCreate, uintptr(unsafe.Pointer(a.into)), a.kind, a.rows, a.cols, a.from); err != nil {
			return l, err
		}
	}
	return l, nil
}

func (h *Handle) freeLayouts(l layouts) {
	for _, at := range []uintptr{l.w, l.x, l.y} {
		if at != 0 {
			h.table.Call(ltLayoutDestroy, at)
		}
	}
}

func typeOf(bf16 bool) uintptr {
	if bf16 {
		return typeBF16
	}
	return typeF32
}
