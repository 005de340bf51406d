//go:build cgo && !windows

package gemm

// #include "gemm.h"
import "C"

import "golang.org/x/sys/cpu"

// kernels lists what this processor can run, best first.
func kernels() (names []string, products []product) {
	if cpu.X86.HasAVX512F {
		names, products = append(names, "avx512"), append(products, with(C.kernel(C.gemm_avx512)))
	}
	if cpu.X86.HasAVX2 && cpu.X86.HasFMA {
		names, products = append(names, "avx2"), append(products, with(C.kernel(C.gemm_avx2)))
	}
	return names, products
}
