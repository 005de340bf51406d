package cores

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// Each calls f(0) … f(n-1) on all cores and returns when all have. Calls must
// not depend on each other.
func Each(n int, f func(i int)) {
	EachIf(true, n, f)
}

// EachIf is Each where that is worth starting goroutines, and else calls f in
// order on this core.
func EachIf(worth bool, n int, f func(i int)) {
	workers := min(runtime.GOMAXPROCS(0), n)
	if !worth || workers < 2 {
		for i := range n {
			f(i)
		}
		return
	}
	var next atomic.Int64
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				f(i)
			}
		})
	}
	wg.Wait()
}
