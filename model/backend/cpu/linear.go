package cpu

import (
	"fmt"

	"framepilot/model/backend"
)

// A share of a linear layer is rowBlock rows, which the cache next to a core
// holds, times colBlock columns; fewer columns where that leaves workers idle.
// Both are whole tiles of every kernel.
const (
	rowBlock     = 192
	colBlock     = 256
	leastColumns = 64
)

func (q *queue) Linear(dst, x backend.Tensor, layer backend.Linear, o backend.LinearOpt) {
	y, a, l := dst.(*tensor), x.(*tensor), layer.(*linear)
	if a.width() != l.in || y.width() != l.out || a.rows() != y.rows() {
		panic(fmt.Sprintf("cpu: linear %d → %d of %v into %v", l.in, l.out, a.shape, y.shape))
	}
	q.mustBeOperands("linear", a)
	bytes := a.bytes() + y.bytes() + l.bytes()
	if r, ok := o.Residual.(*tensor); ok {
		if backend.Elements(r.shape) != backend.Elements(y.shape) || r.dtype != backend.F32 {
			panic(fmt.Sprintf("cpu: residual %v for %v", r.shape, y.shape))
		}
		bytes += r.bytes()
	}
	rows := a.rows()
	down, across := (rows+rowBlock-1)/rowBlock, colBlock
	if down*((l.out+across-1)/across) < 8*q.pool.workers {
		across = leastColumns
	}
	scratch := q.perWorker(q.kernel.linearScratch(l, min(rows, rowBlock)))
	q.run(fmt.Sprintf("linear %d×%d", l.in, l.out), 2*rows*l.in*l.out, bytes, func() {
		// Neighbours in time share columns, so that weights come from memory once.
		q.pool.each(down*((l.out+across-1)/across), func(worker, i int) {
			r, c := i%down*rowBlock, i/down*across
			q.kernel.linear(y, a, l, o, span{r, min(rows, r+rowBlock)}, span{c, min(l.out, c+across)}, scratch[worker])
		})
	})
}

// mustBeOperands: what New(Operand) makes is what products read.
func (q *queue) mustBeOperands(op string, all ...*tensor) {
	for _, t := range all {
		if t.dtype != q.operand() {
			panic(fmt.Sprintf("cpu: %s needs operands, %v are not; make them with New(backend.Operand, …)", op, t.shape))
		}
	}
}

func (q *queue) LayerNorm(dst, x backend.Tensor, ln backend.Norm) {
	y, a := dst.(*tensor), x.(*tensor)
	D := a.width()
	if backend.Elements(y.shape) != backend.Elements(a.shape) || y.width() != D || backend.Elements(ln.Weight.Shape()) != D || backend.Elements(ln.Bias.Shape()) != D {
		panic(fmt.Sprintf("cpu: layer norm of %v into %v", a.shape, y.shape))
	}
	q.run("layer norm", 8*backend.Elements(a.shape), a.bytes()+y.bytes(), func() {
		q.pool.spans(a.rows(), 16, func(rows span) { q.kernel.normalise(y, a, ln, rows) })
	})
}

func (q *queue) Gather(dst, x backend.Tensor, rows []int) {
	y, a := dst.(*tensor), x.(*tensor)
	if y.rows() != len(rows) || y.width() != a.width() || y.dtype != backend.F32 || a.dtype != backend.F32 {
		panic(fmt.Sprintf("cpu: gather of %d rows of %v into %v", len(rows), a.shape, y.shape))
	}
	q.run("gather", 0, 2*y.bytes(), func() {
		for i, r := range rows {
			copy(y.row(i), a.row(r))
		}
	})
}
