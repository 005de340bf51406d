//go:build cgo && !windows

#define KERNEL __attribute__((target("avx2,fma")))
#define NAME gemm_avx2
enum { LANES = 4, ROWS = 4 };
#include "product.h"
