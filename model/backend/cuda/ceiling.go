//go:build linux && (amd64 || arm64) && !nogpu

package cuda

import (
	"math"
	"math/rand/v2"

	"framepilot/model/backend"
	"framepilot/model/backend/cuda/driver"
	"framepilot/model/backend/cuda/kernels"
)

// Sizes of what the ceilings are measured on: products of n×n, and a copy of
// values that no cache holds.
const (
	ceilingProduct = 8192
	ceilingCopy    = 1 << 28
	ceilingRepeats = 10
)

// Ceiling is the engine's backend.Ceiler: the fastest of some large products
// by cuBLASLt of random values, in the engine's precision, and of some passes
// over memory.
func (e *engine) Ceiling() (backend.Ceiling, error) {
	return e.ceiling(ceilingProduct, ceilingCopy)
}

func (e *engine) ceiling(n, values int) (top backend.Ceiling, err error) {
	rng := rand.New(rand.NewPCG(5, 6))
	x := make([]float32, n*n)
	for i := range x {
		x[i] = float32(rng.NormFloat64())
	}
	on, err := e.NewQueue()
	if err != nil {
		return top, err
	}
	q := on.(*queue)
	defer q.Close()
	l := &linear{in: n, out: n, ld: n, w: q.arena.take()}
	q.prepare(l.w, n*n*e.operand.Bytes())
	a, y := q.New(backend.Operand, n, n).(*tensor), q.New(backend.Operand, n, n).(*tensor)
	q.UploadF32(a, x)
	q.UploadF32(&tensor{[]int{n, n}, e.operand, l.w}, x)
	wide, narrow := q.New(backend.F32, values).(*tensor), q.New(backend.BF16, values).(*tensor)
	if err := q.Sync(); err != nil {
		return top, err
	}
	product, err := q.fastest(func(c *driver.Context) error { return q.multiply(c, y, a, l, backend.NoAct, nil) })
	if err != nil {
		return top, err
	}
	pass, err := q.fastest(func(c *driver.Context) error {
		return q.launch(c, kernels.Convert(backend.BF16, kernels.ConvertArgs{Dst: narrow.ptr(), X: wide.ptr(), Count: uint64(values)}))
	})
	if err != nil {
		return top, err
	}
	return backend.Ceiling{GFLOPS: 2 * math.Pow(float64(n), 3) / product / 1e9, GBs: float64(wide.bytes()+narrow.bytes()) / pass / 1e9}, nil
}

// fastest is the least time of some repeats, after one that does not count.
func (q *queue) fastest(issue func(*driver.Context) error) (best float64, err error) {
	q.Measure()
	for i := range ceilingRepeats + 1 {
		q.run(operation{name: "ceiling", issue: issue})
		if err := q.Sync(); err != nil {
			return 0, err
		}
		for _, o := range q.Profile() {
			if i == 1 || i > 1 && o.Seconds < best {
				best = o.Seconds
			}
		}
	}
	return best, nil
}
