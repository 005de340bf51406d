package cpu

import (
	"time"

	"framepilot/model/backend"
)

// Ceiling is the engine's backend.Ceiler: multiply-adds on registers alone, by
// the engine's kernel (0 for the portable one), and reading memory, both on all
// workers.
func (e *engine) Ceiling() (backend.Ceiling, error) {
	return backend.Ceiling{GFLOPS: e.spin() / 1e9, GBs: e.read() / 1e9}, nil
}

// spin returns the floating point operations a second of all workers: the
// best of a few windows, since other programs only take away.
func (e *engine) spin() float64 {
	const windows, long = 5, 30 * time.Millisecond
	var best float64
	for range windows {
		done := make([]float64, e.pool.workers)
		start := time.Now()
		e.pool.each(e.pool.workers, func(_, i int) {
			for time.Since(start) < long {
				done[i] += e.kernel.spin(2000)
			}
		})
		var sum float64
		for _, d := range done {
			sum += d
		}
		best = max(best, sum/time.Since(start).Seconds())
	}
	return best
}

// read returns the bytes a second that all workers read from memory.
func (e *engine) read() float64 {
	const passes = 3
	each := 256 << 20 / e.pool.workers
	all := make([][]uint64, e.pool.workers)
	for i := range all {
		all[i] = make([]uint64, each/8)
		for j := range all[i] {
			all[i][j] = uint64(j)
		}
	}
	sums := make([]uint64, len(all))
	start := time.Now()
	e.pool.each(len(all), func(_, i int) {
		for range passes {
			var a, b, c, d uint64
			for x := all[i]; len(x) >= 4; x = x[4:] {
				a, b, c, d = a+x[0], b+x[1], c+x[2], d+x[3]
			}
			sums[i] += a + b + c + d
		}
	})
	return float64(len(all)*each*passes) / time.Since(start).Seconds()
}
