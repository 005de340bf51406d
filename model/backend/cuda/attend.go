//go:build linux && (amd64 || arm64) && !nogpu

package cuda

import (
	"fmt"

	"framepilot/model/backend"
	"framepilot/model/backend/cuda/driver"
	"framepilot/model/backend/cuda/kernels"
)

var attendNames = map[backend.Attention]string{backend.Time: "time attention", backend.Space: "space attention", backend.CLS: "cls attention"}

func (q *queue) Attend(dst, qkv backend.Tensor, a backend.Attention, g backend.Geometry) {
	y, x := dst.(*tensor), qkv.(*tensor)
	N, D := g.Tokens(), g.Heads*g.HeadDim
	rows := g.Clips * N
	if a == backend.CLS {
		rows = g.Clips
	}
	if x.rows() != g.Clips*N || x.width() != 3*D || y.width() != D || y.rows() != rows {
		panic(fmt.Sprintf("cuda: attention of %v into %v for %+v", x.shape, y.shape, g))
	}
	q.mustBeOperands("attention", x, y)
	pairs := g.Clips * g.Heads * N // of a query and a key: CLS's
	switch a {
	case backend.Time:
		pairs += g.Clips * g.Heads * (N - 1) * (g.Frames + 1)
	case backend.Space:
		pairs += g.Clips * g.Heads * (N - 1) * (g.Patches + 1)
	}
	q.run(operation{attendNames[a], 4 * pairs * g.HeadDim, x.bytes() + y.bytes(), func(c *driver.Context) error {
		partials, err := q.take(c, kernels.AttendScratch(a, g, x.dtype))
		if err != nil {
			return err
		}
		for _, l := range kernels.Attend(a, g, x.dtype, y.ptr(), x.ptr(), partials) {
			if err := q.launch(c, l); err != nil {
				return err
			}
		}
		return nil
	}})
}

// AttendCausal is a text's attention.
func (q *queue) AttendCausal(dst, qkv backend.Tensor, length, heads int) {
	y, x := dst.(*tensor), qkv.(*tensor)
	D := y.width()
	if x.rows() != y.rows() || x.width() != 3*D || x.rows()%length != 0 || D%heads != 0 {
		panic(fmt.Sprintf("cuda: causal attention of %v into %v, length %d", x.shape, y.shape, length))
	}
	q.mustBeOperands("causal attention", x, y)
	texts := x.rows() / length
	q.run(operation{"causal attention", 2 * texts * length * (length + 1) * D, x.bytes() + y.bytes(), func(c *driver.Context) error {
		return q.launch(c, kernels.AttendCausal(texts, length, heads, D/heads, x.dtype, y.ptr(), x.ptr()))
	}})
}
