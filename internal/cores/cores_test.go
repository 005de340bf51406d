package cores

import (
	"sync/atomic"
	"testing"
)

func TestEachCallsEveryIndexOnce(t *testing.T) {
	for _, n := range []int{0, 1, 2, 7, 1000} {
		for _, worth := range []bool{true, false} {
			calls := make([]atomic.Int32, n)
			EachIf(worth, n, func(i int) { calls[i].Add(1) })
			for i := range calls {
				if got := calls[i].Load(); got != 1 {
					t.Errorf("of %d: %d was called %d times", n, i, got)
				}
			}
		}
	}
}
