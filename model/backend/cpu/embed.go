package cpu

import (
	"fmt"

	"framepilot/internal/safetensors"
	"framepilot/model/backend"
)

// PatchEmbed cuts every kept patch out as a row over channel, y, x, straight
// from bytes, and multiplies by the convolution's weights.
func (q *queue) PatchEmbed(dst, frames backend.Tensor, conv backend.Linear, p backend.Patches) {
	f := frames.(*tensor)
	clips, T := f.shape[0], f.shape[1]
	n := p.Image / p.Patch * (p.Image / p.Patch)
	if p.Keep != nil {
		n = len(p.Keep[0])
	}
	cols := q.New(backend.Operand, clips*T*n, 3*p.Patch*p.Patch).(*tensor)
	if cols.width() != conv.In() || dst.(*tensor).rows() != cols.rows() {
		panic(fmt.Sprintf("cpu: patch embedding of %v into %v", f.shape, dst.Shape()))
	}
	q.run("patches", 0, f.bytes()+cols.bytes(), func() {
		if cols.dtype == backend.BF16 {
			cutAll(q.pool, cols.bf16, f, n, p, safetensors.Float32ToBFloat16)
		} else {
			cutAll(q.pool, cols.f32, f, n, p, func(x float32) float32 { return x })
		}
	})
	q.Linear(dst, cols, conv, backend.LinearOpt{})
}

// cutAll fills rows with n patches of every frame, each value through to.
func cutAll[T any](w pool, rows []T, f *tensor, n int, p backend.Patches, to func(float32) T) {
	clips, frames, width, grid := f.shape[0], f.shape[1], 3*p.Patch*p.Patch, p.Image/p.Patch
	var table [3][256]T
	for c, values := range p.NormTable() {
		for v, x := range values {
			table[c][v] = to(x)
		}
	}
	w.each(clips*frames, func(_, bt int) {
		b, t := bt/frames, bt%frames
		if p.Valid != nil && t >= p.Valid[b] {
			clear(rows[bt*n*width : (bt+1)*n*width]) // an absent frame is zero after normalisation
			return
		}
		for i := range n {
			at := i
			if p.Keep != nil {
				at = p.Keep[b][i]
			}
			row, y, x := rowOf(rows, bt*n+i, width), at/grid*p.Patch, at%grid*p.Patch
			if f.dtype == backend.U8 {
				cutBytes(row, f.u8[bt*p.Image*p.Image*3:], y, x, p, &table)
			} else {
				cutFloats(row, f.f32[bt*3*p.Image*p.Image:], y, x, p, to)
			}
		}
	})
}

// cutBytes copies the patch with top left corner (y0, x0) of a frame (S, S, 3).
func cutBytes[T any](row []T, frame []uint8, y0, x0 int, p backend.Patches, table *[3][256]T) {
	for y := range p.Patch {
		pix := frame[((y0+y)*p.Image+x0)*3:][:3*p.Patch]
		for c := range table {
			out, values := row[(c*p.Patch+y)*p.Patch:][:p.Patch], &table[c]
			for x := range out {
				out[x] = values[pix[3*x+c]]
			}
		}
	}
}

// cutFloats is cutBytes for a normalised frame (3, S, S).
func cutFloats[T any](row []T, frame []float32, y0, x0 int, p backend.Patches, to func(float32) T) {
	for c := range 3 {
		for y := range p.Patch {
			from := frame[(c*p.Image+y0+y)*p.Image+x0:]
			for x := range p.Patch {
				row[(c*p.Patch+y)*p.Patch+x] = to(from[x])
			}
		}
	}
}

func (q *queue) AssembleTokens(dst, patches, cls, pos, time backend.Tensor, ln backend.Norm, g backend.Geometry, p backend.Patches) {
	y, x := dst.(*tensor), patches.(*tensor)
	c, e, s := cls.(*tensor).f32, pos.(*tensor), time.(*tensor)
	N := g.Tokens()
	if y.rows() != g.Clips*N || x.rows() != g.Clips*(N-1) {
		panic(fmt.Sprintf("cpu: tokens of %v into %v for %+v", x.shape, y.shape, g))
	}
	q.run("tokens", 11*backend.Elements(y.shape), x.bytes()+y.bytes(), func() {
		q.pool.spans(y.rows(), 16, func(rows span) {
			for i := rows.from; i < rows.to; i++ {
				b, token, row := i/N, i%N, y.row(i)
				if token == 0 {
					for j, v := range e.row(0) {
						row[j] = c[j] + v
					}
					continue
				}
				t, at := (token-1)/g.Patches, (token-1)%g.Patches
				if p.Keep != nil {
					at = p.Keep[b][at]
				}
				place, when := e.row(1+at), s.row(t)
				for j, v := range x.row(b*(N-1) + token - 1) {
					row[j] = v + place[j] + when[j]
				}
			}
			q.kernel.normalise(y, y, ln, rows)
		})
	})
}

func (q *queue) EmbedTokens(dst backend.Tensor, ids []int32, table, pos backend.Tensor, length int) {
	y, words, places := dst.(*tensor), table.(*tensor), pos.(*tensor)
	if y.rows() != len(ids) || length > places.rows() {
		panic(fmt.Sprintf("cpu: %d ids of length %d into %v", len(ids), length, y.shape))
	}
	q.run("words", backend.Elements(y.shape), 2*y.bytes(), func() {
		q.pool.each(len(ids), func(_, i int) {
			row, place := y.row(i), places.row(i%length)
			for j, v := range words.row(int(ids[i])) {
				row[j] = v + place[j]
			}
		})
	})
}
