package probe

import "framepilot/internal/cores"

// parallelWork is the number of multiplications below which starting
// goroutines costs more than it saves.
const parallelWork = 1 << 18

// parallel calls f(0) … f(n-1) on all cores, or in order on this one where
// the work (multiplications in all) is small. Calls must not depend on each
// other; what they compute is then the same for any number of cores.
func parallel(n, work int, f func(i int)) {
	cores.EachIf(work >= parallelWork, n, f)
}
