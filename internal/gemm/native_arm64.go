//go:build cgo && !windows

package gemm

// #include "gemm.h"
import "C"

// kernels lists what this processor can run, best first.
func kernels() (names []string, products []product) {
	return []string{"neon"}, []product{with(C.kernel(C.gemm_neon))}
}
