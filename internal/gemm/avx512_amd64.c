//go:build cgo && !windows

#define KERNEL __attribute__((target("avx512f")))
#define NAME gemm_avx512
enum { LANES = 8, ROWS = 8 };
#include "product.h"
