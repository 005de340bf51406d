//go:build linux && (amd64 || arm64) && !nogpu

package cuda

import (
	"fmt"

	"framepilot/model/backend"
	"framepilot/model/backend/cuda/driver"
	"framepilot/model/backend/cuda/kernels"
)

// PatchEmbed cuts every kept patch out as a row, straight from bytes, and
// multiplies by the convolution's weights.
func (q *queue) PatchEmbed(dst, frames backend.Tensor, conv backend.Linear, p backend.Patches) {
	f, l := frames.(*tensor), conv.(*linear)
	clips, T := f.shape[0], f.shape[1]
	n := p.Image / p.Patch * (p.Image / p.Patch)
	if p.Keep != nil {
		n = len(p.Keep[0])
	}
	cols := q.New(backend.Operand, clips*T*n, l.ld).(*tensor)
	if 3*p.Patch*p.Patch != l.in || dst.(*tensor).rows() != cols.rows() {
		panic(fmt.Sprintf("cuda: patch embedding of %v into %v", f.shape, dst.Shape()))
	}
	a := kernels.PatchifyArgs{Clips: int32(clips), Count: int32(T), Patches: int32(n), Image: int32(p.Image), Patch: int32(p.Patch), Width: int32(l.ld)}
	var table, valid, keep *tensor
	if f.dtype == backend.U8 {
		values := p.NormTable()
		table = q.New(backend.F32, 3, 256).(*tensor)
		for i := range values {
			q.upload(table, 256*i, raw(values[i][:]))
		}
	}
	if p.Valid != nil {
		valid = q.ints(p.Valid)
	}
	keep = q.keep(p.Keep)
	q.run(operation{"patches", 0, f.bytes() + cols.bytes(), func(c *driver.Context) error {
		a := a
		a.Dst, a.Frames, a.Table, a.Valid, a.Keep = cols.ptr(), f.ptr(), table.orNone(), valid.orNone(), keep.orNone()
		return q.launch(c, kernels.Patchify(f.dtype, cols.dtype, a))
	}})
	q.Linear(dst, cols, conv, backend.LinearOpt{})
}

// keep uploads which patches are looked at; nil for all.
func (q *queue) keep(lists [][]int) *tensor {
	if lists == nil {
		return nil
	}
	var all []int
	for _, l := range lists {
		all = append(all, l...)
	}
	return q.ints(all)
}

func (q *queue) AssembleTokens(dst, patches, cls, pos, time backend.Tensor, ln backend.Norm, g backend.Geometry, p backend.Patches) {
	y, x := dst.(*tensor), patches.(*tensor)
	N := g.Tokens()
	if y.rows() != g.Clips*N || x.rows() != g.Clips*(N-1) {
		panic(fmt.Sprintf("cuda: tokens of %v into %v for %+v", x.shape, y.shape, g))
	}
	keep := q.keep(p.Keep)
	q.run(operation{"tokens", 11 * backend.Elements(y.shape), x.bytes() + y.bytes(), func(c *driver.Context) error {
		return q.launch(c, kernels.AssembleTokens(kernels.AssembleArgs{Dst: y.ptr(), Patches: x.ptr(), CLS: cls.(*tensor).ptr(), Pos: pos.(*tensor).ptr(),
			Time: time.(*tensor).ptr(), Weight: ln.Weight.(*tensor).ptr(), Bias: ln.Bias.(*tensor).ptr(), Keep: keep.orNone(),
			Clips: int32(g.Clips), Frames: int32(g.Frames), Count: int32(g.Patches), D: int32(y.width()), Eps: ln.Eps}))
	}})
}

func (q *queue) EmbedTokens(dst backend.Tensor, ids []int32, table, pos backend.Tensor, length int) {
	y, words, places := dst.(*tensor), table.(*tensor), pos.(*tensor)
	if y.rows() != len(ids) || length > places.rows() {
		panic(fmt.Sprintf("cuda: %d ids of length %d into %v", len(ids), length, y.shape))
	}
	list := q.list(ids)
	q.run(operation{"words", backend.Elements(y.shape), 2 * y.bytes(), func(c *driver.Context) error {
		return q.launch(c, kernels.EmbedTokens(kernels.EmbedArgs{Dst: y.ptr(), IDs: list.ptr(), Table: words.ptr(), Pos: places.ptr(),
			Rows: int32(len(ids)), Length: int32(length), D: int32(y.width())}))
	}})
}

func (q *queue) LayerNorm(dst, x backend.Tensor, ln backend.Norm) {
	y, a := dst.(*tensor), x.(*tensor)
	D := a.width()
	if backend.Elements(y.shape) != backend.Elements(a.shape) || y.width() != D || backend.Elements(ln.Weight.Shape()) != D || backend.Elements(ln.Bias.Shape()) != D {
		panic(fmt.Sprintf("cuda: layer norm of %v into %v", a.shape, y.shape))
	}
	q.run(operation{"layer norm", 8 * backend.Elements(a.shape), a.bytes() + y.bytes(), func(c *driver.Context) error {
		return q.launch(c, kernels.LayerNorm(y.dtype, kernels.NormArgs{Dst: y.ptr(), X: a.ptr(), Weight: ln.Weight.(*tensor).ptr(), Bias: ln.Bias.(*tensor).ptr(),
			Rows: int32(a.rows()), D: int32(D), Eps: ln.Eps}))
	}})
}

func (q *queue) Gather(dst, x backend.Tensor, rows []int) {
	y, a := dst.(*tensor), x.(*tensor)
	if y.rows() != len(rows) || y.width() != a.width() || y.dtype != a.dtype {
		panic(fmt.Sprintf("cuda: gather of %d rows of %v into %v", len(rows), a.shape, y.shape))
	}
	list := q.ints(rows)
	q.run(operation{"gather", 0, 2 * y.bytes(), func(c *driver.Context) error {
		return q.launch(c, kernels.Gather(y.dtype, kernels.GatherArgs{Dst: y.ptr(), X: a.ptr(), Rows: list.ptr(), Count: int32(len(rows)), D: int32(y.width())}))
	}})
}
