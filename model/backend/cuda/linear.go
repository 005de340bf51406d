//go:build linux && (amd64 || arm64) && !nogpu

package cuda

import (
	"fmt"

	"framepilot/model/backend"
	"framepilot/model/backend/cuda/blaslt"
	"framepilot/model/backend/cuda/driver"
	"framepilot/model/backend/cuda/kernels"
)

// Linear takes x of the layer's width, or with rows as far apart as the
// layer's own.
func (q *queue) Linear(dst, x backend.Tensor, layer backend.Linear, o backend.LinearOpt) {
	y, a, l := dst.(*tensor), x.(*tensor), layer.(*linear)
	if a.width() != l.in && a.width() != l.ld || y.width() != l.out || a.rows() != y.rows() {
		panic(fmt.Sprintf("cuda: linear %d → %d of %v into %v", l.in, l.out, a.shape, y.shape))
	}
	q.mustBeOperands("linear", a)
	bytes := a.bytes() + y.bytes() + l.w.size
	residual, _ := o.Residual.(*tensor)
	if residual != nil {
		if backend.Elements(residual.shape) != backend.Elements(y.shape) || residual.dtype != backend.F32 {
			panic(fmt.Sprintf("cuda: residual %v for %v", residual.shape, y.shape))
		}
		bytes += residual.bytes()
	}
	rows := a.rows()
	q.run(operation{fmt.Sprintf("linear %d×%d", l.in, l.out), 2 * rows * l.in * l.out, bytes, func(c *driver.Context) error {
		return q.multiply(c, y, a, l, o.Act, residual)
	}})
}

// multiply goes the shortest way that cuBLASLt knows: everything in the
// product's own pass; the activation after it, in place; all of it after a
// plain product; or a kernel of our own for the whole. Which it is depends on
// the layer and the types, not on the rows.
func (q *queue) multiply(c *driver.Context, y, x *tensor, l *linear, act backend.Act, residual *tensor) error {
	k := blaslt.Kind{In: l.in, Out: l.out, LdX: x.width(), LdW: l.ld, BF16: x.dtype == backend.BF16}
	if x.width() == l.ld {
		k.In = l.ld // zeros beyond the layer's own columns, and a depth the tensor cores like
	}
	p := blaslt.Product{Rows: y.rows(), Y: y.block.at, X: x.block.at, W: l.w.at}
	rounds := y.dtype == backend.BF16

	fused := k
	fused.ToBF16, fused.Bias, fused.Residual = rounds, l.bias != nil, residual != nil
	fused.GELU = act == backend.GELU && rounds // by tanh: off by less than most roundings to bf16
	whole := act == backend.NoAct && !(rounds && fused.Residual) || fused.GELU && fused.Bias && !fused.Residual
	after := fused
	after.GELU = false

	for _, way := range []struct {
		kind  blaslt.Kind
		fits  bool
		after func() error
	}{
		{fused, whole, func() error { return nil }},
		{after, rounds && !fused.Residual, func() error {
			return q.launch(c, kernels.Activate(kernels.ActivateArgs{X: y.ptr(), Count: uint64(backend.Elements(y.shape)), Act: int32(act)}))
		}},
	} {
		if !way.fits {
			continue
		}
		known, err := q.e.blas.Knows(c, way.kind)
		if err != nil {
			return err
		}
		if !known {
			continue
		}
		p := p
		if way.kind.Bias {
			if p.Bias = l.bias.at; rounds {
				p.Bias = l.bias16.at
			}
		}
		if residual != nil {
			p.Residual = residual.block.at
		}
		if err := q.product(c, way.kind, p); err != nil {
			return err
		}
		return way.after()
	}

	known, err := q.e.blas.Knows(c, k)
	if err != nil {
		return err
	}
	if !known {
		a := kernels.LinearArgs{Dst: y.ptr(), X: x.ptr(), W: l.w.ptr(), Bias: ptrOf(l.bias), Residual: residual.orNone(),
			Rows: int32(y.rows()), In: int32(l.in), Out: int32(l.out), LdX: int32(x.width()), LdW: int32(l.ld), Act: int32(act)}
		return q.launch(c, kernels.Linear(x.dtype, y.dtype, a))
	}
	if rounds || residual != nil { // y cannot hold the product
		sum, err := q.take(c, 4*backend.Elements(y.shape))
		if err != nil {
			return err
		}
		p.Y = driver.Ptr(sum)
	}
	if err := q.product(c, k, p); err != nil {
		return err
	}
	return q.launch(c, kernels.Epilogue(y.dtype, kernels.EpilogueArgs{Dst: y.ptr(), X: kernels.Ptr(p.Y), Bias: ptrOf(l.bias),
		Residual: residual.orNone(), Rows: int32(y.rows()), D: int32(l.out), Act: int32(act)}))
}

func (q *queue) product(c *driver.Context, k blaslt.Kind, p blaslt.Product) error {
	if err := q.workspace.need(c, blaslt.Workspace); err != nil {
		return err
	}
	p.Workspace = q.workspace.at
	return q.e.blas.Multiply(c, q.stream, k, p)
}

func ptrOf(b *block) kernels.Ptr {
	if b == nil {
		return 0
	}
	return b.ptr()
}

// orNone is the address of a tensor that may be absent.
func (t *tensor) orNone() kernels.Ptr {
	if t == nil {
		return 0
	}
	return t.ptr()
}

// mustBeOperands: what New(Operand) makes is what products read.
func (q *queue) mustBeOperands(op string, all ...*tensor) {
	for _, t := range all {
		if t.dtype != q.e.operand {
			panic(fmt.Sprintf("cuda: %s needs operands, %v are not; make them with New(backend.Operand, …)", op, t.shape))
		}
	}
}
