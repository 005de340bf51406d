//go:build cgo && !windows && (amd64 || arm64)

package gemm

// #cgo CFLAGS: -O3 -Wall -Wextra
// #cgo noescape run
// #cgo nocallback run
// #include "gemm.h"
//
// static void run(kernel k, const struct share *s, const double *a, const double *b, double *c, double *scratch)
// {
//	k(s, a, b, c, scratch);
// }
import "C"

import (
	"sync"
	"unsafe"
)

// The Go struct must have the layout of gemm.h.
var _ [unsafe.Sizeof(share{})]byte = [C.sizeof_struct_share]byte{}

var scratch = sync.Pool{New: func() any { return new([C.SCRATCH]float64) }}

// with returns the product by a kernel.
func with(k C.kernel) product {
	return func(s *share, a, b, c []float64) {
		work := scratch.Get().(*[C.SCRATCH]float64)
		defer scratch.Put(work)
		at := func(x []float64) *C.double { return (*C.double)(unsafe.SliceData(x)) }
		C.run(k, (*C.struct_share)(unsafe.Pointer(s)), at(a), at(b), at(c), at(work[:]))
	}
}
